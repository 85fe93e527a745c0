"""Request handlers whose answers reveal nothing about the machine, and close their connection."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import logging
from functools import cached_property, lru_cache
from typing import Any

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, StreamClosedError
from tornado.web import HTTPError, RequestHandler

from .. import limits
from ..text import sanitize_for_log
from .csp import DENY_ALL_POLICY

CACHE_FOREVER = "private, max-age=31536000, immutable"
"""Cache-Control value for files whose URL contains their version."""

log = logging.getLogger(__name__)


def log_nothing(handler: RequestHandler) -> None:
    """Replace Tornado's access log, which would print the link into the author's cell."""


class ErrorHandler(RequestHandler):
    """Answers only with a status, for clients who must not learn anything.

    The connection is closed: the loop that owns it may be busy when the next request arrives.
    """

    _close_timeout: object | None = None

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Connection", "close")

    def finish(self, chunk: Any = None) -> asyncio.Future[None]:
        """Answer and close the connection. Tornado would keep it open despite the header."""
        stream = self._stream
        self.start_close_timeout()
        sent = super().finish(chunk)
        if stream.closed():
            self._close_stream()
        else:
            # Called when the whole answer is sent.
            stream.write(b"").add_done_callback(lambda _: self._close_stream())
        return sent

    def start_close_timeout(self) -> None:
        """Close the connection after `limits.RESPONSE_TIMEOUT` seconds, unless the answer is sent by then."""
        if self._close_timeout is None:
            self._close_timeout = IOLoop.current().call_later(limits.RESPONSE_TIMEOUT, self._stream.close)

    def _close_stream(self) -> None:
        if self._close_timeout is not None:
            IOLoop.current().remove_timeout(self._close_timeout)
        self._stream.close()

    @cached_property
    def _stream(self) -> IOStream:
        connection: Any = self.request.connection
        stream: IOStream = connection.stream
        return stream

    def head(self, *args: str, **kwargs: str) -> Any:
        """Answer as to GET; Tornado omits the body. Link previews first send HEAD requests."""
        return self.get(*args, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.finish()

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log no exception: Tornado would print the request, with the link, into the author's cell."""
        if not isinstance(value, HTTPError):
            log.error("answering a request failed", exc_info=sanitize_for_log(value))


class BaseHandler(ErrorHandler):
    """Answers clients who know the link."""

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Content-Security-Policy", DENY_ALL_POLICY)
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        if "Sec-Fetch-Mode" in self.request.headers:
            # Only on https and localhost: elsewhere browsers ignore it and log an error.
            self.set_header("Cross-Origin-Opener-Policy", "same-origin")

    async def finish_gzipped(self, gzipped: bytes) -> None:
        """Answer with gzipped content, decompressed for clients without gzip.

        The content is sent in pieces as the client receives them. All answers share the pieces, so that a
        client who receives nothing holds no copy.
        """
        can_gzip = "gzip" in self.request.headers.get("Accept-Encoding", "")
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("Etag", f'"{_hash_content(gzipped)}{"" if can_gzip else "-unpacked"}"')
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
            return
        if can_gzip:
            self.set_header("Content-Encoding", "gzip")
        split = _split_chunks if can_gzip else _gunzip_chunks
        chunks = split(gzipped, limits.MAX_RESPONSE_CHUNK_BYTES)
        self.set_header("Content-Length", str(sum(map(len, chunks))))
        self.start_close_timeout()
        try:
            await self.flush()  # otherwise Tornado would copy the first piece behind the headers
            for chunk in () if self.request.method == "HEAD" else chunks:
                self.write(chunk)
                await self.flush()
            self.finish()
        except StreamClosedError:  # the visitor left, or was too slow
            self._close_stream()


@lru_cache(maxsize=64)
def _split_chunks(content: bytes, size: int) -> tuple[bytes, ...]:
    return tuple(content[start : start + size] for start in range(0, len(content), size))


@lru_cache(maxsize=64)
def _gunzip_chunks(gzipped: bytes, size: int) -> tuple[bytes, ...]:
    return _split_chunks.__wrapped__(gzip.decompress(gzipped), size)


@lru_cache(maxsize=64)
def _hash_content(content: bytes) -> str:
    """Return the ETag of a content, by which a browser recognises a copy in its cache."""
    return hashlib.sha256(content).hexdigest()[:32]
