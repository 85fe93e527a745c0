"""Embeds Bokeh's server, which serves the page and its files, and hands websockets to the viewers' thread.

An access guard checks every request."""

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
from ..apps.handlers import (
    AppPageHandler,
    AppRedirectHandler,
    AppTokenHandler,
    AppWebSocketRouter,
    ExtensionFileHandler,
)
from ..broadcast.broadcaster import Broadcaster
from ..network.addresses import Address
from ..plots.page import Page
from ..server import csp
from ..server.assets import BOKEHJS_PARTS, gzip_file, render_page
from ..server.auth.guard import AccessGuard
from ..server.auth.login import STATE_PATH
from ..server.auth.login_throttle import find_client_network
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
        broadcaster: Broadcaster,
        apps: AppServer,
        rules: AccessRules,
        get_page: Callable[[], Page],
    ) -> None:
        application = Application(
            _build_routes(self, apps, get_page),
            default_handler_class=_NotFoundHandler,
            log_function=log_nothing,
        )
        self.guard = AccessGuard(application, rules)
        self._join_bucket = TokenBucket(limits.JOIN_RATE, limits.JOIN_BURST)
        self._client_join_buckets = TokenBucketPerClient(
            limits.CLIENT_JOIN_RATE, limits.CLIENT_JOIN_BURST, limits.MAX_TRACKED_CLIENTS
        )
        self.broadcaster = broadcaster
        self.port = 0
        self._listeners: dict[Address, tuple[Listener, socket]] = {}
        self._base_server = BaseServer(loop, BokehTornado({}, ico_path="none"), HTTPServer(self.guard))
        self._base_server.start()

    @property
    def addresses(self) -> tuple[Address, ...]:
        return tuple(self._listeners)

    def list_sockets(self, *, excluded: Sequence[Address] = ()) -> list[socket]:
        """Those that listen, but for some addresses."""
        return [sock for address, (_, sock) in self._listeners.items() if address not in excluded]

    def listen(self, addresses: Sequence[Address], sockets: Sequence[socket]) -> None:
        """Accept on `list_sockets`, which are bound to `addresses`, all on one port."""
        for address, sock in zip(addresses, sockets, strict=True):
            self._listeners[address] = Listener(self.guard, sock, self.broadcaster.reject_viewer), sock
            self.port = sock.getsockname()[1]
        # Browsers send the cookies of a host to all its ports.
        self.guard.cookie_name = f"bokeh_share_{self.port}"

    def stop_listening(self, addresses: Sequence[Address]) -> None:
        for address in addresses:
            listener, sock = self._listeners.pop(address)
            with suppress(OSError):  # also for what the notebook has forked, which has the socket as well
                sock.shutdown(SHUT_RDWR)
            listener.stop()

    def stop(self) -> None:
        """Free the port. The broadcaster's thread has the viewers, and closes them when it is stopped."""
        self.stop_listening(self.addresses)
        self._base_server.stop(wait=False)

    def can_join(self, ip: str) -> bool:
        """Whether one more page may begin to watch, from there; if so, it counts."""
        return self._client_join_buckets.take(find_client_network(ip)) and self._join_bucket.take()


def _build_routes(server: Server, apps: AppServer, get_page: Callable[[], Page]) -> Any:
    handler_args = {"server": apps}
    return [
        (r"", _SlashHandler),
        (r"/", _PageHandler, {"page": get_page, "guard": lambda: server.guard}),
        (r"/(page\.css|opener\.js|page\.js|plot\.js|app\.js|extensions\.js)", _PageAssetHandler),
        (rf"/bokeh/{bokeh.__version__}/([a-z-]+)\.min\.js", _BokehJsHandler),
        (r"/bundle/([0-9a-f]{64})\.js", _BundleHandler, {"page": get_page}),
        (r"/static/extensions/([^/]+)/(.+)", ExtensionFileHandler),
        (STATE_PATH, _NoPasswordHandler),
        (r"/ws", _WebSocketHandler, {"server": server}),
        (r"/[^/]+/socket(/\d+)?", AppWebSocketRouter(apps)),
        (r"/([^/]+)", AppPageHandler, handler_args),
        (r"/([^/]+)/", AppRedirectHandler, handler_args),
        (r"/([^/]+)/token", AppTokenHandler, handler_args),
    ]


class _SlashHandler(BaseHandler):
    """The link without its last slash."""

    def get(self) -> None:
        self.set_header("Location", self.request.uri.split("?")[0].rsplit("/", 1)[-1] + "/")
        self.set_status(301)
        self.finish()


class _NotFoundHandler(BaseHandler):
    def prepare(self) -> None:
        raise HTTPError(404)


class _NoPasswordHandler(BaseHandler):
    """No password is asked for."""

    def get(self) -> None:
        self.set_status(204)
        self.finish()


class _PageHandler(BaseHandler):
    def initialize(self, page: Callable[[], Page], guard: Callable[[], AccessGuard]) -> None:
        self._get_page, self._guard = page, guard()

    def get(self) -> None:
        self.set_header("Cache-Control", "no-cache")
        nonce = secrets.token_urlsafe(16)
        self.set_header("Content-Security-Policy", csp.build_page_policy(nonce))
        self.finish(
            render_page(
                self._get_page().title, has_password=self._guard.rules.password is not None, nonce=nonce
            )
        )


class _AssetHandler(BaseHandler):
    async def send(self, name: str, content_type: str, cache_control: str) -> None:
        self.set_header("Content-Type", f"{content_type}; charset=utf-8")
        self.set_header("Cache-Control", cache_control)
        await self.finish_gzipped(gzip_file(name))


class _PageAssetHandler(_AssetHandler):
    async def get(self, name: str) -> None:
        await self.send(name, "text/css" if name.endswith("css") else "text/javascript", "no-cache")


class _BokehJsHandler(_AssetHandler):
    async def get(self, part: str) -> None:
        if part not in BOKEHJS_PARTS:
            raise HTTPError(404)
        # The version is in its address.
        await self.send(part, "text/javascript", CACHE_FOREVER)


class _BundleHandler(BaseHandler):
    """Serves the script of a custom model by its digest, if the page lists it."""

    def initialize(self, page: Callable[[], Page]) -> None:
        self._bundles = page().bundles

    async def get(self, digest: str) -> None:
        bundle = next((each for each in self._bundles if each.script and each.digest == digest), None)
        if bundle is None:
            raise HTTPError(404)
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", CACHE_FOREVER)
        await self.finish_gzipped(bundle.compressed_script)


class _WebSocketHandler(BaseHandler):
    """Reads a websocket request and hands its connection to the viewers' thread."""

    def initialize(self, server: Server) -> None:
        self._server = server

    def get(self) -> None:
        upgrade = self.request.headers.get("Upgrade", "").lower()
        if upgrade != "websocket" or self.request.version != "HTTP/1.1":
            raise HTTPError(404)
        request = Request(self.request.uri or "", Headers(self.request.headers.get_all()))
        if not self._server.can_join(str(self.request.remote_ip)):
            log_misuse("more pages a second begin to watch than may")
            raise HTTPError(429)
        session_tokens = self._server.guard.read_valid_session_tokens(self.request)
        stream = self.detach()
        self._server.guard.pending.remove(stream)
        if not stream.closed():
            stream.io_loop.remove_handler(stream.socket)
            self._server.broadcaster.add_connection(stream.socket, request, session_tokens)
