"""HTTP handlers of apps: the page, the token that opens a document, and extension files."""

from __future__ import annotations

import json
import secrets
from typing import Any, Protocol
from urllib.parse import quote, unquote

from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.routing import Router
from tornado.web import Application, HTTPError

from ..server import CACHE_FOREVER, BaseHandler, csp, log_nothing, render_page
from . import extension_assets
from .app import App
from .app_server import AppServer, parse_arguments
from .parameters import BadValue


class AppWebSocketRouter(Router):
    """Finds Bokeh's websocket for `/name/socket`."""

    def __init__(self, server: AppServer) -> None:
        self._app_server = server
        self._busy_application = Application(
            [], default_handler_class=_KernelBusyHandler, log_function=log_nothing
        )

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> HTTPMessageDelegate | None:
        target = self._app_server.find_application(unquote(request.path.split("/")[1]))
        if target is None:
            return self._busy_application.find_handler(request, **kwargs)
        request.path = "/socket"
        return target.find_handler(request, **kwargs)


class _KernelBusyHandler(BaseHandler):
    def prepare(self) -> None:
        raise HTTPError(503)


class LoginState(Protocol):
    """The access rules of the share, as the page of an app uses them."""

    @property
    def has_password(self) -> bool: ...


class _AppHandler(BaseHandler):
    """Answers for one app, by its name."""

    def initialize(self, server: AppServer, access: LoginState) -> None:
        self._app_server, self._access = server, access

    def get_app(self, name: str) -> App:
        shared_app = self._app_server.apps.find(name)
        if shared_app is None:
            raise HTTPError(404)
        return shared_app


class AppPageHandler(_AppHandler):
    """The page of one app."""

    def get(self, name: str) -> None:
        app = self.get_app(name)
        problem = ""
        if self._app_server.is_on_kernel_loop:
            try:
                if app.read_options(parse_arguments(self.request))[1] is not None:
                    self.set_status(400)  # the page says why, beside the controls
            except BadValue as error:
                problem = str(error)
                self.set_status(400)
        self.set_header("Cache-Control", "no-cache")
        nonce = secrets.token_urlsafe(16)
        self.set_header("Content-Security-Policy", csp.build_app_policy(nonce))
        self.finish(
            render_page(
                app.name,
                bokeh_version=self._app_server.bokehjs.version,
                app=app.name,
                about=app.about,
                problem=problem,
                has_defaults=not any(each.is_required for each in app.parameters),
                has_password=self._access.has_password,
                nonce=nonce,
            )
        )


class AppTokenHandler(_AppHandler):
    """The token that the page of an app needs to open its document."""

    def get(self, name: str) -> None:
        app = self.get_app(name)
        if not self._app_server.is_on_kernel_loop or self._app_server.find_application(name) is None:
            raise HTTPError(503)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        try:
            self.finish(json.dumps(self._app_server.build_session_info(app, self.request)))
        except BadValue as error:
            self.set_status(400)
            self.finish(json.dumps({"problem": str(error)}))


class AppRedirectHandler(_AppHandler):
    """An app's link with a slash at its end."""

    def get(self, name: str) -> None:
        self.get_app(name)
        query = f"?{self.request.query}" if self.request.query else ""
        self.set_header("Location", f"../{quote(name)}{query}")
        self.set_status(301)
        self.finish()


class ExtensionFileHandler(BaseHandler):
    """A file of a package that extends BokehJS."""

    async def get(self, package: str, path: str) -> None:
        file = extension_assets.find_extension_file(package, path)
        if file is None:
            raise HTTPError(404)
        content_type, content, is_packed = extension_assets.load_extension_file(file, file.stat().st_mtime)
        self.set_header("Content-Type", content_type)
        self.set_header("Cache-Control", CACHE_FOREVER if self.get_query_argument("v", "") else "no-cache")
        if is_packed:
            await self.finish_gzipped(content)
        else:
            self.finish(content)
