"""Who lets visitors in while a cell runs, and leaves no socket behind."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import psutil
import pytest
from support.apart import apart
from tornado.web import Application, RequestHandler

from bokeh_share.server.auth.guard import AccessGuard
from bokeh_share.server.auth.rules import AccessRules
from bokeh_share.server.standby_listener import StandbyListener


class Hello(RequestHandler):
    def get(self) -> None:
        self.finish("hello")


Ask = Callable[[], Awaitable[bytes]]
Test = Callable[[StandbyListener, Ask], Awaitable[None]]


def with_usher(test: Test) -> None:
    """Run a test with an usher who was lent a listening socket, and something that asks there."""

    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.setblocking(False)
            standby = StandbyListener()
            standby.set_sockets(
                AccessGuard(Application([(r"/", Hello)]), AccessRules(origins=frozenset({"http://usher"}))),
                [listening.dup()],
            )

            async def ask() -> bytes:
                reader, writer = await asyncio.open_connection(*listening.getsockname())
                writer.write(b"GET / HTTP/1.0\r\nHost: usher\r\n\r\n")
                answer = await reader.read()
                writer.close()
                await writer.wait_closed()
                return answer

            await test(standby, ask)
            standby.set_sockets(None, ())
            await standby.close_connections()

    before = psutil.Process().num_fds()
    apart(run)
    assert psutil.Process().num_fds() == before


def test_while_it_is_at_work_visitors_are_answered() -> None:
    async def test(standby: StandbyListener, ask: Ask) -> None:
        standby.start()
        assert (await ask()).endswith(b"hello")
        standby.stop()
        standby.start()
        assert (await ask()).endswith(b"hello")

    with_usher(test)


@pytest.mark.parametrize("times", [1, 3])
def test_afterwards_it_lets_nobody_in_however_often_it_was_called(times: int) -> None:
    async def test(standby: StandbyListener, ask: Ask) -> None:
        for _ in range(times):
            standby.start()
        standby.stop()
        asking = asyncio.ensure_future(ask())
        for _ in range(100):  # turns of a loop that has nothing else to do
            await asyncio.sleep(0)
        assert not asking.done()
        standby.start()
        assert (await asking).endswith(b"hello")

    with_usher(test)


def test_what_is_lent_while_it_is_at_work_is_used_at_once() -> None:
    async def test(standby: StandbyListener, ask: Ask) -> None:
        standby.start()
        with socket.create_server(("127.0.0.1", 0)) as other:
            other.setblocking(False)
            standby.set_sockets(
                AccessGuard(Application([(r"/", Hello)]), AccessRules(origins=frozenset({"http://usher"}))),
                [other.dup()],
            )
            reader, writer = await asyncio.open_connection(*other.getsockname())
            writer.write(b"GET / HTTP/1.0\r\nHost: usher\r\n\r\n")
            assert (await reader.read()).endswith(b"hello")
            writer.close()
            await writer.wait_closed()

    with_usher(test)
