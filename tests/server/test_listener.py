"""The number of connections that are accepted before the event loop does other work."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack
from itertools import pairwise

import pytest
from support.apart import apart
from tornado.web import Application

from bokeh_share import limits
from bokeh_share.server.auth.access_control import AccessControl
from bokeh_share.server.auth.guard import AccessGuard
from bokeh_share.server.listener import Listener
from bokeh_share.server.pending_connections import PendingConnections


def test_however_many_connect_the_loop_does_other_work_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ACCEPTS_PER_ITERATION", 3)

    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=50) as sock, ExitStack() as stack:
            sock.setblocking(False)
            for _ in range(20):
                stack.enter_context(socket.create_connection(sock.getsockname()))
            guard = AccessGuard(Application(), AccessControl(), PendingConnections())
            listener = Listener(guard, sock.dup(), lambda: None)
            seen = [0]
            while seen[-1] < 20:
                await asyncio.sleep(0)  # one iteration of the loop
                seen.append(len(guard.pending))
            assert max(after - before for before, after in pairwise(seen)) == 3
            listener.stop()
            await listener.http_server.close_all_connections()

    apart(run)
