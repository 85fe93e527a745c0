"""Compares the columns of a data source: rows appended, values replaced, columns changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ..snapshot import Column, Items, Numbers, Value, encode_json, to_json_numbers

ColumnsByName: TypeAlias = Mapping[str, Column]

MAX_WINDOW_CANDIDATES = 16
"""Maximum number of positions tried at which a window's first rows may occur."""
MIN_ROWS_PER_CHANGE = 4
"""Single rows are patched if at most one in this many rows changed, also in each column."""


@dataclass(frozen=True)
class StreamedRows:
    """Rows appended at the end; rows beyond `rollover` are dropped at the start."""

    rows: ColumnsByName
    rollover: int | None


@dataclass(frozen=True)
class PatchedRows:
    """Row numbers and their values as in JSON, by column."""

    values: Mapping[str, list[tuple[int, Any]]]


@dataclass(frozen=True)
class ChangedColumns:
    """Some columns with all of their rows; the others are unchanged."""

    columns: ColumnsByName


@dataclass(frozen=True)
class ReplacedColumns:
    """All columns: Bokeh has no event for a removed column."""

    columns: ColumnsByName


ColumnChange: TypeAlias = StreamedRows | PatchedRows | ChangedColumns | ReplacedColumns


def diff_columns(before: ColumnsByName, after: ColumnsByName) -> list[ColumnChange]:
    """Return the changes from `before` to `after`, in order; empty if they are the same."""
    if before.keys() - after.keys():
        return [ReplacedColumns(after)]
    changed = {
        name: column for name, column in after.items() if not _is_same_column(before.get(name), column)
    }
    if not changed:
        return []
    return _diff_rows(before, after) or [ChangedColumns(changed)]


def _is_same_column(before: Column | None, after: Column) -> bool:
    if isinstance(before, Numbers) and isinstance(after, Numbers):
        lineage_change = _diff_lineage(before, after)
        if lineage_change is not None:
            return lineage_change == (0, ()) and before.row_count == after.row_count
    return before == after


def _diff_lineage(before: Numbers, after: Numbers) -> tuple[int, tuple[int, ...]] | None:
    """Return the number of rows dropped at the start, and the patched rows, if both share a lineage."""
    then, now = before.lineage, after.lineage
    if then is None or now is None or then.source is not now.source:
        return None
    if now.first_row < then.first_row or len(now.patched_rows) < len(then.patched_rows):
        return None
    new_patches = now.patched_rows[len(then.patched_rows) :]
    return now.first_row - then.first_row, tuple(
        sorted({row - now.first_row for row in new_patches if row >= now.first_row})
    )


def _diff_rows(before: ColumnsByName, after: ColumnsByName) -> list[ColumnChange]:
    """Return appended rows and replaced values, if nothing else changed and they are a small part."""
    pairs = [
        (_adapt_empty_list(before[name], column), column) for name, column in after.items() if name in before
    ]
    if len(pairs) < len(after):
        return []
    lengths = {
        (b.row_count, a.row_count) for b, a in pairs if not isinstance(b, Value) and not isinstance(a, Value)
    }
    if len(lengths) != 1 or any(
        isinstance(b, Value) or _get_column_type(b) != _get_column_type(a) for b, a in pairs
    ):
        return []
    ((former_rows, new_rows),) = lengths
    # BokehJS 3.9 and 3.10 leave a typed array too long when the window becomes shorter.
    if new_rows < former_rows or new_rows == 0:
        return []
    column_pairs = [_ColumnPair(b, a) for b, a in pairs]
    best = _find_cheapest_drop(column_pairs, former_rows, new_rows)
    if best is None:
        return []
    cost, drop_count, mismatches = best
    is_only_appended = drop_count == 0 and former_rows > 0 and not any(map(len, mismatches))
    max_changed = max(cost / len(column_pairs), *map(len, mismatches))
    if not is_only_appended and max_changed * MIN_ROWS_PER_CHANGE > new_rows:
        return []
    append_count = new_rows - former_rows + drop_count
    # rows that are arrays themselves can be neither streamed nor patched
    if any(
        column_pair.has_array_rows and (append_count or len(rows))
        for column_pair, rows in zip(column_pairs, mismatches, strict=True)
    ):
        return []
    steps: list[ColumnChange] = []
    if append_count:
        rows = {name: _cut_rows(column, former_rows - drop_count) for name, column in after.items()}
        steps.append(StreamedRows(rows, new_rows if drop_count else None))
    values = {
        name: list(zip(rows.tolist(), _list_row_values(after[name], rows), strict=True))
        for name, rows in zip(after, mismatches, strict=True)
        if len(rows)
    }
    return [*steps, PatchedRows(values)] if values else steps


