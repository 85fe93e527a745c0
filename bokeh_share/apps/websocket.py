"""Bokeh's websocket for a viewer's document."""

from __future__ import annotations

import asyncio
import calendar
import logging
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from bokeh.events import ConnectionLost
from bokeh.io.doc import patch_curdoc
from bokeh.protocol.exceptions import ProtocolError
from bokeh.protocol.message import Message
from bokeh.server.connection import ServerConnection
from bokeh.server.tornado import BokehTornado
from bokeh.server.views.ws import WSHandler
from bokeh.util.token import check_token_signature, get_session_id, get_token_payload
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.web import HTTPError

from .. import limits
from ..compat import curdoc_restored, patched_by
from ..server import visitor_log
from ..server.listener import is_scarce
from ..text import for_log
from .call_context import here, on_the_loop
from .errors import Refused
from .failures import is_authors
from .outgoing import NOT_ALLOWED, Outgoing, size_of
from .panel import at_home
from .protocol.message_reader import MessageReader, RawMessage, values_in
from .protocol.pace import Pace
from .protocol.patch import DocumentPatch, read

if TYPE_CHECKING:
    from .documents import AppDocuments

T = TypeVar("T")

GONE = (1000, 1001)
"""With these codes a browser leaves for good."""
ELSEWHERE = 4005
"""With this code a page knows that it has another connection."""
FULL = 4003
"""With this code a page knows that there are too many viewers."""
TOO_LARGE = 1009

FRAME = 1 / 3
"""Of a message: the least that one has are three."""
PULL = 50.0
"""Messages that asking for the whole document counts for, which pages do once."""
LARGE = 100_000
"""Bytes from which on what is no message yet counts, and is read in turns."""
VALUES = 1000
"""Values of a message that count for another one."""
MANY = 10_000
"""Values from which on a message takes the time of others."""
MAX_PING_LEAD = 1.0
"""Seconds that a viewer who sends pings may be ahead."""

log = logging.getLogger(__name__)


