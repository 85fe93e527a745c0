"""The outline of a plot: its words, its glyphs, and samples of the data along its axes."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from ..snapshot import Column, Node, Value
from .samples import Extent, Sample, measure_extent

HEADING_PROPERTIES = ("name", "title", "text", "label", "description")
"""Properties in which authors describe the subject of a plot."""
WORD_PROPERTIES = (*HEADING_PROPERTIES, "axis_label", "field")
"""Properties in which authors describe a model."""
STOP_WORDS = {"and", "by", "for", "from", "in", "index", "of", "on", "or", "per", "the", "to", "vs", "with"}
"""Words that unrelated plots may have in common."""
COORDINATE_PROPERTIES = {
    "x": ("x", "xs", "x0", "x1", "x2", "cx", "cx0", "cx1", "left", "right", "q"),
    "y": ("y", "ys", "y0", "y1", "y2", "cy", "cy0", "cy1", "bottom", "top", "r"),
}
"""Properties that set the position of a glyph, by dimension."""
SIZE_PROPERTIES = {"x": ("dw", "w"), "y": ("dh", "h")}
"""Properties that set the size of a glyph, such as an image, by dimension."""
AXIS_SIDES = {"x": ("below", "above"), "y": ("left", "right")}


class Outline:
    """The features by which a person recognises a plot, or the figure at one node index of it."""

    def __init__(self, models: Sequence[Node], figure: int | None = None) -> None:
        self._all_models = models
        self._models = models if figure is None else [*_list_figure_models(models, figure)]
        self.axes = {
            dimension: _AxisOutline(dimension, self._models, models) for dimension in COORDINATE_PROPERTIES
        }
        """The axes by dimension: of one figure, or of all figures together."""

    def drop_models(self) -> None:
        """Drop the models and arrays, and keep the data for comparisons of whole plots."""
        for name in ("texts", "name", "words", "glyphs", "has_rows", "samples", "covered_areas"):
            getattr(self, name)
        self._all_models, self._models, self.axes = (), [], {}

    @cached_property
    def headings(self) -> set[str]:
        return _collect_words(self._models, HEADING_PROPERTIES)

    @cached_property
    def texts(self) -> set[str]:
        """Titles, names, labels and similar texts, as written."""
        values = (node.attributes.get(name) for node in self._models for name in HEADING_PROPERTIES)
        texts = (_parse_constant(value.text) for value in values if value is not None)
        return {each for each in texts if isinstance(each, str) and each}

    @cached_property
    def name(self) -> str | None:
        """The name that the author gave to the root model."""
        value = self._all_models[0].attributes.get("name")
        name = _parse_constant(value.text) if value is not None else None
        return name if isinstance(name, str) else None

    @cached_property
    def words(self) -> set[str]:
        return _collect_words(self._models, WORD_PROPERTIES).union(
            *(axis.words for axis in self.axes.values())
        )

    @cached_property
    def glyphs(self) -> set[str]:
        """The kinds of glyphs that are drawn along the axes."""
        return {kind for axis in self.axes.values() for kind in axis.glyphs}

    @cached_property
    def has_rows(self) -> bool:
        return any(_list_filled_columns(node) for node in self._models)

    @cached_property
    def samples(self) -> dict[str, list[Sample]]:
        """Samples of the columns drawn along each axis, and of those drawn otherwise."""
        axis_sources = {id(source) for axis in self.axes.values() for source in axis.sources}
        others = [
            column
            for node in self._models
            if id(node) not in axis_sources
            for column in _list_filled_columns(node)
        ]
        samples = {dimension: axis.samples for dimension, axis in self.axes.items()}
        return samples | {"others": [Sample(column) for column in others]}

    @cached_property
    def covered_areas(self) -> set[Hashable]:
        """The areas that the axes of each figure cover, if known."""
        node_indices = [
            node_index for node_index, node in enumerate(self._all_models) if "x_range" in node.attributes
        ]
        figures = (Outline(self._all_models, node_index).axes.values() for node_index in node_indices)
        areas = (tuple(axis.limits or axis.extent for axis in axes) for axes in figures)
        return {each for each in areas if None not in each}


class _AxisOutline:
    """The content along one dimension of all the figures among `nodes`."""

    def __init__(self, dimension: str, nodes: Sequence[Node], models: Sequence[Node]) -> None:
        self.words: set[str] = set()
        """Words in the axis label and in the names of columns."""
        self.glyphs: set[str] = set()
        self.sources: list[Node] = []
        """Data sources that coordinates come from."""
        self.limits: Hashable = None
        """The ends that the author set."""
        self.is_measured = False
        """True if positions along it have a meaning, unlike in a pie chart."""
        self._columns: list[Column] = []
        self._spans: list[Extent | None] = []
        """The extents of glyphs without data, such as images."""
        for node in nodes:
            if {"glyph", "data_source"} <= node.attributes.keys():
                (glyph,), (source,) = (node.attributes[name].refs for name in ("glyph", "data_source"))
                self._add_glyph(dimension, models[glyph], models[source])
            elif f"{dimension}_range" in node.attributes:
                self._add_figure(dimension, node, models)

    @cached_property
    def samples(self) -> list[Sample]:
        return [Sample(column) for column in self._columns]

    @cached_property
    def extent(self) -> Extent | None:
        """The extent of everything along it; None if unknown."""
        extents = [*self._spans, *map(measure_extent, self._columns)]
        known = [each for each in extents if each is not None]
        if not known or len(known) < len(extents):
            return None
        return min(low for low, _ in known), max(high for _, high in known)

    def _add_figure(self, dimension: str, figure: Node, models: Sequence[Node]) -> None:
        self.limits = _find_limits(models[figure.attributes[f"{dimension}_range"].refs[0]])
        beside = (figure.attributes[side].refs for side in AXIS_SIDES[dimension] if side in figure.attributes)
        self.words |= _collect_words([models[ref] for refs in beside for ref in refs], ["axis_label"])

    def _add_glyph(self, dimension: str, glyph: Node, source: Node) -> None:
        columns = source.columns or {}
        for name in COORDINATE_PROPERTIES[dimension]:
            value = _find_coordinate(glyph, columns, name)
            if value is None:
                continue
            self.glyphs.add(glyph.model_type)
            if value.text.startswith('{"type":"field"'):
                self._add_field(json.loads(value.text)["field"], source)
            elif value.text.startswith('{"type":"value"'):
                sizes = [
                    glyph.attributes[size] for size in SIZE_PROPERTIES[dimension] if size in glyph.attributes
                ]
                self._spans += [_measure_span(value, size) for size in sizes]
            else:
                self._spans.append(None)
        self.is_measured = bool(self._columns or self._spans)

    def _add_field(self, field: str, source: Node) -> None:
        column = (source.columns or {}).get(field)
        if column is None:
            self._spans.append(None)
        else:
            self._columns.append(column)
            self.sources.append(source)
        if not any(field in names for names in COORDINATE_PROPERTIES.values()):
            self.words |= _split_words(field)


def _list_figure_models(models: Sequence[Node], figure: int) -> Iterator[Node]:
    """Yield the models of one figure, without other figures and without models that only a script refers
    to."""
    seen, queue = {figure}, [figure]
    while queue:
        node = models[queue.pop()]
        yield node
        if node.model_type != "CustomJS":
            new = {ref for ref in node.refs - seen if "x_range" not in models[ref].attributes}
            seen |= new
            queue += new


def _list_filled_columns(node: Node) -> list[Column]:
    """List the columns that are not empty."""
    columns = (node.columns or {}).values()
    return [each for each in columns if isinstance(each, Value) or each.row_count]


def _find_coordinate(glyph: Node, columns: Mapping[str, Column], name: str) -> Value | None:
    """Find a glyph's coordinate; if it is not set, the column with the name of the property."""
    if any(each in glyph.attributes for names in COORDINATE_PROPERTIES.values() for each in names):
        return glyph.attributes.get(name)
    return Value(f'{{"type":"field","field":"{name}"}}') if name in columns else None


def _find_limits(range_: Node) -> Hashable:
    """Return the limits that the author set; None for a range that follows its data."""
    if range_.model_type not in ("Range1d", "FactorRange"):
        return None
    names = ("start", "end", "factors")
    texts = ((name, value.text) for name in names if (value := range_.attributes.get(name)) is not None)
    return (range_.model_type, *texts)


def _measure_span(value: Value, size: Value) -> Extent | None:
    low, length = (_parse_constant(each.text) for each in (value, size))
    numbers = isinstance(low, int | float) and isinstance(length, int | float)
    return (low, low + length) if numbers else None


def _collect_words(nodes: Iterable[Node], names: Iterable[str]) -> set[str]:
    constants = (
        _parse_constant(value.text)
        for node in nodes
        for name in names
        if (value := node.attributes.get(name))
    )
    return {word for each in constants if isinstance(each, str) for word in _split_words(each)}


def _split_words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d]\w+", text.lower())) - STOP_WORDS


def _parse_constant(text: str) -> Any:
    """Return a plain value, written alone or as a constant; None for anything else."""
    if text.startswith('{"type":"value"'):
        return json.loads(text)["value"]
    return None if text.startswith(("{", "[")) else json.loads(text)
