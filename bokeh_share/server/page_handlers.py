"""Request handlers of a page and its files, for a share in the author's kernel and for a relay."""

from __future__ import annotations

import secrets
from typing import Protocol

from tornado.web import HTTPError

from . import csp
from .assets import gzip_file, render_page
from .auth import AccessControl
from .base_handler import CACHE_FOREVER, BaseHandler

BOKEHJS_SCRIPT_PATH = r"/bokeh/([\w.+-]+)/([a-z-]+)\.min\.js"
"""The path of a script of BokehJS, with its version and its name."""
BUNDLE_PATH = r"/bundle/([0-9a-f]{64})\.js"
"""The path of the script of a custom model, with its digest."""


class PageContent(Protocol):
    """The page as the handlers need it, and the scripts that it loads besides its own."""

    @property
    def title(self) -> str: ...

    @property
    def bokeh_version(self) -> str:
        """The version of BokehJS that the page loads."""
        ...

    async def read_bokehjs(self, component: str) -> bytes | None:
        """Return a script of BokehJS, gzipped; None if there is none with this name."""
        ...

    async def read_bundle(self, digest: str) -> bytes | None:
        """Return the script of a custom model, gzipped; None if the page does not list it."""
        ...


class SlashHandler(BaseHandler):
    """Redirects the link without its last slash; a query, such as `?wall`, stays."""

    def get(self) -> None:
        path, *query = self.request.uri.split("?", 1)
        self.set_header("Location", "?".join([path.rsplit("/", 1)[-1] + "/", *query]))
        self.set_status(301)
        self.finish()


class NotFoundHandler(BaseHandler):
    """Answers clients who know the link, and ask for something that is not there."""

    def prepare(self) -> None:
        raise HTTPError(404)


class NoPasswordHandler(BaseHandler):
    """Answers password requests if there is no password."""

    def get(self) -> None:
        self.set_status(204)
        self.finish()


class PageHandler(BaseHandler):
    """Answers with the page."""

    def initialize(self, content: PageContent, access: AccessControl) -> None:
        self._content, self._access = content, access

    def get(self) -> None:
        self.set_header("Cache-Control", "no-cache")
        is_author = "author" in self.request.query_arguments and self._access.is_author(self.request)
        nonce = secrets.token_urlsafe(16)
        self.set_header("Content-Security-Policy", csp.build_page_policy(nonce))
        self.finish(
            render_page(
                self._content.title,
                bokeh_version=self._content.bokeh_version,
                has_password=self._access.has_password and not is_author,
                is_author=is_author,
                nonce=nonce,
            )
        )


class PageAssetHandler(BaseHandler):
    """Answers with one of the page's own files."""

    async def get(self, name: str) -> None:
        content_type = "text/css" if name.endswith("css") else "text/javascript"
        self.set_header("Content-Type", f"{content_type}; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        await self.finish_gzipped(gzip_file(name))


class _ScriptHandler(BaseHandler):
    """Answers with a script whose content never changes."""

    def initialize(self, content: PageContent) -> None:
        self._content = content

    async def send(self, gzipped: bytes | None) -> None:
        if gzipped is None:
            raise HTTPError(404)
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", CACHE_FOREVER)
        await self.finish_gzipped(gzipped)


class BokehJsHandler(_ScriptHandler):
    """Answers with a script of BokehJS; its version is part of its URL."""

    async def get(self, version: str, component: str) -> None:
        is_known = version == self._content.bokeh_version
        await self.send(await self._content.read_bokehjs(component) if is_known else None)


class BundleHandler(_ScriptHandler):
    """Answers with the script of a custom model by its digest, if the page lists it."""

    async def get(self, digest: str) -> None:
        await self.send(await self._content.read_bundle(digest))
