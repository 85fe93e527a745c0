"""Taking the snapshot of a model of the author's, and telling whether it is still true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json import JSONEncoder
from math import prod
from typing import Any

import numpy as np
from bokeh.core.serialization import Buffer
from bokeh.embed.util import contains_tex_string
from bokeh.model import Model
from bokeh.models import ColumnarDataSource, ColumnDataSource
from bokeh.themes import Theme

from ...compat import values_of
from ...errors import CannotSerialize, TooLarge
from .document_ready import READY, about
from .fingerprint import ArrayFingerprint, Fingerprint, contents, same_bytes
from .serializer import ModelReference, PackedNumbers, PlotSerializer
from .snapshot import Node, Snapshot
from .values import PLACEHOLDER, Column, Items, Numbers, Value, plain_numbers

MAX_PLOT_BYTES = 200_000_000
"""What one plot may weigh, models and arrays together, unless the author says otherwise."""


@dataclass(frozen=True)
class CapturedPlot:
    """A snapshot, with what belongs to the author and says whether it is still true."""

    snapshot: Snapshot
    node_indices: Mapping[str, int]
    """Where in the snapshot the author's models are, by the author's ids, which change events name."""
    theme: Theme
    arrays: tuple[ArrayFingerprint, ...] | None
    """The author's arrays; None where nobody has looked at them since they changed."""
    fingerprint: Fingerprint
    """What the properties of the author's models, and the lists and dictionaries in them, held."""
    unusual: frozenset[str]
    """The author's data sources, by their ids, that have other columns than lists and plain arrays."""
    custom: frozenset[type[Model]]
    """The classes of the author's models that have an implementation of their own for browsers."""
    calls_back: bool
    """Whether the author's Python is to be called when a viewer does something, which is not to be had."""
    own: frozenset[str]
    """Those of the author's models, by their ids, that the root leads to."""
    scripts: tuple[Model, ...]
    """What is to run when the plot is drawn."""

    def is_unchanged(self, scripts: Sequence[Model] = ()) -> bool:
        """Whether nothing was set, no array and no list has changed in place, and `scripts` come to the same.

        Costs a comparison of the arrays, not their encoding.
        """
        if (
            self.scripts != about(scripts, self.own)
            or self.arrays is None
            or not self.fingerprint.is_unchanged()
        ):
            return False
        return all(array.is_unchanged() for array in self.arrays)


def capture_plot(
    root: Model,
    *,
    theme: Theme,
    scripts: Sequence[Model] = (),
    before: Snapshot | None = None,
    plot: str = "plot",
    limit: int = MAX_PLOT_BYTES,
) -> CapturedPlot:
    """Picture `root` as `show()` would draw it, without touching it.

    `scripts` are what documents do in JavaScript once they are drawn, of which those about this plot count.

    Costs what Bokeh's own serialisation costs, and one copy of each array that differs from the one
    at the same place in `before`; what is as it was is taken from there.

    Raises `CannotSerialize` or `TooLarge`, which name `plot`.
    """
    serializer = PlotSerializer(theme, plot)
    serializer.encode(root)
    own = frozenset(serializer.node_indices)
    run = about(scripts, own)
    if run:
        serializer.add_callbacks(READY, run)
    weight = sum(memoryview(buffer.data).nbytes for buffer in serializer.buffers)
    if weight > limit:  # before anything is copied
        raise TooLarge(plot, weight, limit)
    nodes = Nodes(serializer, before, plot)
    models = tuple(nodes.at(node_index) for node_index in range(len(serializer.models)))
    snapshot = Snapshot(models, serializer.defs(), frozenset(serializer.parts | parts_of(models)))
    if snapshot.size > limit:
        raise TooLarge(plot, snapshot.size, limit)
    if before is not None and before == snapshot:
        snapshot = before
    arrays = (*nodes.arrays, *map(ArrayFingerprint.of, serializer.itemized))
    values = [(each, contents(each)) for model, _ in serializer.models.values() for each in values_of(model)]
    fingerprint = Fingerprint.of([*serializer.containers, *values])
    sources = [model for model, _ in serializer.models.values() if isinstance(model, ColumnDataSource)]
    unusual = frozenset(source.id for source in sources if not is_usual(source.data))
    custom = frozenset(serializer.custom)
    return CapturedPlot(
        snapshot,
        serializer.node_indices,
        theme,
        arrays,
        fingerprint,
        unusual,
        custom,
        serializer.calls_back,
        own,
        run,
    )


def is_usual(data: Mapping[str, Any]) -> bool:
    """Whether all columns are lists or plain arrays: with others numpy and pandas have ways of their own."""
    return all(
        isinstance(column, list) or (type(column) is np.ndarray and column.dtype.isnative)
        for column in data.values()
    )


