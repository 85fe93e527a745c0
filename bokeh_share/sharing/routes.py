"""Routes allowed requests: the page, its files, apps, and the websocket."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bokeh
from bokeh.util.paths import bokehjs_path
from tornado.web import Application, HTTPError

from ..apps import (
    AppPageHandler,
    AppRedirectHandler,
    AppServer,
    AppTokenHandler,
    AppWebSocketRouter,
    ExtensionFileHandler,
)
from ..broadcast import Broadcaster, WebSocketHandler
from ..plots import Page
from ..server import (
    AUTHOR_FILES,
    BOKEHJS_PARTS,
    BOKEHJS_SCRIPT_PATH,
    BUNDLE_PATH,
    PAGE_FILES,
    BokehJs,
    BokehJsHandler,
    BundleHandler,
    JoinThrottle,
    NoPasswordHandler,
    NotFoundHandler,
    PageAssetHandler,
    PageHandler,
    PendingConnections,
    SlashHandler,
    log_nothing,
)
from ..server.auth import STATE_PATH, AccessControl

INSTALLED_BOKEHJS = BokehJs(bokeh.__version__, Path(bokehjs_path()) / "js")
"""The BokehJS of the installed Bokeh."""


class SharedContent:
    """The newest page of a share, with the BokehJS of the installed Bokeh. See `PageContent`."""

    bokeh_version = INSTALLED_BOKEHJS.version

    def __init__(self, get_page: Callable[[], Page]) -> None:
        self._get_page = get_page

    @property
    def title(self) -> str:
        return self._get_page().title

    async def read_bokehjs(self, component: str) -> bytes | None:
        return INSTALLED_BOKEHJS.gzip_script(component) if component in BOKEHJS_PARTS else None

    async def read_bundle(self, digest: str) -> bytes | None:
        bundles = self._get_page().bundles
        return next(
            (each.compressed_script for each in bundles if each.script and each.digest == digest), None
        )


def build_application(
    get_page: Callable[[], Page],
    broadcaster: Broadcaster,
    app_server: AppServer,
    access: AccessControl,
    pending: PendingConnections,
) -> Application:
    """Build the application below the link. `pending` has the connections whose websocket requests are read
    here."""
    content_args = {"content": SharedContent(get_page)}
    app_args = {"server": app_server, "access": access}
    socket_args = {
        "viewers": broadcaster,
        "access": access,
        "pending": pending,
        "join_throttle": JoinThrottle(),
        "on_request": broadcaster.blocked_websockets.record_request,
    }
    routes: Any = [
        (r"", SlashHandler),
        (r"/", PageHandler, {**content_args, "access": access}),
        (rf"/({'|'.join(map(re.escape, PAGE_FILES))})", PageAssetHandler),
        (rf"/({'|'.join(map(re.escape, AUTHOR_FILES))})", _AuthorAssetHandler, {"access": access}),
        (BOKEHJS_SCRIPT_PATH, BokehJsHandler, content_args),
        (BUNDLE_PATH, BundleHandler, content_args),
        (r"/static/extensions/([^/]+)/(.+)", ExtensionFileHandler),
        (STATE_PATH, NoPasswordHandler),
        (r"/ws", WebSocketHandler, socket_args),
        (r"/[^/]+/socket(/\d+)?", AppWebSocketRouter(app_server)),
        (r"/([^/]+)", AppPageHandler, app_args),
        (r"/([^/]+)/", AppRedirectHandler, app_args),
        (r"/([^/]+)/token", AppTokenHandler, app_args),
    ]
    return Application(routes, default_handler_class=NotFoundHandler, log_function=log_nothing)


class _AuthorAssetHandler(PageAssetHandler):
    """Serves the files of the author's own page to the author; to others, there are none."""

    def initialize(self, access: AccessControl) -> None:
        self._access = access

    async def get(self, name: str) -> None:
        if not self._access.is_author(self.request):
            raise HTTPError(404)
        await super().get(name)
