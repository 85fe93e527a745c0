"""Short answers of a relay: a page with one notice, and a status alone for those who must learn nothing."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tornado.template import Template
from tornado.web import Application

from ..server import BaseHandler, ErrorHandler, csp, log_nothing, read_static_file


class NoticeHandler(BaseHandler):
    """Answers with a page that has one notice."""

    def initialize(self, title: str, text: str, status: int) -> None:
        self._title, self._text, self._status = title, text, status

    def prepare(self) -> None:
        style = read_static_file("login.css").decode()
        self.set_status(self._status)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", csp.build_inline_policy(style, ""))
        self.finish(_load_notice_template().generate(style=style, title=self._title, text=self._text))


class StatusHandler(ErrorHandler):
    """Answers with a status and no more."""

    def initialize(self, status: int) -> None:
        self._status = status

    def prepare(self) -> None:
        self.set_status(self._status)
        if self._status == 429:
            self.set_header("Retry-After", "10")
        self.finish()


class HealthHandler(BaseHandler):
    """Tells if the relay can reach its broker."""

    def initialize(self, is_healthy: Any) -> None:
        self._is_healthy = is_healthy

    def get(self) -> None:
        is_healthy = self._is_healthy()
        self.set_status(200 if is_healthy else 503)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish("ok\n" if is_healthy else "no broker\n")


def build_plain_application(handler: type[ErrorHandler], **arguments: Any) -> Application:
    """Build an application whose handler answers all requests."""
    return Application([(r".*", handler, arguments)], log_function=log_nothing)


@lru_cache
def _load_notice_template() -> Template:
    return Template(read_static_file("notice_page.html").decode(), autoescape="xhtml_escape")
