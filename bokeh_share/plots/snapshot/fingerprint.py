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


def contents(container: Container) -> list[Any]:
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
    def of(cls, pairs: Iterable[tuple[Container, list[Any]]]) -> Fingerprint:
        """From containers with their `contents` at the time that matters."""
        lists: list[list[Any]] = []
        dicts: list[dict[Any, Any]] = []
        items: tuple[list[Any], list[Any], list[Any]] = [], [], []
        lengths: tuple[list[int], list[int]] = [], []
        for container, then in pairs:
            if isinstance(container, dict):
                dicts.append(container)
                half = len(then) // 2
                lengths[1].append(half)
                items[1].extend(then[:half])
                items[2].extend(then[half:])
            else:
                lists.append(container)
                lengths[0].append(len(then))
                items[0].extend(then)
        return cls(tuple(lists), tuple(dicts), [*chain(*lengths)], [*chain(*items)])

    def is_unchanged(self) -> bool:
        if [*map(len, self._lists), *map(len, self._dicts)] != self._lengths:
            return False
        flat = chain.from_iterable
        now = chain(flat(self._lists), flat(self._dicts), flat(map(dict.values, self._dicts)))
        try:
            return all(map(is_, now, self._items))
        except RuntimeError:  # another thread puts something into a dictionary at this moment
            return False


@dataclass(frozen=True)
class ArrayFingerprint:
    """One array, with what was in it. Lives as long as a picture.

    Costs nothing but a look at the array where Bokeh sends it as it is, or as smaller integers; a copy of
    what Bokeh converts, such as dates; of objects where they are, and they stay alive.
    """

    _array: Any
    _then: Any
    """Its own bytes, or the very numbers that were sent; None where neither tells."""
    _sent: bytes | None
    _items: list[Any]

    @classmethod
    def of(cls, array: Any, sent: bytes | None = None) -> ArrayFingerprint:
        """From an array, and the bytes that were sent of it, if it was not sent item by item."""
        if type(array) is not np.ndarray:
            return cls(array, None, sent, [])
        if array.dtype.kind == "T":
            return cls(array, None, None, [])  # numpy keeps such texts elsewhere
        raw = _raw(array)
        if sent is not None and array.dtype.kind in "fiub" and array.nbytes == len(sent):
            return cls(array, sent, sent, [])
        if sent is not None and array.dtype.kind in "iu" and len(sent) == 4 * array.size:
            return cls(array, np.frombuffer(sent, f"{array.dtype.kind}4").reshape(array.shape), sent, [])
        return cls(array, memoryview(raw).tobytes(), sent, [*array.flat] if array.dtype.hasobject else [])

    def is_unchanged(self) -> bool:
        if isinstance(self._then, np.ndarray):
            return np.array_equal(self._array, self._then)
        if self._then is not None:
            return same_bytes(_raw(self._array), self._then)
        buffers = Serializer().serialize(self._array).buffers if self._sent is not None else []
        return self._sent is not None and len(buffers) == 1 and same_bytes(buffers[0].data, self._sent)


def same_bytes(data: Any, then: bytes) -> bool:
    """Whether a buffer is, byte for byte, what it was: a NaN equals itself, and 0.0 differs from -0.0."""
    view = memoryview(data)
    # `==` would unpack each item of a memoryview; this is the system's memcmp.
    return view.nbytes == len(then) and view.c_contiguous and then.startswith(view)


def _raw(array: npt.NDArray[Any]) -> Any:
    """The bytes of an array as they lie there: of objects, which ones."""
    if array.dtype.hasobject:
        return array if array.flags.c_contiguous else array.tobytes()
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)
