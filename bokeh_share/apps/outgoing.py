"""Sends an app's messages to one viewer, and closes connections that are too slow or silent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bokeh.server.tornado import BokehTornado
from bokeh.server.views.ws import WSHandler
from tornado.httputil import HTTPServerRequest
from tornado.websocket import WebSocketClosedError

from .. import limits
from ..compat import count_sent_bytes
from ..server import BaseHandler, visitor_log
from ..server.auth import find_client_network
from ..wire import CloseCode
from .outbox import Outbox


class OutgoingWebSocket(BaseHandler, WSHandler):
    """The sending side of Bokeh's websocket. Unsent messages are counted in the outbox."""

    def __init__(
        self, tornado_app: BokehTornado, request: HTTPServerRequest, *, outbox: Outbox[Any], **options: Any
    ) -> None:
        self.network = find_client_network(str(request.remote_ip))
        """The network that the viewer counts for."""
        self.is_refused = False
        self.is_closed = False
        self._outbox = outbox
        self._last_activity = time.monotonic()
        """When something was last received from the viewer."""
        self._ping_sent_at: float | None = None
        """When the ping was sent that is not answered yet."""
        self._is_awaiting_document = True
        """True until the document was sent to the viewer."""
        self._document_built_at: float | None = None
        """When the document was built. It counts as unsent until the viewer requests it."""
        self._is_handling_message = False
        """True while a message of the viewer is processed, and no other is read."""
        super().__init__(tornado_app, request, **options)

    @property
    def bytes_sent(self) -> int:
        """Bytes that were passed to the operating system."""
        return count_sent_bytes(self)

    def refuse(self, kind: str) -> None:
        """Disconnect the viewer for misuse."""
        raise NotImplementedError

    def release_connection(self) -> None:
        """Release the resources of a viewer who has left."""
        raise NotImplementedError

    def limit_unsent(self) -> None:
        """Enforce the limits after the unsent bytes have grown."""
        for socket in self._outbox.list_excess_receivers():
            socket.close_too_slow("an app's viewer is too slow for what is made for them")

    def close_too_slow(self, kind: str) -> None:
        """Disconnect a viewer who is too slow. They may reconnect."""
        if not self.is_refused:
            visitor_log.log_misuse(kind)
        self.is_refused = True
        self.close(CloseCode.TOO_SLOW, "this connection is too slow while others wait")
        stream = getattr(self.ws_connection, "stream", None)
        if stream is not None:  # bytes unsent by then are discarded, and the close frame with them
            asyncio.get_running_loop().call_later(limits.CLOSE_HANDSHAKE_TIMEOUT, stream.close)

    def reserve_document(self, size: int) -> None:
        """Count the document as unsent until it is requested, which pages do at once."""
        if not self.is_closed:
            self._document_built_at = time.monotonic()
            self._outbox.add(self, size)

    @property
    def is_document_reserved(self) -> bool:
        """True if the document is counted already."""
        return self._document_built_at is not None

    def mark_document_sent(self, document: Any) -> None:
        """Mark that this message has the whole document, with all changes so far."""
        self._release_document()
        self._is_awaiting_document = False
        self._track_message(document)

    async def send_message(self, message: Any) -> None:
        """Send a message, unless the document that will be sent contains its change."""
        if message is None or (self._is_awaiting_document and _is_document_change(message)):
            return
        if self.is_closed:  # while the document was being built
            self.release_connection()
            return
        self._track_message(message)
        await self.send_tracked(message)

    async def send_tracked(self, message: Any) -> None:
        """Send a message. Disconnect a viewer who receives nothing for a while, as their document waits."""
        sending = asyncio.ensure_future(message.send(self))
        try:
            while not sending.done():
                bytes_sent = self.bytes_sent
                await asyncio.wait({sending}, timeout=limits.APP_PING_TIMEOUT)
                if not sending.done() and self.bytes_sent == bytes_sent:
                    self.refuse("an app's viewer takes nothing")
            with suppress(WebSocketClosedError):  # `on_close` handles it
                sending.result()
        finally:
            self._last_activity = time.monotonic()
            self._outbox.remove(self)

    @contextmanager
    def track_activity(self) -> Iterator[None]:
        """Mark that a message of the viewer is being processed inside the block."""
        self._is_handling_message = True
        try:
            yield
        finally:
            self._is_handling_message = False
            self._last_activity, self._ping_sent_at = time.monotonic(), None

    def on_pong(self, data: bytes) -> None:
        self._last_activity, self._ping_sent_at = time.monotonic(), None

    def on_close(self) -> None:
        self.is_closed = True
        self._release_document()

    def probe(self, now: float) -> None:
        """Ping a silent viewer; close the connection if there is no answer.

        A viewer who is receiving a large message cannot answer before its end.
        """
        if self._is_handling_message or self.is_closed:
            return
        if self._document_built_at is not None and now - self._document_built_at > limits.APP_PING_TIMEOUT:
            self.refuse("an app's viewer does not ask for the document")
        elif self._outbox.is_sending(self):
            return
        elif self._ping_sent_at is not None and now - self._ping_sent_at > limits.APP_PING_TIMEOUT:
            self.close(reason="no sign of life")
        elif self._ping_sent_at is None and now - self._last_activity > limits.APP_PING_TIMEOUT:
            self._ping_sent_at = now
            with suppress(WebSocketClosedError):
                self.ping(b"0")

    def _track_message(self, message: Any) -> None:
        """Count a message until `send_tracked` has ended."""
        self._outbox.add(self, measure_message_size(message))
        self.limit_unsent()

    def _release_document(self) -> None:
        if self._document_built_at is not None:
            self._document_built_at = None
            self._outbox.remove(self)


def measure_message_size(message: Any) -> int:
    """Measure a message in bytes."""
    return len(message.content_json) + sum(memoryview(each.data).nbytes for each in message.buffers)


def _is_document_change(message: Any) -> bool:
    """True if the message changes the document, rather than reports an event."""
    return message.msgtype == "PATCH-DOC" and any(
        event["kind"] != "MessageSent" for event in message.content["events"]
    )