class Nodes:
    """Turns what Bokeh's serialiser made into nodes, and takes from `before` what is as it was there."""

    def __init__(self, serializer: PlotSerializer, before: Snapshot | None, plot: str) -> None:
        self.arrays: list[ArrayFingerprint] = []
        self._serializer = serializer
        self._before = before.models if before is not None else ()
        self._plot = plot

    def at(self, node_index: int) -> Node:
        model, rep = self._serializer.models[node_index]
        former = self._before[node_index] if node_index < len(self._before) else Node("", {})
        attributes = rep.get("attributes", {})
        columns: dict[str, Column] | None = None
        try:
            if isinstance(model, ColumnarDataSource) and "data" in attributes:
                known = former.columns or {}
                entries = attributes.pop("data").get("entries", ())
                columns = {name: self.column(value, known.get(name)) for name, value in entries}
            values = {
                name: self.value(value, former.attributes.get(name)) for name, value in attributes.items()
            }
        except (TypeError, ValueError) as error:
            raise CannotSerialize(self._plot, type(model).__name__, str(error)) from error
        node = Node(rep["name"], values, columns)
        return former if former == node else node

    def column(self, rep: Any, former: Column | None = None) -> Column:
        column: Column
        if isinstance(rep, PackedNumbers):
            data = self._own(rep.numbers, former.data if isinstance(former, Numbers) else b"")
            column = Numbers(data, rep.numbers.dtype.name, listed=True)
        elif isinstance(rep, list) and set(map(type, rep)) <= SCALARS:
            column = Items(_encoder.encode(rep), len(rep))
        elif isinstance(rep, dict) and rep.get("type") == "ndarray" and prod(rep["shape"][1:]) > 0:
            array, (rows, *row) = rep["array"], rep["shape"]
            if isinstance(array, dict):
                buffer = array["data"]
                data = self._own(buffer.data, former.data if isinstance(former, Numbers) else b"")
                self.arrays.append(ArrayFingerprint.of(self._serializer.arrays[buffer.id], data))
                column = Numbers(data, rep["dtype"], tuple(row))
            elif not row and set(map(type, array)) <= SCALARS:
                column = Items(_encoder.encode(array), rows, listed=False)
            else:
                column = self.value(rep, former if isinstance(former, Value) else None)
        else:
            column = self.value(rep, former if isinstance(former, Value) else None)
        return former if former is not None and former == column else column

    def value(self, rep: Any, former: Value | None = None) -> Value:
        if isinstance(rep, ModelReference):
            value = Value(PLACEHOLDER, (rep.node_index,))
        elif type(rep) in SCALARS:
            value = Value(_encoder.encode(rep))
        else:
            placeholders: list[int | bytes] = []
            known = (
                [placeholder for placeholder in former.placeholders if isinstance(placeholder, bytes)]
                if former is not None
                else []
            )

            def piece(stand_in: object) -> Any:
                if isinstance(stand_in, PackedNumbers):
                    return plain_numbers(stand_in.numbers.tolist())
                if isinstance(stand_in, ModelReference):
                    placeholders.append(stand_in.node_index)
                elif isinstance(stand_in, Buffer):
                    data = self._own(stand_in.data, known.pop(0) if known else b"")
                    self.arrays.append(ArrayFingerprint.of(self._serializer.arrays[stand_in.id], data))
                    placeholders.append(data)
                else:
                    raise TypeError(f"{type(stand_in).__name__} is no JSON value")
                return _GAP

            text = JSONEncoder(separators=(",", ":"), allow_nan=False, default=piece).encode(rep)
            value = Value(text, tuple(placeholders))
        return former if former == value and former is not None else value

    def _own(self, data: Any, former: bytes) -> bytes:
        """Bytes of our own for what is a window on the author's array."""
        return former if same_bytes(data, former) else bytes(data)


_encoder = JSONEncoder(separators=(",", ":"), allow_nan=False)
_GAP = {"id": "@@"}
SCALARS = {str, int, float, bool, type(None)}


def parts_of(nodes: Sequence[Node]) -> set[str]:
    """The BokehJS files that values ask for, set by the author or by a theme."""
    parts = {"mathjax"} if any(map(has_tex, nodes)) else set()
    backends = (node.attributes.get("output_backend") for node in nodes)
    return parts | ({"gl"} if any(each and each.text == '"webgl"' for each in backends) else set())


def has_tex(node: Node) -> bool:
    fingerprint = (*node.attributes.values(), *(node.columns or {}).values())
    texts = (value.text for value in fingerprint if not isinstance(value, Numbers))
    return any(("$$" in text or "\\\\" in text) and contains_tex_string(text) for text in texts)
