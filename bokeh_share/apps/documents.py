"""One app's documents: how they are opened, and how they end."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from bokeh.application import Application
from bokeh.application.application import SessionContext
from bokeh.application.handlers import Handler
from bokeh.core.types import ID
from bokeh.document import Document
from bokeh.server.session import ServerSession
from bokeh.server.tornado import BokehTornado
from bokeh.util.token import generate_jwt_token, generate_session_id
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop

from .. import limits
from ..server.auth.login_throttle import client_network
from ..server.base_handler import log_nothing
from ..server.rate_limit import TokenBucketPerClient
from ..server.visitor_log_filter import for_visitors
from .app import App
from .call_context import here, on_the_loop
from .session import AppSession
from .websocket import AppWebSocket

if TYPE_CHECKING:
    from .app_server import AppServer

CHECK = 0.2
"""Seconds between two looks for documents whose viewers have left."""
ANOTHER = 4004
"""With this code a page knows that there is another version of its app."""
GREEDY = 4007
"""With this code a page knows that its document held too much."""
CLOSE_TIMEOUT = 3.0
"""Seconds in which the documents of an app that ends are to have ended."""
CLEANUP_INTERVAL = 0.1


text_of = partial(str, encoding="utf-8", errors="replace")


class AppDocuments(Handler):
    """One app: its documents, and those who look at them."""

    def __init__(self, app: App, parent: AppServer, loop: IOLoop) -> None:
        super().__init__()
        self.app = app
        self.parent = parent
        self.sockets: set[AppWebSocket] = set()
        self.parts: list[str] = []
        """What its documents were found to need from extensions of BokehJS; only grows."""
        self.document_size = 0
        """Bytes of the largest document that was sent, by which the others are expected to be large."""
        self._sessions: dict[str, AppSession] = {}
        # What opens one app opens no other, which would not have looked at its options.
        self._key = hmac.digest(parent.apps.key, app.name.encode(), "sha256")
        self._openings = TokenBucketPerClient(limits.APP_OPENINGS, limits.APP_OPENINGS_AT_ONCE, limits.TRIERS)
        self.tornado = BokehTornado(
            {"/": Application(self)},
            extra_patterns=[("/socket", AppWebSocket, {"server": self})],
            secret_key=self._key,
            sign_sessions=True,
            use_index=False,
            ico_path="none",
            check_unused_sessions_milliseconds=int(CHECK * 1000),
            unused_session_lifetime_milliseconds=int(limits.APP_GRACE * 1000),
            websocket_max_message_size_bytes=limits.APP_MESSAGE,
            keep_alive_milliseconds=0,  # `Socket.look_after` knows who can answer
            log_function=log_nothing,
        )
        self.tornado.initialize(loop)
        for_visitors().run(self.tornado.start)  # looks after their documents from time to time

    @property
    def documents(self) -> set[str]:
        """Those that there are and those that are asked for, by their sessions."""
        return {*self._sessions, *(socket.session_id or "" for socket in self.sockets)}

    def oldest(self) -> float:
        """For how many milliseconds nobody has looked at the document that was left first."""
        return max((each.milliseconds_since_last_unsubscribe for each in self._left()), default=0.0)

    def drop_oldest(self) -> bool:
        """End the document that nobody has looked at for the longest; whether one ends now."""
        if any(each.expiration_requested for each in self.tornado.get_sessions("/")):
            return True
        left = sorted(self._left(), key=lambda each: each.milliseconds_since_last_unsubscribe)
        if left:
            left[-1].request_expiration()
        return bool(left)

    def expel(self, session_id: str) -> None:
        """End this document, if it is one of ours, and tell who looks at it."""
        for session in self.tornado.get_sessions("/"):
            if session.id == session_id:
                self.dismiss(GREEDY, "the document holds too much of what was sent", session_id)
                session.request_expiration()

    def _left(self) -> list[ServerSession]:
        return [each for each in self.tornado.get_sessions("/") if not each.connection_count]

    def token(self, request: HTTPServerRequest) -> str:
        """For a new document, or for the one that the viewer had, if it is still there."""
        known = self._sessions.get(request.headers.get("Bokeh-Session-Id", ""))
        if known is not None and known.app.generation == self.app.generation and not known.is_over:
            session_id = ID(request.headers["Bokeh-Session-Id"])
        else:
            session_id = generate_session_id(secret_key=self._key, signed=True)
        payload: Any = {"arguments": dict(request.arguments), "parts": len(self.parts)}
        return generate_jwt_token(session_id, secret_key=self._key, signed=True, extra_payload=payload)

    def become(self, app: App) -> None:
        """Whoever looks at the former version gets this one."""
        former, self.app = self.app, app
        self.document_size = 0
        if former.generation != app.generation:
            self.dismiss(ANOTHER, "there is another version of this app")
            return
        for session in self.tornado.get_sessions("/"):
            if (ours := self._sessions.get(session.id)) is not None:
                become = here(session, partial(ours.become, app))
                IOLoop.current().add_callback(
                    session.with_document_locked, partial(self._in_turn, session.id, become)
                )

    def may_open(self, session_id: str, ip: str) -> bool:
        """Whether somebody there may have this document, which may be new; if so, it counts."""
        return session_id in self._sessions or self._openings.take(client_network(ip))

    def note_size(self, size: int) -> None:
        """A document of this size was made."""
        self.document_size = max(self.document_size, size)

    async def _in_turn(self, session_id: str, work: Callable[[], None], size: int = 0) -> None:
        """`work()`, when it is the turn of who looks at this document, and there is room for that."""
        if (socket := self._socket_of(session_id)) is not None:
            await socket.in_turn(work, size)
        else:
            await self.parent.schedule.run(work, line=("", self.app.name))

    def _socket_of(self, session_id: str) -> AppWebSocket | None:
        return next((each for each in self.sockets if each.session_id == session_id), None)

    def is_waiting(self, session_id: str) -> bool:
        """Whether this document is not to be seen before its page has loaded more."""
        ours = self._sessions.get(session_id)
        return ours is not None and ours.is_waiting

    def part_with_columns(self, session_id: str) -> None:
        """The viewer of this document is about to change columns."""
        if (ours := self._sessions.get(session_id)) is not None:
            ours.part_with_columns()

    def go_on(self, session_id: str | None) -> None:
        """The document is opened again, so its page has loaded what it waits for."""
        for session in self.tornado.get_sessions("/"):
            ours = self._sessions.get(session.id)
            if session.id == session_id and ours is not None and ours.is_waiting:
                IOLoop.current().add_callback(session.with_document_locked, on_the_loop(ours.go_on))

    def dismiss(self, code: int, reason: str, session_id: str | None = None) -> None:
        """All who look at it, or who looks at one document."""
        for socket in [each for each in self.sockets if session_id in (None, each.session_id)]:
            socket.close(code, reason)

    async def end(self, code: int, reason: str) -> None:
        """Let the documents end as if their viewers had left."""
        self.dismiss(code, reason)
        for _ in range(int(CLOSE_TIMEOUT / CLEANUP_INTERVAL)):
            for session in self.tornado.get_sessions("/"):
                session.request_expiration()
            if not self._sessions:
                break
            await asyncio.sleep(CLEANUP_INTERVAL)
        self.tornado.stop(wait=False)

    def modify_document(self, doc: Document) -> None:
        """Done already: Bokeh 3.10 comes here in a worker thread."""

    async def on_session_created(self, session_context: SessionContext) -> None:
        asked: dict[str, list[bytes]] = session_context.request.arguments  # type: ignore[attr-defined]  # BokehSessionContext
        # Tornado gives the names as if they were latin-1, which keeps their bytes.
        arguments = {
            text_of(name.encode("latin-1")): [text_of(value) for value in values]
            for name, values in asked.items()
        }
        told = session_context.token_payload.get("parts", 0)  # type: ignore[attr-defined]  # as above
        id = session_context.id
        over = partial(self.dismiss, ANOTHER, "this one can't be changed", id)

        async def begin(document: Document) -> None:
            ours = AppSession(
                self.app,
                document,
                arguments,
                self.parent.report,
                over,
                self.parent.on_custom,
                turn=partial(self._in_turn, id, lambda: None),
                charge=self.parent.schedule.charge,
            )
            self._sessions[id] = ours
            await self._in_turn(id, partial(self._begin, ours, id, told), self.document_size)

        await session_context.with_locked_document(begin)

    def _begin(self, ours: AppSession, session_id: str, told: int) -> None:
        """Call the function for a viewer who has loaded so many of the parts, if they are still there."""
        if (socket := self._socket_of(session_id)) is None:
            ours.is_over = True
            return
        ours.begin()
        self.note_size(size := ours.size)
        socket.expect(size)
        needed = ours.needs()
        self.parts += [part for part in needed if part not in self.parts]
        if not set(needed) <= set(self.parts[:told]):
            ours.wait()

    async def on_session_destroyed(self, session_context: SessionContext) -> None:
        self._sessions.pop(session_context.id, None)
        self.parent.forget(session_context.id)
