"""Writes frames to one viewer, as fast as the viewer receives them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress

from tornado.iostream import IOStream, StreamClosedError

CHUNK_BYTES = 262_144
"""Size of a chunk for a viewer who cannot receive a whole frame at once, so that progress is visible."""
MAX_WRITE_BYTES = 131_072 if sys.platform == "win32" else None
"""Maximum size of one write to the socket. As Tornado's code notes, Windows fails with more."""
NO_BYTES = memoryview(b"")


class FrameWriter:
    """Writes frames of the page and its plots in chunks, and messages between them.

    One frame is sent at a time; messages that arrive meanwhile are queued. Exists as long as its stream, in
    the viewers' thread.
    """

    def __init__(self, stream: IOStream, on_drain: Callable[[], None]) -> None:
        """`on_drain` is called when everything has been sent."""
        self._stream = stream
        self._on_drain = on_drain
        self.pending_frame: bytes | None = None
        """The frame that is being sent, of the page or a plot."""
        self.pending_since = 0.0
        """The time at which sending that frame began."""
        self.blocked_since: float | None = None
        """The time since which the viewer has received nothing of the frame that is being sent."""
        self._unsent = NO_BYTES
        """The rest of that frame, which has not been passed to the stream."""
        self._queued_messages: list[bytes] = []
        """Messages to send after that frame."""
        self._queue_written: asyncio.Future[None] | None = None
        """Done when the queued messages have been passed to the stream."""

    @property
    def queued_count(self) -> int:
        """The number of messages that wait for the frame that is being sent."""
        return len(self._queued_messages)

    def write_frame(self, frame: bytes) -> None:
        """Write a frame. Usually all of it is written at once, without a future, at a third of the cost."""
        self._unsent = memoryview(frame)
        if not self._stream.writing():
            with suppress(BlockingIOError):
                self._unsent = self._unsent[self._stream.write_to_fd(self._unsent[:MAX_WRITE_BYTES]) :]
        if self._unsent:
            self.pending_frame, self.pending_since = frame, asyncio.get_running_loop().time()
            self._write_chunk()

    def write_message(self, data: bytes) -> asyncio.Future[None]:
        """Write a message after the frame that is being sent, which is still sent chunk by chunk."""
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
        """Discard unsent bytes after the connection was closed, and end the waiting for queued messages."""
        self._unsent, self.pending_frame = NO_BYTES, None
        self._queued_messages.clear()
        if self._queue_written is not None and not self._queue_written.done():
            self._queue_written.set_exception(StreamClosedError())
            # otherwise asyncio prints it if the loop ends before it was read
            self._queue_written.exception()
