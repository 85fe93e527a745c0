"""Captures the snapshot of an author's model, and detects if the model has changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json import JSONEncoder
from math import prod
from typing import Any

import numpy as np
from bokeh.core.serialization import Buffer
from bokeh.model import Model
from bokeh.models import ColumnarDataSource, ColumnDataSource
from bokeh.themes import Theme

from ...compat import get_property_values
from ...errors import CannotSerialize, PlotTooLarge
from .document_ready import READY_EVENT, select_scripts
from .fingerprint import ArrayFingerprint, Fingerprint, copy_contents, is_same_bytes
from .parts import list_parts
from .serializer import ModelReference, PackedNumbers, PlotSerializer
from .snapshot import Node, Snapshot
from .unserializable import GENERAL_HINT
from .values import PLACEHOLDER, Column, Items, Numbers, Value, to_json_numbers

MAX_PLOT_BYTES = 200_000_000
"""Maximum size of one plot in bytes, models and arrays together, unless the author sets another limit."""


@dataclass(frozen=True)
class CapturedPlot:
    """A snapshot, and the author's objects by which changes of the plot are detected."""

    snapshot: Snapshot
    node_indices: Mapping[str, int]
    """The node index of each of the author's models, by the author's ids, which change events contain."""
    theme: Theme
    array_fingerprints: tuple[ArrayFingerprint, ...] | None
    """Fingerprints of the author's arrays; None if the arrays changed and were not captured again."""
    fingerprint: Fingerprint
    """Fingerprint of the properties of the author's models, and of the lists and dictionaries in them."""
    nonstandard_sources: frozenset[str]
    """The author's data sources with columns other than lists and plain arrays, by their ids."""
    custom_classes: frozenset[type[Model]]
    """The classes of the author's models with their own implementation for browsers."""
    has_python_callbacks: bool
    """True if a model has Python callbacks. They cannot be called for viewers."""
    model_ids: frozenset[str]
    """The ids of the author's models that can be reached from the root."""
    scripts: tuple[Model, ...]
    """Scripts that run when the plot is drawn."""
    models: tuple[Model, ...]
    """The author's models."""

    def is_unchanged(self, scripts: Sequence[Model] = ()) -> bool:
        """Return True if no property, array or list has changed, and `scripts` select the same callbacks.

        Costs a comparison of the arrays, not their encoding.
        """
        if (
            self.scripts != select_scripts(scripts, self.model_ids)
            or self.array_fingerprints is None
            or not self.fingerprint.is_unchanged()
        ):
            return False
        return all(array.is_unchanged() for array in self.array_fingerprints)

    def list_changed_properties(self) -> list[tuple[Model, str]] | None:
        """List the properties that were set, or whose lists and dictionaries changed, since the capture.

        Arrays are not compared. Returns None if it is not known to which property a change belongs.
        """
        owners = {id(get_property_values(model)[0]): model for model in self.models}
        changed: dict[tuple[str, str], tuple[Model, str]] = {}
        for container, former in self.fingerprint.list_changed():
            model = owners.get(id(container))
            found = (
                _list_changed_names(container, former)
                if model is not None and isinstance(container, dict)
                else None
            )
            properties = (
                [(model, name) for name in found]
                if model is not None and found is not None
                else self._find_properties(container)
            )
            if not properties:
                return None
            changed.update({(model.id, name): (model, name) for model, name in properties})
        return [*changed.values()]

    def _find_properties(self, value: Any) -> list[tuple[Model, str]]:
        """Find the properties that have this list or dictionary as their value."""
        return [
            (model, name)
            for model in self.models
            for name, each in [*get_property_values(model)[0].items()]
            if each is value
        ]


def capture_plot(
    root: Model,
    *,
    theme: Theme,
    scripts: Sequence[Model] = (),
    before: Snapshot | None = None,
    plot_name: str = "the plot",
    limit: int = MAX_PLOT_BYTES,
) -> CapturedPlot:
    """Take a snapshot of `root` as `show()` would draw it, without changing it.

    `scripts` are the documents' JavaScript callbacks for when they are drawn; those about this plot are used.

    Costs as much as Bokeh's own serialisation, and one copy of each array that differs from the one at the
    same node index in `before`; unchanged arrays are taken from there.

    Raises `CannotSerialize` or `PlotTooLarge` with `plot_name`.
    """
    serializer = PlotSerializer(theme, plot_name=plot_name)
    serializer.encode(root)
    model_ids = frozenset(serializer.node_indices)
    ready_scripts = select_scripts(scripts, model_ids)
    if ready_scripts:
        serializer.add_callbacks(READY_EVENT, ready_scripts)
    buffer_size = sum(memoryview(buffer.data).nbytes for buffer in serializer.buffers)
    if buffer_size > limit:  # before anything is copied
        raise PlotTooLarge(plot_name, buffer_size, limit)
    builder = NodeBuilder(serializer, before)
    nodes = tuple(builder.build_node(node_index) for node_index in range(len(serializer.models)))
    snapshot = Snapshot(nodes, serializer.encode_defs(), frozenset(serializer.parts | list_parts(nodes)))
    if snapshot.size > limit:
        raise PlotTooLarge(plot_name, snapshot.size, limit)
    if before is not None and before == snapshot:
        snapshot = before
    arrays = (*builder.array_fingerprints, *map(ArrayFingerprint.from_array, serializer.itemized_arrays))
    values = [
        (each, copy_contents(each))
        for model, _ in serializer.models.values()
        for each in get_property_values(model)
    ]
    fingerprint = Fingerprint.from_pairs([*serializer.containers, *values])
    sources = [model for model, _ in serializer.models.values() if isinstance(model, ColumnDataSource)]
    nonstandard_sources = frozenset(source.id for source in sources if not has_standard_columns(source.data))
    custom_classes = frozenset(serializer.custom_classes)
    return CapturedPlot(
        snapshot,
        serializer.node_indices,
        theme,
        arrays,
        fingerprint,
        nonstandard_sources,
        custom_classes,
        serializer.has_python_callbacks,
        model_ids,
        ready_scripts,
        tuple(model for model, _ in serializer.models.values()),
    )


