"""The values of properties and columns, as immutable plain data."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from math import isfinite, prod
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

PLACEHOLDER = '{"id":"@@"}'
"""A placeholder for a model or an array in a text. Its quotes cannot occur inside a JSON string."""


@dataclass(frozen=True, slots=True)
class Value:
    """JSON text as Bokeh writes it, so that `1` differs from `True` and `0.0` from `-0.0`."""

    text: str
    placeholders: tuple[int | bytes, ...] = ()
    """The node index of a model, or the bytes of an array, for each `PLACEHOLDER` in the text."""

    @property
    def refs(self) -> tuple[int, ...]:
        return tuple(placeholder for placeholder in self.placeholders if isinstance(placeholder, int))

    @property
    def size(self) -> int:
        return len(self.text) + sum(
            len(placeholder) for placeholder in self.placeholders if isinstance(placeholder, bytes)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Lineage:
    """Records which rows a streamed and patched column shares with its former states.

    Two columns of one `source` are windows on the same endless column, so they can be compared without
    reading their rows.
    """

    source: object
    first_row: int = 0
    """The number of the first row in the endless column."""
    patched_rows: tuple[int, ...] = ()
    """The rows of the endless column that were patched, in the order of the patches."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers, row after row as bytes."""

    data: bytes
    dtype: str
    """The type, as numpy and Bokeh name it."""
    row_shape: tuple[int, ...] = ()
    """The shape of one row."""
    is_list: bool = False
    """True if the author and BokehJS have a list, not an array."""
    lineage: Lineage | None = field(default=None, compare=False)

    @property
    def stride(self) -> int:
        """The number of bytes of one row."""
        return _measure_stride(self.dtype, self.row_shape)

    @property
    def row_count(self) -> int:
        return len(self.data) // self.stride

    @property
    def size(self) -> int:
        """Approximate number of bytes that a viewer receives: a number in a list is written out."""
        return len(self.data) * (9 if self.is_list else 4) // 4

    def view_raw_rows(self) -> npt.NDArray[Any]:
        """Return the rows as raw bytes that can be compared: a NaN equals itself."""
        kind = np.dtype(f"u{self.stride}") if self.stride in (1, 2, 4, 8) else np.dtype(f"V{self.stride}")
        return np.frombuffer(self.data, kind)

    def to_list(self, rows: Any = slice(None)) -> list[Any]:
        """Return these rows as plain values."""
        items: list[Any] = np.frombuffer(self.data, self.dtype).reshape(-1, *self.row_shape)[rows].tolist()
        return items

    def slice_rows(self, start: int, stop: int | None = None) -> Numbers:
        stop = self.row_count if stop is None else stop
        data = self.data[start * self.stride : stop * self.stride]
        return Numbers(data, self.dtype, self.row_shape, self.is_list)

    def to_value(self) -> Value:
        if self.is_list:
            return Value(encode_json(to_json_numbers(self.to_list())))
        shape = ",".join(map(str, (self.row_count, *self.row_shape)))
        text = (
            f'{{"type":"ndarray","array":{{"type":"bytes","data":{PLACEHOLDER}}},"shape":[{shape}],'
            f'"dtype":"{self.dtype}","order":"{sys.byteorder}"}}'
        )
        return Value(text, (self.data,))


@cache
def _measure_stride(dtype: str, row: tuple[int, ...]) -> int:
    return np.dtype(dtype).itemsize * prod(row)


@dataclass(frozen=True, slots=True)
class Items:
    """A column of texts, or of plain values of several kinds, as a JSON list."""

    text: str
    row_count: int
    is_list: bool = True
    """True if the author and BokehJS have a list, not an array of objects."""

    @property
    def size(self) -> int:
        return len(self.text)

    def to_list(self) -> list[Any]:
        items: list[Any] = json.loads(self.text)
        return items

    def slice_rows(self, start: int, stop: int | None = None) -> Items:
        values = self.to_list()[start:stop]
        return Items(encode_json(values), len(values), self.is_list)

    def to_value(self) -> Value:
        if self.is_list:
            return Value(self.text)
        return Value(
            f'{{"type":"ndarray","array":{self.text},"shape":[{self.row_count}],"dtype":"object",'
            f'"order":"{sys.byteorder}"}}'
        )


Column: TypeAlias = Numbers | Items | Value
"""A column of a data source; a `Value` is a column without separate rows, such as nested lists."""


def encode_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def to_json_numbers(values: list[Any]) -> list[Any]:
    """Replace numbers that are not finite by Bokeh's JSON representation."""
    return [each if _is_finite_number(each) else _encode_nonfinite(each) for each in values]


def _is_finite_number(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and isfinite(value))


def _encode_nonfinite(value: Any) -> Any:
    if isinstance(value, list):
        return to_json_numbers(value)
    return {"type": "number", "value": "nan" if value != value else "+inf" if value > 0 else "-inf"}


def fill_placeholders(value: Value, replacements: Iterator[str]) -> str:
    """Return the text of `value` with each placeholder replaced."""
    if not value.placeholders:
        return value.text
    first, *rests = value.text.split(PLACEHOLDER)
    return first + "".join(next(replacements) + rest for rest in rests)
