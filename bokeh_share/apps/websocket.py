"""Bokeh's websocket for a viewer's document."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar

from bokeh.events import ConnectionLost
from bokeh.protocol.exceptions import ProtocolError
from bokeh.server.connection import ServerConnection
from bokeh.server.tornado import BokehTornado
from bokeh.server.views.ws import WSHandler
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.web import HTTPError

from .. import limits
from ..server import is_low_on_descriptors, visitor_log
from ..text import sanitize_for_log
from ..wire import CloseCode
from .call_context import wrap_as_coroutine
from .document_token import is_valid_document_token, parse_session_id
from .message_handler import MessageDocuments, MessageHandler, MessageServer
from .outbox import Outbox
from .outgoing import OutgoingWebSocket
from .protocol import MessageError, MessageReader, MessageThrottle, RawMessage, count_values
from .schedule import FairScheduler

T = TypeVar("T")

NORMAL_CLOSE_CODES = (CloseCode.NORMAL, CloseCode.GOING_AWAY)
"""Codes by which a browser closes the websocket and does not reconnect."""

SOCKET_PATH = "/socket"

FRAME_COST = 1 / 3
"""Cost of a frame in messages: a message has at least three frames."""
MAX_UNSCHEDULED_BYTES = 100_000
"""Maximum bytes of a frame that is read unscheduled, and of an incomplete message that is not limited."""
VALUES_PER_MESSAGE = 1000
"""Each so many values cost as much as a message."""
MAX_UNTHROTTLED_VALUES = 10_000
"""Maximum values of a message that is processed without waiting."""
MAX_PING_LEAD = 1.0
"""Seconds by which a viewer's pings may exceed their rate."""

log = logging.getLogger(__name__)


class SocketDocuments(MessageDocuments, Protocol):
    """The documents of one app, as its viewers' websockets use them."""

    @property
    def sockets(self) -> set[AppWebSocket]: ...

    def can_open(self, session_id: str, ip: str) -> bool: ...

    def resume(self, session_id: str | None) -> None: ...


class SocketServer(MessageServer, Protocol):
    """The server of all apps, as viewers' websockets use it."""

    @property
    def disconnect_count(self) -> int: ...

    @property
    def outbox(self) -> Outbox[AppWebSocket]: ...

    @property
    def scheduler(self) -> FairScheduler: ...

    @property
    def on_rejected(self) -> Callable[[], None]: ...

    async def acquire_values(self, values: int) -> bool: ...

    def is_full(self, session_id: str | None = None) -> bool: ...

    def limit_fragments(self) -> None: ...

    async def make_room(self) -> bool: ...


