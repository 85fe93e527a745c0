"""Answers the messages of an app's viewer: applies changes to the document, and sends the whole document."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from bokeh.io.doc import patch_curdoc
from bokeh.protocol.message import Message
from bokeh.server.connection import ServerConnection
from bokeh.server.session import ServerSession

from ..compat import restore_curdoc, set_patch_connection
from ..server import visitor_log
from .call_context import wrap_with_document
from .document_memory import DocumentMemory
from .failures import FailureReporter, is_author_error
from .open_documents import OpenDocuments
from .outgoing import OutgoingMessages, measure_message_size
from .panel import use_server_resources
from .protocol import DocumentPatch, MessageError, MessageThrottle, RawMessage, read_document_patch
from .schedule import ViewerQueue

T = TypeVar("T")

PULL_COST = 50.0
"""Cost of a request for the whole document, in messages. Pages send one."""


class MessageHandler:
    """Answers one viewer's messages. Exists as long as the websocket."""

    def __init__(
        self,
        outgoing: OutgoingMessages,
        queue: ViewerQueue,
        throttle: MessageThrottle,
        documents: OpenDocuments,
        memory: DocumentMemory,
        failures: FailureReporter,
    ) -> None:
        """`throttle` limits the total cost of the messages."""
        self._outgoing, self._queue, self._throttle = outgoing, queue, throttle
        self._documents, self._memory, self._failures = documents, memory, failures

    async def handle(self, raw_message: RawMessage, connection: ServerConnection) -> Any:
        """Process a message and return the answer; None if it was sent already."""
        message: Any = Message({"msgid": raw_message.id, "msgtype": raw_message.kind}, {}, {})
        try:
            if raw_message.kind == "PATCH-DOC":
                app_session = self._documents.find(connection.session.id)
                if app_session is None or not app_session.assets.is_awaited:  # else it is not shown
                    await self._apply_patch(raw_message, connection)
                return connection.ok(message)
            if raw_message.kind == "PULL-DOC-REQ":
                await asyncio.sleep(self._throttle.consume(PULL_COST))
                await self._send_document(raw_message, connection)
                return None
            failure: Exception = MessageError("app message of an unknown type")
        except Exception as error:
            failure = error
        self._report(failure)
        # Not inside the `except` block: there Bokeh would send the author's traceback to the viewer.
        return connection.error(message, "this did not work")

    def _report(self, failure: Exception) -> None:
        if isinstance(failure, MessageError):
            visitor_log.log_misuse(failure.kind)
        elif not is_author_error(failure):
            visitor_log.log_misuse("app message with an invalid value for a property")
        else:
            self._failures.report(self._documents.app_name, failure)

    async def _send_document(self, raw_message: RawMessage, connection: ServerConnection) -> None:
        """Serialise the whole document when the scheduler starts it, so that a waiting viewer uses no memory.

        Keeps the document's lock until it is sent, so that changes come after it.
        """

        async def send_reply() -> None:
            # it has room already
            size = None if self._outgoing.is_document_reserved else self._documents.largest_size
            reply = await self._queue.run(partial(self._build_reply, raw_message, connection), size)
            if reply is not None:
                await self._outgoing.send_tracked(reply)

        await connection.session.with_document_locked(send_reply)

    def _build_reply(self, raw_message: RawMessage, connection: ServerConnection) -> Any:
        """Build the message with the whole document; None if the viewer has left."""
        if self._outgoing.is_closed:
            return None
        document = connection.session.document
        with restore_curdoc(), use_server_resources(), patch_curdoc(document):
            reply: Any = connection.protocol.create("PULL-DOC-REPLY", raw_message.id, document)
        self._documents.record_size(measure_message_size(reply))
        self._outgoing.mark_document_sent(reply)
        return reply

    async def _apply_patch(self, raw_message: RawMessage, connection: ServerConnection) -> None:
        """Schedule each change separately, so that other viewers and the author's cells run in between."""

        async def apply_steps() -> None:
            patch, steps = await self._run(connection.session, partial(self._start, raw_message, connection))
            for step in steps:
                if self._outgoing.is_closed:
                    return
                await self._run(connection.session, partial(self._apply_step, patch, step, connection))

        await connection.session.with_document_locked(apply_steps)

    async def _run(self, session: ServerSession, work: Callable[[], T]) -> T:
        """Run a part of a patch in the viewer's queue, with the document as the current one."""
        return await self._queue.run(wrap_with_document(session, work), 0)

    def _start(
        self, raw_message: RawMessage, connection: ServerConnection
    ) -> tuple[DocumentPatch, Iterator[Callable[[], None]]]:
        """Check a patch, and apply its first step."""
        patch = self._read_patch(raw_message, connection.session)
        steps = patch.build_steps()
        self._apply_step(patch, next(steps), connection)
        return patch, steps

    def _read_patch(self, raw_message: RawMessage, session: ServerSession) -> DocumentPatch:
        patch = read_document_patch(raw_message.content, raw_message.buffers, session.document, session)
        if not self._memory.reserve(session.id, patch.memory_usages):
            raise MessageError("app documents hold too much data from viewers")
        app_session = self._documents.find(session.id)
        if patch.has_column_changes and app_session is not None:
            app_session.copy_frames()
        return patch

    def _apply_step(
        self, patch: DocumentPatch, step: Callable[[], None], connection: ServerConnection
    ) -> None:
        try:
            with set_patch_connection(connection.session, connection):
                step()
        finally:
            self._throttle.consume(patch.take_cost())
