"""What change events tell of a plot, encoded at once: only what has changed is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import count
from math import isfinite
from typing import Any

import numpy as np
from bokeh.core.serialization import Serializer
from bokeh.document.events import (
    ColumnDataChangedEvent,
    ColumnsPatchedEvent,
    ColumnsStreamedEvent,
    DocumentChangedEvent,
    ModelChangedEvent,
)
from bokeh.model import Model
from bokeh.models import ColumnDataSource

from .edits import Attribute, Columns, Edit, Growth, Nothing, Rows
from .encoding import SAFE, Encoding, Packed, plain
from .picture import SCALARS, Nodes, Picture, has_tex
from .private import is_serialized_as_usual
from .snapshot import Node, Snapshot
from .values import Column, Items, Numbers, Value, json_of

NEW = 5000
"""So many models may come before the plot is pictured anew: those that went again are kept until then."""


_serials = count(1)
"""For ids of models, unlike those that a picture gives."""
_FLOAT = {float}
_MARKS = {"$", "\\"}
"""Without one of these a text has no formulas in it."""


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
        self._shapes: dict[str, _Shape] = {}

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
        descriptor = type(model).lookup(name)
        if not descriptor.serialized:
            return Nothing()
        place, held = self.places[model.id], descriptor.get_value(model)
        if _is_plain(held) and name != "output_backend" and not (type(held) is str and _MARKS & {*held}):
            return Attribute(place, name, Value(json_of(held)))
        encoding = Encoding(self._picture.theme, self._plot, self.places)
        rep = encoding.encode(held)
        encoding.note_parts(model)
        if encoding.needs_defs:
            return None
        nodes = Nodes(encoding, None, self._plot)
        value = nodes.value(rep)
        free = len(self._picture.snapshot.models) + len(self._added)
        new = tuple(nodes.at(free + index) for index in range(len(encoding.models)))
        here = (Node("", {name: value}), *new)
        parts = encoding.parts | ({"mathjax"} if any(map(has_tex, here)) else set())
        self.places = encoding.places if new else self.places
        self._added += new
        ids = tuple(f"e{next(_serials)}" for _ in new)
        weight = Snapshot(here).size
        self._left -= weight
        return Attribute(place, name, value, new, ids, frozenset(parts), weight)

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
        if any(isinstance(column, Value) and column.refs for column in columns.values()):
            return None
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
        appended = _floats(data) if shape.is_floats and before > dropped else None
        if appended is not None and appended.keys() == shape.kinds.keys():
            shape.lasts.clear()
        else:
            appended = shape.tails(source.data, before - dropped, before + fresh - dropped)
            if appended is None:
                return None
        shape.rows = before + fresh - dropped
        weight = fresh * shape.stride
        self._left += dropped * shape.stride - weight
        return Growth(self.places[source.id], min(before, dropped), appended, {}, weight)

    def _patched(self, source: Any, patches: Mapping[str, Any]) -> Edit | None:
        shape, now = self._shape(source), source.data
        if not shape.fits(now, shape.rows):
            return None
        patched: dict[str, tuple[Sequence[int], Rows]] = {}
        for name, patch in patches.items():
            places = _places((place for place, _ in patch), shape.rows or 0)
            rows = _rows(_picked(now[name], places), shape.kinds[name]) if places else None
            last = _rows(now[name][-1:], shape.kinds[name])
            if rows is None or last is None:
                return None
            patched[name] = places, rows
            if not isinstance(last, list):
                shape.lasts[name] = last
        weight = sum(len(rows) for _, rows in patched.values())
        return Growth(self.places[source.id], 0, {}, patched, weight)

    def _shape(self, source: Model) -> _Shape:
        """What is known of the columns before the event."""
        if source.id not in self._shapes:
            place, models = self.places[source.id], self._picture.snapshot.models
            node = models[place] if place < len(models) else self._added[place - len(models)]
            self._shapes[source.id] = _Shape(node.columns or {})
        return self._shapes[source.id]


class _Shape:
    """Of which kinds the columns of a data source are, and how long. Lives as long as its teller."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.kinds: dict[str, Column] = {}
        """By name: what they are, without any rows."""
        self.rows: int | None = None
        """How many each has; None where rows are not told apart."""
        self.lasts: dict[str, bytes] = {}
        """By name, of numbers: the last row, where it was looked at."""
        self.is_floats = False
        """Whether all are floats, as they are or listed."""
        self.stride = 0
        """What a row of all columns weighs, about."""
        self._sizes: dict[str, int] = {}
        self.take(columns, only=columns.keys())

    def take(self, columns: Mapping[str, Column], *, only: Collection[str]) -> int:
        """These are others now, and no more than `only` are left. By how many bytes it weighs more now."""
        before = sum(self._sizes.values())
        sizes = self._sizes | {name: column.size for name, column in columns.items()}
        self._sizes = {name: size for name, size in sizes.items() if name in only}
        lengths = {None if isinstance(column, Value) else column.rows for column in columns.values()}
        if any(name in only for name in self.kinds.keys() - columns.keys()):
            lengths.add(self.rows)
        self.rows = lengths.pop() if len(lengths) == 1 else None
        self.kinds = {name: kind for name, kind in self.kinds.items() if name in only}
        for name, column in columns.items():
            if isinstance(column, Numbers):
                self.kinds[name] = Numbers(b"", column.dtype, column.row, column.listed)
                self.lasts[name] = column.data[-column.stride :]
            else:
                self.kinds[name] = column if isinstance(column, Value) else Items("[]", 0, column.listed)
        numbers = {name: kind for name, kind in self.kinds.items() if isinstance(kind, Numbers)}
        self.is_floats = all(kind.dtype == "float64" and not kind.row for kind in numbers.values())
        self.is_floats = self.is_floats and len(numbers) == len(self.kinds)
        self.stride = sum(kind.stride for kind in numbers.values()) + len(self.kinds) - len(numbers)
        return sum(self._sizes.values()) - before

    def fits(self, data: Mapping[str, Any], rows: int | None) -> bool:
        """Whether these are the columns that are known, and so long."""
        known = self.kinds.keys() == data.keys() and bool(rows)
        return known and all(len(column) == rows for column in data.values())

    def tails(self, data: Mapping[str, Any], kept: int, rows: int) -> dict[str, Rows] | None:
        """The rows behind those that stayed, if they are of the columns' kinds, and nothing else happened."""
        found: dict[str, Rows] = {}
        if not self.fits(data, rows):
            return None
        for name, kind in self.kinds.items():
            overlap = 1 if kept > 0 else 0
            tail = _rows(data[name][max(0, kept - 1) :], kind)
            if isinstance(kind, Numbers) and isinstance(tail, bytes):
                # another thread may have gone on meanwhile: then what stayed is not where it should be
                if overlap and not tail.startswith(self.lasts.get(name, b"")):
                    return None
                self.lasts[name] = tail[-kind.stride :]
                tail = tail[overlap * kind.stride :]
            elif tail is not None:
                tail = tail[overlap:]
            else:
                return None
            found[name] = tail
        return found


