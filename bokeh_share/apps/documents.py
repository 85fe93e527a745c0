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
from ..server import TokenBucketPerClient, VisitorLogFilter, build_visitor_context, log_nothing
from ..server.auth import find_client_network
from ..wire import CloseCode
from .app import App
from .call_context import wrap_as_coroutine, wrap_with_document
from .document_token import build_document_token
from .registry import AppRegistry
from .session import AppSession
from .websocket import AppWebSocket, SocketServer, build_socket_route

SESSION_CHECK_INTERVAL = 0.2
"""Seconds between two checks for documents whose viewers have left."""
CLOSE_TIMEOUT = 3.0
"""Seconds in which the documents of an app that ends are to have ended."""
CLEANUP_INTERVAL = 0.1


decode_text = partial(str, encoding="utf-8", errors="replace")


class DocumentServer(SocketServer, Protocol):
    """The server of all apps, as the documents of one app use it."""

    @property
    def apps(self) -> AppRegistry: ...

    @property
    def on_custom_models(self) -> Callable[[Iterable[type[Model]]], None]: ...

    def release_memory(self, session_id: str) -> None: ...


class AppDocuments(Handler):
    """One app: its documents and their viewers."""

    def __init__(self, app: App, app_server: DocumentServer, loop: IOLoop) -> None:
        super().__init__()
        self.app = app
        self._app_server = app_server
        self.sockets: set[AppWebSocket] = set()
        self.assets: list[str] = []
        """Files of BokehJS extensions that its documents have needed; only grows."""
        self.largest_document_size = 0
        """Bytes of the largest document that was sent: the expected size of the next."""
        self._sessions: dict[str, AppSession] = {}
        # A token opens only its own app, since another app has not checked the options in it.
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
            keep_alive_milliseconds=0,  # `OutgoingWebSocket.probe` sends the pings
            log_function=log_nothing,
        )
        self.tornado.initialize(loop)
        build_visitor_context().run(self.tornado.start)  # checks their documents from time to time

    @property
    def session_ids(self) -> set[str]:
        """The ids of open and requested sessions."""
        return {*self._sessions, *(socket.session_id or "" for socket in self.sockets)}

    def measure_longest_idle(self) -> float:
        """Milliseconds since the longest unused document lost its last viewer."""
        return max(
            (each.milliseconds_since_last_unsubscribe for each in self._list_idle_sessions()), default=0.0
        )

    def end_oldest_session(self) -> bool:
        """End the document that has been unused for the longest; return True if one ends now."""
        if any(each.expiration_requested for each in self.tornado.get_sessions("/")):
            return True
        idle_sessions = sorted(
            self._list_idle_sessions(), key=lambda each: each.milliseconds_since_last_unsubscribe
        )
        if idle_sessions:
            idle_sessions[-1].request_expiration()
        return bool(idle_sessions)

    def end_session(self, session_id: str) -> None:
        """End this document, if it belongs to this app, and disconnect its viewers."""
        for session in self.tornado.get_sessions("/"):
            if session.id == session_id:
                self.disconnect(
                    CloseCode.MEMORY_EXCEEDED, "the document holds too much of what was sent", session_id
                )
                session.request_expiration()

    def _list_idle_sessions(self) -> list[ServerSession]:
        return [each for each in self.tornado.get_sessions("/") if not each.connection_count]

    def build_token(self, request: HTTPServerRequest) -> str:
        """Build a token for the viewer's former document if it still exists, otherwise for a new one."""
        known = self._sessions.get(request.headers.get("Bokeh-Session-Id", ""))
        if known is not None and known.app.generation == self.app.generation and not known.is_outdated:
            session_id = request.headers["Bokeh-Session-Id"]
        else:
            session_id = None
        payload = {"arguments": dict(request.arguments), "parts": len(self.assets)}
        return build_document_token(session_id, self._signing_key, payload)

    def update_app(self, app: App) -> None:
        """Show this version to viewers of the former one."""
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
        """Return True if a viewer at this address may open this document, and count it."""
        return session_id in self._sessions or self._opening_buckets.take(find_client_network(ip))

    def update_document_size(self, size: int) -> None:
        """Record the size of a document that was built."""
        self.largest_document_size = max(self.largest_document_size, size)

    async def _run_scheduled(self, session_id: str, work: Callable[[], None], size: int = 0) -> None:
        """Run `work()` in the queue of this document's viewer, when there is room for what it builds."""
        if (socket := self._find_socket(session_id)) is not None:
            await socket.run_scheduled(work, size)
        else:
            await self._app_server.scheduler.run(work, queue_key=("", self.app.name))

    def _find_socket(self, session_id: str) -> AppWebSocket | None:
        return next((each for each in self.sockets if each.session_id == session_id), None)

    def is_awaiting_assets(self, session_id: str) -> bool:
        """True if this document is hidden until its page has loaded more."""
        app_session = self._sessions.get(session_id)
        return app_session is not None and app_session.assets.is_awaited

    def copy_frames(self, session_id: str) -> None:
        """Copy the frames of tables, since the viewer of this document is about to change columns."""
        if (app_session := self._sessions.get(session_id)) is not None:
            app_session.copy_frames()

    def resume(self, session_id: str | None) -> None:
        """Show a document that is opened again: its page has loaded the assets."""
        for session in self.tornado.get_sessions("/"):
            app_session = self._sessions.get(session.id)
            if session.id == session_id and app_session is not None and app_session.assets.is_awaited:
                IOLoop.current().add_callback(
                    session.with_document_locked, wrap_as_coroutine(app_session.assets.resume)
                )

    def disconnect(self, code: int, reason: str, session_id: str | None = None) -> None:
        """Disconnect all viewers of the app, or those of one document."""
        for socket in [each for each in self.sockets if session_id in (None, each.session_id)]:
            socket.close(code, reason)

    async def close(self, code: int, reason: str) -> None:
        """Disconnect all viewers, and end the documents as if the viewers had left."""
        self.disconnect(code, reason)
        log_filter = VisitorLogFilter()  # the share's own ends with the share, which does not wait for this
        log_filter.start()
        try:
            for _ in range(int(CLOSE_TIMEOUT / CLEANUP_INTERVAL)):
                for session in self.tornado.get_sessions("/"):
                    session.request_expiration()
                if not self._sessions:
                    break
                await asyncio.sleep(CLEANUP_INTERVAL)
            self.tornado.stop(wait=False)
        finally:
            log_filter.stop()

    def modify_document(self, doc: Document) -> None:
        """Do nothing: Bokeh 3.10 calls this in a worker thread. `on_session_created` fills the document."""

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
        """Call the function, if the viewer is still connected. They have loaded `loaded_count` assets."""
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
