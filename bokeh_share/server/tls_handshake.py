"""Starts connections: by a TLS handshake on https ports, and without one on http ports."""

from __future__ import annotations

from collections.abc import Callable
from socket import MSG_PEEK, socket
from ssl import SSLWantReadError, SSLWantWriteError
from typing import Any

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, SSLIOStream

from .. import limits
from .certificate import Certificate
from .visitor_log import log_misuse

TLS_HANDSHAKE_BYTE = b"\x16"
"""The first byte of TLS: the content type of a handshake record (RFC 8446, 5.1)."""


class PlainStream(IOStream):
    """Closes a connection on an http port at once if it begins with TLS.

    The server would wait for the end of a request, and a browser with `https://` would wait in vain.
    """

    _has_received = False

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        count = super().read_from_fd(buf)
        if count and not self._has_received:
            self._has_received = True
            if bytes(buf[:1]) == TLS_HANDSHAKE_BYTE:
                log_misuse("TLS handshake on an http port")
                return 0  # like the end of the stream
        return count


class TlsHandshake:
    """Reads the first byte of a connection, performs a handshake if it is TLS, then calls `on_done`.

    Both must happen within `limits.IDLE_TIMEOUT`. Tornado would log a warning for each failed handshake.
    """

    def __init__(
        self, connection: socket, certificate: Certificate, on_done: Callable[[IOStream], None]
    ) -> None:
        connection.setblocking(False)
        self._connection, self._certificate, self._on_done = connection, certificate, on_done
        self._is_done = False
        self.io_loop = IOLoop.current()
        self._close_timeout = self.io_loop.call_later(limits.IDLE_TIMEOUT, self.close)
        self.io_loop.add_handler(connection, self._handle_first_byte, IOLoop.READ)

    def closed(self) -> bool:
        """Return True after the handshake has succeeded or failed."""
        return self._is_done

    def close(self) -> None:
        if not self._is_done:
            self._finish()
            self._connection.close()

    def _handle_first_byte(self, connection: Any, events: int) -> None:
        try:
            first = connection.recv(1, MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            first = b""
        if not first:
            self.close()
        elif first == TLS_HANDSHAKE_BYTE:
            self._start_handshake()
        else:
            self._finish()
            self._on_done(IOStream(connection))

    def _start_handshake(self) -> None:
        self.io_loop.remove_handler(self._connection)
        try:
            self._connection = self._certificate.context.wrap_socket(
                self._connection, server_side=True, do_handshake_on_connect=False
            )
        except OSError:  # the visitor left
            self.close()
            return
        self.io_loop.add_handler(self._connection, self._continue_handshake, IOLoop.READ)
        self._continue_handshake(self._connection, IOLoop.READ)

    def _continue_handshake(self, connection: Any, events: int) -> None:
        try:
            connection.do_handshake()
        except SSLWantReadError:
            self.io_loop.update_handler(connection, IOLoop.READ)
        except SSLWantWriteError:
            self.io_loop.update_handler(connection, IOLoop.WRITE)
        except (OSError, AttributeError):  # AttributeError if the visitor had left before
            log_misuse("failed TLS handshake")
            self.close()
        else:
            self._finish()
            self._on_done(SSLIOStream(connection, ssl_options=self._certificate.context))

    def _finish(self) -> None:
        self._is_done = True
        self.io_loop.remove_timeout(self._close_timeout)
        self.io_loop.remove_handler(self._connection)
