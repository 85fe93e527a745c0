"""Closes the connections of apps' viewers, for misuse or slowness."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from .. import limits
from ..server import visitor_log
from ..wire import CloseCode
from .protocol import MessageError


class ClosableWebSocket(Protocol):
    """The websocket of a viewer, as far as closing needs it."""

    @property
    def ws_connection(self) -> Any: ...

    def close(self, code: int | None = None, reason: str | None = None) -> None: ...


class ConnectionClosing:
    """Closes one viewer's connection, and tracks if it is closed. Exists as long as the websocket."""

    def __init__(self, websocket: ClosableWebSocket, on_refused: Callable[[], None]) -> None:
        """`on_refused` is called when the viewer is disconnected for misuse."""
        self.is_refused = False
        """True if nothing more is read from the viewer."""
        self.is_closed = False
        self.is_session_final = False
        """True if the document ends with the connection, since our page cannot have sent the last message."""
        self._websocket = websocket
        self._on_refused = on_refused

    def reject(self, code: int, reason: str) -> None:
        """Refuse a connection that has just been opened."""
        self.is_refused = True
        self._websocket.close(code, reason)

    def refuse(self, error: MessageError) -> None:
        """Disconnect the viewer for misuse."""
        if not self.is_refused:
            visitor_log.log_misuse(error.kind)
            self.is_refused = True
            self.is_session_final = error.code != CloseCode.MESSAGE_TOO_BIG
        self._on_refused()
        self._websocket.close(error.code, str(error))

    def close_too_slow(self, kind: str) -> None:
        """Disconnect a viewer who is too slow. They may reconnect."""
        if not self.is_refused:
            visitor_log.log_misuse(kind)
        self.is_refused = True
        self._websocket.close(CloseCode.TOO_SLOW, "this connection is too slow while others wait")
        stream = getattr(self._websocket.ws_connection, "stream", None)
        if stream is not None:  # unsent bytes are then discarded, including the close frame
            asyncio.get_running_loop().call_later(limits.CLOSE_HANDSHAKE_TIMEOUT, stream.close)

    def mark_closed(self) -> None:
        """Mark that the connection is closed."""
        self.is_closed = True
