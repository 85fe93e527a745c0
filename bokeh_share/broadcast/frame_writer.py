"""Writes frames to one viewer, as fast as the viewer takes them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress

from tornado.iostream import IOStream, StreamClosedError

CHUNK_BYTES = 262_144
"""Bytes at a time that a viewer gets who cannot take all: slow is not stalled."""
MAX_WRITE_BYTES = 131_072 if sys.platform == "win32" else None
"""Bytes that the system may be offered at a time: Windows, as Tornado knows, chokes on more."""
NO_BYTES = memoryview(b"")


class FrameWriter:
    """Writes frames of the page and its plots in chunks, and messages between them.

    One frame is under way at a time; messages that come meanwhile are queued, and go when it is out. Lives as
    long as its stream, in the viewers' thread.
    """

    def __init__(self, stream: IOStream, on_drain: Callable[[], None]) -> None:
        """`on_drain` is called when nothing is under way any more."""
        self._stream = stream
        self._on_drain = on_drain
        self.pending_frame: bytes | None = None
        """What is under way, of the page or a plot."""
        self.pending_since = 0.0
        """Since when."""
        self.blocked_since: float | None = None
        """Since when the viewer has taken nothing of what is under way."""
        self._unsent = NO_BYTES
        """Of the frame that is under way: what has not been handed to the stream."""
        self._queued_messages: list[bytes] = []
        """What is to be said once that is out."""
        self._queue_written: asyncio.Future[None] | None = None
        """Done when that has been handed to the stream."""

    @property
    def queued_count(self) -> int:
        """How many messages wait for the frame that is under way."""
        return len(self._queued_messages)

    def write_frame(self, frame: bytes) -> None:
        """Most of the time all of it goes out at once, and no future has to be made: a third of the cost."""
        self._unsent = memoryview(frame)
        if not self._stream.writing():
            with suppress(BlockingIOError):
                self._unsent = self._unsent[self._stream.write_to_fd(self._unsent[:MAX_WRITE_BYTES]) :]
        if self._unsent:
            self.pending_frame, self.pending_since = frame, asyncio.get_running_loop().time()
            self._write_chunk()

    def write_message(self, data: bytes) -> asyncio.Future[None]:
        """After the frame that is under way, which still goes slice by slice."""
        if self.blocked_since is None:
            written = self._stream.write(data)
            if not written.done():
                self._wait_for_write(written)
            return written
        self._queued_messages.append(data)
        self._queue_written = self._queue_written or asyncio.get_running_loop().create_future()
        return self._queue_written

    def _write_chunk(self) -> None:
        chunk, self._unsent = self._unsent[:CHUNK_BYTES], self._unsent[CHUNK_BYTES:]
        self._wait_for_write(self._stream.write(chunk))

    def _wait_for_write(self, written: asyncio.Future[None]) -> None:
        self.blocked_since = asyncio.get_running_loop().time()
        written.add_done_callback(self._on_written)

    def _on_written(self, written: asyncio.Future[None]) -> None:
        if written.cancelled() or written.exception() is not None:
            self._discard_unsent()
            return
        if not self._unsent:
            self.pending_frame = None
            if self._queued_messages:
                self._unsent = memoryview(b"".join(self._queued_messages))
                self._queued_messages.clear()
                if self._queue_written is not None:
                    self._queue_written.set_result(None)
                    self._queue_written = None
        if not self._unsent:
            self.blocked_since = None
            self._on_drain()
            return
        try:
            self._write_chunk()
        except StreamClosedError:
            self._discard_unsent()

    def _discard_unsent(self) -> None:
        """The connection is closed, which whoever waits for an answer to go out has to know."""
        self._unsent, self.pending_frame = NO_BYTES, None
        self._queued_messages.clear()
        if self._queue_written is not None and not self._queue_written.done():
            self._queue_written.set_exception(StreamClosedError())
            # or asyncio would print it, where the loop ends before anybody asks
            self._queue_written.exception()
