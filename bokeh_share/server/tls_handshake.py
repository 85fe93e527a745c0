"""How a connection begins: with a TLS handshake or with plain http, whichever of them is spoken here."""

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
"""What TLS begins with (RFC 8446, 5.1: the content type of a handshake record)."""


class PlainStream(IOStream):
    """Closes a connection at once that begins with TLS, where http is spoken.

    Nothing of a handshake looks like the end of a request, so whoever typed `https://` would wait in vain.
    """

    _has_received = False

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        count = super().read_from_fd(buf)
        if count and not self._has_received:
            self._has_received = True
            if bytes(buf[:1]) == TLS_HANDSHAKE_BYTE:
                log_misuse("a TLS handshake where http is spoken")
                return 0  # as at the end of what is sent
        return count


class TlsHandshake:
    """Looks at the first byte of a connection, and if that is TLS shakes hands; then calls `on_done`.

    Both have to happen within `limits.IDLE_TIMEOUT`. Tornado would warn of each handshake that fails.
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
        """True once the handshake has succeeded or failed."""
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
        except (OSError, AttributeError):  # this one, if the visitor had left before
            log_misuse("a TLS handshake that comes to nothing")
            self.close()
        else:
            self._finish()
            self._on_done(SSLIOStream(connection, ssl_options=self._certificate.context))

    def _finish(self) -> None:
        self._is_done = True
        self.io_loop.remove_timeout(self._close_timeout)
        self.io_loop.remove_handler(self._connection)
