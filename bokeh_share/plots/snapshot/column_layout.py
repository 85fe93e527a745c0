"""Of which kinds the columns of a data source are, and what of them events tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from math import isfinite
from typing import Any

import numpy as np
from bokeh.core.serialization import Serializer

from .capture import SCALARS
from .edits import Rows
from .serializer import SAFE, PackedNumbers, plain
from .values import Column, Items, Numbers, Value

_FLOAT, _FLOAT64 = {float}, np.dtype("float64")
MARKS = {"$", "\\"}
"""Without one of these a text has no formulas in it."""


class ColumnLayout:
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
        self.is_numbers = False
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
        self.is_numbers = len(numbers) == len(self.kinds)
        self.is_floats = self.is_floats and self.is_numbers
        self.stride = sum(kind.stride for kind in numbers.values()) + len(self.kinds) - len(numbers)
        return sum(self._sizes.values()) - before

    def fits(self, data: Mapping[str, Any], rows: int | None) -> bool:
        """Whether these are the columns that are known, and so long."""
        known = self.kinds.keys() == data.keys() and bool(rows)
        return known and all(len(column) == rows for column in data.values())

    def floats(self, fresh: Mapping[str, Any], data: Mapping[str, Any], rows: int) -> dict[str, Rows] | None:
        """What was streamed behind floats, if it is floats too, as in most loops: none of it is encoded."""
        found: dict[str, Rows] = {}
        if data.keys() != self.kinds.keys():
            return None
        for name, column in data.items():
            new = fresh[name]
            if type(new) is not list or {*map(type, new)} != _FLOAT or len(column) != rows:
                return None
            last = column[-1]
            if isinstance(column, list):
                if last is not new[-1]:
                    return None
            elif column.dtype != _FLOAT64 or not (last == new[-1] or last != last):
                return None
            found[name] = new.copy()
        self.lasts.clear()
        return found

    def tails(self, data: Mapping[str, Any], kept: int, rows: int) -> dict[str, Rows] | None:
        """The rows behind those that stayed, if they are of the columns' kinds, and nothing else happened."""
        found: dict[str, Rows] = {}
        if not self.fits(data, rows):
            return None
        for name, kind in self.kinds.items():
            overlap = 1 if kept > 0 else 0
            tail = rows_of(data[name][max(0, kept - 1) :], kind)
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


def values_of_patch(patch: Iterable[tuple[Any, Any]], rows: int) -> tuple[list[int], list[Any]] | None:
    """Which rows a patch gives which values; None where it is about parts of rows, or more than rows."""
    node_indices: list[int] = []
    values: list[Any] = []
    for node_index, value in patch:
        if isinstance(node_index, slice):
            several = range(*node_index.indices(rows))
            if len(several) != len(value):
                return None
            node_indices += several
            values += value
        elif isinstance(node_index, int):
            node_indices.append(node_index)
            values.append(value)
        else:
            return None
    return node_indices, values


def texts(rows: Rows) -> int:
    """Bytes of the texts in it."""
    return sum(len(each) for each in rows if type(each) is str) if isinstance(rows, list) else 0


def rows_of(values: Any, kind: Column) -> Rows | None:
    """These rows, if they are of the column's kind."""
    if isinstance(kind, Numbers):
        return _encoded(values, kind)
    if isinstance(kind, Value) or isinstance(values, list) != kind.listed:
        return None
    items = [*values] if isinstance(values, list) else values.tolist()
    formulas = any(type(each) is str and MARKS & {*each} for each in items)
    return items if all(map(is_plain, items)) and not formulas else None


def is_plain(value: Any) -> bool:
    """Whether Bokeh says it as JSON does."""
    kind = type(value)
    if kind is float:
        return isfinite(value)
    return -SAFE < value < SAFE if kind is int else kind in SCALARS


_dtype = cache(np.dtype)


def _encoded(values: Any, kind: Numbers) -> bytes | None:
    if kind.listed:
        numbers = plain(values) if isinstance(values, list) else None
        if isinstance(numbers, PackedNumbers) and numbers.numbers.dtype == kind.dtype:
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