def _floats(data: Mapping[str, Any]) -> dict[str, Rows] | None:
    """What was streamed behind floats, if it is floats as well, as in most loops."""
    found: dict[str, Rows] = {}
    for name, fresh in data.items():
        if type(fresh) is not list or {*map(type, fresh)} != _FLOAT:
            return None
        found[name] = fresh.copy()
    return found


def _places(told: Iterable[object], rows: int) -> list[int]:
    """The rows that a patch is about; none where it is about parts of rows."""
    places: list[int] = []
    for place in told:
        if isinstance(place, int):
            places.append(place)
        elif isinstance(place, slice):
            places += range(*place.indices(rows))
        else:
            return []
    return places


def _picked(values: Any, places: list[int]) -> Any:
    return [values[place] for place in places] if isinstance(values, list) else np.asarray(values)[places]


def _rows(values: Any, kind: Column) -> Rows | None:
    """These rows, if they are of the column's kind."""
    if isinstance(kind, Numbers):
        return _encoded(values, kind)
    if isinstance(kind, Value) or isinstance(values, list) != kind.listed:
        return None
    items = [*values] if isinstance(values, list) else values.tolist()
    return items if all(map(_is_plain, items)) else None


def _is_plain(value: Any) -> bool:
    """Whether Bokeh says it as JSON does."""
    kind = type(value)
    if kind is float:
        return isfinite(value)
    return -SAFE < value < SAFE if kind is int else kind in SCALARS


_dtype = cache(np.dtype)


def _encoded(values: Any, kind: Numbers) -> bytes | None:
    if kind.listed:
        numbers = plain(values) if isinstance(values, list) else None
        if isinstance(numbers, Packed) and numbers.numbers.dtype == kind.dtype:
            return numbers.numbers.tobytes()
        return None if len(values) else b""
    if type(values) is np.ndarray and values.dtype == _dtype(kind.dtype) and values.shape[1:] == kind.row:
        return values.tobytes()
    if isinstance(values, list):
        return None
    serialized = Serializer().serialize(values)
    rep = serialized.content
    of_its_kind = rep.get("dtype") == kind.dtype and tuple(rep["shape"][1:]) == kind.row
    return bytes(serialized.buffers[0].data) if of_its_kind and len(serialized.buffers) == 1 else None
