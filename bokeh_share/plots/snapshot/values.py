"""What one property of a model, or one column of its data, holds: plain, immutable, and ours."""

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
"""Where another model, or an array, belongs in a text; its quotes cannot stand inside a JSON string."""


@dataclass(frozen=True, slots=True)
class Value:
    """JSON text as Bokeh writes it, so that `1` differs from `True` and `0.0` from `-0.0`."""

    text: str
    placeholders: tuple[int | bytes, ...] = ()
    """What belongs into each `PLACEHOLDER`: the node index of a model, or the bytes of an array."""

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
    """What a column that its author streams into and patches has in common with its former selves.

    Two columns of one `source` are windows on the same endless column, so that comparing them
    takes no look at their rows.
    """

    source: object
    start: int = 0
    """Which row of the endless column is the first."""
    patched: tuple[int, ...] = ()
    """The rows of the endless column that were given another value, in the order of the patches."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers, row after row as bytes."""

    data: bytes
    dtype: str
    """As numpy and Bokeh name it."""
    row: tuple[int, ...] = ()
    """The shape of one row."""
    listed: bool = False
    """Whether it is a list for the author and for BokehJS, not an array."""
    lineage: Lineage | None = field(default=None, compare=False)

    @property
    def stride(self) -> int:
        """Bytes of one row."""
        return _stride(self.dtype, self.row)

    @property
    def rows(self) -> int:
        return len(self.data) // self.stride

    @property
    def size(self) -> int:
        """Bytes that a viewer is sent, about: a number in a list is written out."""
        return len(self.data) * (9 if self.listed else 4) // 4

    def words(self) -> npt.NDArray[Any]:
        """The rows as raw bytes that can be compared: a NaN equals itself."""
        kind = np.dtype(f"u{self.stride}") if self.stride in (1, 2, 4, 8) else np.dtype(f"V{self.stride}")
        return np.frombuffer(self.data, kind)

    def values(self, rows: Any = slice(None)) -> list[Any]:
        """These rows as JSON has them."""
        found: list[Any] = np.frombuffer(self.data, self.dtype).reshape(-1, *self.row)[rows].tolist()
        return found

    def cut(self, start: int, stop: int | None = None) -> Numbers:
        stop = self.rows if stop is None else stop
        data = self.data[start * self.stride : stop * self.stride]
        return Numbers(data, self.dtype, self.row, self.listed)

    def written(self) -> Value:
        if self.listed:
            return Value(json_of(plain_numbers(self.values())))
        shape = ",".join(map(str, (self.rows, *self.row)))
        text = (
            f'{{"type":"ndarray","array":{{"type":"bytes","data":{PLACEHOLDER}}},"shape":[{shape}],'
            f'"dtype":"{self.dtype}","order":"{sys.byteorder}"}}'
        )
        return Value(text, (self.data,))


@cache
def _stride(dtype: str, row: tuple[int, ...]) -> int:
    return np.dtype(dtype).itemsize * prod(row)


@dataclass(frozen=True, slots=True)
class Items:
    """A column of texts, or of plain values of several kinds, as a JSON list."""

    text: str
    rows: int
    listed: bool = True
    """Whether it is a list for the author and for BokehJS, not an array of objects."""

    @property
    def size(self) -> int:
        return len(self.text)

    def values(self) -> list[Any]:
        found: list[Any] = json.loads(self.text)
        return found

    def cut(self, start: int, stop: int | None = None) -> Items:
        values = self.values()[start:stop]
        return Items(json_of(values), len(values), self.listed)

    def written(self) -> Value:
        if self.listed:
            return Value(self.text)
        return Value(
            f'{{"type":"ndarray","array":{self.text},"shape":[{self.rows}],"dtype":"object",'
            f'"order":"{sys.byteorder}"}}'
        )


Column: TypeAlias = Numbers | Items | Value
"""A column of a data source; a `Value` is one whose rows are not told apart, such as nested lists."""


def json_of(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def plain_numbers(values: list[Any]) -> list[Any]:
    """As JSON can say them: Bokeh has words for what is not finite."""
    return [each if _is_plain(each) else _in_words(each) for each in values]


def _is_plain(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and isfinite(value))


def _in_words(value: Any) -> Any:
    if isinstance(value, list):
        return plain_numbers(value)
    return {"type": "number", "value": "nan" if value != value else "+inf" if value > 0 else "-inf"}


def filled(value: Value, pieces: Iterator[str]) -> str:
    """The text of `value` with a piece in each gap."""
    if not value.placeholders:
        return value.text
    first, *others = value.text.split(PLACEHOLDER)
    return first + "".join(next(pieces) + other for other in others)
