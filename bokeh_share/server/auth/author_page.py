"""Exchanges the one-time code of the author's link for the author's cookie."""

from __future__ import annotations

from functools import lru_cache

from tornado.template import Template
from tornado.web import HTTPError

from ..assets import read_static_file
from ..base_handler import BaseHandler
from ..csp import build_inline_policy
from .access_control import AccessControl


class AuthorLinkPage(BaseHandler):
    """Answers requests with a valid code: with a page whose script sends the code back by POST.

    Programs that look at links, such as mail scanners and previews, read them by GET and do not use up the
    code.
    """

    def initialize(self, access: AccessControl) -> None:
        self._access = access

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Referrer-Policy", "same-origin")  # otherwise some browsers send no origin
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", build_inline_policy(*_load_exchange_assets()))

    def get(self) -> None:
        style, script = _load_exchange_assets()
        self.finish(_load_exchange_template().generate(style=style, script=script))

    def post(self) -> None:
        token = self._access.exchange_author_code(self.request)
        if token is None:  # another request was faster; the page without a code has no such method either
            raise HTTPError(405)
        is_secure = self.request.protocol == "https" or self.request.headers.get("Origin", "").startswith(
            "https:"
        )
        # Without a path: then it is the prefix as the browser sees it, also behind a proxy.
        self.set_cookie(
            self._access.author.cookie_name,
            token,
            path="",
            httponly=True,
            samesite="Strict",
            secure=is_secure,
        )
        self.set_status(204)
        self.finish()


@lru_cache
def _load_exchange_template() -> Template:
    return Template(read_static_file("author_link.html").decode(), autoescape="xhtml_escape")


@lru_cache
def _load_exchange_assets() -> tuple[str, str]:
    """Load the page's style and script."""
    return read_static_file("login.css").decode(), read_static_file("author_link.mjs").decode()
