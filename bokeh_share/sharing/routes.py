"""What answers the requests that the access guard lets in: the page, its files, apps, and the websocket."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import bokeh
from bokeh.util.paths import bokehjs_path
from tornado.web import HTTPError
from websockets.datastructures import Headers
from websockets.http11 import Request

from ..apps import (
    AppPageHandler,
    AppRedirectHandler,
    AppServer,
    AppTokenHandler,
    AppWebSocketRouter,
    ExtensionFileHandler,
)
from ..broadcast import Broadcaster
from ..plots import Page
from ..server import (
    BOKEHJS_PARTS,
    CACHE_FOREVER,
    PAGE_FILES,
    BaseHandler,
    BokehJs,
    csp,
    gzip_file,
    log_misuse,
    render_page,
)
from ..server.auth import STATE_PATH, AccessGuard

INSTALLED_BOKEHJS = BokehJs(bokeh.__version__, Path(bokehjs_path()) / "js")
"""Of the Bokeh that runs here."""


class JoinServer(Protocol):
    """The server, as far as the handlers use it."""

    guard: AccessGuard
    broadcaster: Broadcaster

    def can_join(self, ip: str) -> bool: ...


def build_routes(server: JoinServer, apps: AppServer, get_page: Callable[[], Page]) -> Any:
    handler_args = {"server": apps}
    return [
        (r"", _SlashHandler),
        (r"/", _PageHandler, {"page": get_page, "guard": lambda: server.guard}),
        (rf"/({'|'.join(map(re.escape, PAGE_FILES))})", _PageAssetHandler),
        (rf"/bokeh/{INSTALLED_BOKEHJS.version}/([a-z-]+)\.min\.js", _BokehJsHandler),
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


class NotFoundHandler(BaseHandler):
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
                self._get_page().title,
                bokehjs=INSTALLED_BOKEHJS,
                has_password=self._guard.rules.password is not None,
                nonce=nonce,
            )
        )


class _AssetHandler(BaseHandler):
    async def send(self, name: str, content_type: str, cache_control: str) -> None:
        self.set_header("Content-Type", f"{content_type}; charset=utf-8")
        self.set_header("Cache-Control", cache_control)
        await self.finish_gzipped(gzip_file(name, INSTALLED_BOKEHJS))


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

    def initialize(self, server: JoinServer) -> None:
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
