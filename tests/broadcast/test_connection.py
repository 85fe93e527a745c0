"""One viewer's websocket, at whose other end a test decides how much is read."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from support.apart import apart
from support.looks import look
from tornado.iostream import IOStream
from websockets.protocol import State
from websockets.server import ServerProtocol

from bokeh_share.broadcast.connection import Connection
from bokeh_share.broadcast.frame_writer import CHUNK_BYTES
from bokeh_share.broadcast.hub import Hub
from bokeh_share.broadcast.send_slots import SLOT_TIMEOUT, SendSlots
from bokeh_share.limits import MAX_SEND_SLOTS, PING_TIMEOUT
from bokeh_share.plots.page import Page, PlotKey

LARGE = 3_000_000
BINARY, CLOSE = 2, 8


class Reader:
    """The browser's end: reads as much as a test asks for."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._data = b""

    async def read(self, size: int) -> None:
        while size > 0:
            data = await asyncio.get_running_loop().sock_recv(self.sock, min(size, 65536))
            assert data, "the connection was closed"
            size -= len(data)
            self._data += data

    async def read_frames(self, count: int) -> None:
        """So many, of which the second is the large one."""
        await self.read(LARGE)
        while len(self.opcodes) < count:
            await self.read(1)

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


Pair = tuple[Connection, Reader]


@contextmanager
def joined(hub: Hub, send_slots: SendSlots) -> Iterator[Pair]:
    """A connection, whose websocket is open, and its reader."""
    ours, theirs = socket.socketpair()
    for sock in (ours, theirs):
        sock.setblocking(False)
    connection = Connection(ours, hub, send_slots, lambda: None)
    connection.attach_stream(IOStream(ours))
    connection.protocol = ServerProtocol()
    connection.protocol.state = State.OPEN
    with hub.add_viewer() as viewer:
        connection.attach_viewer(viewer)
        try:
            yield connection, Reader(theirs)
        finally:
            connection.stream.close()
            theirs.close()


def talking(test: Callable[[Connection, Reader, Hub], Awaitable[None]]) -> None:
    """Run a test between a connection and its reader."""

    async def alone(pairs: list[Pair], hub: Hub) -> None:
        ((connection, reader),) = pairs
        await test(connection, reader, hub)

    crowded(1, alone)


def crowded(many: int, test: Callable[[list[Pair], Hub], Awaitable[None]]) -> None:
    """Run a test between so many connections and their readers."""

    async def run() -> None:
        hub = Hub(Page().put(PlotKey("name", "p"), look("x" * LARGE), now=1))
        send_slots = SendSlots(asyncio.get_running_loop().call_soon)
        with ExitStack() as stack:
            pairs = [stack.enter_context(joined(hub, send_slots)) for _ in range(many)]
            await test(pairs, hub)

    apart(run)


def begun(pairs: list[Pair]) -> list[int]:
    """Who is being sent the plot, or has been."""
    return [place for place, (connection, _) in enumerate(pairs) if connection.viewer.generations]


async def until(condition: Callable[[], Any]) -> None:
    while not condition():
        await asyncio.sleep(0)


def test_one_who_takes_little_at_a_time_is_slow_and_not_stalled() -> None:
    async def test(connection: Connection, reader: Reader, hub: Hub) -> None:
        began = connection.blocked_since
        assert began is not None
        await reader.read(2 * CHUNK_BYTES)
        await until(lambda: connection.blocked_since != began)
        connection.apply_timeouts(began + PING_TIMEOUT + 1e-6)
        assert not connection.stream.closed()

    talking(test)


def test_one_who_takes_nothing_is_closed_after_a_while() -> None:
    async def test(connection: Connection, reader: Reader, hub: Hub) -> None:
        assert connection.blocked_since is not None
        connection.apply_timeouts(connection.blocked_since + PING_TIMEOUT - 1)
        assert not connection.stream.closed()
        connection.apply_timeouts(connection.blocked_since + PING_TIMEOUT + 1)
        assert connection.stream.closed()

    talking(test)


@pytest.mark.parametrize("pieces", [0, 2])
def test_messages_come_after_the_frame_that_is_being_sent(pieces: int) -> None:
    async def test(connection: Connection, reader: Reader, hub: Hub) -> None:
        await reader.read(pieces * CHUNK_BYTES)
        connection.close(4000, "the end")
        await reader.read(LARGE - pieces * CHUNK_BYTES)
        while CLOSE not in reader.opcodes:
            await reader.read(1)
        assert reader.opcodes == [BINARY, BINARY, CLOSE]

    talking(test)


def test_nothing_follows_a_close_frame() -> None:
    async def test(connection: Connection, reader: Reader, hub: Hub) -> None:
        connection.close(4000, "the end")
        queued_count = connection.writer.queued_count
        connection.send_frame(b"\x82\x00")
        assert connection.writer.queued_count == queued_count

    talking(test)


