"""A server, access guard and broadcaster on a real loop and real sockets, without a notebook."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tornado.ioloop import IOLoop
from websockets.sync.client import ClientConnection, connect

from bokeh_share import limits
from bokeh_share.apps.app_server import AppServer
from bokeh_share.apps.registry import AppRegistry
from bokeh_share.broadcast.author_pages import AuthorControl
from bokeh_share.broadcast.broadcaster import Broadcaster
from bokeh_share.broadcast.hub import Hub
from bokeh_share.broadcast.pointing_board import PointingBoard
from bokeh_share.network.addresses import list_loopback_addresses
from bokeh_share.network.origins import build_origins
from bokeh_share.plots.lazy_page import LazyPage
from bokeh_share.plots.page import Page
from bokeh_share.server.auth.access_control import AccessControl
from bokeh_share.server.auth.author_rules import AuthorRules
from bokeh_share.server.auth.guard import AccessGuard
from bokeh_share.server.auth.password import Password
from bokeh_share.server.auth.rules import AccessRules
from bokeh_share.server.certificate import Certificate
from bokeh_share.server.pending_connections import PendingConnections
from bokeh_share.server.sockets import bind_sockets
from bokeh_share.sharing.bokeh_server import Server
from bokeh_share.sharing.routes import INSTALLED_BOKEHJS, build_application

PREFIX = "/secret"
APPS = AppServer(AppRegistry(), bokehjs=INSTALLED_BOKEHJS, get_max_documents=lambda: 200)


class EndpointOnLoop:
    """A server whose loop runs in a thread, like a kernel's."""

    def __init__(
        self,
        *,
        prefix: str = PREFIX,
        certificate: Certificate | None = None,
        password: Password | None = None,
        author_control: AuthorControl | None = None,
    ) -> None:
        self.prefix = prefix
        self.loop = IOLoop(make_current=False)
        self.thread = threading.Thread(target=self.loop.start, daemon=True)
        self.thread.start()
        self.changed = threading.Condition()
        self.page = Page("<b>Plots")
        self.viewer_changes = 0
        """Number of calls of `on_viewer_change`."""
        board = PointingBoard(lambda: self.broadcaster.author_pages.request_state())
        self.broadcaster = Broadcaster(
            LazyPage(self.page),
            Hub(self.page, ping_interval=limits.PING_INTERVAL, page_build="b1", pointing_board=board),
            on_viewer_change=self.on_viewer_change,
            author_control=author_control,
        )
        self.broadcaster.start()
        self.port, sockets = bind_sockets(list_loopback_addresses(), port=None)
        scheme = "http" if certificate is None else "https"
        origins = build_origins(scheme, ["127.0.0.1", "[::1]", "localhost"], self.port)
        rules = AccessRules(
            prefix,
            origins,
            password=password,
            tls=certificate is not None,
            cookie_name=f"bokeh_share_{self.port}",
            author=AuthorRules(origins),
        )
        self.access, pending = AccessControl(rules, certificate), PendingConnections()
        application = build_application(lambda: self.page, self.broadcaster, APPS, self.access, pending)
        guard = AccessGuard(application, self.access, pending)
        self.server = self.do(lambda: Server(self.loop, guard, self.broadcaster.viewer_limit.reject))
        self.do(lambda: self.server.listen(list_loopback_addresses(), sockets))
        self.broadcaster.update_sockets(self.server.guard, self.server.list_sockets())

    @property
    def host(self) -> str:
        """The host, as in a Host header."""
        return f"127.0.0.1:{self.port}"

    def show(self, page: Page) -> None:
        self.page = page
        self.broadcaster.publish(LazyPage(page))

    def on_viewer_change(self) -> None:
        self.viewer_changes += 1
        with self.changed:
            self.changed.notify_all()

    def do(self, function: Callable[[], Any]) -> Any:
        async def inside() -> Any:
            return function()

        return asyncio.run_coroutine_threadsafe(inside(), self.loop.asyncio_loop).result(10)

    def until(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, 10)

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(
            method, path, headers={key.replace("_", "-"): value for key, value in headers.items()}
        )
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response, body

    def send(self, data: bytes, *, source: str = "127.0.0.1", window: int | None = None) -> socket.socket:
        """Send data on a new connection from this address, which buffers at most `window` unread bytes.
        Return the connection."""
        connection = socket.socket()
        if window is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        connection.bind((source, 0))
        connection.settimeout(10)
        connection.connect(("127.0.0.1", self.port))
        with suppress(ConnectionError):  # the server may refuse a request before all of it was sent
            connection.sendall(data)
        return connection

    def ask(self, data: bytes) -> bytes:
        """Return the whole response, until the connection is closed."""
        with self.send(data) as connection:
            return rest(connection)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Keep the loop busy as a cell does, so that only the broadcaster's thread accepts connections."""
        over = threading.Event()
        self.broadcaster.update_busy(time.monotonic() - 1)
        self.loop.add_callback(over.wait, 60)
        self.get("/nothing")
        try:
            yield
        finally:
            over.set()
            self.broadcaster.update_busy(None)

    def watch(self, query: str = "", **options: Any) -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{self.port}{self.prefix}/ws{query}", max_size=None, open_timeout=10, **options
        )

    def end(self) -> None:
        with suppress(Exception):
            self.do(self.server.stop)
        self.broadcaster.stop()
        self.loop.add_callback(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


def rest(connection: socket.socket) -> bytes:
    """Receive data until the connection is closed in any way."""
    received = b""
    with suppress(ConnectionError):
        while data := connection.recv(65536):
            received += data
    return received


def header(message: str | bytes) -> Any:
    assert isinstance(message, bytes)
    return json.loads(message[4 : 4 + int.from_bytes(message[:4], "big")])


def receive_plot(viewer: Any) -> None:
    """Take frames until one has a plot. A viewer who comes at once first gets the page from before."""
    while header(viewer.recv(10))["kind"] != "plot":
        pass
