"""How the columns of a data source became what they are: rows appended, values replaced, columns changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ..snapshot.values import Column, Items, Numbers, Value, json_of, plain_numbers

Columns: TypeAlias = Mapping[str, Column]

CANDIDATES = 16
"""How many places where the first rows of a window are found again are looked at."""
WORTH = 4
"""Rows are told apart when those that changed are at most one in so many, in each column too."""


@dataclass(frozen=True)
class Streamed:
    """Rows appended at the end, and as many dropped in front as are over `rollover`."""

    rows: Columns
    rollover: int | None


@dataclass(frozen=True)
class Patched:
    """By column: the number of a row, and its value as JSON has it."""

    values: Mapping[str, list[tuple[int, Any]]]


@dataclass(frozen=True)
class Changed:
    """Some columns with all of their rows; the others stay."""

    columns: Columns


@dataclass(frozen=True)
class Replaced:
    """All columns: Bokeh has no word for a column taken away."""

    columns: Columns


Change: TypeAlias = Streamed | Patched | Changed | Replaced


def changes(before: Columns, after: Columns) -> list[Change]:
    """What turns one into the other, in order; nothing when they are the same."""
    if before.keys() - after.keys():
        return [Replaced(after)]
    changed = {name: column for name, column in after.items() if not _same(before.get(name), column)}
    if not changed:
        return []
    return _by_rows(before, after) or [Changed(changed)]


def _same(before: Column | None, after: Column) -> bool:
    if isinstance(before, Numbers) and isinstance(after, Numbers):
        known = _kinship(before, after)
        if known is not None:
            return known == (0, ()) and before.rows == after.rows
    return before == after


def _kinship(before: Numbers, after: Numbers) -> tuple[int, tuple[int, ...]] | None:
    """Rows dropped in front and rows given another value, if both are windows on the same column."""
    then, now = before.lineage, after.lineage
    if then is None or now is None or then.source is not now.source:
        return None
    if now.start < then.start or len(now.patched) < len(then.patched):
        return None
    fresh = now.patched[len(then.patched) :]
    return now.start - then.start, tuple(sorted({row - now.start for row in fresh if row >= now.start}))


def _by_rows(before: Columns, after: Columns) -> list[Change]:
    """Rows appended and values replaced, if that is all and much less than the whole."""
    pairs = [(_like(before[name], column), column) for name, column in after.items() if name in before]
    if len(pairs) < len(after):
        return []
    lengths = {(b.rows, a.rows) for b, a in pairs if not isinstance(b, Value) and not isinstance(a, Value)}
    if len(lengths) != 1 or any(isinstance(b, Value) or _kind(b) != _kind(a) for b, a in pairs):
        return []
    ((n, m),) = lengths
    # BokehJS 3.9 and 3.10 leave a typed array too long when the window becomes shorter.
    if m < n or m == 0:
        return []
    windows = [_Window(b, a) for b, a in pairs]
    best: tuple[int, int, list[npt.NDArray[Any]]] | None = None
    for dropped in _candidates(windows, n):
        found = [window.mismatches(dropped, n) for window in windows]
        cost = (m - n + dropped) * len(windows) + sum(map(len, found))
        if best is None or cost < best[0]:
            best = cost, dropped, found
    if best is None:
        return []
    cost, dropped, found = best
    only_appended = dropped == 0 and n > 0 and not any(map(len, found))
    most = max(cost / len(windows), *map(len, found))
    if not only_appended and most * WORTH > m:
        return []
    grown = m - n + dropped
    # rows that are arrays themselves can be neither streamed nor patched
    if any(window.is_deep and (grown or len(rows)) for window, rows in zip(windows, found, strict=True)):
        return []
    steps: list[Change] = []
    if grown:
        rows = {name: _rows(column, n - dropped) for name, column in after.items()}
        steps.append(Streamed(rows, m if dropped else None))
    values = {
        name: list(zip(rows.tolist(), _values(after[name], rows), strict=True))
        for name, rows in zip(after, found, strict=True)
        if len(rows)
    }
    return [*steps, Patched(values)] if values else steps


def _like(before: Column, after: Column) -> Column:
    """An empty list may become a list of anything."""
    if isinstance(before, Items) and before.listed and before.rows == 0 and isinstance(after, Numbers):
        return Numbers(b"", after.dtype, after.row, listed=True) if after.listed else before
    return before


def _kind(column: Column) -> object:
    if isinstance(column, Numbers):
        return column.dtype, column.row, column.listed
    return type(column), isinstance(column, Items) and column.listed


def _rows(column: Column, start: int) -> Column:
    assert not isinstance(column, Value)
    return column.cut(start)


def _values(column: Column, rows: npt.NDArray[Any]) -> list[Any]:
    if isinstance(column, Numbers):
        return plain_numbers(column.values(rows))
    assert isinstance(column, Items)
    values = column.values()
    return [values[row] for row in rows]


class _Window:
    """Two states of one column, to be laid over each other. Lives for one comparison."""

    def __init__(self, before: Column, after: Column) -> None:
        assert not isinstance(before, Value)
        assert not isinstance(after, Value)
        self.kinship = (
            _kinship(before, after) if isinstance(before, Numbers) and isinstance(after, Numbers) else None
        )
        self.is_text = isinstance(after, Items)
        self.is_deep = isinstance(after, Numbers) and after.row != ()
        self._same_text = isinstance(before, Items) and before == after
        self._columns = before, after
        self._read: tuple[npt.NDArray[Any], npt.NDArray[Any]] | None = None

    @property
    def before(self) -> npt.NDArray[Any]:
        return self._words()[0]

    @property
    def after(self) -> npt.NDArray[Any]:
        return self._words()[1]

    def mismatches(self, dropped: int, n: int) -> npt.NDArray[Any]:
        """The rows that differ, of those that both have when so many are dropped in front."""
        if self.kinship is not None:
            kept = n - dropped
            return np.array([row for row in self.kinship[1] if row < kept], np.int64)
        if self._same_text and dropped == 0:
            return np.array([], np.int64)
        return np.flatnonzero(self.before[dropped:] != self.after[: n - dropped])

    def _words(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        if self._read is None:
            before, after = self._columns
            self._read = _words(before), _words(after)
        return self._read


def _words(column: Column) -> npt.NDArray[Any]:
    if isinstance(column, Numbers):
        return column.words()
    assert isinstance(column, Items)
    # a text is told from a number, and 1 from True
    words = [each if isinstance(each, str) else f"\0{json_of(each)}" for each in column.values()]
    return np.array(words, object)


def _candidates(windows: Iterable[_Window], n: int) -> list[int]:
    """How many rows may have been dropped in front, fewest first."""
    windows = list(windows)
    known = {window.kinship[0] for window in windows if window.kinship is not None}
    if known:
        return [dropped for dropped in known if len(known) == 1 and dropped <= n]
    if n < 2:
        return [0]
    again = np.ones(n, bool)
    for window in sorted(windows, key=lambda each: each.is_text):  # texts have to be read for it
        again &= window.before == window.after[0]
        again[:-1] &= window.before[1:] == window.after[1]
        again[0] = True
        if not again[1:].any():
            return [0]
    return [int(row) for row in np.flatnonzero(again)[: CANDIDATES + 1]]
