"""Routes allowed requests: the page, its files, apps, and the websocket."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bokeh
from bokeh.util.paths import bokehjs_path
from tornado.web import Application, HTTPError
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
    AUTHOR_FILES,
    BOKEHJS_PARTS,
    CACHE_FOREVER,
    PAGE_FILES,
    BaseHandler,
    BokehJs,
    JoinThrottle,
    PendingConnections,
    csp,
    gzip_file,
    log_misuse,
    log_nothing,
    render_page,
)
from ..server.auth import STATE_PATH, AccessControl

INSTALLED_BOKEHJS = BokehJs(bokeh.__version__, Path(bokehjs_path()) / "js")
"""The BokehJS of the installed Bokeh."""


def build_application(
    get_page: Callable[[], Page],
    broadcaster: Broadcaster,
    app_server: AppServer,
    access: AccessControl,
    pending: PendingConnections,
) -> Application:
    """Build the application below the link. `pending` has the connections whose websocket requests are read
    here."""
    page_args = {"get_page": get_page, "access": access}
    app_args = {"server": app_server, "access": access}
    socket_args = {
        "broadcaster": broadcaster,
        "access": access,
        "pending": pending,
        "join_throttle": JoinThrottle(),
    }
    routes: Any = [
        (r"", _SlashHandler),
        (r"/", _PageHandler, page_args),
        (rf"/({'|'.join(map(re.escape, PAGE_FILES))})", _PageAssetHandler),
        (rf"/({'|'.join(map(re.escape, AUTHOR_FILES))})", _AuthorAssetHandler, {"access": access}),
        (rf"/bokeh/{INSTALLED_BOKEHJS.version}/([a-z-]+)\.min\.js", _BokehJsHandler),
        (r"/bundle/([0-9a-f]{64})\.js", _BundleHandler, {"page": get_page}),
        (r"/static/extensions/([^/]+)/(.+)", ExtensionFileHandler),
        (STATE_PATH, _NoPasswordHandler),
        (r"/ws", _WebSocketHandler, socket_args),
        (r"/[^/]+/socket(/\d+)?", AppWebSocketRouter(app_server)),
        (r"/([^/]+)", AppPageHandler, app_args),
        (r"/([^/]+)/", AppRedirectHandler, app_args),
        (r"/([^/]+)/token", AppTokenHandler, app_args),
    ]
    return Application(routes, default_handler_class=_NotFoundHandler, log_function=log_nothing)


class _SlashHandler(BaseHandler):
    """Redirects the link without its last slash; a query, such as `?wall`, stays."""

    def get(self) -> None:
        path, *query = self.request.uri.split("?", 1)
        self.set_header("Location", "?".join([path.rsplit("/", 1)[-1] + "/", *query]))
        self.set_status(301)
        self.finish()


class _NotFoundHandler(BaseHandler):
    def prepare(self) -> None:
        raise HTTPError(404)


class _NoPasswordHandler(BaseHandler):
    """Answers password requests if there is no password."""

    def get(self) -> None:
        self.set_status(204)
        self.finish()


class _PageHandler(BaseHandler):
    def initialize(self, get_page: Callable[[], Page], access: AccessControl) -> None:
        self._get_page, self._access = get_page, access

    def get(self) -> None:
        self.set_header("Cache-Control", "no-cache")
        is_author = "author" in self.request.query_arguments and self._access.is_author(self.request)
        nonce = secrets.token_urlsafe(16)
        self.set_header("Content-Security-Policy", csp.build_page_policy(nonce))
        self.finish(
            render_page(
                self._get_page().title,
                bokehjs=INSTALLED_BOKEHJS,
                has_password=self._access.has_password and not is_author,
                is_author=is_author,
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


class _AuthorAssetHandler(_PageAssetHandler):
    """Serves the files of the author's own page to the author; to others, there are none."""

    def initialize(self, access: AccessControl) -> None:
        self._access = access

    async def get(self, name: str) -> None:
        if not self._access.is_author(self.request):
            raise HTTPError(404)
        await super().get(name)


class _BokehJsHandler(_AssetHandler):
    async def get(self, part: str) -> None:
        if part not in BOKEHJS_PARTS:
            raise HTTPError(404)
        # The version is part of its URL.
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
    """Reads a websocket request and passes its connection to the viewers' thread."""

    def initialize(
        self,
        broadcaster: Broadcaster,
        access: AccessControl,
        pending: PendingConnections,
        join_throttle: JoinThrottle,
    ) -> None:
        self._broadcaster, self._access = broadcaster, access
        self._pending, self._join_throttle = pending, join_throttle

    def get(self) -> None:
        headers, ip = self.request.headers, str(self.request.remote_ip)
        blocked_websockets = self._broadcaster.blocked_websockets
        if headers.get("Upgrade", "").lower() != "websocket" or self.request.version != "HTTP/1.1":
            # Only browsers that open a websocket send this header, and most proxies pass it on.
            if "Sec-WebSocket-Key" in headers:
                blocked_websockets.record(ip)
            raise HTTPError(404)
        blocked_websockets.forget(ip)
        request = Request(self.request.uri or "", Headers(headers.get_all()))
        if not self._join_throttle.can_join(ip):
            log_misuse("too many new pages per second")
            raise HTTPError(429)
        session_tokens = self._access.read_valid_session_tokens(self.request)
        is_author = "author" in self.request.query_arguments and self._access.is_author(self.request)
        stream = self.detach()
        self._pending.remove(stream)
        if not stream.closed():
            stream.io_loop.remove_handler(stream.socket)
            self._broadcaster.add_connection(stream.socket, request, session_tokens, is_author=is_author)
