"""Request handlers whose answers tell nothing of the machine, and end their connection."""

from __future__ import annotations

import asyncio
import gzip
import logging
from typing import Any

from tornado.ioloop import IOLoop
from tornado.web import HTTPError, RequestHandler

from .. import limits
from .policy import PAGE

FOREVER = "private, max-age=31536000, immutable"
"""How long what has its version in its address may be kept."""

log = logging.getLogger(__name__)


def quiet(handler: RequestHandler) -> None:
    """Tornado's access log, for which nobody asked: it would print the link into the author's cell."""


class Terse(RequestHandler):
    """Says no more than it has to, for who may know nothing.

    A kept-alive connection would belong to a loop that may be busy when the next request comes.
    """

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Connection", "close")

    def finish(self, chunk: Any = None) -> asyncio.Future[None]:
        """Answer; who does not take the answer in time is cut off."""
        connection: Any = self.request.connection
        sent = super().finish(chunk)
        if not sent.done():
            loop = IOLoop.current()
            patience = loop.call_later(limits.ANSWER, connection.close)
            sent.add_done_callback(lambda _: loop.remove_timeout(patience))
        return sent

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.finish()

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Tornado's own would print the request, and with it the link, into the author's cell."""
        if not isinstance(value, HTTPError):
            log.error("answering a request failed", exc_info=value)


class Plain(Terse):
    """Answers who knows the link."""

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Content-Security-Policy", PAGE)
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")

    def finish_packed(self, content: bytes) -> None:
        """Answer with what is packed by gzip, unpacked if need be."""
        self.set_header("Vary", "Accept-Encoding")
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
        else:
            content = gzip.decompress(content)
        self.finish(content)