def test_one_who_gets_a_message_meanwhile_is_still_sent_chunk_by_chunk() -> None:
    async def test(connection: Connection, reader: Reader, hub: Hub) -> None:
        connection.send_frame(b"\x82\x00")
        for _ in range(3):
            before = connection.blocked_since
            await reader.read(2 * CHUNK_BYTES)
            await until(lambda before=before: connection.blocked_since != before)
        await reader.read(LARGE - 6 * CHUNK_BYTES)
        while len(reader.opcodes) < 3:
            await reader.read(1)
        assert hub.take_next_frame(connection.viewer) is None

    talking(test)


def test_one_who_was_blocked_gets_one_step_to_the_newest() -> None:
    async def test(connection: Connection, reader: Reader, hub: Hub) -> None:
        for number in range(5):
            hub.publish(hub.page.put(PlotKey("name", "p"), look(f"small {number}"), now=2))
            connection.send_updates()
        await reader.read(LARGE)
        await until(lambda: connection.blocked_since is None)
        while len(reader.opcodes) < 4:  # the former page and plot, and the new ones
            await reader.read(1)
        assert hub.take_next_frame(connection.viewer) is None

    talking(test)


def test_whole_plots_go_to_a_few_at_a_time_and_each_who_has_one_makes_room() -> None:
    async def test(pairs: list[Pair], hub: Hub) -> None:
        assert begun(pairs) == [*range(MAX_SEND_SLOTS)]
        await pairs[3][1].read_frames(2)
        await until(lambda: len(begun(pairs)) == MAX_SEND_SLOTS + 1)
        assert begun(pairs) == [*range(MAX_SEND_SLOTS + 1)]
        for connection, _ in pairs:
            assert connection.viewer.version == hub.page.version, "all are sent the page"

    crowded(MAX_SEND_SLOTS + 4, test)


def test_one_who_takes_nothing_gives_the_slot_to_another() -> None:
    async def test(pairs: list[Pair], hub: Hub) -> None:
        stalled, _ = pairs[0]
        assert stalled.blocked_since is not None
        stalled.apply_timeouts(stalled.blocked_since + SLOT_TIMEOUT - 0.1)
        await asyncio.sleep(0)
        assert len(begun(pairs)) == MAX_SEND_SLOTS
        stalled.apply_timeouts(stalled.blocked_since + SLOT_TIMEOUT + 0.1)
        await until(lambda: len(begun(pairs)) == MAX_SEND_SLOTS + 1)
        assert not stalled.stream.closed()

    crowded(MAX_SEND_SLOTS + 2, test)


def test_who_leaves_while_waiting_or_being_sent_makes_room() -> None:
    async def test(pairs: list[Pair], hub: Hub) -> None:
        for place in (MAX_SEND_SLOTS, 0):
            connection, _ = pairs[place]
            connection.stream.close()
            connection.send_slots.release(connection)
        await until(lambda: len(begun(pairs)) == MAX_SEND_SLOTS + 1)
        assert begun(pairs) == [*range(MAX_SEND_SLOTS), MAX_SEND_SLOTS + 1]

    crowded(MAX_SEND_SLOTS + 3, test)


def test_a_change_is_not_kept_from_who_has_the_plot_by_those_who_wait_for_it() -> None:
    async def test(pairs: list[Pair], hub: Hub) -> None:
        connection, reader = pairs[0]
        await reader.read_frames(2)
        await until(lambda: connection.blocked_since is None)
        hub.publish(hub.page.put(PlotKey("name", "p"), look("small"), now=2))
        for each, _ in pairs:
            each.send_updates()
        while len(reader.opcodes) < 4:
            await reader.read(1)
        assert hub.take_next_frame(connection.viewer) is None

    crowded(MAX_SEND_SLOTS + 2, test)


def test_who_has_left_takes_no_slot_and_keeps_nothing_from_the_others() -> None:
    async def test(pairs: list[Pair], hub: Hub) -> None:
        gone, _ = pairs[0]
        gone.stream.close()
        gone.writer.blocked_since = None
        gone.send_updates()
        await until(lambda: len(begun(pairs)) == MAX_SEND_SLOTS + 1)

    crowded(MAX_SEND_SLOTS + 2, test)


def test_who_only_needs_changes_gives_the_slot_to_another() -> None:
    async def test(pairs: list[Pair], hub: Hub) -> None:
        _, reader = pairs[0]
        hub.publish(hub.page.put(PlotKey("name", "p"), look("y" * LARGE), now=2))
        await reader.read_frames(2)
        await reader.read(1000)  # of the next, which is a change
        await until(lambda: len(begun(pairs)) == MAX_SEND_SLOTS + 1)

    crowded(MAX_SEND_SLOTS + 2, test)