class AppWebSocket(OutgoingWebSocket):
    """Bokeh's websocket for a viewer's document, with this package's access rules and limits."""

    application: BokehTornado
    connection: ServerConnection | None

    def __init__(
        self,
        tornado_app: BokehTornado,
        request: HTTPServerRequest,
        *,
        documents: SocketDocuments,
        server: SocketServer,
    ) -> None:
        self._documents, self._server = documents, server
        self.message_reader = MessageReader()
        self._throttle = MessageThrottle()
        self._message_handler = MessageHandler(self, documents, server, self._throttle)
        self._is_session_final = False
        """True if the document ends with the connection: what was sent cannot come from our page."""
        context = tornado_app.applications["/"]
        outbox, path = server.outbox, SOCKET_PATH
        super().__init__(
            tornado_app, request, outbox=outbox, application_context=context, bokeh_websocket_path=path
        )

    async def prepare(self) -> None:
        disconnect_count = self._server.disconnect_count
        if not await self._server.make_room():
            visitor_log.log_misuse("there are too many viewers of apps")
            raise HTTPError(503)
        # with which link or password was it opened?
        if self._server.disconnect_count != disconnect_count:
            raise HTTPError(503)
        prepare: Any = super().prepare  # 3.9 declares nothing
        await prepare()

    def check_origin(self, origin: str) -> bool:
        """Accept every origin: the access guard has checked it, also if it is missing."""
        return True

    def open(self) -> None:
        if (refusal := self._find_refusal()) is not None:
            self.is_refused = True
            self.close(*refusal)
            return
        for other in [each for each in self._documents.sockets if each.session_id == self.session_id]:
            other.close(CloseCode.CONNECTION_REPLACED, "the viewer came back by another connection")
        self.set_nodelay(True)  # a message has three frames, of which the second would wait for 40 ms
        self._documents.sockets.add(self)
        self._documents.resume(self.session_id)
        super().open()

    @property
    def session_id(self) -> str | None:
        """The session id of the requested document."""
        return parse_session_id(self._token) if self._token else None

    async def on_message(self, message: str | bytes) -> None:
        with self.track_activity():
            await self._handle_message(message)

    async def _handle_message(self, message: str | bytes) -> None:
        if self.is_refused:
            return
        if self.connection is None:
            self._refuse_with_error(MessageError("an app's viewer sends something too early"))
            return
        values = count_values(message) if isinstance(message, str) else 0
        if pause := self._throttle.consume(FRAME_COST + values / VALUES_PER_MESSAGE):
            await asyncio.sleep(pause)
        if values > MAX_UNTHROTTLED_VALUES and not await self._server.acquire_values(
            min(values, limits.MAX_APP_MESSAGE_VALUES)
        ):
            self._refuse_with_error(
                MessageError(
                    "messages of apps' viewers have too many values together", CloseCode.POLICY_VIOLATION
                )
            )
            return
        try:
            raw_message = await self._read_frame(message)
        except MessageError as error:
            self._refuse_with_error(error)
            return
        if self.message_reader.memory_size > MAX_UNSCHEDULED_BYTES:
            self._server.limit_fragments()
        if raw_message is not None:
            await self.send_message(await self._message_handler.handle(raw_message, self.connection))

    def on_ping(self, data: bytes) -> None:
        if self._throttle.consume(FRAME_COST) > MAX_PING_LEAD:
            self._refuse_with_error(
                MessageError("an app's viewer sends nothing but pings", CloseCode.POLICY_VIOLATION)
            )

    async def _read_frame(self, message: str | bytes) -> RawMessage | None:
        """Read a frame. Small frames are charged but not scheduled: a message would wait for each frame."""
        if len(message) > MAX_UNSCHEDULED_BYTES:
            return await self.run_scheduled(lambda: self.message_reader.add_frame(message))
        started_at = time.monotonic()
        try:
            return self.message_reader.add_frame(message)
        finally:
            self._server.scheduler.charge(time.monotonic() - started_at)

    async def run_scheduled(self, work: Callable[[], T], size: int | None = None) -> T:
        """Run `work()` when the viewer's queue is served and there is room for `size` bytes."""
        queue_key = self.network, self._documents.app.name
        return await self._server.scheduler.run(work, queue_key=queue_key, owner=self, size=size)

    def on_close(self) -> None:
        super().on_close()
        self.message_reader = MessageReader()
        self._documents.sockets.discard(self)
        self._server.scheduler.cancel_room_wait(self)
        self.release_connection()

    def refuse(self, kind: str) -> None:
        self._refuse_with_error(MessageError(kind, CloseCode.POLICY_VIOLATION))

    def finish(self, chunk: Any = None) -> asyncio.Future[None]:
        """Finish the response; keep the connection open if this is the websocket handshake."""
        is_opened = self.get_status() == 101
        return WSHandler.finish(self, chunk) if is_opened else super().finish(chunk)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log an error without the request: Tornado would print it, with the link, into the author's cell."""
        stream = getattr(self.ws_connection, "stream", None)
        if stream is None or stream.closed():
            visitor_log.log_misuse("an app's viewer left before they were answered")
        elif not isinstance(value, HTTPError | ProtocolError):
            log.error("answering a websocket request failed", exc_info=sanitize_for_log(value))

    def _find_refusal(self) -> tuple[int, str] | None:
        """Return the close code and reason if the viewer is refused; None if not."""
        stream: Any = self.ws_connection and self.ws_connection.stream
        secret_key = self.application.secret_key
        if self.selected_subprotocol != "bokeh" or not is_valid_document_token(self._token, secret_key):
            visitor_log.log_misuse("an app is opened with a token that is none, or too old")
            return CloseCode.POLICY_VIOLATION, "ask for another token"
        if self._server.is_full(self.session_id):  # since the token was built
            return CloseCode.TOO_MANY_VIEWERS, "too many viewers"
        if is_low_on_descriptors(stream.socket, limits.RESERVED_HTTP_DESCRIPTORS):
            self._server.on_rejected()
            return CloseCode.TOO_MANY_VIEWERS, "the author's machine may open no more files"
        if not self._documents.can_open(self.session_id or "", str(self.request.remote_ip)):
            visitor_log.log_misuse("documents of apps are opened too often")
            return CloseCode.TOO_MANY_VIEWERS, "documents are opened too often"
        return None

    def _refuse_with_error(self, error: MessageError) -> None:
        if not self.is_refused:
            visitor_log.log_misuse(error.kind)
            self.is_refused = True
            self._is_session_final = error.code != CloseCode.MESSAGE_TOO_BIG
        self.message_reader = MessageReader()
        self.close(error.code, str(error))

    def release_connection(self) -> None:
        if self.connection is None:
            return
        connection, self.connection = self.connection, None
        session = connection.session
        self.application.client_lost(connection)
        trigger_lost = partial(session.document.callbacks.trigger_event, ConnectionLost())

        async def notify_session() -> None:
            await session.with_document_locked(wrap_as_coroutine(trigger_lost))
            # not earlier: Bokeh then warns about a requested one
            if self._is_session_final or self.close_code in NORMAL_CLOSE_CODES:
                session.request_expiration()

        IOLoop.current().add_callback(notify_session)


def build_socket_route(documents: SocketDocuments, server: SocketServer) -> tuple[str, type, dict[str, Any]]:
    """Build the route of a `BokehTornado` that serves these documents."""
    return SOCKET_PATH, AppWebSocket, {"documents": documents, "server": server}
