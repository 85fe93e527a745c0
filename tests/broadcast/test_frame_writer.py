from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
from support.apart import apart
from tornado.iostream import IOStream, StreamClosedError

from bokeh_share.broadcast.frame_writer import CHUNK_BYTES, FrameWriter

LARGE = b"x" * 3_000_000


class Drained:
    """Counts how often nothing was under way any more."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def writing(test: Callable[[FrameWriter, IOStream, socket.socket, Drained], Awaitable[None]]) -> None:
    """Run a test between a writer and a socket at the other end, which nobody reads."""

    async def run() -> None:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        stream, drained = IOStream(ours), Drained()
        try:
            await test(FrameWriter(stream, drained), stream, theirs, drained)
        finally:
            stream.close()
            theirs.close()

    apart(run)


async def receive(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += await asyncio.get_running_loop().sock_recv(sock, min(size - len(data), 65536))
    return data


def test_a_small_frame_goes_at_once_and_nothing_is_under_way() -> None:
    async def test(writer: FrameWriter, stream: IOStream, theirs: socket.socket, drained: Drained) -> None:
        writer.write_frame(b"frame")
        assert (writer.pending_frame, writer.blocked_since, drained.count) == (None, None, 0)
        assert await receive(theirs, 5) == b"frame"

    writing(test)


def test_messages_come_after_the_frame_that_is_under_way() -> None:
    async def test(writer: FrameWriter, stream: IOStream, theirs: socket.socket, drained: Drained) -> None:
        writer.write_frame(LARGE)
        assert writer.pending_frame is LARGE
        assert writer.blocked_since is not None
        written = [writer.write_message(each) for each in (b"one", b"two")]
        assert writer.queued_count == 2
        assert await receive(theirs, len(LARGE) + 6) == LARGE + b"onetwo"
        await asyncio.gather(*written)
        while drained.count == 0:
            await asyncio.sleep(0)
        assert (writer.pending_frame, writer.blocked_since, writer.queued_count) == (None, None, 0)

    writing(test)


def test_each_chunk_that_is_taken_begins_the_wait_anew() -> None:
    async def test(writer: FrameWriter, stream: IOStream, theirs: socket.socket, drained: Drained) -> None:
        writer.write_frame(LARGE)
        began = writer.blocked_since
        await receive(theirs, 2 * CHUNK_BYTES)
        while writer.blocked_since == began:
            await asyncio.sleep(0)
        assert writer.pending_frame is LARGE
        assert drained.count == 0

    writing(test)


def test_who_waits_for_a_message_to_go_is_told_that_the_connection_is_closed() -> None:
    async def test(writer: FrameWriter, stream: IOStream, theirs: socket.socket, drained: Drained) -> None:
        writer.write_frame(LARGE)
        written = writer.write_message(b"one")
        stream.close()
        with pytest.raises(StreamClosedError):
            await written
        assert (writer.pending_frame, writer.queued_count, drained.count) == (None, 0, 0)

    writing(test)
