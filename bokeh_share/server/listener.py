"""Accepts connections on a listening socket, as long as enough descriptors are left for the author."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from socket import socket
from typing import Any, Protocol

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPConnection, HTTPMessageDelegate
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream

from .. import limits
from .auth import AccessControl
from .pending_connections import PendingConnections
from .tls_handshake import PlainStream, TlsHandshake
from .visitor_log_filter import build_visitor_context

log = logging.getLogger(__name__)


class RequestReceiver(Protocol):
    """Receives the requests of all connections. See `AccessGuard`."""

    @property
    def access(self) -> AccessControl:
        """Has the certificate, if the connections use TLS."""
        ...

    @property
    def pending(self) -> PendingConnections: ...

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate: ...


class Listener:
    """Accepts connections on the current loop, under the access rules, until `stop`.

    Tornado would retry without a pause, and log each time, while no descriptor is left.
    """

    def __init__(
        self, receiver: RequestReceiver, sock: socket, on_descriptors_low: Callable[[], None]
    ) -> None:
        self.http_server = HTTPServer(
            receiver,
            idle_connection_timeout=limits.IDLE_TIMEOUT,
            body_timeout=limits.IDLE_TIMEOUT,
            max_body_size=limits.MAX_BODY_BYTES,
            max_header_size=limits.MAX_HEADER_BYTES,
        )
        self._receiver = receiver
        self._sock = sock
        self._on_descriptors_low = on_descriptors_low
        self._loop = IOLoop.current()
        self._pause_timeout: object | None = None
        build_visitor_context().run(self._loop.add_handler, sock, self._accept, IOLoop.READ)

    def stop(self) -> None:
        """Stop accepting, and close the socket; accepted connections are answered to the end."""
        if self._pause_timeout is not None:
            self._loop.remove_timeout(self._pause_timeout)
        else:
            self._loop.remove_handler(self._sock)
        self._sock.close()

    def _accept(self, sock: Any, events: int) -> None:
        for _ in range(limits.MAX_ACCEPTS_PER_ITERATION):
            try:
                connection, address = sock.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                self._pause(error)
                return
            if is_low_on_descriptors(connection, limits.RESERVED_DESCRIPTORS):
                connection.close()
                self._on_descriptors_low()
            elif (certificate := self._receiver.access.certificate) is None:
                self._serve(PlainStream(connection), address=address)
            else:
                serve = partial(self._serve, address=address)
                self._receiver.pending.add(TlsHandshake(connection, certificate, serve))

    def _serve(self, stream: IOStream, *, address: Any) -> None:
        self._receiver.pending.add(stream)
        self.http_server.handle_stream(stream, address)

    def _pause(self, error: OSError) -> None:
        log.debug("cannot accept a connection: %s", error)
        self._loop.remove_handler(self._sock)
        self._pause_timeout = self._loop.call_later(limits.ACCEPT_RETRY_DELAY, self._resume)
        self._on_descriptors_low()

    def _resume(self) -> None:
        self._pause_timeout = None
        self._loop.add_handler(self._sock, self._accept, IOLoop.READ)


def is_low_on_descriptors(connection: socket, min_free: int) -> bool:
    """Return True if this process has fewer than `min_free` descriptors left, by the number of its newest
    one.

    A system assigns the lowest free number. Under a very low limit, a quarter of it is reserved instead.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return False
    max_descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return max_descriptors != resource.RLIM_INFINITY and connection.fileno() >= max_descriptors - min(
        min_free, max_descriptors // 4
    )