def _list_changed_names(values: Mapping[str, Any], former: list[Any]) -> list[str] | None:
    """List the names with another value than in the `copy_contents` of the time of capture; None if one has
    none any more."""
    count = len(former) // 2
    former_values = dict(zip(former[:count], former[count:], strict=True))
    if former_values.keys() - values.keys():
        return None
    missing = object()
    return [name for name, value in [*values.items()] if former_values.get(name, missing) is not value]


def has_standard_columns(data: Mapping[str, Any]) -> bool:
    """Return True if all columns are lists or plain arrays. numpy and pandas treat others differently."""
    return all(
        isinstance(column, list) or (type(column) is np.ndarray and column.dtype.isnative)
        for column in data.values()
    )


class NodeBuilder:
    """Builds nodes from the serialiser's output, and reuses the unchanged nodes of `before`."""

    def __init__(self, serializer: PlotSerializer, before: Snapshot | None) -> None:
        self.array_fingerprints: list[ArrayFingerprint] = []
        self._serializer = serializer
        self._before = before.nodes if before is not None else ()

    def build_node(self, node_index: int) -> Node:
        model, rep = self._serializer.models[node_index]
        former = self._before[node_index] if node_index < len(self._before) else Node("", {})
        attributes = rep.get("attributes", {})
        columns: dict[str, Column] | None = None
        try:
            if isinstance(model, ColumnarDataSource) and "data" in attributes:
                former_columns = former.columns or {}
                entries = attributes.pop("data").get("entries", ())
                columns = {
                    name: self.build_column(value, former_columns.get(name)) for name, value in entries
                }
            values = {
                name: self.build_value(value, former.attributes.get(name))
                for name, value in attributes.items()
            }
        except (TypeError, ValueError) as error:
            plot_name, part = self._serializer.plot_name, f"a {type(model).__name__}"
            raise CannotSerialize(plot_name, part, str(error), GENERAL_HINT) from error
        node = Node(rep["name"], values, columns)
        return former if former == node else node

    def build_column(self, rep: Any, former: Column | None = None) -> Column:
        column: Column
        if isinstance(rep, PackedNumbers):
            data = self._copy_bytes(rep.numbers, former.data if isinstance(former, Numbers) else b"")
            column = Numbers(data, rep.numbers.dtype.name, is_list=True)
        elif isinstance(rep, list) and set(map(type, rep)) <= SCALAR_TYPES:
            column = Items(_json_encoder.encode(rep), len(rep))
        elif isinstance(rep, dict) and rep.get("type") == "ndarray" and prod(rep["shape"][1:]) > 0:
            array, (rows, *row) = rep["array"], rep["shape"]
            if isinstance(array, dict):
                buffer = array["data"]
                data = self._copy_bytes(buffer.data, former.data if isinstance(former, Numbers) else b"")
                self.array_fingerprints.append(
                    ArrayFingerprint.from_array(self._serializer.arrays[buffer.id], data)
                )
                column = Numbers(data, rep["dtype"], tuple(row))
            elif not row and set(map(type, array)) <= SCALAR_TYPES:
                column = Items(_json_encoder.encode(array), rows, is_list=False)
            else:
                column = self.build_value(rep, former if isinstance(former, Value) else None)
        else:
            column = self.build_value(rep, former if isinstance(former, Value) else None)
        return former if former is not None and former == column else column

    def build_value(self, rep: Any, former: Value | None = None) -> Value:
        if isinstance(rep, ModelReference):
            value = Value(PLACEHOLDER, (rep.node_index,))
        elif type(rep) in SCALAR_TYPES:
            value = Value(_json_encoder.encode(rep))
        else:
            placeholders: list[int | bytes] = []
            former_arrays = (
                [placeholder for placeholder in former.placeholders if isinstance(placeholder, bytes)]
                if former is not None
                else []
            )

            def replace_stand_in(stand_in: object) -> Any:
                if isinstance(stand_in, PackedNumbers):
                    return to_json_numbers(stand_in.numbers.tolist())
                if isinstance(stand_in, ModelReference):
                    placeholders.append(stand_in.node_index)
                elif isinstance(stand_in, Buffer):
                    data = self._copy_bytes(stand_in.data, former_arrays.pop(0) if former_arrays else b"")
                    self.array_fingerprints.append(
                        ArrayFingerprint.from_array(self._serializer.arrays[stand_in.id], data)
                    )
                    placeholders.append(data)
                else:
                    raise TypeError(f"{type(stand_in).__name__} is no JSON value")
                return _PLACEHOLDER_REP

            text = JSONEncoder(separators=(",", ":"), allow_nan=False, default=replace_stand_in).encode(rep)
            value = Value(text, tuple(placeholders))
        return former if former == value and former is not None else value

    def _copy_bytes(self, data: Any, former: bytes) -> bytes:
        """Return a copy of the bytes, which are a view of the author's array; `former` if it has the same."""
        return former if is_same_bytes(data, former) else bytes(data)


_json_encoder = JSONEncoder(separators=(",", ":"), allow_nan=False)
_PLACEHOLDER_REP = {"id": "@@"}
SCALAR_TYPES = {str, int, float, bool, type(None)}
