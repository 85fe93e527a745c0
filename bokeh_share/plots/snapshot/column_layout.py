"""The layout of a data source: the types of its columns, and the rows that change events add."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from math import isfinite
from typing import Any

import numpy as np
from bokeh.core.serialization import Serializer

from .capture import SCALAR_TYPES
from .edits import Rows
from .serializer import MAX_EXACT_INTEGER, PackedNumbers, pack_list
from .values import Column, Items, Numbers, Value

_FLOAT_TYPES, _FLOAT64_DTYPE = {float}, np.dtype("float64")
TEX_MARKS = {"$", "\\"}
"""A text without any of these contains no formula."""


class ColumnLayout:
    """The types and the length of a data source's columns. Exists as long as its event recorder."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.kinds: dict[str, Column] = {}
        """An empty column of the same type, by name."""
        self.row_count: int | None = None
        """The number of rows in each column; None if the columns differ, or have no separate rows."""
        self.last_rows: dict[str, bytes] = {}
        """The last row of each column of numbers, if it was read, by name."""
        self.is_floats = False
        """True if all columns are floats, in arrays or lists."""
        self.is_numbers = False
        self.row_size = 0
        """Approximate size of one row of all columns, in bytes."""
        self._sizes: dict[str, int] = {}
        self.update(columns, names=columns.keys())

    def update(self, columns: Mapping[str, Column], *, names: Collection[str]) -> int:
        """Replace these columns, and drop those not in `names`. Return the growth in bytes."""
        size_before = sum(self._sizes.values())
        sizes = self._sizes | {name: column.size for name, column in columns.items()}
        self._sizes = {name: size for name, size in sizes.items() if name in names}
        lengths = {None if isinstance(column, Value) else column.row_count for column in columns.values()}
        if any(name in names for name in self.kinds.keys() - columns.keys()):
            lengths.add(self.row_count)
        self.row_count = lengths.pop() if len(lengths) == 1 else None
        self.kinds = {name: kind for name, kind in self.kinds.items() if name in names}
        for name, column in columns.items():
            if isinstance(column, Numbers):
                self.kinds[name] = Numbers(b"", column.dtype, column.row_shape, column.is_list)
                self.last_rows[name] = column.data[-column.stride :]
            else:
                self.kinds[name] = column if isinstance(column, Value) else Items("[]", 0, column.is_list)
        numbers = {name: kind for name, kind in self.kinds.items() if isinstance(kind, Numbers)}
        self.is_floats = all(kind.dtype == "float64" and not kind.row_shape for kind in numbers.values())
        self.is_numbers = len(numbers) == len(self.kinds)
        self.is_floats = self.is_floats and self.is_numbers
        self.row_size = sum(kind.stride for kind in numbers.values()) + len(self.kinds) - len(numbers)
        return sum(self._sizes.values()) - size_before

    def is_matching(self, data: Mapping[str, Any], row_count: int | None) -> bool:
        """Return True if `data` has the known columns, each with `row_count` rows."""
        is_known = self.kinds.keys() == data.keys() and bool(row_count)
        return is_known and all(len(column) == row_count for column in data.values())

    def read_new_floats(
        self, streamed: Mapping[str, Any], data: Mapping[str, Any], row_count: int
    ) -> dict[str, Rows] | None:
        """Return the streamed rows if all columns are floats, as in most loops. They are not encoded.

        The columns have `row_count` rows from now on. Returns None if some value is no float.
        """
        new_rows: dict[str, Rows] = {}
        if data.keys() != self.kinds.keys():
            return None
        for name, column in data.items():
            new = streamed[name]
            if type(new) is not list or {*map(type, new)} != _FLOAT_TYPES or len(column) != row_count:
                return None
            last_value = column[-1]
            if isinstance(column, list):
                if last_value is not new[-1]:
                    return None
            elif column.dtype != _FLOAT64_DTYPE or not (last_value == new[-1] or last_value != last_value):
                return None
            new_rows[name] = new.copy()
        self.last_rows.clear()
        self.row_count = row_count
        return new_rows

    def read_new_rows(
        self, data: Mapping[str, Any], remaining: int, row_count: int
    ) -> dict[str, Rows] | None:
        """Return the new rows, if they have the columns' types and the remaining rows are unchanged.

        The columns have `row_count` rows from now on. Returns None if something else has changed.
        """
        new_rows: dict[str, Rows] = {}
        if not self.is_matching(data, row_count):
            return None
        for name, kind in self.kinds.items():
            overlap = 1 if remaining > 0 else 0
            tail = encode_rows(data[name][max(0, remaining - 1) :], kind)
            if isinstance(kind, Numbers) and isinstance(tail, bytes):
                # another thread may have changed the data meanwhile, and moved the remaining rows
                if overlap and not tail.startswith(self.last_rows.get(name, b"")):
                    return None
                self.last_rows[name] = tail[-kind.stride :]
                tail = tail[overlap * kind.stride :]
            elif tail is not None:
                tail = tail[overlap:]
            else:
                return None
            new_rows[name] = tail
        self.row_count = row_count
        return new_rows


def parse_patch(patch: Iterable[tuple[Any, Any]], row_count: int) -> tuple[list[int], list[Any]] | None:
    """Return the rows that a patch changes, with their values; None if it patches parts of rows."""
    row_indices: list[int] = []
    values: list[Any] = []
    for row_index, value in patch:
        if isinstance(row_index, slice):
            indices = range(*row_index.indices(row_count))
            if len(indices) != len(value):
                return None
            row_indices += indices
            values += value
        elif isinstance(row_index, int):
            row_indices.append(row_index)
            values.append(value)
        else:
            return None
    return row_indices, values


def measure_texts(rows: Rows) -> int:
    """Return the size of the texts in `rows`, in bytes."""
    return sum(len(each) for each in rows if type(each) is str) if isinstance(rows, list) else 0


def encode_rows(values: Any, kind: Column) -> Rows | None:
    """Encode these rows; None if they have another type than the column."""
    if isinstance(kind, Numbers):
        return _encode_numbers(values, kind)
    if isinstance(kind, Value) or isinstance(values, list) != kind.is_list:
        return None
    items = [*values] if isinstance(values, list) else values.tolist()
    has_formulas = any(type(each) is str and TEX_MARKS & {*each} for each in items)
    return items if all(map(is_json_scalar, items)) and not has_formulas else None


def is_json_scalar(value: Any) -> bool:
    """Return True if Bokeh writes the value as plain JSON."""
    kind = type(value)
    if kind is float:
        return isfinite(value)
    return -MAX_EXACT_INTEGER < value < MAX_EXACT_INTEGER if kind is int else kind in SCALAR_TYPES


_parse_dtype = cache(np.dtype)


def _encode_numbers(values: Any, kind: Numbers) -> bytes | None:
    if kind.is_list:
        numbers = pack_list(values) if isinstance(values, list) else None
        if isinstance(numbers, PackedNumbers) and numbers.numbers.dtype == kind.dtype:
            return numbers.numbers.tobytes()
        return None if len(values) else b""
    if (
        type(values) is np.ndarray
        and values.dtype == _parse_dtype(kind.dtype)
        and values.shape[1:] == kind.row_shape
    ):
        return values.tobytes()
    if isinstance(values, list):
        return None
    serialized = Serializer().serialize(values)
    rep = serialized.content
    is_same_kind = rep.get("dtype") == kind.dtype and tuple(rep["shape"][1:]) == kind.row_shape
    return bytes(serialized.buffers[0].data) if is_same_kind and len(serialized.buffers) == 1 else None
