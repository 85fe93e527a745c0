"""What the author's lists, dictionaries and arrays held, to be told from what they hold now."""

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
    """Some containers, each with what was in it, told by identity. Lives as long as a picture, and keeps
    the contents alive.

    It is asked at the end of each cell, for all that is on the page, so the loops are the interpreter's
    own: 30 ns an entry.
    """

    _lists: tuple[list[Any], ...]
    _dicts: tuple[dict[Any, Any], ...]
    _lengths: list[int]
    _items: list[Any]
    """Of all lists, then the keys of all dictionaries, then their values."""

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[Container, list[Any]]]) -> Fingerprint:
        """From containers with their `copy_contents` at the time that matters."""
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
        except RuntimeError:  # another thread puts something into a dictionary at this moment
            return False


@dataclass(frozen=True)
class ArrayFingerprint:
    """One array, with what was in it. Lives as long as a picture.

    Costs nothing but a look at the array where Bokeh sends it as it is, or as smaller integers; a copy of
    what Bokeh converts, such as dates; of objects where they are, and they stay alive.
    """

    _array: Any
    _content: Any
    """Its own bytes, or the very numbers that were sent; None where neither tells."""
    _sent_bytes: bytes | None
    _items: list[Any]

    @classmethod
    def from_array(cls, array: Any, sent_bytes: bytes | None = None) -> ArrayFingerprint:
        """From an array, and the bytes that were sent of it, if it was not sent item by item."""
        if type(array) is not np.ndarray:
            return cls(array, None, sent_bytes, [])
        if array.dtype.kind == "T":
            return cls(array, None, None, [])  # numpy keeps such texts elsewhere
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
    """Whether a buffer is, byte for byte, what it was: a NaN equals itself, and 0.0 differs from -0.0."""
    view = memoryview(data)
    # `==` would unpack each item of a memoryview; this is the system's memcmp.
    return view.nbytes == len(former) and view.c_contiguous and former.startswith(view)


def _view_raw_bytes(array: npt.NDArray[Any]) -> Any:
    """The bytes of an array as they lie there: of objects, which ones."""
    if array.dtype.hasobject:
        return array if array.flags.c_contiguous else array.tobytes()
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)
