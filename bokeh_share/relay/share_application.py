"""The application below the link of a relayed share: the page, its files, and notices about the rest."""

from __future__ import annotations

import re
import secrets
from typing import Any, Protocol
from urllib.parse import quote

from tornado.web import Application, HTTPError

from ..broadcast import WebSocketHandler
from ..server import (
    BOKEHJS_SCRIPT_PATH,
    BUNDLE_PATH,
    PAGE_FILES,
    BaseHandler,
    BokehJsHandler,
    BundleHandler,
    JoinThrottle,
    NoPasswordHandler,
    NotFoundHandler,
    PageAssetHandler,
    PageContent,
    PageHandler,
    PendingConnections,
    SlashHandler,
    csp,
    log_nothing,
    render_page,
)
from ..server.auth import STATE_PATH, AccessControl
from .notice_page import NoticeHandler

ENDED_TITLE = "Sharing has ended"
ENDED_TEXT = "The author has stopped sharing. Load this page again when they share again."


class RelayedContent(PageContent, Protocol):
    """The page of a relayed share. See `RelayedShare`."""

    def list_app_links(self, name: str) -> list[str] | None:
        """List the links of an app on the author's machine; None if the page has no such app."""
        ...


def build_share_application(
    content: RelayedContent,
    viewers: Any,
    access: AccessControl,
    pending: PendingConnections,
    join_throttle: JoinThrottle,
) -> Application:
    """Build the application of a share that goes on. `viewers` takes the websockets."""
    content_args = {"content": content}
    routes: Any = [
        (r"", SlashHandler),
        (r"/", PageHandler, {**content_args, "access": access}),
        (rf"/({'|'.join(map(re.escape, PAGE_FILES))})", PageAssetHandler),
        (BOKEHJS_SCRIPT_PATH, BokehJsHandler, content_args),
        (BUNDLE_PATH, BundleHandler, content_args),
        (STATE_PATH, NoPasswordHandler),
        _route_websocket(viewers, access, pending, join_throttle),
        (r"/([^/]+)", _AppNoticeHandler, content_args),
        (r"/([^/]+)/", _AppRedirectHandler, content_args),
    ]
    return Application(routes, default_handler_class=NotFoundHandler, log_function=log_nothing)


def build_ended_application(
    viewers: Any, access: AccessControl, pending: PendingConnections, join_throttle: JoinThrottle
) -> Application:
    """Build the application of a share that has ended: open pages hear it by their websockets."""
    notice = {"title": ENDED_TITLE, "text": ENDED_TEXT, "status": 410}
    routes: Any = [
        (r"", SlashHandler),
        (STATE_PATH, NoPasswordHandler),
        _route_websocket(viewers, access, pending, join_throttle),
        (r".*", NoticeHandler, notice),
    ]
    return Application(routes, log_function=log_nothing)


def _route_websocket(
    viewers: Any, access: AccessControl, pending: PendingConnections, join_throttle: JoinThrottle
) -> Any:
    socket_args = {"viewers": viewers, "access": access, "pending": pending, "join_throttle": join_throttle}
    return r"/ws", WebSocketHandler, socket_args


class _RelayedAppHandler(BaseHandler):
    def initialize(self, content: RelayedContent) -> None:
        self._content = content

    def list_links(self, name: str) -> list[str]:
        links = self._content.list_app_links(name)
        if links is None:
            raise HTTPError(404)
        query = f"?{self.request.query}" if self.request.query else ""
        return [link + query for link in links]


class _AppNoticeHandler(_RelayedAppHandler):
    """Says that an app runs on the author's machine, with its links there."""

    def get(self, name: str) -> None:
        links = self.list_links(name)
        nonce = secrets.token_urlsafe(16)
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Content-Security-Policy", csp.build_page_policy(nonce))
        self.finish(
            render_page(name, bokeh_version=self._content.bokeh_version, app=name, links=links, nonce=nonce)
        )


class _AppRedirectHandler(_RelayedAppHandler):
    """An app's link with a slash at its end."""

    def get(self, name: str) -> None:
        self.list_links(name)
        query = f"?{self.request.query}" if self.request.query else ""
        self.set_header("Location", f"../{quote(name)}{query}")
        self.set_status(301)
        self.finish()
