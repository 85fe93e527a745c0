"""What the author streams into a data source and patches in it, without encoding it all again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

import numpy as np
from bokeh.core.serialization import Serializer
from bokeh.document.events import ColumnsPatchedEvent, ColumnsStreamedEvent, DocumentChangedEvent
from bokeh.models import ColumnDataSource

from .encoding import SAFE, Packed, plain
from .picture import SCALARS, Picture
from .snapshot import Node
from .values import Column, Items, Lineage, Numbers, Value, json_of

PATCHES = 1000
"""After so many patched rows a column is compared row by row again."""


@dataclass
class Growth:
    """What events told of one data source since it was pictured. Lives until it is pictured again.

    Costs a note at each event, whatever the size of the source.
    """

    source: ColumnDataSource
    rows: int
    """How many there were when it was pictured."""
    appended: int = 0
    dropped: int = 0
    """Rows in front that a rollover took away."""
    patched: dict[str, set[int]] = field(default_factory=dict)
    """By column: rows with another value, counted from the row that was the first when it was pictured."""

    @property
    def length(self) -> int:
        """How many rows there are now, by what was told."""
        return self.rows + self.appended - self.dropped

    def note(self, event: DocumentChangedEvent) -> bool:
        """Whether the event can be told by notes like these."""
        if isinstance(event, ColumnsStreamedEvent):
            self.appended += _length(event.data)
            if event.rollover is not None:
                self.dropped += max(0, self.length - event.rollover)
            return True
        return isinstance(event, ColumnsPatchedEvent) and all(
            self._note(name, place) for name, patches in event.patches.items() for place, _ in patches
        )

    def _note(self, name: str, place: object) -> bool:
        rows = self.patched.setdefault(name, set())
        if isinstance(place, int):
            rows.add(place + self.dropped)
            return True
        if isinstance(place, slice):
            rows.update(row + self.dropped for row in range(*place.indices(self.length)))
            return True
        return False


def noted(growths: dict[str, Growth], picture: Picture, event: DocumentChangedEvent) -> bool:
    """Take note of an event in `growths`, by the author's ids, if it can be told so."""
    if not isinstance(event, ColumnsStreamedEvent | ColumnsPatchedEvent):
        return False
    source = event.model
    if source.id not in growths:
        node = picture.snapshot.models[picture.places[source.id]]
        if not isinstance(source, ColumnDataSource) or not node.columns:
            return False
        lengths = {column.rows for column in node.columns.values() if not isinstance(column, Value)}
        if len(lengths) != 1 or any(isinstance(column, Value) for column in node.columns.values()):
            return False
        growths[source.id] = Growth(source, lengths.pop())
    return growths[source.id].note(event)


def grown(picture: Picture, growths: Iterable[Growth]) -> Picture | None:
    """The picture after what was noted, of which only the rows that are new are read.

    None when that is not all that happened: then it has to be taken anew.
    """
    models = list(picture.snapshot.models)
    for growth in growths:
        place = picture.places[growth.source.id]
        node = models[place]
        data: Mapping[str, Any] = growth.source.data
        if node.columns is None or node.columns.keys() != data.keys():
            return None
        columns = {name: _grown(column, data[name], name, growth) for name, column in node.columns.items()}
        whole = {name: column for name, column in columns.items() if column is not None}
        if len(whole) < len(columns):
            return None
        models[place] = Node(node.kind, node.attributes, whole)
    snapshot = replace(picture.snapshot, models=tuple(models))
    # what else has changed in place is seen when the cell ends, and all is taken anew
    return replace(picture, snapshot=snapshot, arrays=None)


def _grown(column: Column, values: Any, name: str, growth: Growth) -> Column | None:
    if len(values) != growth.length or isinstance(column, Value) or column.rows != growth.rows:
        return None
    if 0 in (column.rows, growth.length):
        return None  # it may become a column of another kind
    if isinstance(column, Items):
        items = [*values] if isinstance(values, list) else values.tolist()
        is_of_its_kind = all(map(_is_plain, items)) and not (
            column.listed and isinstance(plain(items), Packed)
        )
        return Items(json_of(items), len(items), column.listed) if is_of_its_kind else None
    if not isinstance(column, Numbers) or isinstance(values, list) != column.listed:
        return None
    kept = max(0, column.rows - growth.dropped)
    tail = _encoded(values[kept:], column)
    if tail is None:
        return None
    data = column.data[growth.dropped * column.stride :] + tail
    rows = sorted(row - growth.dropped for row in growth.patched.get(name, ()) if row >= growth.dropped)
    old = [row for row in rows if row < kept]
    if old:
        if 4 * len(old) > growth.length:
            return None
        picked = _encoded([values[row] for row in old] if column.listed else np.asarray(values)[old], column)
        if picked is None:
            return None
        patched = bytearray(data)
        for index, row in enumerate(old):
            stop = (index + 1) * column.stride
            patched[row * column.stride : (row + 1) * column.stride] = picked[index * column.stride : stop]
        data = bytes(patched)
    found = Numbers(data, column.dtype, column.row, column.listed, _lineage(column.lineage, growth, old))
    # another thread may have gone on meanwhile: then the rows that stayed are not where they should be
    for row in {0, kept - 1} if kept else ():
        if _encoded(values[row : row + 1], column) != found.cut(row, row + 1).data:
            return None
    return found


def _is_plain(value: Any) -> bool:
    """Whether Bokeh says it as JSON does."""
    kind = type(value)
    if kind is float:
        return isfinite(value)
    return -SAFE < value < SAFE if kind is int else kind in SCALARS


def _encoded(values: Any, column: Numbers) -> bytes | None:
    """Rows as bytes, if they are of the column's kind."""
    if isinstance(values, list):
        if not values:
            return b""
        numbers = plain(values)
        of_its_kind = isinstance(numbers, Packed) and numbers.numbers.dtype.name == column.dtype
        return numbers.numbers.tobytes() if of_its_kind else None
    serialized = Serializer().serialize(values)
    rep = serialized.content
    of_its_kind = rep.get("dtype") == column.dtype and tuple(rep["shape"][1:]) == column.row
    return bytes(serialized.buffers[0].data) if of_its_kind and len(serialized.buffers) == 1 else None


def _lineage(former: Lineage | None, growth: Growth, patched: list[int]) -> Lineage:
    if former is None or len(former.patched) + len(patched) > PATCHES:
        return Lineage(object())
    start = former.start + growth.dropped
    return Lineage(former.source, start, former.patched + tuple(start + row for row in patched))


def _length(data: Mapping[str, Any]) -> int:
    return max(map(len, data.values()), default=0)
