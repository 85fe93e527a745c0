"""Pings apps' viewers who are silent, and closes their connections if they do not answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from tornado.websocket import WebSocketClosedError

from .. import limits
from ..wire import CloseCode
from .closing import ConnectionClosing
from .outgoing import OutgoingMessages
from .protocol import MessageError


class PingableWebSocket(Protocol):
    """The websocket of a viewer, as far as pinging needs it."""

    def ping(self, data: bytes) -> Any: ...

    def close(self, code: int | None = None, reason: str | None = None) -> None: ...


class Keepalive:
    """Tracks the last activity of one viewer. Exists as long as the websocket."""

    def __init__(
        self, websocket: PingableWebSocket, outgoing: OutgoingMessages, closing: ConnectionClosing
    ) -> None:
        self._websocket, self._outgoing, self._closing = websocket, outgoing, closing
        self._last_received_at = time.monotonic()
        self._ping_sent_at: float | None = None
        """The time of a ping that was not answered yet; None if there is none."""
        self._is_handling_message = False
        """True while a message of the viewer is processed, and no other is read."""

    @contextmanager
    def track_activity(self) -> Iterator[None]:
        """Mark inside the block that a message of the viewer is being processed."""
        self._is_handling_message = True
        try:
            yield
        finally:
            self._is_handling_message = False
            self.record_activity()

    def record_activity(self) -> None:
        """Record an activity, such as the answer to a ping."""
        self._last_received_at, self._ping_sent_at = time.monotonic(), None

    @property
    def _ping_interval(self) -> float:
        """Seconds of silence before a ping: as few as for the page, since many proxies close a connection
        that carries nothing for 50 or 60 seconds."""
        return min(limits.PING_INTERVAL, limits.APP_PING_TIMEOUT)

    def probe(self, now: float) -> None:
        """Ping a silent viewer; close the connection if there is no answer.

        A viewer who is receiving a large message cannot answer before its end.
        """
        if self._is_handling_message or self._closing.is_closed:
            return
        last_activity = max(self._last_received_at, self._outgoing.last_sent_at)
        if self._outgoing.is_document_overdue(now):
            kind = "app viewer does not request the document"
            self._closing.refuse(MessageError(kind, CloseCode.POLICY_VIOLATION))
        elif self._outgoing.is_sending:
            return
        elif self._ping_sent_at is not None and now - self._ping_sent_at > limits.APP_PING_TIMEOUT:
            self._websocket.close(reason="no sign of life")
        elif self._ping_sent_at is None and now - last_activity > self._ping_interval:
            self._ping_sent_at = now
            with suppress(WebSocketClosedError):
                self._websocket.ping(b"0")
