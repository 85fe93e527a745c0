"""One app's documents: how they are opened, and how they end."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from bokeh.application import Application
from bokeh.application.application import SessionContext
from bokeh.application.handlers import Handler
from bokeh.document import Document
from bokeh.model import Model
from bokeh.server.session import ServerSession
from bokeh.server.tornado import BokehTornado
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop

from .. import limits
from ..server import TokenBucketPerClient, build_visitor_context, log_nothing
from ..server.auth import find_client_network
from ..wire import CloseCode
from .app import App
from .call_context import wrap_as_coroutine, wrap_with_document
from .document_token import build_document_token
from .registry import AppRegistry
from .session import AppSession
from .websocket import AppWebSocket, SocketServer, build_socket_route

SESSION_CHECK_INTERVAL = 0.2
"""Seconds between two looks for documents whose viewers have left."""
CLOSE_TIMEOUT = 3.0
"""Seconds in which the documents of an app that ends are to have ended."""
CLEANUP_INTERVAL = 0.1


decode_text = partial(str, encoding="utf-8", errors="replace")


class DocumentServer(SocketServer, Protocol):
    """All apps together, as far as the documents of one need them."""

    @property
    def apps(self) -> AppRegistry: ...

    @property
    def on_custom_models(self) -> Callable[[Iterable[type[Model]]], None]: ...

    def release_memory(self, session_id: str) -> None: ...


class AppDocuments(Handler):
    """One app: its documents, and those who look at them."""

    def __init__(self, app: App, app_server: DocumentServer, loop: IOLoop) -> None:
        super().__init__()
        self.app = app
        self._app_server = app_server
        self.sockets: set[AppWebSocket] = set()
        self.assets: list[str] = []
        """What its documents were found to need from extensions of BokehJS; only grows."""
        self.largest_document_size = 0
        """Bytes of the largest document that was sent, by which the others are expected to be large."""
        self._sessions: dict[str, AppSession] = {}
        # What opens one app opens no other, which would not have looked at its options.
        self._signing_key = hmac.digest(app_server.apps.signing_key, app.name.encode(), "sha256")
        self._opening_buckets = TokenBucketPerClient(
            limits.CLIENT_APP_OPEN_RATE, limits.CLIENT_APP_OPEN_BURST, limits.MAX_TRACKED_CLIENTS
        )
        self.tornado = BokehTornado(
            {"/": Application(self)},
            extra_patterns=[build_socket_route(self, app_server)],
            secret_key=self._signing_key,
            sign_sessions=True,
            use_index=False,
            ico_path="none",
            check_unused_sessions_milliseconds=int(SESSION_CHECK_INTERVAL * 1000),
            unused_session_lifetime_milliseconds=int(limits.APP_RECONNECT_TIMEOUT * 1000),
            websocket_max_message_size_bytes=limits.MAX_APP_MESSAGE_BYTES,
            keep_alive_milliseconds=0,  # `Socket.look_after` knows who can answer
            log_function=log_nothing,
        )
        self.tornado.initialize(loop)
        build_visitor_context().run(self.tornado.start)  # looks after their documents from time to time

    @property
    def session_ids(self) -> set[str]:
        """Those that there are and those that are asked for, by their sessions."""
        return {*self._sessions, *(socket.session_id or "" for socket in self.sockets)}

    def measure_longest_idle(self) -> float:
        """For how many milliseconds nobody has looked at the document that was left first."""
        return max(
            (each.milliseconds_since_last_unsubscribe for each in self._list_idle_sessions()), default=0.0
        )

    def end_oldest_session(self) -> bool:
        """End the document that nobody has looked at for the longest; whether one ends now."""
        if any(each.expiration_requested for each in self.tornado.get_sessions("/")):
            return True
        idle_sessions = sorted(
            self._list_idle_sessions(), key=lambda each: each.milliseconds_since_last_unsubscribe
        )
        if idle_sessions:
            idle_sessions[-1].request_expiration()
        return bool(idle_sessions)

    def end_session(self, session_id: str) -> None:
        """End this document, if it is one of ours, and tell who looks at it."""
        for session in self.tornado.get_sessions("/"):
            if session.id == session_id:
                self.disconnect(
                    CloseCode.MEMORY_EXCEEDED, "the document holds too much of what was sent", session_id
                )
                session.request_expiration()

    def _list_idle_sessions(self) -> list[ServerSession]:
        return [each for each in self.tornado.get_sessions("/") if not each.connection_count]

    def build_token(self, request: HTTPServerRequest) -> str:
        """For a new document, or for the one that the viewer had, if it is still there."""
        known = self._sessions.get(request.headers.get("Bokeh-Session-Id", ""))
        if known is not None and known.app.generation == self.app.generation and not known.is_outdated:
            session_id = request.headers["Bokeh-Session-Id"]
        else:
            session_id = None
        payload = {"arguments": dict(request.arguments), "parts": len(self.assets)}
        return build_document_token(session_id, self._signing_key, payload)

    def update_app(self, app: App) -> None:
        """Whoever looks at the former version gets this one."""
        former, self.app = self.app, app
        self.largest_document_size = 0
        if former.generation != app.generation:
            self.disconnect(CloseCode.DOCUMENT_OUTDATED, "there is another version of this app")
            return
        for session in self.tornado.get_sessions("/"):
            if (app_session := self._sessions.get(session.id)) is not None:
                update = wrap_with_document(session, partial(app_session.update_app, app))
                IOLoop.current().add_callback(
                    session.with_document_locked, partial(self._run_scheduled, session.id, update)
                )

    def can_open(self, session_id: str, ip: str) -> bool:
        """Whether somebody there may have this document, which may be new; if so, it counts."""
        return session_id in self._sessions or self._opening_buckets.take(find_client_network(ip))

    def update_document_size(self, size: int) -> None:
        """A document of this size was made."""
        self.largest_document_size = max(self.largest_document_size, size)

    async def _run_scheduled(self, session_id: str, work: Callable[[], None], size: int = 0) -> None:
        """`work()`, when it is the turn of who looks at this document, and there is room for that."""
        if (socket := self._find_socket(session_id)) is not None:
            await socket.run_scheduled(work, size)
        else:
            await self._app_server.scheduler.run(work, queue_key=("", self.app.name))

    def _find_socket(self, session_id: str) -> AppWebSocket | None:
        return next((each for each in self.sockets if each.session_id == session_id), None)

    def is_awaiting_assets(self, session_id: str) -> bool:
        """Whether this document is not to be seen before its page has loaded more."""
        app_session = self._sessions.get(session_id)
        return app_session is not None and app_session.assets.is_awaited

    def copy_frames(self, session_id: str) -> None:
        """The viewer of this document is about to change columns."""
        if (app_session := self._sessions.get(session_id)) is not None:
            app_session.copy_frames()

    def resume(self, session_id: str | None) -> None:
        """The document is opened again, so its page has loaded what it waits for."""
        for session in self.tornado.get_sessions("/"):
            app_session = self._sessions.get(session.id)
            if session.id == session_id and app_session is not None and app_session.assets.is_awaited:
                IOLoop.current().add_callback(
                    session.with_document_locked, wrap_as_coroutine(app_session.assets.resume)
                )

    def disconnect(self, code: int, reason: str, session_id: str | None = None) -> None:
        """All who look at it, or who looks at one document."""
        for socket in [each for each in self.sockets if session_id in (None, each.session_id)]:
            socket.close(code, reason)

    async def close(self, code: int, reason: str) -> None:
        """Let the documents end as if their viewers had left."""
        self.disconnect(code, reason)
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
        raw_arguments: dict[str, list[bytes]] = session_context.request.arguments  # type: ignore[attr-defined]  # BokehSessionContext
        # Tornado gives the names as if they were latin-1, which keeps their bytes.
        arguments = {
            decode_text(name.encode("latin-1")): [decode_text(value) for value in values]
            for name, values in raw_arguments.items()
        }
        loaded_count = session_context.token_payload.get("parts", 0)  # type: ignore[attr-defined]  # as above
        id = session_context.id
        on_outdated = partial(self.disconnect, CloseCode.DOCUMENT_OUTDATED, "this one can't be changed", id)

        async def start(document: Document) -> None:
            app_session = AppSession(
                self.app,
                document,
                arguments,
                self._app_server.report_failure,
                on_outdated,
                self._app_server.on_custom_models,
                wait_for_turn=partial(self._run_scheduled, id, lambda: None),
                on_time_spent=self._app_server.scheduler.charge,
            )
            self._sessions[id] = app_session
            await self._run_scheduled(
                id, partial(self._start_session, app_session, id, loaded_count), self.largest_document_size
            )

        await session_context.with_locked_document(start)

    def _start_session(self, app_session: AppSession, session_id: str, loaded_count: int) -> None:
        """Call the function for a viewer who has loaded so many of the parts, if they are still there."""
        if (socket := self._find_socket(session_id)) is None:
            app_session.is_outdated = True
            return
        app_session.start()
        self.update_document_size(size := app_session.data_size)
        socket.reserve_document(size)
        required = app_session.assets.list_required()
        self.assets += [asset for asset in required if asset not in self.assets]
        if not set(required) <= set(self.assets[:loaded_count]):
            app_session.assets.wait()

    async def on_session_destroyed(self, session_context: SessionContext) -> None:
        self._sessions.pop(session_context.id, None)
        self._app_server.release_memory(session_context.id)
