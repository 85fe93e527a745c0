"""The standby listener accepts connections while a cell runs, and leaves no socket behind."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import psutil
import pytest
from support.apart import apart
from tornado.web import Application, RequestHandler

from bokeh_share.server.auth.access_control import AccessControl
from bokeh_share.server.auth.guard import AccessGuard
from bokeh_share.server.auth.rules import AccessRules
from bokeh_share.server.pending_connections import PendingConnections
from bokeh_share.server.standby_listener import StandbyListener


class Hello(RequestHandler):
    def get(self) -> None:
        self.finish("hello")


def build_guard() -> AccessGuard:
    """Lets in whoever calls it by its name, to a page that says hello."""
    access = AccessControl(AccessRules(origins=frozenset({"http://standby"})))
    return AccessGuard(Application([(r"/", Hello)]), access, PendingConnections())


Ask = Callable[[], Awaitable[bytes]]
Test = Callable[[StandbyListener, Ask], Awaitable[None]]


def with_standby_listener(test: Test) -> None:
    """Run a test with a standby listener on a listening socket, and a function that sends a request there."""

    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as sock:
            sock.setblocking(False)
            standby = StandbyListener()
            standby.set_sockets(
                build_guard(),
                [sock.dup()],
            )

            async def ask() -> bytes:
                reader, writer = await asyncio.open_connection(*sock.getsockname())
                writer.write(b"GET / HTTP/1.0\r\nHost: standby\r\n\r\n")
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


def test_while_it_runs_visitors_are_answered() -> None:
    async def test(standby: StandbyListener, ask: Ask) -> None:
        standby.start()
        assert (await ask()).endswith(b"hello")
        standby.stop()
        standby.start()
        assert (await ask()).endswith(b"hello")

    with_standby_listener(test)


@pytest.mark.parametrize("times", [1, 3])
def test_after_it_has_stopped_it_accepts_nothing_however_often_it_was_started(times: int) -> None:
    async def test(standby: StandbyListener, ask: Ask) -> None:
        for _ in range(times):
            standby.start()
        standby.stop()
        asking = asyncio.ensure_future(ask())
        for _ in range(100):  # iterations of a loop that has nothing else to do
            await asyncio.sleep(0)
        assert not asking.done()
        standby.start()
        assert (await asking).endswith(b"hello")

    with_standby_listener(test)


def test_sockets_that_it_is_given_while_it_runs_are_used_at_once() -> None:
    async def test(standby: StandbyListener, ask: Ask) -> None:
        standby.start()
        with socket.create_server(("127.0.0.1", 0)) as other:
            other.setblocking(False)
            standby.set_sockets(
                build_guard(),
                [other.dup()],
            )
            reader, writer = await asyncio.open_connection(*other.getsockname())
            writer.write(b"GET / HTTP/1.0\r\nHost: standby\r\n\r\n")
            assert (await reader.read()).endswith(b"hello")
            writer.close()
            await writer.wait_closed()

    with_standby_listener(test)
