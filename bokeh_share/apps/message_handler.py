"""Answers the messages of an app's viewer: applies changes to the document, and sends the whole document."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Protocol, TypeVar

from bokeh.io.doc import patch_curdoc
from bokeh.protocol.message import Message
from bokeh.server.connection import ServerConnection

from ..compat import restore_curdoc, set_patch_connection
from ..server import visitor_log
from .app import App
from .call_context import wrap_with_document
from .failures import is_author_error
from .outgoing import measure_message_size
from .panel import use_server_resources
from .protocol import (
    DocumentPatch,
    MemoryUsage,
    MessageError,
    MessageThrottle,
    RawMessage,
    read_document_patch,
)

T = TypeVar("T")

PULL_COST = 50.0
"""Cost of a request for the whole document, in messages. Pages send one."""


class MessageViewer(Protocol):
    """The websocket of the viewer whose messages are answered."""

    @property
    def is_closed(self) -> bool: ...

    @property
    def is_document_reserved(self) -> bool: ...

    def mark_document_sent(self, document: Any) -> None: ...

    async def run_scheduled(self, work: Callable[[], T], size: int | None = None) -> T: ...

    async def send_tracked(self, message: Any) -> None: ...


class MessageDocuments(Protocol):
    """The documents of one app, as the message handler uses them."""

    @property
    def app(self) -> App: ...

    @property
    def largest_document_size(self) -> int: ...

    def copy_frames(self, session_id: str) -> None: ...

    def is_awaiting_assets(self, session_id: str) -> bool: ...

    def update_document_size(self, size: int) -> None: ...


class MessageServer(Protocol):
    """The server of all apps, as the message handler uses it."""

    def report_failure(self, app: App, error: Exception) -> None: ...

    def reserve_memory(self, session_id: str, entries: Iterable[MemoryUsage]) -> bool: ...


class MessageHandler:
    """Answers one viewer's messages while their websocket is open."""

    def __init__(
        self,
        viewer: MessageViewer,
        documents: MessageDocuments,
        server: MessageServer,
        throttle: MessageThrottle,
    ) -> None:
        """`throttle` limits the total cost of the messages."""
        self._viewer, self._documents, self._server = viewer, documents, server
        self._throttle = throttle

    async def handle(self, raw_message: RawMessage, connection: ServerConnection) -> Any:
        """Process a message and return the answer; None if it was sent already."""
        message: Any = Message({"msgid": raw_message.id, "msgtype": raw_message.kind}, {}, {})
        try:
            if raw_message.kind == "PATCH-DOC":
                if not self._documents.is_awaiting_assets(connection.session.id):  # nobody sees that document
                    await self._apply_patch(raw_message, connection)
                return connection.ok(message)
            if raw_message.kind == "PULL-DOC-REQ":
                await asyncio.sleep(self._throttle.consume(PULL_COST))
                await self._send_document(raw_message, connection)
                return None
            failure: Exception = MessageError("an app's viewer sends a message that pages never send")
        except Exception as error:
            failure = error
        if isinstance(failure, MessageError):
            visitor_log.log_misuse(failure.kind)
        elif not is_author_error(failure):
            visitor_log.log_misuse("a value of a viewer is none that its property takes")
        else:
            self._server.report_failure(self._documents.app, failure)
        # Not inside the `except` block: there Bokeh would send the author's traceback to the viewer.
        return connection.error(message, "this did not work")

    async def _send_document(self, raw_message: RawMessage, connection: ServerConnection) -> None:
        """Serialise the whole document when the scheduler starts it, so that a waiting viewer uses no memory.

        Keeps the document's lock until it is sent, so that changes come after it.
        """
        session = connection.session

        def build_reply() -> Any:
            if self._viewer.is_closed:
                return None
            with restore_curdoc(), use_server_resources(), patch_curdoc(session.document):
                reply: Any = connection.protocol.create("PULL-DOC-REPLY", raw_message.id, session.document)
            self._documents.update_document_size(measure_message_size(reply))
            self._viewer.mark_document_sent(reply)
            return reply

        async def send_reply() -> None:
            # it has room already
            size = None if self._viewer.is_document_reserved else self._documents.largest_document_size
            if (reply := await self._viewer.run_scheduled(build_reply, size)) is not None:
                await self._viewer.send_tracked(reply)

        await session.with_document_locked(send_reply)

    async def _apply_patch(self, raw_message: RawMessage, connection: ServerConnection) -> None:
        """Schedule each change separately, so that other viewers and the author's cells run in between."""
        session = connection.session

        def read_patch() -> DocumentPatch:
            patch = read_document_patch(raw_message.content, raw_message.buffers, session.document, session)
            if not self._server.reserve_memory(session.id, patch.memory_usages):
                raise MessageError("the documents of apps hold too much of what viewers sent")
            if patch.has_column_changes:
                self._documents.copy_frames(session.id)
            return patch

        def apply_step(patch: DocumentPatch, step: Callable[[], None]) -> None:
            try:
                with set_patch_connection(session, connection):
                    step()
            finally:
                self._throttle.consume(patch.take_cost())

        def start_patch() -> tuple[DocumentPatch, Iterator[Callable[[], None]]]:
            patch = read_patch()
            steps = patch.build_steps()
            apply_step(patch, next(steps))
            return patch, steps

        async def apply_steps() -> None:
            patch, steps = await self._viewer.run_scheduled(wrap_with_document(session, start_patch), 0)
            for step in steps:
                if self._viewer.is_closed:
                    return
                await self._viewer.run_scheduled(
                    wrap_with_document(session, partial(apply_step, patch, step)), 0
                )

        await session.with_document_locked(apply_steps)