class AppWebSocket(Outgoing):
    """Bokeh's websocket for a viewer's document, on our terms."""

    application: BokehTornado
    connection: ServerConnection | None

    def __init__(
        self, tornado_app: BokehTornado, request: HTTPServerRequest, *, server: AppDocuments
    ) -> None:
        self._server = server
        self.fragments = MessageReader()
        self._pace = Pace()
        self._is_final = False
        """Whether the document goes with the viewer, as no page of ours can have sent that."""
        context = tornado_app.applications["/"]
        outbox, path = server.parent.outbox, "/socket"
        super().__init__(
            tornado_app, request, outbox=outbox, application_context=context, bokeh_websocket_path=path
        )

    async def prepare(self) -> None:
        dismissals = self._server.parent.dismissals
        if not await self._server.parent.has_room():
            visitor_log.log_misuse("there are too many viewers of apps")
            raise HTTPError(503)
        if self._server.parent.dismissals != dismissals:  # by what link or password did they come?
            raise HTTPError(503)
        prepare: Any = super().prepare  # 3.9 declares nothing
        await prepare()

    def check_origin(self, origin: str) -> bool:
        """The door has looked at it, and at the case that there is none."""
        return True

    def open(self) -> None:
        if (refusal := self._refusal()) is not None:
            self.is_refused = True
            self.close(*refusal)
            return
        for other in [each for each in self._server.sockets if each.session_id == self.session_id]:
            other.close(ELSEWHERE, "the viewer came back by another connection")
        self.set_nodelay(True)  # a message has three frames, of which the second would wait for 40 ms
        self._server.sockets.add(self)
        self._server.go_on(self.session_id)
        super().open()

    @property
    def session_id(self) -> str | None:
        """Of the document that is asked for."""
        return _session_id(self._token) if self._token else None

    async def on_message(self, message: str | bytes) -> None:
        with self.heard():
            await self._take(message)

    async def _take(self, message: str | bytes) -> None:
        if self.is_refused:
            return
        if self.connection is None:
            self._refuse(Refused("an app's viewer sends something too early"))
            return
        values = values_in(message) if isinstance(message, str) else 0
        if pause := self._pace.spend(FRAME + values / VALUES):
            await asyncio.sleep(pause)
        if values > MANY and not await self._server.parent.has_time(min(values, limits.APP_VALUES)):
            self._refuse(Refused("messages of apps' viewers have too many values together", NOT_ALLOWED))
            return
        try:
            whole = await self._read(message)
        except Refused as error:
            self._refuse(error)
            return
        if self.fragments.weight > LARGE:
            self._server.parent.bound_parts()
        if whole is not None:
            await self.send_message(await self._answer(whole, self.connection))

    def on_ping(self, data: bytes) -> None:
        if self._pace.spend(FRAME) > MAX_PING_LEAD:
            self._refuse(Refused("an app's viewer sends nothing but pings", NOT_ALLOWED))

    async def _read(self, message: str | bytes) -> RawMessage | None:
        """What is small is read at once, and counts all the same: else a message would wait several turns."""
        if len(message) > LARGE:
            return await self.in_turn(lambda: self.fragments.take(message))
        began = time.monotonic()
        try:
            return self.fragments.take(message)
        finally:
            self._server.parent.schedule.charge(time.monotonic() - began)

    async def in_turn(self, work: Callable[[], T], size: int | None = None) -> T:
        """`work()`, when it is the viewer's turn, and there is room for what it makes."""
        line = self.network, self._server.app.name
        return await self._server.parent.schedule.run(work, line=line, owner=self, size=size)

    def on_close(self) -> None:
        super().on_close()
        self.fragments = MessageReader()
        self._server.sockets.discard(self)
        self._server.parent.schedule.let_go(self)
        self.leave()

    def refuse(self, kind: str) -> None:
        self._refuse(Refused(kind, NOT_ALLOWED))

    def finish(self, chunk: Any = None) -> asyncio.Future[None]:
        """The connection stays where this is the answer that a websocket begins with."""
        is_opened = self.get_status() == 101
        return WSHandler.finish(self, chunk) if is_opened else super().finish(chunk)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Tornado's own would print the request, and with it the link, into the author's cell."""
        stream = getattr(self.ws_connection, "stream", None)
        if stream is None or stream.closed():
            visitor_log.log_misuse("an app's viewer left before they were answered")
        elif not isinstance(value, HTTPError | ProtocolError):
            log.error("answering a websocket request failed", exc_info=for_log(value))

    def _refusal(self) -> tuple[int, str] | None:
        """Why nothing is opened for this viewer, as a websocket is closed; None if it is."""
        stream: Any = self.ws_connection and self.ws_connection.stream
        if not self._has_token():
            visitor_log.log_misuse("an app is opened with a token that is none, or too old")
            return NOT_ALLOWED, "ask for another token"
        if self._server.parent.is_full(self.session_id):  # since it was asked for
            return FULL, "too many viewers"
        if is_scarce(stream.socket, limits.SEATS):
            self._server.parent.turn_away()
            return FULL, "the author's machine may open no more files"
        if not self._server.may_open(self.session_id or "", str(self.request.remote_ip)):
            visitor_log.log_misuse("documents of apps are opened too often")
            return FULL, "documents are opened too often"
        return None

    def _has_token(self) -> bool:
        """Bokeh looks for itself, but prints what it finds into the author's cell."""
        application, token = self.application, self._token
        try:
            if token is None or self.selected_subprotocol != "bokeh":
                return False
            if not check_token_signature(token, secret_key=application.secret_key, signed=True):
                return False
            expiry: int = get_token_payload(token)["session_expiry"]
            return calendar.timegm(time.gmtime()) < expiry
        except Exception:  # no token at all
            return False

    def _refuse(self, error: Refused) -> None:
        if not self.is_refused:
            visitor_log.log_misuse(error.kind)
            self.is_refused = True
            self._is_final = error.code != TOO_LARGE
        self.fragments = MessageReader()
        self.close(error.code, str(error))

    def leave(self) -> None:
        if self.connection is None:
            return
        connection, self.connection = self.connection, None
        session = connection.session
        self.application.client_lost(connection)
        lost = partial(session.document.callbacks.trigger_event, ConnectionLost())

        async def tell() -> None:
            await session.with_document_locked(on_the_loop(lost))
            if self._is_final or self.close_code in GONE:  # not before: Bokeh warns if somebody wants it
                session.request_expiration()

        IOLoop.current().add_callback(tell)

    async def _answer(self, whole: RawMessage, connection: ServerConnection) -> Any:
        message: Any = Message({"msgid": whole.id, "msgtype": whole.kind}, {}, {})
        try:
            if whole.kind == "PATCH-DOC":
                if not self._server.is_waiting(connection.session.id):  # nobody sees that document
                    await self._patch(whole, connection)
                return connection.ok(message)
            if whole.kind == "PULL-DOC-REQ":
                await asyncio.sleep(self._pace.spend(PULL))
                await self._give_document(whole, connection)
                return None
            failed: Exception = Refused("an app's viewer sends a message that pages never send")
        except Exception as error:
            failed = error
        if isinstance(failed, Refused):
            visitor_log.log_misuse(failed.kind)
        elif not is_authors(failed):
            visitor_log.log_misuse("a value of a viewer is none that its property takes")
        else:
            self._server.parent.report(self._server.app, failed)
        # Not where the error is handled: there Bokeh would tell the viewer the author's traceback.
        return connection.error(message, "this did not work")

    async def _give_document(self, whole: RawMessage, connection: ServerConnection) -> None:
        """Serialise the whole document when it is its turn: until then it waits for no memory.

        All in the document's lock, so that changes come after it.
        """
        session = connection.session

        def make() -> Any:
            if self.is_closed:
                return None
            with curdoc_restored(), at_home(), patch_curdoc(session.document):
                reply: Any = connection.protocol.create("PULL-DOC-REPLY", whole.id, session.document)
            self._server.note_size(size_of(reply))
            self.begin_with(reply)
            return reply

        async def give() -> None:
            size = None if self.is_expected else self._server.document_size  # it has room already
            if (reply := await self.in_turn(make, size)) is not None:
                await self.send_counted(reply)

        await session.with_document_locked(give)

    async def _patch(self, whole: RawMessage, connection: ServerConnection) -> None:
        """A turn for each change: between them others have one, and the author's cells."""
        session = connection.session

        def look() -> DocumentPatch:
            patch = read(whole.content, whole.buffers, session.document, session)
            if not self._server.parent.may_hold(session.id, patch.kept):
                raise Refused("the documents of apps hold too much of what viewers sent")
            if patch.changes_columns:
                self._server.part_with_columns(session.id)
            return patch

        def change(patch: DocumentPatch, step: Callable[[], None]) -> None:
            try:
                with patched_by(session, connection):
                    step()
            finally:
                self._pace.spend(patch.take_cost())

        def begin() -> tuple[DocumentPatch, Iterator[Callable[[], None]]]:
            patch = look()
            steps = patch.steps()
            change(patch, next(steps))
            return patch, steps

        async def apply() -> None:
            patch, steps = await self.in_turn(here(session, begin), 0)
            for step in steps:
                if self.is_closed:
                    return
                await self.in_turn(here(session, partial(change, patch, step)), 0)

        await session.with_document_locked(apply)


@lru_cache(1000)
def _session_id(token: str) -> str:
    """It is asked for whenever something is done for one of the sockets, of which there may be hundreds."""
    return get_session_id(token)
