"""Applies a viewer's changes of a data source's columns to copies of the columns.

A column can be the author's own array or list: Bokeh does not copy what a function puts into a source, and
changes it in place when a viewer moves a point or edits a cell. So each message first replaces the columns
that it changes by copies, since the author may have kept references since the last message. Bokeh then
applies the same change to the copy again, which has no effect, and calls the author's callbacks.
"""

from __future__ import annotations

import copy
import operator
import sys
from collections.abc import Callable, Mapping, MutableSequence
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource

from ... import limits
from ...wire import CloseCode
from .errors import MessageError

ColumnValues = dict[str, Any]


class CopyOnWriteColumns:
    """The copies that were made for one message, while it is applied.

    Each column is copied when the message first changes it, and again only if there are new references to the
    copy: the author's callbacks run between the changes, and values that they store stay unchanged.
    """

    def __init__(self) -> None:
        self._copied_bytes = 0
        self._copies: dict[tuple[Any, ...], tuple[Any, int]] = {}
        """Each copy and its number of references then, by source and column, and by row if that is an
        array."""

    def patch(self, source: ColumnDataSource, patches: Any) -> None:
        """Replace the columns by copies with these patches applied, without calling callbacks.

        Raises `MessageError` if a patch cannot be applied; then nothing has changed.
        """
        if not isinstance(patches, dict) or not patches.keys() <= source.data.keys():
            raise MessageError("app message changes rows of unknown columns")
        undo_steps: list[Callable[[], None]] = []
        try:
            with np.errstate(all="raise"):  # a warning would be printed into the author's cell
                for name, patch in patches.items():
                    self._patch_column(source, name, _check_patch_pairs(patch), undo_steps)
        except Exception as error:
            for undo in reversed(undo_steps):
                undo()
            if isinstance(error, MessageError):
                raise
            raise MessageError("app message changes rows to invalid values") from error

    def stream(self, source: ColumnDataSource, new: Any, rollover: Any) -> ColumnValues:
        """Replace the columns that Bokeh extends by copies. Return the new rows, converted for them.

        Raises `MessageError`.
        """
        fitted_rows = fit_rows(source.data, new, rollover)
        for name in [*source.data]:
            if isinstance(source.data[name], MutableSequence):
                self._copy_column(source, name)
            else:  # Bokeh makes a new one, with the new rows
                self._copied_bytes += measure_column_size(source.data[name])
        return fitted_rows

    def take_copied_bytes(self) -> int:
        """Return the approximate number of bytes that were copied since the last call."""
        copied_bytes, self._copied_bytes = self._copied_bytes, 0
        return copied_bytes

    def _patch_column(
        self, source: ColumnDataSource, name: str, patch: list[Any], undo_steps: list[Callable[[], None]]
    ) -> None:
        self._copy_column(source, name)
        column, copied_rows = source.data[name], set()
        for index, value in patch:
            if isinstance(index, list | tuple) and index and _is_row_index(index[0], column):
                if index[0] not in copied_rows:
                    self._copy_row(source, name, index[0])
                copied_rows.add(index[0])
            _set_cells(column, index, value, undo_steps)

    def _copy_column(self, source: ColumnDataSource, name: str) -> None:
        if not self._is_own_copy((source, name), lambda: source.data[name]):
            column = source.data[name]
            copied = list(column) if isinstance(column, tuple | range) else copy.copy(column)
            dict.__setitem__(source.data, name, copied)
            self._add_copy((source, name), copied)
            del column, copied
            self._count_references((source, name))

    def _copy_row(self, source: ColumnDataSource, name: str, row: int) -> None:
        """Copy a row that is an array and is changed in part; rows of an array of arrays are part of it."""
        column: Any = source.data[name]
        if isinstance(column, np.ndarray) and column.dtype != object:
            return
        if not self._is_own_copy((source, name, row), lambda: column[row]):
            copied = np.array(column[row])
            column[row] = copied
            self._add_copy((source, name, row), copied)
            del copied
            self._count_references((source, name, row))

    def _is_own_copy(self, key: tuple[Any, ...], get_current: Callable[[], Any]) -> bool:
        """Return True if this is the copy that was made, and there are no other references to it or a part of
        it."""
        if key not in self._copies or self._copies[key][0] is not get_current():
            return False
        return sys.getrefcount(self._copies[key][0]) <= self._copies[key][1]

    def _add_copy(self, key: tuple[Any, ...], copied: Any) -> None:
        self._copies[key] = copied, 0
        self._copied_bytes += measure_column_size(copied)

    def _count_references(self, key: tuple[Any, ...]) -> None:
        """Count the references while only the source and this object refer to the copy."""
        references = sys.getrefcount(self._copies[key][0])  # before the tuple exists, which counts too
        self._copies[key] = self._copies[key][0], references


