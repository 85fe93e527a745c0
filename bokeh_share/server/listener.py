"""Accepts connections on listening sockets, as long as the author's process has descriptors to spare."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from socket import socket
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream

from .. import limits
from .auth.guard import AccessGuard
from .tls_handshake import PlainStream, TlsHandshake
from .visitor_log_filter import for_visitors

log = logging.getLogger(__name__)


class Listener:
    """Answers through the door who comes by a listening socket, on the loop that runs now, until `stop`.

    Tornado's own way goes on without a pause, and logs each time, while no descriptor is left.
    """

    def __init__(self, guard: AccessGuard, sock: socket, on_scarce: Callable[[], None]) -> None:
        self.http = HTTPServer(
            guard,
            idle_connection_timeout=limits.IDLE,
            body_timeout=limits.IDLE,
            max_body_size=limits.BODY,
            max_header_size=limits.HEADERS,
        )
        self._guard = guard
        self._sock = sock
        self._on_scarce = on_scarce
        self._loop = IOLoop.current()
        self._resting: object | None = None
        for_visitors().run(self._loop.add_handler, sock, self._accept, IOLoop.READ)

    def stop(self) -> None:
        """Accept nobody any more, and close the socket; who was let in is answered to the end."""
        if self._resting is not None:
            self._loop.remove_timeout(self._resting)
        else:
            self._loop.remove_handler(self._sock)
        self._sock.close()

    def _accept(self, sock: Any, events: int) -> None:
        for _ in range(limits.BACKLOG):
            try:
                connection, address = sock.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                self._rest(error)
                return
            if is_scarce(connection, limits.SPARE):
                connection.close()
                self._on_scarce()
            elif (certificate := self._guard.certificate) is None:
                self._serve(PlainStream(connection), address=address)
            else:
                serve = partial(self._serve, address=address)
                self._guard.pending.come(TlsHandshake(connection, certificate, serve))

    def _serve(self, stream: IOStream, *, address: Any) -> None:
        self._guard.pending.come(stream)
        self.http.handle_stream(stream, address)

    def _rest(self, error: OSError) -> None:
        log.debug("cannot accept a connection: %s", error)
        self._loop.remove_handler(self._sock)
        self._resting = self._loop.call_later(limits.REST, self._go_on)
        self._on_scarce()

    def _go_on(self) -> None:
        self._resting = None
        self._loop.add_handler(self._sock, self._accept, IOLoop.READ)


def is_scarce(connection: socket, spare: int) -> bool:
    """Whether this process has less than `spare` descriptors left, since it was given one of the last.

    A system gives the lowest that is free. Where it may have very few, a quarter of these are spared.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return False
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return most != resource.RLIM_INFINITY and connection.fileno() >= most - min(spare, most // 4)
