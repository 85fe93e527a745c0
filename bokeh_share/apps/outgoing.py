"""Sends an app's messages to one viewer, and counts them until they are sent."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

from bokeh.server.views.ws import WSHandler
from tornado.websocket import WebSocketClosedError

from .. import limits
from ..compat import count_sent_bytes
from ..wire import CloseCode
from .closing import ConnectionClosing
from .outbox import Outbox
from .protocol import MessageError


class OutgoingMessages:
    """The messages to one viewer. Unsent ones are counted in the outbox. Exists as long as the websocket."""

    def __init__(
        self,
        websocket: WSHandler,
        network: str,
        outbox: Outbox[OutgoingMessages],
        closing: ConnectionClosing,
    ) -> None:
        """`network` is the network to which the viewer counts."""
        self.network = network
        self.last_sent_at = time.monotonic()
        """The time of the last message, or of opening the websocket."""
        self._websocket = websocket
        self._outbox = outbox
        self._closing = closing
        self._is_awaiting_document = True
        """True until the document was sent to the viewer."""
        self._document_built_at: float | None = None
        """The time at which the document was built. It counts as unsent until the viewer requests it."""

    @property
    def bytes_sent(self) -> int:
        """The number of bytes passed to the operating system."""
        return count_sent_bytes(self._websocket)

    @property
    def is_sending(self) -> bool:
        """True if there are unsent messages."""
        return self._outbox.is_sending(self)

    @property
    def is_closed(self) -> bool:
        """True if nothing can be sent any more."""
        return self._closing.is_closed

    def reserve_document(self, size: int) -> None:
        """Count the document as unsent until it is requested, which pages do at once."""
        if not self.is_closed:
            self._document_built_at = time.monotonic()
            self._outbox.add(self, size)

    def release_document(self) -> None:
        """Undo `reserve_document`; does nothing if that was not called."""
        if self._document_built_at is not None:
            self._document_built_at = None
            self._outbox.remove(self)

    @property
    def is_document_reserved(self) -> bool:
        """True if the document is counted already."""
        return self._document_built_at is not None

    def is_document_overdue(self, now: float) -> bool:
        """Return True if the viewer should have requested the document by `now`."""
        return self._document_built_at is not None and now - self._document_built_at > limits.APP_PING_TIMEOUT

    def mark_document_sent(self, document: Any) -> None:
        """Mark that this message has the whole document, with all changes so far."""
        self.release_document()
        self._is_awaiting_document = False
        self._track_message(document)

    async def send(self, message: Any) -> None:
        """Send a message, unless the document that is still to be sent contains its change."""
        if not (self._is_awaiting_document and _is_document_change(message)):
            self._track_message(message)
            await self.send_tracked(message)

    async def send_tracked(self, message: Any) -> None:
        """Send a message. Disconnect a viewer who receives nothing for a while, as their document waits."""
        sending = asyncio.ensure_future(message.send(self._websocket))
        try:
            while not sending.done():
                bytes_sent = self.bytes_sent
                await asyncio.wait({sending}, timeout=limits.APP_PING_TIMEOUT)
                if not sending.done() and self.bytes_sent == bytes_sent:
                    error = MessageError("app viewer receives nothing", CloseCode.POLICY_VIOLATION)
                    self._closing.refuse(error)
            with suppress(WebSocketClosedError):  # the websocket's `on_close` handles it
                sending.result()
        finally:
            self.last_sent_at = time.monotonic()
            self._outbox.remove(self)

    def close_too_slow(self, kind: str) -> None:
        """Disconnect a viewer who is too slow. They may reconnect."""
        self._closing.close_too_slow(kind)

    def _track_message(self, message: Any) -> None:
        """Count a message until `send_tracked` has ended, and disconnect viewers for whom too much waits."""
        self._outbox.add(self, measure_message_size(message))
        for each in self._outbox.list_excess_receivers():
            each.close_too_slow("app viewer too slow for the size of its messages")


def measure_message_size(message: Any) -> int:
    """Measure a message in bytes."""
    return len(message.content_json) + sum(memoryview(each.data).nbytes for each in message.buffers)


def _is_document_change(message: Any) -> bool:
    """Return True if the message changes the document, rather than reports an event."""
    return message.msgtype == "PATCH-DOC" and any(
        event["kind"] != "MessageSent" for event in message.content["events"]
    )