def fit_rows(data: Mapping[str, Any], new: Any, rollover: Any) -> ColumnValues:
    """Convert rows that are added to these columns. Raises `MessageError`."""
    if not isinstance(new, dict) or (data and new.keys() != data.keys()):
        raise MessageError("app message adds rows to unknown columns")
    if rollover is not None and (type(rollover) is not int or rollover < 0):
        raise MessageError("app message adds rows with an invalid rollover")
    if not has_equal_lengths(new):
        raise MessageError("app message adds rows to some columns only")
    return {name: _convert_rows(data[name], rows) for name, rows in new.items()} if data else new


def has_equal_lengths(data: Any) -> bool:
    """Return True if all columns have the same length; otherwise Bokeh would print a warning."""
    if not isinstance(data, dict) or not all(isinstance(name, str) for name in data):
        return False
    if any(isinstance(each, str | bytes | dict) or not hasattr(each, "__len__") for each in data.values()):
        return False
    if any(isinstance(each, np.ndarray) and not each.ndim for each in data.values()):
        return False
    return len({len(each) for each in data.values()}) <= 1


def measure_column_size(column: Any) -> int:
    """Measure the approximate size of a column in bytes."""
    return int(getattr(column, "nbytes", 8 * len(column)))


def _check_patch_pairs(patch: Any) -> list[Any]:
    """Check the pairs of index and new value of a patch."""
    if not isinstance(patch, list) or not all(
        isinstance(each, list | tuple) and len(each) == 2 for each in patch
    ):
        raise MessageError("app message changes rows of unknown columns")
    return patch


def _is_row_index(index: Any, column: Any) -> bool:
    return type(index) is int and 0 <= index < len(column)


def _set_cells(column: Any, index: Any, value: Any, undo_steps: list[Callable[[], None]]) -> None:
    """Set cells as Bokeh does, but refuse changes of the length and missing elements.

    A function that reverts the change is added to `undo_steps`.
    """
    if isinstance(index, slice):
        rows = _resolve_slice(index, len(column))
        if not hasattr(value, "__len__") or isinstance(value, str) or len(value) != len(rows):
            raise MessageError("app message changes rows to invalid values")
        key: Any = index
    elif isinstance(index, list | tuple):
        if len(index) < 2 or not _is_row_index(index[0], column):
            raise MessageError("app message changes unknown rows")
        column, key = column[index[0]], tuple(index[1:])
        value = np.asarray(value).reshape(column[key].shape)
    elif _is_row_index(index, column):
        if (
            isinstance(column, np.ndarray)
            and column.dtype != object
            and isinstance(value, list | dict | np.ndarray)
        ):
            raise MessageError("app message changes rows to invalid values")
        key = index
    else:
        raise MessageError("app message changes unknown rows")
    previous = column[key]
    if isinstance(previous, np.ndarray) and isinstance(column, np.ndarray) and previous.base is not None:
        previous = previous.copy()  # of a view
    undo_steps.append(lambda: operator.setitem(column, key, previous))
    column[key] = value


def _resolve_slice(index: slice, length: int) -> range:
    limits_and_step = (index.start, index.stop, index.step)
    if (
        not all(each is None or (type(each) is int and each >= 0) for each in limits_and_step)
        or index.step == 0
    ):
        raise MessageError("app message changes unknown rows")
    stop = length if index.stop is None else index.stop
    if not (index.start or 0) <= stop <= length:
        raise MessageError("app message changes unknown rows")
    return range(length)[index]


def _convert_rows(column: Any, rows: Any) -> Any:
    """Convert rows for the column. With a single text, numpy would convert the whole column to texts."""
    if not isinstance(column, np.ndarray):
        return rows.tolist() if isinstance(rows, np.ndarray) else list(rows)
    if column.ndim != 1:
        raise MessageError("app message adds rows to a column of arrays")
    entries = rows.tolist() if isinstance(rows, np.ndarray) else list(rows)
    if any(isinstance(each, list | tuple | dict | np.ndarray) for each in entries):
        raise MessageError("app message adds arrays to a column of values")
    kind = column.dtype.kind
    if kind == "U":
        if not all(isinstance(each, str) for each in entries):
            raise MessageError("app message adds non-texts to a column of texts")
        longest = max([column.dtype.itemsize, *(4 * len(each) for each in entries)])
        if longest * (len(column) + len(entries)) > limits.MAX_APP_MESSAGE_BYTES:
            raise MessageError("app message adds texts that are too long", CloseCode.MESSAGE_TOO_BIG)
        return np.array(entries, dtype=str)
    if kind == "O":
        result = np.empty(len(entries), dtype=object)
        result[:] = entries
        return result
    if kind not in "biuf" or not all(isinstance(each, int | float) for each in entries):
        raise MessageError("app message adds non-numbers to a column of numbers")
    return np.array(entries, dtype=float) if isinstance(rows, list) else np.asarray(rows)
