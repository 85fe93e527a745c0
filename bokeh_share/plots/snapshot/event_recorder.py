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
from .capture import CapturedPlot, Nodes, has_tex, is_usual, parts_of
from .column_layout import MARKS, ColumnLayout, is_plain, rows_of, texts, values_of_patch
from .edits import AttributeEdit, ColumnsEdit, Edit, GrowthEdit, NoEdit, Rows
from .serializer import PlotSerializer
from .snapshot import Node, Snapshot
from .values import Value, json_of

NEW = 5000
"""So many models may come before the plot is pictured anew: those that went again are kept until then."""


_serials = count(1)
"""For ids of models, unlike those that a picture gives."""


class EventRecorder:
    """Turns events about one plot into edits. Lives from one picture of it to the next.

    Reads what changed, in the thread that changed it, and costs what that weighs, whatever the plot's size.
    """

    def __init__(self, captured: CapturedPlot, plot: str, limit: int) -> None:
        self.node_indices = dict(captured.node_indices)
        """Where the author's models are, by their ids, with those that came since."""
        self._captured = captured
        self._plot = plot
        self._left = limit - captured.snapshot.size
        """Bytes that the plot may yet gain."""
        self._added: list[Node] = []
        self._layouts: dict[str, ColumnLayout] = {}
        self._unusual = {*captured.unusual}
        self._links: dict[tuple[int, str], frozenset[int]] = {}
        """Which models a property referred to, by place and name, as far as it was asked."""
        self._lost = False
        """Whether a property ceased to refer to a model, whose changes may not have been told since."""

    def record(self, event: DocumentChangedEvent) -> Edit | None:
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
            name == "js_event_callbacks" and self.node_indices[model.id] == 0
        ):  # those of documents are there as well
            return None
        descriptor = type(model).lookup(name)
        if not descriptor.serialized:
            of = name.removesuffix("_units")  # is said with what it is the unit of
            return self._attribute(model, of) if of != name and of in model.properties() else NoEdit()
        node_index, held = self.node_indices[model.id], descriptor.get_value(model)
        if is_plain(held) and name != "output_backend" and not (type(held) is str and MARKS & {*held}):
            self._link(node_index, name, frozenset())
            weight = len(held) if type(held) is str else 0
            self._left -= weight
            return AttributeEdit(node_index, name, Value(json_of(held)), weight=weight)
        serializer = PlotSerializer(self._captured.theme, self._plot, self.node_indices)
        rep = serializer.encode(held)
        serializer.note_parts(model)
        if serializer.needs_defs or (serializer.custom and serializer.models):
            return None
        nodes = Nodes(serializer, None, self._plot)
        value = nodes.value(rep)
        free = len(self._captured.snapshot.models) + len(self._added)
        new = tuple(nodes.at(free + index) for index in range(len(serializer.models)))
        here = (Node("", {name: value}), *new)
        links = frozenset(value.refs)
        known = {node_index for node in here for node_index in node.refs if node_index < free}
        if self._lost and known - self._linked(node_index, name):
            return None
        self._link(node_index, name, links)
        parts = serializer.parts | parts_of(here)
        self.node_indices = serializer.node_indices if new else self.node_indices
        self._added += new
        self._unusual |= {
            model.id
            for model, _ in serializer.models.values()
            if isinstance(model, ColumnDataSource) and not is_usual(model.data)
        }
        ids = tuple(f"e{next(_serials)}" for _ in new)
        weight = Snapshot(here).size
        self._left -= weight
        return AttributeEdit(node_index, name, value, new, ids, frozenset(parts), weight)

    def _linked(self, node_index: int, name: str) -> frozenset[int]:
        """Which models a property referred to before the event."""
        if (node_index, name) not in self._links:
            value = self._node(node_index).attributes.get(name)
            self._links[node_index, name] = frozenset(value.refs if value is not None else ())
        return self._links[node_index, name]

    def _link(self, node_index: int, name: str, links: frozenset[int]) -> None:
        self._lost = self._lost or not self._linked(node_index, name) <= links
        self._links[node_index, name] = links

    def _node(self, node_index: int) -> Node:
        models = self._captured.snapshot.models
        return models[node_index] if node_index < len(models) else self._added[node_index - len(models)]

    def _columns(self, source: Model, names: Collection[str] | None) -> Edit | None:
        if not isinstance(source, ColumnDataSource):
            return None
        layout, data = self._layout(source), source.data
        if names is None or layout.kinds.keys() != data.keys():
            names = data.keys()
        serializer = PlotSerializer(self._captured.theme, self._plot, self.node_indices)
        nodes = Nodes(serializer, None, self._plot)
        entries = serializer.encode({name: data[name] for name in names}).get("entries", ())
        columns = {name: nodes.column(value) for name, value in entries}
        whole = Node("", {}, columns)
        if whole.refs or ("mathjax" not in self._captured.snapshot.parts and has_tex(whole)):
            return None
        (self._unusual.discard if is_usual(data) else self._unusual.add)(source.id)
        weight = sum(column.size for column in columns.values())
        self._left -= layout.take(columns, only=data.keys())
        return ColumnsEdit(self.node_indices[source.id], columns, len(columns) == len(data), weight)

    def _streamed(self, source: Any, data: Mapping[str, Any], rollover: int | None) -> Edit | None:
        layout = self._layouts.get(source.id) or self._layout(source)
        fresh = max(map(len, data.values()), default=0)
        before = layout.rows or 0
        dropped = max(0, before + fresh - rollover) if rollover is not None else 0
        if before <= 0 or before + fresh <= dropped:  # what is or was empty may become something else
            return None
        if source.id in self._unusual:
            return None
        rows, appended = before + fresh - dropped, None
        if layout.is_floats and before > dropped:
            appended = layout.floats(data, source.data, rows)
        if appended is None:
            appended = layout.tails(source.data, before - dropped, rows)
            if appended is None:
                return None
        layout.rows = rows
        weight = fresh * layout.stride
        if not layout.is_numbers:
            weight += sum(map(texts, appended.values()))
        self._left += dropped * layout.stride - weight
        return GrowthEdit(self.node_indices[source.id], min(before, dropped), appended, {}, weight)

    def _patched(self, source: Any, patches: Mapping[str, Any]) -> Edit | None:
        layout, now = self._layout(source), source.data
        if source.id in self._unusual or not layout.fits(now, layout.rows):
            return None
        patched: dict[str, tuple[Sequence[int], Rows]] = {}
        for name, patch in patches.items():
            record = values_of_patch(patch, layout.rows or 0)
            if record is None:
                return None
            node_indices, values = record
            # as told and not as it is now, which may be after further changes
            as_set = values if isinstance(now[name], list) else np.asarray(values, now[name].dtype)
            rows = rows_of(as_set, layout.kinds[name])
            if rows is None:
                return None
            patched[name] = node_indices, rows
            layout.lasts.pop(name, None)
        weight = sum(len(rows) + texts(rows) for _, rows in patched.values())
        self._left -= weight
        return GrowthEdit(self.node_indices[source.id], 0, {}, patched, weight)

    def _layout(self, source: Model) -> ColumnLayout:
        """What is known of the columns before the event."""
        if source.id not in self._layouts:
            self._layouts[source.id] = ColumnLayout(self._node(self.node_indices[source.id]).columns or {})
        return self._layouts[source.id]
