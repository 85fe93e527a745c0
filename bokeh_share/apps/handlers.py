"""What the browser of an app's viewer asks for: its page, and what opens a document."""

from __future__ import annotations

import json
import secrets
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.routing import Router
from tornado.web import Application, HTTPError

from ..server import csp
from ..server.assets import page_html
from ..server.base_handler import CACHE_FOREVER, BaseHandler, log_nothing
from . import extension_assets
from .app import App
from .app_server import AppServer, arguments_of
from .errors import BadValue


class Sockets(Router):
    """Finds Bokeh's websocket for `/name/socket`."""

    def __init__(self, server: AppServer) -> None:
        self._server = server
        self._busy = Application([], default_handler_class=_Busy, log_function=log_nothing)

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> HTTPMessageDelegate | None:
        target = self._server.find_socket(unquote(request.path.split("/")[1]))
        if target is None:
            return self._busy.find_handler(request, **kwargs)
        request.path = "/socket"
        return target.find_handler(request, **kwargs)


class _Busy(BaseHandler):
    def prepare(self) -> None:
        raise HTTPError(503)


class _OfApp(BaseHandler):
    """Answers for one app, by its name."""

    def initialize(self, server: AppServer) -> None:
        self._server = server

    def app(self, name: str) -> App:
        found = self._server.apps.find(name)
        if found is None:
            raise HTTPError(404)
        return found


class AppPage(_OfApp):
    """The page of one app."""

    def get(self, name: str) -> None:
        app = self.app(name)
        problem = ""
        if self._server.is_here:
            try:
                app.parameters.from_query(arguments_of(self.request))
            except BadValue as error:
                problem = str(error)
                self.set_status(400)
        self.set_header("Cache-Control", "no-cache")
        nonce = secrets.token_urlsafe(16)
        self.set_header("Content-Security-Policy", csp.app_policy(nonce))
        page = partial(page_html, app.name, app=app.name, about=app.about, problem=problem)
        self.finish(page(locked=self._server.is_locked(), nonce=nonce))


class AppToken(_OfApp):
    """What the page of an app needs to open its document."""

    def get(self, name: str) -> None:
        app = self.app(name)
        if not self._server.is_here or self._server.find_socket(name) is None:
            raise HTTPError(503)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        try:
            self.finish(json.dumps(self._server.opening(app, self.request)))
        except BadValue as error:
            self.set_status(400)
            self.finish(json.dumps({"problem": str(error)}))


class AppSlash(_OfApp):
    """An app's link with a slash at its end."""

    def get(self, name: str) -> None:
        self.app(name)
        query = f"?{self.request.query}" if self.request.query else ""
        self.set_header("Location", f"../{quote(name)}{query}")
        self.set_status(301)
        self.finish()


class ExtensionFile(BaseHandler):
    """A file of a package that extends BokehJS."""

    async def get(self, package: str, path: str) -> None:
        file = extension_assets.find(package, path)
        if file is None:
            raise HTTPError(404)
        kind, content, is_packed = extension_assets.packed(file, file.stat().st_mtime)
        self.set_header("Content-Type", kind)
        self.set_header("Cache-Control", CACHE_FOREVER if self.get_query_argument("v", "") else "no-cache")
        if is_packed:
            await self.finish_packed(content)
        else:
            self.finish(content)
