"""One viewer's websocket, at the other end of which nobody reads unless told."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from apart import apart
from looks import look
from tornado.iostream import IOStream
from websockets.protocol import State
from websockets.server import ServerProtocol

from bokeh_share.connection import SLICE, STALLED, Connection
from bokeh_share.hub import Hub
from bokeh_share.page import Key, Page

LARGE = 3_000_000
BINARY, CLOSE = 2, 8


class Reader:
    """The browser's end: reads as much as it is told to."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._data = b""

    async def read(self, size: int) -> None:
        while size > 0:
            data = await asyncio.get_running_loop().sock_recv(self.sock, min(size, 65536))
            assert data, "the connection was closed"
            size -= len(data)
            self._data += data

    @property
    def opcodes(self) -> list[int]:
        """Of the frames that are here, whole."""
        found, rest = [], self._data
        while rest:
            size = rest[1] if len(rest) > 1 else 0
            extra = {126: 2, 127: 8}.get(size, 0)
            end = 2 + extra + (int.from_bytes(rest[2 : 2 + extra]) if extra else size)
            if len(rest) < end:
                break
            found.append(rest[0] & 0x0F)
            rest = rest[end:]
        return found


def talking(test: Callable[[Connection, Reader, Hub], Awaitable[None]]) -> None:
    """Run a test between a connection, whose websocket is open, and its reader."""

    async def run() -> None:
        hub = Hub(Page().put(Key("name", "p"), look("x" * LARGE), now=1))
        ours, theirs = socket.socketpair()
        for sock in (ours, theirs):
            sock.setblocking(False)
        connection = Connection(ours, hub, lambda: None)
        connection.stream, connection.protocol = IOStream(ours), ServerProtocol()
        connection.protocol.state = State.OPEN
        with hub.watching() as viewer:
            connection.attend(viewer)
            try:
                await test(connection, Reader(theirs), hub)
            finally:
                connection.stream.close()
                theirs.close()

    apart(run)


async def until(condition: Callable[[], Any]) -> None:
    while not condition():
        await asyncio.sleep(0)


def test_one_who_takes_little_at_a_time_is_slow_and_not_stalled() -> None:
    async def test(connection: Connection, reader: Reader, hub: Hub) -> None:
        began = connection.blocked
        assert began is not None
        await reader.read(2 * SLICE)
        await until(lambda: connection.blocked != began)
        connection.look_after(began + STALLED + 1e-6)
        assert not connection.stream.closed()

    talking(test)


def test_one_who_takes_nothing_is_closed_after_a_while() -> None:
    async def test(connection: Connection, reader: Reader, hub: Hub) -> None:
        assert connection.blocked is not None
        connection.look_after(connection.blocked + STALLED - 1)
        assert not connection.stream.closed()
        connection.look_after(connection.blocked + STALLED + 1)
        assert connection.stream.closed()

    talking(test)


@pytest.mark.parametrize("pieces", [0, 2])
def test_what_is_said_besides_comes_after_the_frame_that_is_under_way(pieces: int) -> None:
    async def test(connection: Connection, reader: Reader, hub: Hub) -> None:
        await reader.read(pieces * SLICE)
        connection.close(4000, "the end")
        await reader.read(LARGE - pieces * SLICE)
        while CLOSE not in reader.opcodes:
            await reader.read(1)
        assert reader.opcodes == [BINARY, BINARY, CLOSE]

    talking(test)


def test_one_who_is_told_something_meanwhile_is_still_given_slice_by_slice() -> None:
    async def test(connection: Connection, reader: Reader, hub: Hub) -> None:
        connection.send(b"\x82\x00")
        for _ in range(3):
            before = connection.blocked
            await reader.read(2 * SLICE)
            await until(lambda before=before: connection.blocked != before)
        await reader.read(LARGE - 6 * SLICE)
        while len(reader.opcodes) < 3:
            await reader.read(1)
        assert hub.next_frame(connection.viewer) is None

    talking(test)


def test_one_who_was_blocked_gets_one_step_to_the_newest() -> None:
    async def test(connection: Connection, reader: Reader, hub: Hub) -> None:
        for number in range(5):
            hub.publish(hub.page.put(Key("name", "p"), look(f"small {number}"), now=2))
            connection.fill()
        await reader.read(LARGE)
        await until(lambda: connection.blocked is None)
        while len(reader.opcodes) < 4:  # page and plot as they were, page and plot as they are
            await reader.read(1)
        assert hub.next_frame(connection.viewer) is None

    talking(test)
