"""Compares two columns by their values, or by the part of an axis that they cover."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ..snapshot import Column, Items, Numbers, Value

MAX_SAMPLE_ROWS = 500
"""Number of rows sampled at each end of a column."""

Extent: TypeAlias = tuple[float, float]
"""The minimum and the maximum of some numbers."""


class Sample:
    """Some values of a column, for comparisons."""

    def __init__(self, column: Column) -> None:
        self._ends = tuple(map(tuple, _list_end_values(column)))
        self._values = frozenset(value for end in self._ends for value in end)
        self._is_value = isinstance(column, Value)
        self._is_index = _is_index(column)

    @property
    def is_distinctive(self) -> bool:
        """True if columns of other plots are unlikely to have these values; false for a row index."""
        return len(self._values) > 2 and not self._is_index

    def is_similar(self, other: Sample) -> bool:
        """Return True if half of the values are the same, in any order."""
        common = len(self._values & other._values)
        return 2 * common >= min(len(self._values), len(other._values)) > 0

    def is_same(self, other: Sample) -> bool:
        """Return True if both are distinctive, and the shorter one begins or ends like the other, since rows
        are added and removed at the ends. Numbers from a small range have the same values in another
        order."""
        if self._is_value or other._is_value:
            return self._ends == other._ends
        (head, tail), (other_head, other_tail) = self._ends, other._ends
        rows = min(len(head), len(other_head))
        is_alike = head[:rows] == other_head[:rows] or tail[-rows:] == other_tail[-rows:]
        return rows > 0 and is_alike and self.is_distinctive and other.is_distinctive


def has_similar_samples(one: Iterable[Sample], other: Sequence[Sample]) -> bool:
    return any(each.is_similar(another) for each in one for another in other)


def measure_extent(column: Column) -> Extent | None:
    """Return the minimum and the maximum of the numbers in a column, if it has any."""
    finite = [each[np.isfinite(each)] for each in _decode_arrays(column) if each.dtype.kind in "iuf"]
    ends = [(float(each.min()), float(each.max())) for each in finite if each.size]
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None


def _decode_arrays(column: Column) -> Iterator[npt.NDArray[Any]]:
    if isinstance(column, Numbers):
        yield np.frombuffer(column.data, column.dtype)
    elif isinstance(column, Value):
        arrays = (placeholder for placeholder in column.placeholders if isinstance(placeholder, bytes))
        for data, dtype in zip(arrays, _ARRAY_DTYPE_PATTERN.findall(column.text), strict=False):
            yield np.frombuffer(data, dtype)


def has_little_overlap(one: Extent | None, other: Extent | None) -> bool:
    """Return True if less than half of the larger range is in the other."""
    if one is None or other is None:
        return False
    common = min(one[1], other[1]) - max(one[0], other[0])
    return 2 * common < max(one[1] - one[0], other[1] - other[0])


def _list_end_values(column: Column) -> Sequence[Iterable[Hashable]]:
    """List values at the beginning and at the end; the whole value for a column without rows."""
    if isinstance(column, Numbers):
        return [end.view_raw_rows().tolist() for end in _cut_ends(column)]
    if isinstance(column, Items):
        values = column.to_list()
        return [map(json.dumps, end) for end in (values[:MAX_SAMPLE_ROWS], values[-MAX_SAMPLE_ROWS:])]
    return [column.placeholders or (column.text,)]


def _cut_ends(column: Numbers) -> tuple[Numbers, Numbers]:
    return column.slice_rows(0, MAX_SAMPLE_ROWS), column.slice_rows(
        max(0, column.row_count - MAX_SAMPLE_ROWS)
    )


def _is_index(column: Column) -> bool:
    """Return True if this only counts the rows, like the index that pandas adds."""
    if not isinstance(column, Numbers) or column.row_shape or column.dtype == "bool":
        return False
    with np.errstate(invalid="ignore"):  # from one infinity to the next
        return all((np.diff(np.array(end.to_list(), float)) == 1).all() for end in _cut_ends(column))


_ARRAY_DTYPE_PATTERN = re.compile(
    r'"array":\{"type":"bytes","data":\{"id":"@@"\}\},"shape":\[[\d,]*\],"dtype":"(\w+)"'
)
"""Matches the dtype of each array in a text, in the order of the placeholders."""
