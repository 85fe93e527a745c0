"""What an app's viewer does to the columns of a data source, done to copies.

A column can be the author's own array or list: Bokeh makes no copy of what a function puts into a source, and
changes it in place when a viewer moves a point or edits a cell. So the column that is about to be changed
becomes a copy first, each time, as the author may have taken hold of it since. That costs two of a column.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableSequence
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource

from .. import limits
from .errors import Refused

Columns = dict[str, Any]


def patched(data: Mapping[str, Any], patches: Any) -> Columns:
    """Copies of the columns that these patches change, and can change without an error. Raises `Refused`."""
    if not isinstance(patches, dict) or not patches.keys() <= data.keys():
        raise Refused("a viewer changes rows of columns that there are not")
    for name, patch in patches.items():
        column = _copied(data[name], patch)
        try:
            with np.errstate(all="raise"):  # a warning would be printed into the author's cell
                for where, value in patch:
                    _change(column, where, value)
        except Refused:
            raise
        except Exception as error:
            raise Refused("a viewer changes rows to what they can't be") from error
    return {name: _copied(data[name], patch) for name, patch in patches.items()}


def streamed(data: Mapping[str, Any], new: Any, rollover: Any) -> tuple[Columns, Columns]:
    """Copies of the columns that rows are added to, and those rows, fit for them. Raises `Refused`."""
    if not isinstance(new, dict) or (data and new.keys() != data.keys()):
        raise Refused("a viewer adds rows to columns that there are not")
    if rollover is not None and (type(rollover) is not int or rollover < 0):
        raise Refused("a viewer adds rows and keeps a number that is none")
    if not even(new):
        raise Refused("a viewer adds rows to some columns only")
    if not data:
        return {}, new
    fit = {name: _fit(data[name], rows) for name, rows in new.items()}
    return {
        name: list(each) if isinstance(each, MutableSequence) else each for name, each in data.items()
    }, fit


def even(data: Any) -> bool:
    """Whether these can be the columns of a source: Bokeh prints a warning of several lengths."""
    if not isinstance(data, dict) or not all(isinstance(name, str) for name in data):
        return False
    if any(isinstance(each, str | bytes | dict) or not hasattr(each, "__len__") for each in data.values()):
        return False
    if any(isinstance(each, np.ndarray) and not each.ndim for each in data.values()):
        return False
    return len({len(each) for each in data.values()}) <= 1


def put(source: ColumnDataSource, columns: Columns) -> None:
    """Let the source have these columns, which are as its own: nobody is told."""
    for name, column in columns.items():
        dict.__setitem__(source.data, name, column)


def _copied(column: Any, patch: Any) -> Any:
    """A column that can be changed, with the arrays in it that are changed in parts."""
    if not isinstance(patch, list) or not all(
        isinstance(each, list | tuple) and len(each) == 2 for each in patch
    ):
        raise Refused("a viewer changes rows of columns that there are not")
    result = list(column) if isinstance(column, tuple | range) else copy.copy(column)
    rows = [where[0] for where, _ in patch if isinstance(where, list | tuple) and where]
    for row in {row for row in rows if _is_row(row, column)}:
        result[row] = np.array(result[row])
    return result


def _is_row(where: Any, column: Any) -> bool:
    return type(where) is int and 0 <= where < len(column)


def _change(column: Any, where: Any, value: Any) -> None:
    """As Bokeh does it, but for what changes the length or asks for an element that there is not."""
    if isinstance(where, slice):
        rows = _rows(where, len(column))
        if not hasattr(value, "__len__") or isinstance(value, str) or len(value) != len(rows):
            raise Refused("a viewer changes rows to what they can't be")
        column[where] = value
    elif isinstance(where, list | tuple):
        if len(where) < 2 or not _is_row(where[0], column):
            raise Refused("a viewer changes rows that there are not")
        part = column[where[0]][tuple(where[1:])]
        column[where[0]][tuple(where[1:])] = np.asarray(value).reshape(part.shape)
    elif _is_row(where, column):
        if (
            isinstance(column, np.ndarray)
            and column.dtype != object
            and isinstance(value, list | dict | np.ndarray)
        ):
            raise Refused("a viewer changes rows to what they can't be")
        column[where] = value
    else:
        raise Refused("a viewer changes rows that there are not")


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
