"""The way from an app to one of its viewers, and whether they take what is sent."""

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
    """Bokeh's websocket as far as something is sent by it; what is kept for the viewer counts."""

    def __init__(
        self, tornado_app: BokehTornado, request: HTTPServerRequest, *, outbox: Outbox[Any], **options: Any
    ) -> None:
        self.network = find_client_network(str(request.remote_ip))
        """Whom the viewer counts as."""
        self.is_refused = False
        self.is_closed = False
        self._outbox = outbox
        self._last_activity = time.monotonic()
        """When the viewer gave a sign of life for the last time."""
        self._ping_sent_at: float | None = None
        """Since when there is no answer to a ping."""
        self._is_awaiting_document = True
        """Whether the viewer was not sent the document yet."""
        self._document_built_at: float | None = None
        """Since when the document is there, which counts until the viewer asks for it."""
        self._is_handling_message = False
        """Whether a message of the viewer's is looked at, and no other is read."""
        super().__init__(tornado_app, request, **options)

    @property
    def bytes_sent(self) -> int:
        """How many bytes the viewer, or the system for them, has taken."""
        return count_sent_bytes(self)

    def refuse(self, kind: str) -> None:
        """Send the viewer away, for what they did."""
        raise NotImplementedError

    def release_connection(self) -> None:
        """The viewer has left."""
        raise NotImplementedError

    def limit_unsent(self) -> None:
        """More is under way than before."""
        for socket in self._outbox.list_excess_receivers():
            socket.close_too_slow("an app's viewer is too slow for what is made for them")

    def close_too_slow(self, kind: str) -> None:
        """The viewer is too slow; they may come back."""
        if not self.is_refused:
            visitor_log.log_misuse(kind)
        self.is_refused = True
        self.close(CloseCode.TOO_SLOW, "this connection is too slow while others wait")
        stream = getattr(self.ws_connection, "stream", None)
        if stream is not None:  # what is not taken by then is given up, and that frame with it
            asyncio.get_running_loop().call_later(limits.CLOSE_HANDSHAKE_TIMEOUT, stream.close)

    def reserve_document(self, size: int) -> None:
        """The document was made, and counts from now on until it is asked for, which pages do at once."""
        if not self.is_closed:
            self._document_built_at = time.monotonic()
            self._outbox.add(self, size)

    @property
    def is_document_reserved(self) -> bool:
        """Whether the document counts already."""
        return self._document_built_at is not None

    def mark_document_sent(self, document: Any) -> None:
        """This message has the whole document, and all changes that there were."""
        self._release_document()
        self._is_awaiting_document = False
        self._track_message(document)

    async def send_message(self, message: Any) -> None:
        """Send it, unless it will be in the document that the viewer is about to get."""
        if message is None or (self._is_awaiting_document and _is_document_change(message)):
            return
        if self.is_closed:  # while the document was made
            self.release_connection()
            return
        self._track_message(message)
        await self.send_tracked(message)

    async def send_tracked(self, message: Any) -> None:
        """Whoever takes none of it for a while is sent away, as their document has to wait."""
        sending = asyncio.ensure_future(message.send(self))
        try:
            while not sending.done():
                bytes_sent = self.bytes_sent
                await asyncio.wait({sending}, timeout=limits.APP_PING_TIMEOUT)
                if not sending.done() and self.bytes_sent == bytes_sent:
                    self.refuse("an app's viewer takes nothing")
            with suppress(WebSocketClosedError):  # `on_close` sees to it
                sending.result()
        finally:
            self._last_activity = time.monotonic()
            self._outbox.remove(self)

    @contextmanager
    def track_activity(self) -> Iterator[None]:
        """Inside, a message of the viewer's is looked at."""
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
        """Ask a viewer who was silent for a sign of life; close the connection where there is none.

        Whoever is being sent something large can't answer before they have it.
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
        """The message is there, and counts until `send_tracked` has ended."""
        self._outbox.add(self, measure_message_size(message))
        self.limit_unsent()

    def _release_document(self) -> None:
        if self._document_built_at is not None:
            self._document_built_at = None
            self._outbox.remove(self)


def measure_message_size(message: Any) -> int:
    """Bytes of a message."""
    return len(message.content_json) + sum(memoryview(each.data).nbytes for each in message.buffers)


def _is_document_change(message: Any) -> bool:
    """Whether this changes the document, rather than says that something happened."""
    return message.msgtype == "PATCH-DOC" and any(
        event["kind"] != "MessageSent" for event in message.content["events"]
    )
