"""Whether two snapshots are of the same plot to a person, or one of quite another."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from ..snapshot.snapshot import Node, Snapshot
from ..snapshot.values import Column, Value
from .samples import Extent, Sample, any_alike, are_apart, extent_of

HEADINGS = ("name", "title", "text", "label", "description")
"""Properties in which authors say what a plot is about."""
WORDS = (*HEADINGS, "axis_label", "field")
"""Properties in which authors say what a thing is."""
COMMON = {"and", "by", "for", "from", "in", "index", "of", "on", "or", "per", "the", "to", "vs", "with"}
"""Words that any two plots may have in common."""
COORDINATES = {
    "x": ("x", "xs", "x0", "x1", "x2", "cx", "cx0", "cx1", "left", "right", "q"),
    "y": ("y", "ys", "y0", "y1", "y2", "cy", "cy0", "cy1", "bottom", "top", "r"),
}
"""By dimension: properties that say where a glyph is."""
SIZES = {"x": ("dw", "w"), "y": ("dh", "h")}
"""By dimension: properties that say how far a glyph, such as an image, reaches from there."""
SIDES = {"x": ("below", "above"), "y": ("left", "right")}


def is_unrelated(before: Snapshot, after: Snapshot) -> bool:
    """Whether nothing of what is said or drawn is the same, so that no zoom is worth keeping.

    A new title is no new plot, nor is new data under the same title; plots that say nothing are known by
    what they are drawn with. An image and its contours, which cover the same ground, are one plot too.
    """
    return are_another(Outline(before.models), Outline(after.models))


def are_another(then: Outline, now: Outline) -> bool:
    """The same of two plots that were looked at already."""
    if not then.has_rows or not now.has_rows or then.words & now.words:
        return False
    if not (then.words and now.words) and then.glyphs & now.glyphs:
        return False
    return not (_have_data_in_common(then.samples, now.samples) or then.grounds & now.grounds)


def is_unrelated_axis(then: Outline, now: Outline, dimension: str) -> bool:
    """Whether an axis of a figure measures something else now, so that a zoom along it leads nowhere.

    A line that became a pie has other axes, whatever its title. Where one of them draws nothing, or it is
    not known what, the axis is the one that was there.
    """
    one, other = then.axes[dimension], now.axes[dimension]
    if not one.glyphs or not other.glyphs or (one.limits is not None and one.limits == other.limits):
        return False
    if one.is_measured != other.is_measured:
        return True
    agree = then.headings & now.headings or not (then.headings and now.headings)
    if one.words & other.words or (agree and one.glyphs & other.glyphs):
        return False
    return not any_alike(one.samples, other.samples) and are_apart(one.extent, other.extent)


class Outline:
    """What a person would know a plot by, or the figure at one place of it."""

    def __init__(self, models: Sequence[Node], figure: int | None = None) -> None:
        self._all = models
        self._models = models if figure is None else [*_below(models, figure)]
        self.axes = {dimension: _Axis(dimension, self._models, models) for dimension in COORDINATES}
        """By dimension; of all figures together, if not of one."""

    def let_go(self) -> None:
        """Know the plot from now on without its models and arrays, as far as plots are compared whole."""
        for known in ("texts", "name", "words", "glyphs", "has_rows", "samples", "grounds"):
            getattr(self, known)
        self._all, self._models, self.axes = (), [], {}

    @cached_property
    def headings(self) -> set[str]:
        return _words(self._models, HEADINGS)

    @cached_property
    def texts(self) -> set[str]:
        """Titles, names, labels and the like, as they were written."""
        said = (node.attributes.get(name) for node in self._models for name in HEADINGS)
        texts = (_said(value.text) for value in said if value is not None)
        return {each for each in texts if isinstance(each, str) and each}

    @cached_property
    def name(self) -> str | None:
        """What the author called the model at the root."""
        value = self._all[0].attributes.get("name")
        name = _said(value.text) if value is not None else None
        return name if isinstance(name, str) else None

    @cached_property
    def words(self) -> set[str]:
        return _words(self._models, WORDS).union(*(axis.words for axis in self.axes.values()))

    @cached_property
    def glyphs(self) -> set[str]:
        """The kinds of what is drawn along the axes."""
        return {kind for axis in self.axes.values() for kind in axis.glyphs}

    @cached_property
    def has_rows(self) -> bool:
        return any(_rows(node) for node in self._models)

    @cached_property
    def samples(self) -> dict[str, list[Sample]]:
        """Of what is drawn along each axis, and of what is drawn otherwise."""
        placed = {id(source) for axis in self.axes.values() for source in axis.sources}
        others = [column for node in self._models if id(node) not in placed for column in _rows(node)]
        samples = {dimension: axis.samples for dimension, axis in self.axes.items()}
        return samples | {"others": [Sample(column) for column in others]}

    @cached_property
    def grounds(self) -> set[Hashable]:
        """What the axes of each figure cover, as far as it is known."""
        node_indices = [
            node_index for node_index, node in enumerate(self._all) if "x_range" in node.attributes
        ]
        figures = (Outline(self._all, node_index).axes.values() for node_index in node_indices)
        grounds = (tuple(axis.limits or axis.extent for axis in axes) for axes in figures)
        return {each for each in grounds if None not in each}


class _Axis:
    """What is drawn along one dimension, by all the figures among `nodes`."""

    def __init__(self, dimension: str, nodes: Sequence[Node], models: Sequence[Node]) -> None:
        self.words: set[str] = set()
        """In its label, and the names of columns."""
        self.glyphs: set[str] = set()
        self.sources: list[Node] = []
        """Those that coordinates are taken from."""
        self.limits: Hashable = None
        """The ends that the author set."""
        self.is_measured = False
        """Whether places on it say something, as they do not in a pie."""
        self._columns: list[Column] = []
        self._spans: list[Extent | None] = []
        """From where to where glyphs without data are, such as images."""
        for node in nodes:
            if {"glyph", "data_source"} <= node.attributes.keys():
                (glyph,), (source,) = (node.attributes[name].refs for name in ("glyph", "data_source"))
                self._take(dimension, models[glyph], models[source])
            elif f"{dimension}_range" in node.attributes:
                self._take_figure(dimension, node, models)

    @cached_property
    def samples(self) -> list[Sample]:
        return [Sample(column) for column in self._columns]

    @cached_property
    def extent(self) -> Extent | None:
        """From where to where all of it is; None where that is not known."""
        extents = [*self._spans, *map(extent_of, self._columns)]
        known = [each for each in extents if each is not None]
        if not known or len(known) < len(extents):
            return None
        return min(low for low, _ in known), max(high for _, high in known)

    def _take_figure(self, dimension: str, figure: Node, models: Sequence[Node]) -> None:
        self.limits = _limits(models[figure.attributes[f"{dimension}_range"].refs[0]])
        beside = (figure.attributes[side].refs for side in SIDES[dimension] if side in figure.attributes)
        self.words |= _words([models[ref] for refs in beside for ref in refs], ["axis_label"])

    def _take(self, dimension: str, glyph: Node, source: Node) -> None:
        columns = source.columns or {}
        for name in COORDINATES[dimension]:
            value = _coordinate(glyph, columns, name)
            if value is None:
                continue
            self.glyphs.add(glyph.kind)
            if value.text.startswith('{"type":"field"'):
                self._take_field(json.loads(value.text)["field"], source)
            elif value.text.startswith('{"type":"value"'):
                sizes = [glyph.attributes[size] for size in SIZES[dimension] if size in glyph.attributes]
                self._spans += [_span(value, size) for size in sizes]
            else:
                self._spans.append(None)
        self.is_measured = bool(self._columns or self._spans)

    def _take_field(self, field: str, source: Node) -> None:
        column = (source.columns or {}).get(field)
        if column is None:
            self._spans.append(None)
        else:
            self._columns.append(column)
            self.sources.append(source)
        if not any(field in names for names in COORDINATES.values()):
            self.words |= _split(field)


def _have_data_in_common(then: Mapping[str, list[Sample]], now: Mapping[str, list[Sample]]) -> bool:
    """Whether values that tell something are drawn along the same axis, or all values are."""
    roles = [role for role in then if then[role] or now[role]]
    telling = [[[each for each in samples[role] if each.tells] for samples in (then, now)] for role in roles]
    if any(any_alike(one, other) for one, other in telling):
        return True
    return all(any_alike(then[role], now[role]) for role in roles)


def _below(models: Sequence[Node], figure: int) -> Iterator[Node]:
    """All that belongs to the figure at this place: not what a script refers to, nor another figure."""
    found, waiting = {figure}, [figure]
    while waiting:
        node = models[waiting.pop()]
        yield node
        if node.kind != "CustomJS":
            new = {ref for ref in node.refs - found if "x_range" not in models[ref].attributes}
            found |= new
            waiting += new


def _rows(node: Node) -> list[Column]:
    """The columns that have any."""
    columns = (node.columns or {}).values()
    return [each for each in columns if isinstance(each, Value) or each.rows]


def _coordinate(glyph: Node, columns: Mapping[str, Column], name: str) -> Value | None:
    """Where a glyph is; one that says nothing of it takes the columns that are called as its properties."""
    if any(each in glyph.attributes for names in COORDINATES.values() for each in names):
        return glyph.attributes.get(name)
    return Value(f'{{"type":"field","field":"{name}"}}') if name in columns else None


def _limits(range_: Node) -> Hashable:
    """What the author set the range to, as a range that follows its data is not."""
    if range_.kind not in ("Range1d", "FactorRange"):
        return None
    names = ("start", "end", "factors")
    said = ((name, value.text) for name in names if (value := range_.attributes.get(name)) is not None)
    return (range_.kind, *said)


def _span(value: Value, size: Value) -> Extent | None:
    low, length = (_said(each.text) for each in (value, size))
    numbers = isinstance(low, int | float) and isinstance(length, int | float)
    return (low, low + length) if numbers else None


def _words(nodes: Iterable[Node], names: Iterable[str]) -> set[str]:
    said = (_said(value.text) for node in nodes for name in names if (value := node.attributes.get(name)))
    return {word for each in said if isinstance(each, str) for word in _split(each)}


def _split(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d]\w+", text.lower())) - COMMON


def _said(text: str) -> Any:
    """A plain value, alone or as a constant; None for anything else."""
    if text.startswith('{"type":"value"'):
        return json.loads(text)["value"]
    return None if text.startswith(("{", "[")) else json.loads(text)
