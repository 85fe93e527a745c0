"""Bokeh's websocket for a viewer's document."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any

from bokeh.events import ConnectionLost
from bokeh.protocol.exceptions import ProtocolError
from bokeh.server.connection import ServerConnection
from bokeh.server.tornado import BokehTornado
from bokeh.server.views.ws import WSHandler
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.web import HTTPError

from .. import limits
from ..server import BaseHandler, is_low_on_descriptors, visitor_log
from ..server.auth import find_client_network
from ..text import sanitize_for_log
from ..wire import CloseCode
from .call_context import wrap_as_coroutine
from .closing import ConnectionClosing
from .document_token import is_valid_document_token, parse_session_id
from .incoming import IncomingMessages
from .keepalive import Keepalive
from .message_handler import MessageHandler
from .open_documents import OpenDocuments
from .outgoing import OutgoingMessages
from .protocol import MessageError, MessageThrottle
from .schedule import ViewerQueue
from .services import AppServices

NORMAL_CLOSE_CODES = (CloseCode.NORMAL, CloseCode.GOING_AWAY)
"""Codes by which a browser closes the websocket and does not reconnect."""

SOCKET_PATH = "/socket"

log = logging.getLogger(__name__)


class AppWebSocket(BaseHandler, WSHandler):
    """Bokeh's websocket for a viewer's document. Passes frames to their reader, and Bokeh's messages to their
    sender."""

    application: BokehTornado
    connection: ServerConnection | None

    def __init__(
        self,
        tornado_app: BokehTornado,
        request: HTTPServerRequest,
        *,
        documents: OpenDocuments,
        services: AppServices,
    ) -> None:
        self._documents, self._services = documents, services
        network, throttle = find_client_network(str(request.remote_ip)), MessageThrottle()
        self.queue = ViewerQueue(services.scheduler, (network, documents.app_name))
        self.incoming = IncomingMessages(self.queue, services.value_quota, throttle)
        self.closing = ConnectionClosing(self, on_refused=self.incoming.clear)
        self.outgoing = OutgoingMessages(self, network, services.outbox, self.closing)
        self.keepalive = Keepalive(self, self.outgoing, self.closing)
        self._message_handler = MessageHandler(
            self.outgoing, self.queue, throttle, documents, services.memory, services.failures
        )
        context = tornado_app.applications["/"]
        super().__init__(tornado_app, request, application_context=context, bokeh_websocket_path=SOCKET_PATH)

    async def prepare(self) -> None:
        if not await self._services.admission.admit():
            raise HTTPError(503)
        prepare: Any = super().prepare  # Bokeh 3.9 declares no type
        await prepare()

    def check_origin(self, origin: str) -> bool:
        """Accept every origin. The access guard has already checked it, also if it is missing."""
        return True

    def open(self) -> None:
        if (refusal := self._find_refusal()) is not None:
            self.closing.reject(*refusal)
            return
        self.set_nodelay(True)  # a message has three frames; without this the second would wait 40 ms
        self._documents.viewers.join(self)
        self._documents.resume(self.session_id)
        super().open()

    @property
    def session_id(self) -> str | None:
        """The session id of the requested document."""
        return parse_session_id(self._token) if self._token else None

    async def on_message(self, message: str | bytes) -> None:
        with self.keepalive.track_activity():
            if not self.closing.is_refused:
                await self._handle_frame(message)

    async def _handle_frame(self, frame: str | bytes) -> None:
        try:
            if self.connection is None:
                raise MessageError("app message before the document is ready")
            raw_message = await self.incoming.read_frame(frame)
        except MessageError as error:
            self.closing.refuse(error)
            return
        if self.incoming.is_large:
            self._services.viewer_watch.limit_incomplete()
        if raw_message is not None:
            await self.send_message(await self._message_handler.handle(raw_message, self.connection))

    async def send_message(self, message: Any) -> None:
        """Send an answer, if there is one, or another message of Bokeh's."""
        if self.closing.is_closed:  # it was closed while the document was built
            self._release_connection()
        elif message is not None:
            await self.outgoing.send(message)

    def on_ping(self, data: bytes) -> None:
        try:
            self.incoming.count_ping()
        except MessageError as error:
            self.closing.refuse(error)

    def on_pong(self, data: bytes) -> None:
        self.keepalive.record_activity()

    def on_close(self) -> None:
        self.closing.mark_closed()
        self.outgoing.release_document()
        self.incoming.clear()
        self._documents.viewers.leave(self)
        self.queue.cancel_room_wait()
        self._release_connection()

    def finish(self, chunk: Any = None) -> asyncio.Future[None]:
        """Finish the response; keep the connection open if this is the websocket handshake."""
        is_opened = self.get_status() == 101
        return WSHandler.finish(self, chunk) if is_opened else super().finish(chunk)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log an error without the request: Tornado would print it, with the link, into the author's cell."""
        stream = getattr(self.ws_connection, "stream", None)
        if stream is None or stream.closed():
            visitor_log.log_misuse("app viewer left before the response")
        elif not isinstance(value, HTTPError | ProtocolError):
            log.error("answering a websocket request failed", exc_info=sanitize_for_log(value))

    def _find_refusal(self) -> tuple[int, str] | None:
        """Return the close code and reason if the viewer is refused; None if not."""
        stream: Any = self.ws_connection and self.ws_connection.stream
        secret_key = self.application.secret_key
        if self.selected_subprotocol != "bokeh" or not is_valid_document_token(self._token, secret_key):
            visitor_log.log_misuse("app opened with an invalid or expired token")
            return CloseCode.POLICY_VIOLATION, "ask for another token"
        if self._services.admission.is_full(self.session_id):  # since the token was built
            return CloseCode.TOO_MANY_VIEWERS, "the page is full"
        if is_low_on_descriptors(stream.socket, limits.RESERVED_HTTP_DESCRIPTORS):
            self._services.on_rejected()
            return CloseCode.TOO_MANY_VIEWERS, "the author's computer cannot open more files"
        if not self._documents.can_open(self.session_id or "", str(self.request.remote_ip)):
            visitor_log.log_misuse("app documents opened too often")
            return CloseCode.TOO_MANY_VIEWERS, "documents are opened too often"
        return None

    def _release_connection(self) -> None:
        """Leave the document to Bokeh, which ends it some time after its last viewer left."""
        if self.connection is None:
            return
        connection, self.connection = self.connection, None
        session = connection.session
        self.application.client_lost(connection)
        trigger_lost = partial(session.document.callbacks.trigger_event, ConnectionLost())

        async def notify_session() -> None:
            await session.with_document_locked(wrap_as_coroutine(trigger_lost))
            # not earlier: Bokeh would warn about a requested document
            if self.closing.is_session_final or self.close_code in NORMAL_CLOSE_CODES:
                session.request_expiration()

        IOLoop.current().add_callback(notify_session)


def build_socket_route(documents: OpenDocuments, services: AppServices) -> tuple[str, type, dict[str, Any]]:
    """Build the route of a `BokehTornado` that serves these documents."""
    return SOCKET_PATH, AppWebSocket, {"documents": documents, "services": services}
