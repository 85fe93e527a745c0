"""Fingerprints of the author's lists, dictionaries and arrays, which detect changes in place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from operator import is_
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from bokeh.core.serialization import Serializer

Container: TypeAlias = list[Any] | dict[Any, Any]


def copy_contents(container: Container) -> list[Any]:
    return [*container, *container.values()] if isinstance(container, dict) else [*container]


@dataclass(frozen=True)
class Fingerprint:
    """Some containers, each with its former items, compared by identity. Exists as long as a captured plot,
    and keeps the items alive.

    All plots on the page are checked at the end of each cell, so the loops run in C: 30 ns per entry.
    """

    _lists: tuple[list[Any], ...]
    _dicts: tuple[dict[Any, Any], ...]
    _lengths: list[int]
    _items: list[Any]
    """The items of all lists, then the keys of all dictionaries, then their values."""

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[Container, list[Any]]]) -> Fingerprint:
        """Build it from containers, each with the `copy_contents` of the time of capture."""
        lists: list[list[Any]] = []
        dicts: list[dict[Any, Any]] = []
        items: tuple[list[Any], list[Any], list[Any]] = [], [], []
        lengths: tuple[list[int], list[int]] = [], []
        for container, contents in pairs:
            if isinstance(container, dict):
                dicts.append(container)
                key_count = len(contents) // 2
                lengths[1].append(key_count)
                items[1].extend(contents[:key_count])
                items[2].extend(contents[key_count:])
            else:
                lists.append(container)
                lengths[0].append(len(contents))
                items[0].extend(contents)
        return cls(tuple(lists), tuple(dicts), [*chain(*lengths)], [*chain(*items)])

    def is_unchanged(self) -> bool:
        if [*map(len, self._lists), *map(len, self._dicts)] != self._lengths:
            return False
        flat = chain.from_iterable
        current = chain(flat(self._lists), flat(self._dicts), flat(map(dict.values, self._dicts)))
        try:
            return all(map(is_, current, self._items))
        except RuntimeError:  # another thread is adding a key to a dictionary
            return False

    def list_changed(self) -> list[tuple[Container, list[Any]]]:
        """List the containers that differ, each with its `copy_contents` of the time of capture.

        Takes some ten times as long as `is_unchanged`.
        """
        lengths, items = iter(self._lengths), self._items
        changed: list[tuple[Container, list[Any]]] = []
        start = 0
        for each in self._lists:
            contents = items[start : (start := start + next(lengths))]
            if not _is_same(each, contents):
                changed.append((each, contents))
        key_counts = [*lengths]
        values_start = start + sum(key_counts)
        for mapping, count in zip(self._dicts, key_counts, strict=True):
            contents = items[start : start + count] + items[values_start : values_start + count]
            start, values_start = start + count, values_start + count
            if not _is_same(copy_contents(mapping), contents):
                changed.append((mapping, contents))
        return changed


def _is_same(contents: list[Any], former: list[Any]) -> bool:
    return len(contents) == len(former) and all(map(is_, contents, former))


@dataclass(frozen=True)
class ArrayFingerprint:
    """One array, with its former content. Exists as long as a captured plot.

    Copies nothing if Bokeh sends the array unchanged, or as smaller integers; copies arrays that Bokeh
    converts, such as dates; keeps the addresses of objects, and keeps the objects alive.
    """

    _array: Any
    _content: Any
    """A copy of its bytes, or the numbers that were sent; None if neither would show a change."""
    _sent_bytes: bytes | None
    _items: list[Any]

    @classmethod
    def from_array(cls, array: Any, sent_bytes: bytes | None = None) -> ArrayFingerprint:
        """Build it from an array, and the bytes that were sent, unless the array was sent item by item."""
        if type(array) is not np.ndarray:
            return cls(array, None, sent_bytes, [])
        if array.dtype.kind == "T":
            return cls(array, None, None, [])  # numpy stores such texts elsewhere
        raw = _view_raw_bytes(array)
        if sent_bytes is not None and array.dtype.kind in "fiub" and array.nbytes == len(sent_bytes):
            return cls(array, sent_bytes, sent_bytes, [])
        if sent_bytes is not None and array.dtype.kind in "iu" and len(sent_bytes) == 4 * array.size:
            return cls(
                array, np.frombuffer(sent_bytes, f"{array.dtype.kind}4").reshape(array.shape), sent_bytes, []
            )
        return cls(
            array, memoryview(raw).tobytes(), sent_bytes, [*array.flat] if array.dtype.hasobject else []
        )

    def is_unchanged(self) -> bool:
        if isinstance(self._content, np.ndarray):
            return np.array_equal(self._array, self._content)
        if self._content is not None:
            return is_same_bytes(_view_raw_bytes(self._array), self._content)
        buffers = Serializer().serialize(self._array).buffers if self._sent_bytes is not None else []
        return (
            self._sent_bytes is not None
            and len(buffers) == 1
            and is_same_bytes(buffers[0].data, self._sent_bytes)
        )


def is_same_bytes(data: Any, former: bytes) -> bool:
    """Return True if the bytes of a buffer are unchanged. A NaN equals itself; 0.0 differs from -0.0."""
    view = memoryview(data)
    # `==` would unpack each item of a memoryview; this uses the C function memcmp.
    return view.nbytes == len(former) and view.c_contiguous and former.startswith(view)


def _view_raw_bytes(array: npt.NDArray[Any]) -> Any:
    """Return the raw bytes of an array; for objects, their addresses."""
    if array.dtype.hasobject:
        return array if array.flags.c_contiguous else array.tobytes()
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)
