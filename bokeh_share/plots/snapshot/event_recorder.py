"""What change events tell of a plot, encoded at once: only what has changed is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np
from bokeh.document.events import (
    ColumnDataChangedEvent,
    ColumnsPatchedEvent,
    ColumnsStreamedEvent,
    DocumentChangedEvent,
    ModelChangedEvent,
)
from bokeh.model import Model
from bokeh.models import ColumnDataSource

from ...compat import is_serialized_as_usual
from .capture import Nodes, Picture, has_tex, is_usual, parts_of
from .column_layout import MARKS, Shape, is_plain, rows_of, texts, values_of_patch
from .edits import Attribute, Columns, Edit, Growth, Nothing, Rows
from .serializer import Encoding
from .snapshot import Node, Snapshot
from .values import Value, json_of

NEW = 5000
"""So many models may come before the plot is pictured anew: those that went again are kept until then."""


_serials = count(1)
"""For ids of models, unlike those that a picture gives."""


class Teller:
    """Turns events about one plot into edits. Lives from one picture of it to the next.

    Reads what changed, in the thread that changed it, and costs what that weighs, whatever the plot's size.
    """

    def __init__(self, picture: Picture, plot: str, limit: int) -> None:
        self.places = dict(picture.places)
        """Where the author's models are, by their ids, with those that came since."""
        self._picture = picture
        self._plot = plot
        self._left = limit - picture.snapshot.size
        """Bytes that the plot may yet gain."""
        self._added: list[Node] = []
        self._shapes: dict[str, Shape] = {}
        self._unusual = {*picture.unusual}
        self._links: dict[tuple[int, str], frozenset[int]] = {}
        """Which models a property referred to, by place and name, as far as it was asked."""
        self._lost = False
        """Whether a property ceased to refer to a model, whose changes may not have been told since."""

    def told(self, event: DocumentChangedEvent) -> Edit | None:
        """What the event says; None when an edit can't tell it: the plot has to be pictured anew."""
        edit: Edit | None = None
        if isinstance(event, ColumnsStreamedEvent):
            edit = self._streamed(event.model, event.data, event.rollover)
        elif isinstance(event, ModelChangedEvent):
            if isinstance(event.model, ColumnDataSource) and event.attr == "data":
                edit = self._columns(event.model, None)
            else:
                edit = self._attribute(event.model, event.attr)
        elif isinstance(event, ColumnsPatchedEvent):
            edit = self._patched(event.model, event.patches)
        elif isinstance(event, ColumnDataChangedEvent):
            edit = self._columns(event.model, event.cols)
        return edit if self._left >= 0 else None

    def _attribute(self, model: Model, name: str) -> Edit | None:
        if not is_serialized_as_usual(type(model)) or len(self._added) > NEW:
            return None
        if (
            name == "js_event_callbacks" and self.places[model.id] == 0
        ):  # those of documents are there as well
            return None
        descriptor = type(model).lookup(name)
        if not descriptor.serialized:
            of = name.removesuffix("_units")  # is said with what it is the unit of
            return self._attribute(model, of) if of != name and of in model.properties() else Nothing()
        place, held = self.places[model.id], descriptor.get_value(model)
        if is_plain(held) and name != "output_backend" and not (type(held) is str and MARKS & {*held}):
            self._link(place, name, frozenset())
            weight = len(held) if type(held) is str else 0
            self._left -= weight
            return Attribute(place, name, Value(json_of(held)), weight=weight)
        encoding = Encoding(self._picture.theme, self._plot, self.places)
        rep = encoding.encode(held)
        encoding.note_parts(model)
        if encoding.needs_defs or (encoding.custom and encoding.models):
            return None
        nodes = Nodes(encoding, None, self._plot)
        value = nodes.value(rep)
        free = len(self._picture.snapshot.models) + len(self._added)
        new = tuple(nodes.at(free + index) for index in range(len(encoding.models)))
        here = (Node("", {name: value}), *new)
        links = frozenset(value.refs)
        known = {place for node in here for place in node.refs if place < free}
        if self._lost and known - self._linked(place, name):
            return None
        self._link(place, name, links)
        parts = encoding.parts | parts_of(here)
        self.places = encoding.places if new else self.places
        self._added += new
        self._unusual |= {
            model.id
            for model, _ in encoding.models.values()
            if isinstance(model, ColumnDataSource) and not is_usual(model.data)
        }
        ids = tuple(f"e{next(_serials)}" for _ in new)
        weight = Snapshot(here).size
        self._left -= weight
        return Attribute(place, name, value, new, ids, frozenset(parts), weight)

    def _linked(self, place: int, name: str) -> frozenset[int]:
        """Which models a property referred to before the event."""
        if (place, name) not in self._links:
            value = self._node(place).attributes.get(name)
            self._links[place, name] = frozenset(value.refs if value is not None else ())
        return self._links[place, name]

    def _link(self, place: int, name: str, links: frozenset[int]) -> None:
        self._lost = self._lost or not self._linked(place, name) <= links
        self._links[place, name] = links

    def _node(self, place: int) -> Node:
        models = self._picture.snapshot.models
        return models[place] if place < len(models) else self._added[place - len(models)]

    def _columns(self, source: Model, names: Collection[str] | None) -> Edit | None:
        if not isinstance(source, ColumnDataSource):
            return None
        shape, data = self._shape(source), source.data
        if names is None or shape.kinds.keys() != data.keys():
            names = data.keys()
        encoding = Encoding(self._picture.theme, self._plot, self.places)
        nodes = Nodes(encoding, None, self._plot)
        entries = encoding.encode({name: data[name] for name in names}).get("entries", ())
        columns = {name: nodes.column(value) for name, value in entries}
        whole = Node("", {}, columns)
        if whole.refs or ("mathjax" not in self._picture.snapshot.parts and has_tex(whole)):
            return None
        (self._unusual.discard if is_usual(data) else self._unusual.add)(source.id)
        weight = sum(column.size for column in columns.values())
        self._left -= shape.take(columns, only=data.keys())
        return Columns(self.places[source.id], columns, len(columns) == len(data), weight)

    def _streamed(self, source: Any, data: Mapping[str, Any], rollover: int | None) -> Edit | None:
        shape = self._shapes.get(source.id) or self._shape(source)
        fresh = max(map(len, data.values()), default=0)
        before = shape.rows or 0
        dropped = max(0, before + fresh - rollover) if rollover is not None else 0
        if before <= 0 or before + fresh <= dropped:  # what is or was empty may become something else
            return None
        if source.id in self._unusual:
            return None
        rows, appended = before + fresh - dropped, None
        if shape.is_floats and before > dropped:
            appended = shape.floats(data, source.data, rows)
        if appended is None:
            appended = shape.tails(source.data, before - dropped, rows)
            if appended is None:
                return None
        shape.rows = rows
        weight = fresh * shape.stride
        if not shape.is_numbers:
            weight += sum(map(texts, appended.values()))
        self._left += dropped * shape.stride - weight
        return Growth(self.places[source.id], min(before, dropped), appended, {}, weight)

    def _patched(self, source: Any, patches: Mapping[str, Any]) -> Edit | None:
        shape, now = self._shape(source), source.data
        if source.id in self._unusual or not shape.fits(now, shape.rows):
            return None
        patched: dict[str, tuple[Sequence[int], Rows]] = {}
        for name, patch in patches.items():
            told = values_of_patch(patch, shape.rows or 0)
            if told is None:
                return None
            places, values = told
            # as told and not as it is now, which may be after further changes
            as_set = values if isinstance(now[name], list) else np.asarray(values, now[name].dtype)
            rows = rows_of(as_set, shape.kinds[name])
            if rows is None:
                return None
            patched[name] = places, rows
            shape.lasts.pop(name, None)
        weight = sum(len(rows) + texts(rows) for _, rows in patched.values())
        self._left -= weight
        return Growth(self.places[source.id], 0, {}, patched, weight)

    def _shape(self, source: Model) -> Shape:
        """What is known of the columns before the event."""
        if source.id not in self._shapes:
            self._shapes[source.id] = Shape(self._node(self.places[source.id]).columns or {})
        return self._shapes[source.id]
