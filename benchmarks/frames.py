"""Reads as little of a websocket's frames as identifies them, since the servers are measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

HEAD = 65536
"""Number of bytes that are read at the beginning of a frame."""
TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


class Frame(NamedTuple):
    opcode: int
    head: bytes
    size: int
    """The size of the payload, in bytes."""


class Frames:
    """Cuts the unmasked bytes of a server into frames. Exists as long as its connection."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        """The beginning of the incomplete frame."""
        self._left = 0
        """Missing bytes of its payload."""
        self._header: tuple[int, int] | None = None

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that `data` completes."""
        view = memoryview(data)
        while True:
            if self._header is None:
                view = self._read_header(view)
                if self._header is None:
                    return
            taken = min(self._left, len(view))
            wanted = max(0, min(taken, HEAD - len(self._bytes)))
            self._bytes += view[:wanted]
            self._left -= taken
            view = view[taken:]
            if self._left:
                return
            opcode, size = self._header
            yield Frame(opcode, bytes(self._bytes), size)
            self._header = None
            self._bytes.clear()

    def _read_header(self, view: memoryview) -> memoryview:
        """Set `_header` when it is complete, and return the bytes of `view` after it."""
        before = len(self._bytes)
        begun = self._bytes + view[:10]
        length = 2 if len(begun) < 2 else 2 + {126: 2, 127: 8}.get(begun[1] & 0x7F, 0)
        if len(begun) < length:
            self._bytes = begun
            return view[len(view) :]
        size = begun[1] & 0x7F if length == 2 else int.from_bytes(begun[2:length])
        self._header, self._left = (begun[0] & 0x0F, size), size
        self._bytes.clear()
        return view[length - before :]


class Message(NamedTuple):
    head: bytes
    size: int


class Messages:
    """Whole messages: a frame is one, but in Bokeh's protocol, where arrays come in frames of their own.

    There a message is three texts, of which the first counts the arrays and the third is the content; then a
    text and a frame for each array.
    """

    def __init__(self, *, bokeh: bool) -> None:
        self._bokeh = bokeh
        self._frames: list[Frame] = []
        self._length = 3

    def take(self, frame: Frame) -> Message | None:
        """Return the message that `frame` completes, or None."""
        if not self._bokeh:
            return Message(frame.head, frame.size)
        if not self._frames:
            self._length = 3 + 2 * int(json.loads(frame.head).get("num_buffers", 0))
        self._frames.append(frame)
        if len(self._frames) < self._length:
            return None
        frames, self._frames = self._frames, []
        return Message(frames[2].head, sum(each.size for each in frames))
