"""What every request passes first: below the unguessable prefix, or 404 without a hint."""

from __future__ import annotations

import gzip
import hmac
import logging
from typing import Any

from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.routing import Router
from tornado.web import Application, HTTPError, RequestHandler

FOREVER = "private, max-age=31536000, immutable"
"""How long what has its version in its address may be kept."""

log = logging.getLogger(__name__)


def quiet(handler: RequestHandler) -> None:
    """Tornado's access log, for which nobody asked: it would print the link into the author's cell."""


class Plain(RequestHandler):
    """A request handler whose answers tell nothing of the machine and end their connection.

    A kept-alive connection would belong to a loop that may be busy when the next request comes.
    """

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Connection", "close")
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

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.finish()

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Tornado's own would print the request, and with it the link, into the author's cell."""
        if not isinstance(value, HTTPError):
            log.error("answering a request failed", exc_info=value)


class _NotFound(Plain):
    def prepare(self) -> None:
        self.set_status(404)
        self.finish()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.set_status(404)  # also for a method that nobody knows
        self.finish()


class Door(Router):
    """Lets in what is below `prefix` (such as `/x8…`, or the empty text for all), with the prefix cut off."""

    def __init__(self, inside: Application, prefix: str) -> None:
        self.inside = inside
        self.prefix = prefix
        self._outside = Application([], default_handler_class=_NotFound, log_function=quiet)

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> HTTPMessageDelegate | None:
        length = len(self.prefix)
        begin, rest = request.path[:length], request.path[length:]
        allowed = hmac.compare_digest(begin.encode(), self.prefix.encode()) and rest[:1] in ("", "/")
        if not allowed:
            return self._outside.find_handler(request, **kwargs)
        request.path = rest
        return self.inside.find_handler(request, **kwargs)
