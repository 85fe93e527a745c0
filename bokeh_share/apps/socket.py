"""Bokeh's websocket for a viewer's document."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from bokeh.events import ConnectionLost
from bokeh.protocol.exceptions import ProtocolError
from bokeh.server.connection import ServerConnection
from bokeh.server.protocol_handler import ProtocolHandler
from bokeh.server.session import ServerSession
from bokeh.server.tornado import BokehTornado
from bokeh.server.views.ws import WSHandler
from bokeh.util.token import get_session_id
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.web import HTTPError

from ..private import curdoc_restored, patched_by
from .viewables import at_home

if TYPE_CHECKING:
    from .server import OneApp

GONE = (1000, 1001)
"""With these codes a browser leaves for good."""

ELSEWHERE = 4005
"""With this code a page knows that it has another connection."""

log = logging.getLogger(__name__)


class Socket(WSHandler):
    """Bokeh's websocket for a viewer's document, on our terms."""

    application: BokehTornado
    connection: ServerConnection | None

    def __init__(self, tornado_app: BokehTornado, request: HTTPServerRequest, *, server: OneApp) -> None:
        self._server = server
        context = tornado_app.applications["/"]
        super().__init__(tornado_app, request, application_context=context, bokeh_websocket_path="/socket")

    async def prepare(self) -> None:
        if self._server.parent.is_full():
            raise HTTPError(503)
        prepare: Any = super().prepare  # 3.9 declares nothing
        await prepare()

    def set_default_headers(self) -> None:
        self.clear_header("Server")

    def check_origin(self, origin: str) -> bool:
        """The door has looked at it, and at the case that there is none."""
        return True

    def open(self) -> None:
        for other in [each for each in self._server.sockets if each.session_id == self.session_id]:
            other.close(ELSEWHERE, "the viewer came back by another connection")
        self._server.sockets.add(self)
        self._server.go_on(self.session_id)
        super().open()

    @property
    def session_id(self) -> str | None:
        """Of the document that is asked for."""
        return get_session_id(self._token) if self._token else None

    async def on_message(self, message: str | bytes) -> None:
        if self.connection is None:
            self.close(1002, "not yet")
            return
        if not isinstance(self.handler, _OnTheLoop):
            self.handler = cast(Any, _OnTheLoop(self._server))  # 3.9 declares None
        await super().on_message(message)

    def on_close(self) -> None:
        self._server.sockets.discard(self)
        if self.connection is None:
            return
        session = self.connection.session
        self.application.client_lost(self.connection)
        lost = partial(session.document.callbacks.trigger_event, ConnectionLost())

        async def tell() -> None:
            await session.with_document_locked(on_the_loop(lost))
            if self.close_code in GONE:  # not before: Bokeh warns where something else wants the document
                session.request_expiration()

        IOLoop.current().add_callback(tell)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.finish()

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Tornado's own would print the request, and with it the link, into the author's cell."""
        if not isinstance(value, HTTPError | ProtocolError):
            log.error("answering a websocket request failed", exc_info=value)


class _OnTheLoop(ProtocolHandler):
    """Handles what a viewer's page sends, with the author's callbacks on the loop in each Bokeh."""

    def __init__(self, server: OneApp) -> None:
        super().__init__()
        self._server = server

    async def handle(self, message: Any, connection: ServerConnection) -> Any:
        try:
            if message.msgtype == "PATCH-DOC":
                if not self._server.is_waiting(connection.session.id):  # nobody sees that document
                    await self._patch(message, connection)
                return connection.ok(message)
            if message.msgtype == "PULL-DOC-REQ":
                reply: Any = ServerSession.pull(message, connection)  # Bokeh 3.9 declares what comes of it
                return await reply
            failed = None  # a page has no document of its own to give, nor anything else to ask for
        except Exception as error:
            failed = error
        if failed is not None:
            self._server.parent.report(self._server.app, failed)
        # Not where the error is handled: there Bokeh would tell the viewer the author's traceback.
        return connection.error(message, "this did not work")

    async def _patch(self, message: Any, connection: ServerConnection) -> None:
        session = connection.session

        def apply() -> None:
            with patched_by(session, connection):
                message.apply_to_document(session.document, session)

        await session.with_document_locked(on_the_loop(apply))


def on_the_loop(function: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    """`function` as a coroutine, which Bokeh calls on the loop in each of its versions."""

    async def call() -> None:
        with curdoc_restored(), at_home():
            function()

    return call
