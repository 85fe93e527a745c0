"""Request handlers whose answers tell nothing of the machine, and end their connection."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import zlib
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, StreamClosedError
from tornado.web import HTTPError, RequestHandler

from .. import limits
from ..text import for_log
from .csp import NOTHING

CACHE_FOREVER = "private, max-age=31536000, immutable"
"""How long what has its version in its address may be kept."""

log = logging.getLogger(__name__)


def log_nothing(handler: RequestHandler) -> None:
    """Tornado's access log, for which nobody asked: it would print the link into the author's cell."""


class ErrorHandler(RequestHandler):
    """Says no more than it has to, for who may know nothing.

    A kept-alive connection would belong to a loop that may be busy when the next request comes.
    """

    _patience: object | None = None

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Connection", "close")

    def finish(self, chunk: Any = None) -> asyncio.Future[None]:
        """Answer and close the connection, which Tornado would keep whatever the header says."""
        stream = self._stream
        self.hurry()
        sent = super().finish(chunk)
        if stream.closed():
            self._let_go()
        else:
            # Done when all of the answer is out.
            stream.write(b"").add_done_callback(lambda _: self._let_go())
        return sent

    def hurry(self) -> None:
        """From now on the visitor has `limits.ANSWER` seconds for taking the whole answer."""
        if self._patience is None:
            self._patience = IOLoop.current().call_later(limits.ANSWER, self._stream.close)

    def _let_go(self) -> None:
        if self._patience is not None:
            IOLoop.current().remove_timeout(self._patience)
        self._stream.close()

    @cached_property
    def _stream(self) -> IOStream:
        connection: Any = self.request.connection
        stream: IOStream = connection.stream
        return stream

    def head(self, *args: str, **kwargs: str) -> Any:
        """Answer as to GET; Tornado leaves the body out. Who makes a preview of a link asks by HEAD first."""
        return self.get(*args, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.finish()

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Tornado's own would print the request, and with it the link, into the author's cell."""
        if not isinstance(value, HTTPError):
            log.error("answering a request failed", exc_info=for_log(value))


class BaseHandler(ErrorHandler):
    """Answers who knows the link."""

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Content-Security-Policy", NOTHING)
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        if "Sec-Fetch-Mode" in self.request.headers:
            # Where browsers send that they heed this; on plain http they would log an error for it.
            self.set_header("Cross-Origin-Opener-Policy", "same-origin")

    async def finish_packed(self, content: bytes) -> None:
        """Answer with what is packed by gzip, unpacked if need be: piece by piece, as it is taken."""
        is_packed = "gzip" in self.request.headers.get("Accept-Encoding", "")
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("Etag", f'"{_digest(content)}{"" if is_packed else "-unpacked"}"')
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
            return
        if is_packed:
            self.set_header("Content-Encoding", "gzip")
            self.set_header("Content-Length", str(len(content)))
        self.hurry()
        pieces = _pieces(content, limits.PIECE) if is_packed else _unpacked(content)
        try:
            for piece in [b""] if self.request.method == "HEAD" else pieces:
                self.write(piece)
                del piece  # the stream has its own copy while this waits
                await self.flush()
            self.finish()
        except StreamClosedError:  # the visitor left, or was too slow
            self._let_go()


def _pieces(content: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


def _unpacked(content: bytes) -> Iterator[bytes]:
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # 16 is for gzip's header
    for rest in _pieces(content, limits.PIECE // 4):  # a script has a quarter of its size when it is packed
        while rest:
            yield unpacking.decompress(rest, limits.PIECE)
            rest = unpacking.unconsumed_tail
    yield unpacking.flush()


@lru_cache(maxsize=64)
def _digest(content: bytes) -> str:
    """By which a browser tells that it has this already."""
    return hashlib.sha256(content).hexdigest()[:32]
