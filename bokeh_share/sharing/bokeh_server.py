"""Bokeh's own server, embedded: behind the door the page, its files, and the way to the viewers' thread."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from socket import SHUT_RDWR, socket
from typing import Any

import bokeh
from bokeh.server.server import BaseServer
from bokeh.server.tornado import BokehTornado
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application, HTTPError
from websockets.datastructures import Headers
from websockets.http11 import Request

from .. import limits
from ..apps.app_server import AppServer
from ..apps.handlers import AppPage, AppSlash, AppToken, ExtensionFile, Sockets
from ..broadcast.broadcaster import Broadcaster
from ..network.addresses import Address
from ..plots.page import Page
from ..server import csp
from ..server.assets import BOKEHJS_PARTS, gzipped, page_html
from ..server.auth.guard import AccessGuard
from ..server.auth.login import STATE_PATH
from ..server.auth.login_throttle import client_network
from ..server.auth.rules import AccessRules
from ..server.base_handler import CACHE_FOREVER, BaseHandler, log_nothing
from ..server.listener import Listener
from ..server.rate_limit import TokenBucket, TokenBucketPerClient
from ..server.visitor_log import log_misuse


class Server:
    """Listens on one port of one or more addresses, on the kernel's IO loop, from `listen` to `stop`.

    `loop` must be the current loop in each call.
    """

    def __init__(
        self,
        loop: IOLoop,
        viewers: Broadcaster,
        apps: AppServer,
        rules: AccessRules,
        page: Callable[[], Page],
    ) -> None:
        inside = Application(
            _routes(self, apps, page), default_handler_class=_Nothing, log_function=log_nothing
        )
        self.guard = AccessGuard(inside, rules)
        self._joins = TokenBucket(limits.JOINS, limits.JOINS_AT_ONCE)
        self._joins_each = TokenBucketPerClient(limits.JOINS_EACH, limits.JOINS_EACH_AT_ONCE, limits.TRIERS)
        self.viewers = viewers
        self.port = 0
        self._listeners: dict[Address, tuple[Listener, socket]] = {}
        self._base = BaseServer(loop, BokehTornado({}, ico_path="none"), HTTPServer(self.guard))
        self._base.start()

    @property
    def addresses(self) -> tuple[Address, ...]:
        return tuple(self._listeners)

    def sockets(self, *, without: Sequence[Address] = ()) -> list[socket]:
        """Those that listen, but for some addresses."""
        return [sock for address, (_, sock) in self._listeners.items() if address not in without]

    def listen(self, addresses: Sequence[Address], sockets: Sequence[socket]) -> None:
        """Accept on `sockets`, which are bound to `addresses`, all on one port."""
        for address, sock in zip(addresses, sockets, strict=True):
            self._listeners[address] = Listener(self.guard, sock, self.viewers.turn_away), sock
            self.port = sock.getsockname()[1]
        # Browsers send the cookies of a host to all its ports.
        self.guard.cookie = f"bokeh_share_{self.port}"

    def unlisten(self, addresses: Sequence[Address]) -> None:
        for address in addresses:
            listening, sock = self._listeners.pop(address)
            with suppress(OSError):  # also for what the notebook has forked, which has the socket as well
                sock.shutdown(SHUT_RDWR)
            listening.stop()

    def stop(self) -> None:
        """Free the port. Viewers are the helper thread's, and are told by whoever stops that."""
        self.unlisten(self.addresses)
        self._base.stop(wait=False)

    def may_join(self, ip: str) -> bool:
        """Whether one more page may begin to watch, from there; if so, it counts."""
        return self._joins_each.take(client_network(ip)) and self._joins.take()


def _routes(server: Server, apps: AppServer, page: Callable[[], Page]) -> Any:
    app = {"server": apps}
    return [
        (r"", _Slash),
        (r"/", _PageHandler, {"page": page, "guard": lambda: server.guard}),
        (r"/(page\.css|opener\.js|page\.js|plot\.js|app\.js|extensions\.js)", _OwnFile),
        (rf"/bokeh/{bokeh.__version__}/([a-z-]+)\.min\.js", _BokehFile),
        (r"/bundle/([0-9a-f]{64})\.js", _Bundle, {"page": page}),
        (r"/static/extensions/([^/]+)/(.+)", ExtensionFile),
        (STATE_PATH, _NoLock),
        (r"/ws", _SocketHandler, {"server": server}),
        (r"/[^/]+/socket(/\d+)?", Sockets(apps)),
        (r"/([^/]+)", AppPage, app),
        (r"/([^/]+)/", AppSlash, app),
        (r"/([^/]+)/token", AppToken, app),
    ]


class _Slash(BaseHandler):
    """The link without its last slash."""

    def get(self) -> None:
        self.set_header("Location", self.request.uri.split("?")[0].rsplit("/", 1)[-1] + "/")
        self.set_status(301)
        self.finish()


class _Nothing(BaseHandler):
    def prepare(self) -> None:
        raise HTTPError(404)


class _NoLock(BaseHandler):
    """No password is asked for."""

    def get(self) -> None:
        self.set_status(204)
        self.finish()


class _PageHandler(BaseHandler):
    def initialize(self, page: Callable[[], Page], guard: Callable[[], AccessGuard]) -> None:
        self._page, self._guard = page, guard()

    def get(self) -> None:
        self.set_header("Cache-Control", "no-cache")
        nonce = secrets.token_urlsafe(16)
        self.set_header("Content-Security-Policy", csp.page(nonce))
        self.finish(page_html(self._page().title, locked=self._guard.rules.lock is not None, nonce=nonce))


class _File(BaseHandler):
    async def send(self, name: str, kind: str, keep: str) -> None:
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.set_header("Cache-Control", keep)
        await self.finish_packed(gzipped(name))


class _OwnFile(_File):
    async def get(self, name: str) -> None:
        await self.send(name, "text/css" if name.endswith("css") else "text/javascript", "no-cache")


class _BokehFile(_File):
    async def get(self, part: str) -> None:
        if part not in BOKEHJS_PARTS:
            raise HTTPError(404)
        # The version is in its address.
        await self.send(part, "text/javascript", CACHE_FOREVER)


class _Bundle(BaseHandler):
    """The script of a model of the author's own, by its digest; of those that the page tells of."""

    def initialize(self, page: Callable[[], Page]) -> None:
        self._bundles = page().bundles

    async def get(self, digest: str) -> None:
        found = next((each for each in self._bundles if each.script and each.digest == digest), None)
        if found is None:
            raise HTTPError(404)
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", CACHE_FOREVER)
        await self.finish_packed(found.packed)


class _SocketHandler(BaseHandler):
    """Reads a websocket request and hands its connection to the viewers' thread."""

    def initialize(self, server: Server) -> None:
        self._server = server

    def get(self) -> None:
        upgrade = self.request.headers.get("Upgrade", "").lower()
        if upgrade != "websocket" or self.request.version != "HTTP/1.1":
            raise HTTPError(404)
        request = Request(self.request.uri or "", Headers(self.request.headers.get_all()))
        if not self._server.may_join(str(self.request.remote_ip)):
            log_misuse("more pages a second begin to watch than may")
            raise HTTPError(429)
        session_tokens = self._server.guard.holding(self.request)
        stream = self.detach()
        self._server.guard.pending.stay(stream)
        if not stream.closed():
            stream.io_loop.remove_handler(stream.socket)
            self._server.viewers.adopt(stream.socket, request, session_tokens)
