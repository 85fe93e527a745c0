"""Records change events about a plot as edits. Reads only the changes, and encodes them at once."""

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
from .capture import CapturedPlot, NodeBuilder, has_standard_columns
from .column_layout import TEX_MARKS, ColumnLayout, encode_rows, is_json_scalar, measure_texts, parse_patch
from .edits import AttributeEdit, ColumnsEdit, Edit, GrowthEdit, NoEdit, Rows
from .parts import has_tex, list_parts
from .serializer import PlotSerializer
from .snapshot import Node, Snapshot
from .values import Value, encode_json

MAX_ADDED_MODELS = 5000
"""Maximum number of models added before the plot is captured again. Removed models are kept until then."""


_edit_ids = count(1)
"""Numbers the ids of added models, which differ from the ids that a capture assigns."""


class EventRecorder:
    """Converts events about one plot to edits. Exists from one capture of the plot to the next.

    Reads the changed values in the thread that changed them. The cost depends on the change, not on the plot.
    """

    def __init__(self, captured: CapturedPlot, limit: int) -> None:
        self.node_indices = dict(captured.node_indices)
        """The node index of each of the author's models, by their ids, including models added since."""
        self._captured = captured
        self._remaining_bytes = limit - captured.snapshot.size
        """The number of bytes by which the plot may still grow."""
        self._added_nodes: list[Node] = []
        self._layouts: dict[str, ColumnLayout] = {}
        self._nonstandard_sources = {*captured.nonstandard_sources}
        self._links: dict[tuple[int, str], frozenset[int]] = {}
        """The models that a property referred to when it was looked up, by node index and name."""
        self._has_lost_links = False
        """True if a property dropped its reference to a model, whose later changes may be missing."""

    def record(self, event: DocumentChangedEvent) -> Edit | None:
        """Return the edit for an event; None if there is none. Then the plot has to be captured again."""
        edit: Edit | None = None
        if isinstance(event, ColumnsStreamedEvent):
            edit = self._record_stream(event.model, event.data, event.rollover)
        elif isinstance(event, ModelChangedEvent):
            return self.record_property(event.model, event.attr)
        elif isinstance(event, ColumnsPatchedEvent):
            edit = self._record_patch(event.model, event.patches)
        elif isinstance(event, ColumnDataChangedEvent):
            edit = self._record_columns(event.model, event.cols)
        return edit if self._remaining_bytes >= 0 else None

    def record_property(self, model: Model, name: str) -> Edit | None:
        """Return the edit for a property that has another value now; None as `record` does."""
        is_data = isinstance(model, ColumnDataSource) and name == "data"
        edit = self._record_columns(model, None) if is_data else self._record_attribute(model, name)
        return edit if self._remaining_bytes >= 0 else None

    def _record_attribute(self, model: Model, name: str) -> Edit | None:
        if not is_serialized_as_usual(type(model)) or len(self._added_nodes) > MAX_ADDED_MODELS:
            return None
        if (
            name == "js_event_callbacks" and self.node_indices[model.id] == 0
        ):  # documents have callbacks as well
            return None
        descriptor = type(model).lookup(name)
        if not descriptor.serialized:
            base_name = name.removesuffix("_units")  # recorded with the property that has this unit
            return (
                self._record_attribute(model, base_name)
                if base_name != name and base_name in model.properties()
                else NoEdit()
            )
        node_index, new_value = self.node_indices[model.id], descriptor.get_value(model)
        if (
            is_json_scalar(new_value)
            and name != "output_backend"
            and not (type(new_value) is str and TEX_MARKS & {*new_value})
        ):
            self._update_links(node_index, name, frozenset())
            size = len(new_value) if type(new_value) is str else 0
            self._remaining_bytes -= size
            return AttributeEdit(node_index, name, Value(encode_json(new_value)), size=size)
        return self._record_value(model, name, new_value)

    def _record_value(self, model: Model, name: str, new_value: Any) -> Edit | None:
        """Record a value that may refer to models, of which some may be new."""
        node_index = self.node_indices[model.id]
        serializer = PlotSerializer(self._captured.theme, self.node_indices)
        rep = serializer.encode(new_value)
        serializer.add_parts(model)
        if serializer.has_data_models or (serializer.custom_classes and serializer.models):
            return None
        builder = NodeBuilder(serializer, None)
        value = builder.build_value(rep)
        next_index = len(self._captured.snapshot.nodes) + len(self._added_nodes)
        new_nodes = tuple(builder.build_node(next_index + index) for index in range(len(serializer.models)))
        changed_nodes = (Node("", {name: value}), *new_nodes)
        links = frozenset(value.refs)
        known_links = {ref for node in changed_nodes for ref in node.refs if ref < next_index}
        if self._has_lost_links and known_links - self._list_links(node_index, name):
            return None
        self._update_links(node_index, name, links)
        parts = serializer.parts | list_parts(changed_nodes)
        self.node_indices = serializer.node_indices if new_nodes else self.node_indices
        self._added_nodes += new_nodes
        self._nonstandard_sources |= {
            model.id
            for model, _ in serializer.models.values()
            if isinstance(model, ColumnDataSource) and not has_standard_columns(model.data)
        }
        ids = tuple(f"e{next(_edit_ids)}" for _ in new_nodes)
        size = Snapshot(changed_nodes).size
        self._remaining_bytes -= size
        return AttributeEdit(node_index, name, value, new_nodes, ids, frozenset(parts), size)

    def _list_links(self, node_index: int, name: str) -> frozenset[int]:
        """List the models that a property referred to before the event."""
        if (node_index, name) not in self._links:
            value = self._get_node(node_index).attributes.get(name)
            self._links[node_index, name] = frozenset(value.refs if value is not None else ())
        return self._links[node_index, name]

    def _update_links(self, node_index: int, name: str, links: frozenset[int]) -> None:
        self._has_lost_links = self._has_lost_links or not self._list_links(node_index, name) <= links
        self._links[node_index, name] = links

    def _get_node(self, node_index: int) -> Node:
        nodes = self._captured.snapshot.nodes
        return nodes[node_index] if node_index < len(nodes) else self._added_nodes[node_index - len(nodes)]

    def _record_columns(self, source: Model, names: Collection[str] | None) -> Edit | None:
        if not isinstance(source, ColumnDataSource):
            return None
        layout, data = self._get_layout(source), source.data
        if names is None or layout.kinds.keys() != data.keys():
            names = data.keys()
        serializer = PlotSerializer(self._captured.theme, self.node_indices)
        builder = NodeBuilder(serializer, None)
        entries = serializer.encode({name: data[name] for name in names}).get("entries", ())
        columns = {name: builder.build_column(value) for name, value in entries}
        node = Node("", {}, columns)
        if node.refs or ("mathjax" not in self._captured.snapshot.parts and has_tex(node)):
            return None
        (self._nonstandard_sources.discard if has_standard_columns(data) else self._nonstandard_sources.add)(
            source.id
        )
        size = sum(column.size for column in columns.values())
        self._remaining_bytes -= layout.update(columns, names=data.keys())
        return ColumnsEdit(self.node_indices[source.id], columns, len(columns) == len(data), size)

    def _record_stream(self, source: Any, data: Mapping[str, Any], rollover: int | None) -> Edit | None:
        layout = self._layouts.get(source.id) or self._get_layout(source)
        new_count = max(map(len, data.values()), default=0)
        count_before = layout.row_count or 0
        dropped = max(0, count_before + new_count - rollover) if rollover is not None else 0
        # an empty column may become a column of another type
        if count_before <= 0 or count_before + new_count <= dropped:
            return None
        if source.id in self._nonstandard_sources:
            return None
        row_count, appended = count_before + new_count - dropped, None
        if layout.is_floats and count_before > dropped:
            appended = layout.read_new_floats(data, source.data, row_count)
        if appended is None:
            appended = layout.read_new_rows(source.data, count_before - dropped, row_count)
            if appended is None:
                return None
        size = new_count * layout.row_size
        if not layout.is_numbers:
            size += sum(map(measure_texts, appended.values()))
        self._remaining_bytes += dropped * layout.row_size - size
        return GrowthEdit(self.node_indices[source.id], min(count_before, dropped), appended, {}, size)

    def _record_patch(self, source: Any, patches: Mapping[str, Any]) -> Edit | None:
        layout, data = self._get_layout(source), source.data
        if source.id in self._nonstandard_sources or not layout.is_matching(data, layout.row_count):
            return None
        patched: dict[str, tuple[Sequence[int], Rows]] = {}
        for name, patch in patches.items():
            record = parse_patch(patch, layout.row_count or 0)
            if record is None:
                return None
            row_indices, values = record
            # the value in the event, since the current value may have changed again
            new_values = values if isinstance(data[name], list) else np.asarray(values, data[name].dtype)
            rows = encode_rows(new_values, layout.kinds[name])
            if rows is None:
                return None
            patched[name] = row_indices, rows
            layout.last_rows.pop(name, None)
        size = sum(len(rows) + measure_texts(rows) for _, rows in patched.values())
        self._remaining_bytes -= size
        return GrowthEdit(self.node_indices[source.id], 0, {}, patched, size)

    def _get_layout(self, source: Model) -> ColumnLayout:
        """Return the layout of the columns before the event."""
        if source.id not in self._layouts:
            self._layouts[source.id] = ColumnLayout(
                self._get_node(self.node_indices[source.id]).columns or {}
            )
        return self._layouts[source.id]