def _find_cheapest_drop(
    column_pairs: Sequence[_ColumnPair], former_rows: int, new_rows: int
) -> tuple[int, int, list[npt.NDArray[Any]]] | None:
    """Find the number of rows dropped at the start for which the fewest values have to be sent.

    Returns the number of values, the number of dropped rows, and then the rows that differ, by column.
    """
    best: tuple[int, int, list[npt.NDArray[Any]]] | None = None
    for drop_count in _list_drop_counts(column_pairs, former_rows):
        mismatches = [column_pair.find_mismatches(drop_count, former_rows) for column_pair in column_pairs]
        cost = (new_rows - former_rows + drop_count) * len(column_pairs) + sum(map(len, mismatches))
        if best is None or cost < best[0]:
            best = cost, drop_count, mismatches
    return best


def _adapt_empty_list(before: Column, after: Column) -> Column:
    """Return `before`; an empty list becomes one of numbers if `after` has numbers."""
    if isinstance(before, Items) and before.is_list and before.row_count == 0 and isinstance(after, Numbers):
        return Numbers(b"", after.dtype, after.row_shape, is_list=True) if after.is_list else before
    return before


def _get_column_type(column: Column) -> object:
    if isinstance(column, Numbers):
        return column.dtype, column.row_shape, column.is_list
    return type(column), isinstance(column, Items) and column.is_list


def _cut_rows(column: Column, start: int) -> Column:
    assert not isinstance(column, Value)
    return column.slice_rows(start)


def _list_row_values(column: Column, rows: npt.NDArray[Any]) -> list[Any]:
    if isinstance(column, Numbers):
        return to_json_numbers(column.to_list(rows))
    assert isinstance(column, Items)
    values = column.to_list()
    return [values[row] for row in rows]


class _ColumnPair:
    """Two states of one column, to be compared row by row. Exists for one comparison."""

    def __init__(self, before: Column, after: Column) -> None:
        assert not isinstance(before, Value)
        assert not isinstance(after, Value)
        self.lineage_change = (
            _diff_lineage(before, after)
            if isinstance(before, Numbers) and isinstance(after, Numbers)
            else None
        )
        self.is_text = isinstance(after, Items)
        self.has_array_rows = isinstance(after, Numbers) and after.row_shape != ()
        self._is_same_text = isinstance(before, Items) and before == after
        self._columns = before, after
        self._row_keys: tuple[npt.NDArray[Any], npt.NDArray[Any]] | None = None

    @property
    def before(self) -> npt.NDArray[Any]:
        return self._load_row_keys()[0]

    @property
    def after(self) -> npt.NDArray[Any]:
        return self._load_row_keys()[1]

    def find_mismatches(self, drop_count: int, former_rows: int) -> npt.NDArray[Any]:
        """Find the rows that differ after `drop_count` rows were dropped at the start."""
        if self.lineage_change is not None:
            common_rows = former_rows - drop_count
            return np.array([row for row in self.lineage_change[1] if row < common_rows], np.int64)
        if self._is_same_text and drop_count == 0:
            return np.array([], np.int64)
        return np.flatnonzero(self.before[drop_count:] != self.after[: former_rows - drop_count])

    def _load_row_keys(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        if self._row_keys is None:
            before, after = self._columns
            self._row_keys = _build_row_keys(before), _build_row_keys(after)
        return self._row_keys


def _build_row_keys(column: Column) -> npt.NDArray[Any]:
    if isinstance(column, Numbers):
        return column.view_raw_rows()
    assert isinstance(column, Items)
    # distinguishes a text from a number, and 1 from True
    keys = [each if isinstance(each, str) else f"\0{encode_json(each)}" for each in column.to_list()]
    return np.array(keys, object)


def _list_drop_counts(column_pairs: Iterable[_ColumnPair], former_rows: int) -> list[int]:
    """List the possible numbers of rows dropped at the start, smallest first."""
    column_pairs = list(column_pairs)
    lineage_drop_counts = {
        column_pair.lineage_change[0]
        for column_pair in column_pairs
        if column_pair.lineage_change is not None
    }
    if lineage_drop_counts:
        return [
            drop_count
            for drop_count in lineage_drop_counts
            if len(lineage_drop_counts) == 1 and drop_count <= former_rows
        ]
    if former_rows < 2:
        return [0]
    is_candidate = np.ones(former_rows, bool)
    for column_pair in sorted(column_pairs, key=lambda each: each.is_text):  # texts are slower
        is_candidate &= column_pair.before == column_pair.after[0]
        is_candidate[:-1] &= column_pair.before[1:] == column_pair.after[1]
        is_candidate[0] = True
        if not is_candidate[1:].any():
            return [0]
    return [int(row) for row in np.flatnonzero(is_candidate)[: MAX_WINDOW_CANDIDATES + 1]]
