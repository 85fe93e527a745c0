"""What an app's viewer does to the columns of a data source, done to copies.

A column can be the author's own array or list: Bokeh makes no copy of what a function puts into a source, and
changes it in place when a viewer moves a point or edits a cell. So the column that is about to be changed
becomes a copy first, in each message, as the author may have taken hold of it since. Bokeh then does the same
to the copy once more, which changes nothing, and tells the author's callbacks.
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
from ..errors import Refused

Columns = dict[str, Any]


class Copies:
    """The copies that one message has had made, for as long as it is applied.

    Each column is copied when the message first changes it, and once more only where somebody has taken hold
    of the copy since: the author's callbacks run between the changes, and what they keep stays as it is.
    """

    def __init__(self) -> None:
        self.size = 0
        """Bytes that were copied, about."""
        self._made: dict[tuple[Any, ...], tuple[Any, int]] = {}
        """By source and column, and row where that is an array: a copy, and how many had hold of it then."""

    def patch(self, source: ColumnDataSource, patches: Any) -> None:
        """Change copies of the columns, which become the source's, as these patches say: nobody is told.

        Raises `Refused`, for what cannot be changed, and then nothing has.
        """
        if not isinstance(patches, dict) or not patches.keys() <= source.data.keys():
            raise Refused("a viewer changes rows of columns that there are not")
        former: list[Callable[[], None]] = []
        try:
            with np.errstate(all="raise"):  # a warning would be printed into the author's cell
                for name, patch in patches.items():
                    self._patch(source, name, _pairs(patch), former)
        except Exception as error:
            for restore in reversed(former):
                restore()
            if isinstance(error, Refused):
                raise
            raise Refused("a viewer changes rows to what they can't be") from error

    def stream(self, source: ColumnDataSource, new: Any, rollover: Any) -> Columns:
        """Let the source have copies of the columns that Bokeh adds to. Gives the rows, fit for them.

        Raises `Refused`.
        """
        fit = fitted(source.data, new, rollover)
        for name in [*source.data]:
            if isinstance(source.data[name], MutableSequence):
                self._own(source, name)
            else:  # Bokeh makes another, with the new rows
                self.size += size_of(source.data[name])
        return fit

    def _patch(
        self, source: ColumnDataSource, name: str, patch: list[Any], former: list[Callable[[], None]]
    ) -> None:
        self._own(source, name)
        column, own = source.data[name], set()
        for where, value in patch:
            if isinstance(where, list | tuple) and where and _is_row(where[0], column):
                if where[0] not in own:
                    self._own_row(source, name, where[0])
                own.add(where[0])
            _change(column, where, value, former)

    def _own(self, source: ColumnDataSource, name: str) -> None:
        if not self._is_ours((source, name), lambda: source.data[name]):
            column = source.data[name]
            copied = list(column) if isinstance(column, tuple | range) else copy.copy(column)
            dict.__setitem__(source.data, name, copied)
            self._keep((source, name), copied)
            del column, copied
            self._count((source, name))

    def _own_row(self, source: ColumnDataSource, name: str, row: int) -> None:
        """A row that is an array, changed in parts; those of an array of arrays are parts of it."""
        column: Any = source.data[name]
        if isinstance(column, np.ndarray) and column.dtype != object:
            return
        if not self._is_ours((source, name, row), lambda: column[row]):
            copied = np.array(column[row])
            column[row] = copied
            self._keep((source, name, row), copied)
            del copied
            self._count((source, name, row))

    def _is_ours(self, key: tuple[Any, ...], now: Callable[[], Any]) -> bool:
        """Whether this is the copy that was made, and nobody else has hold of it or of a part of it."""
        if key not in self._made or self._made[key][0] is not now():
            return False
        return sys.getrefcount(self._made[key][0]) <= self._made[key][1]

    def _keep(self, key: tuple[Any, ...], copied: Any) -> None:
        self._made[key] = copied, 0
        self.size += size_of(copied)

    def _count(self, key: tuple[Any, ...]) -> None:
        """When nothing else has hold of it but the source and this."""
        holders = sys.getrefcount(self._made[key][0])  # first, as a tuple that is being made is one more
        self._made[key] = self._made[key][0], holders


def fitted(data: Mapping[str, Any], new: Any, rollover: Any) -> Columns:
    """The rows that are added to these columns, fit for them. Raises `Refused`."""
    if not isinstance(new, dict) or (data and new.keys() != data.keys()):
        raise Refused("a viewer adds rows to columns that there are not")
    if rollover is not None and (type(rollover) is not int or rollover < 0):
        raise Refused("a viewer adds rows and keeps a number that is none")
    if not even(new):
        raise Refused("a viewer adds rows to some columns only")
    return {name: _fit(data[name], rows) for name, rows in new.items()} if data else new


def even(data: Any) -> bool:
    """Whether these can be the columns of a source: Bokeh prints a warning of several lengths."""
    if not isinstance(data, dict) or not all(isinstance(name, str) for name in data):
        return False
    if any(isinstance(each, str | bytes | dict) or not hasattr(each, "__len__") for each in data.values()):
        return False
    if any(isinstance(each, np.ndarray) and not each.ndim for each in data.values()):
        return False
    return len({len(each) for each in data.values()}) <= 1


def size_of(column: Any) -> int:
    """Bytes that a column takes, about."""
    return int(getattr(column, "nbytes", 8 * len(column)))


def _pairs(patch: Any) -> list[Any]:
    """Where, and what is there now."""
    if not isinstance(patch, list) or not all(
        isinstance(each, list | tuple) and len(each) == 2 for each in patch
    ):
        raise Refused("a viewer changes rows of columns that there are not")
    return patch


def _is_row(where: Any, column: Any) -> bool:
    return type(where) is int and 0 <= where < len(column)


def _change(column: Any, where: Any, value: Any, former: list[Callable[[], None]]) -> None:
    """As Bokeh does it, but for what changes the length or asks for an element that there is not.

    What takes it back is added to `former`.
    """
    if isinstance(where, slice):
        rows = _rows(where, len(column))
        if not hasattr(value, "__len__") or isinstance(value, str) or len(value) != len(rows):
            raise Refused("a viewer changes rows to what they can't be")
        place: Any = where
    elif isinstance(where, list | tuple):
        if len(where) < 2 or not _is_row(where[0], column):
            raise Refused("a viewer changes rows that there are not")
        column, place = column[where[0]], tuple(where[1:])
        value = np.asarray(value).reshape(column[place].shape)
    elif _is_row(where, column):
        if (
            isinstance(column, np.ndarray)
            and column.dtype != object
            and isinstance(value, list | dict | np.ndarray)
        ):
            raise Refused("a viewer changes rows to what they can't be")
        place = where
    else:
        raise Refused("a viewer changes rows that there are not")
    before = column[place]
    if isinstance(before, np.ndarray) and isinstance(column, np.ndarray) and before.base is not None:
        before = before.copy()  # of a view
    former.append(lambda: operator.setitem(column, place, before))
    column[place] = value


def _rows(where: slice, length: int) -> range:
    given = (where.start, where.stop, where.step)
    if not all(each is None or (type(each) is int and each >= 0) for each in given) or where.step == 0:
        raise Refused("a viewer changes rows that there are not")
    stop = length if where.stop is None else where.stop
    if not (where.start or 0) <= stop <= length:
        raise Refused("a viewer changes rows that there are not")
    return range(length)[where]


def _fit(column: Any, rows: Any) -> Any:
    """The rows as the column can take them; for one text, numpy would make texts of all of it."""
    if not isinstance(column, np.ndarray):
        return rows.tolist() if isinstance(rows, np.ndarray) else list(rows)
    if column.ndim != 1:
        raise Refused("a viewer adds rows to a column of arrays")
    entries = rows.tolist() if isinstance(rows, np.ndarray) else list(rows)
    if any(isinstance(each, list | tuple | dict | np.ndarray) for each in entries):
        raise Refused("a viewer adds arrays to a column of values")
    kind = column.dtype.kind
    if kind == "U":
        if not all(isinstance(each, str) for each in entries):
            raise Refused("a viewer adds to a column of texts what is none")
        longest = max([column.dtype.itemsize, *(4 * len(each) for each in entries)])
        if longest * (len(column) + len(entries)) > limits.APP_MESSAGE:
            raise Refused("a viewer adds texts that are too long", 1009)
        return np.array(entries, dtype=str)
    if kind == "O":
        result = np.empty(len(entries), dtype=object)
        result[:] = entries
        return result
    if kind not in "biuf" or not all(isinstance(each, int | float) for each in entries):
        raise Refused("a viewer adds to a column of numbers what is none")
    return np.array(entries, dtype=float) if isinstance(rows, list) else np.asarray(rows)
