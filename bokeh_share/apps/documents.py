"""Opens, updates and ends the documents of one app, by Bokeh's server."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from bokeh.application import Application
from bokeh.application.application import SessionContext
from bokeh.application.handlers import Handler
from bokeh.document import Document
from bokeh.server.tornado import BokehTornado
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop

from .. import limits
from ..server import VisitorLogFilter, build_visitor_context, log_nothing
from ..wire import CloseCode
from .app import App
from .call_context import wrap_with_document
from .document_token import build_document_token
from .open_documents import OpenDocuments
from .services import AppServices
from .session import AppSession
from .websocket import build_socket_route

SESSION_CHECK_INTERVAL = 0.2
"""Seconds between two checks for documents without viewers."""
CLOSE_TIMEOUT = 3.0
"""Seconds within which the documents of a removed app should end."""
CLOSE_CHECK_INTERVAL = 0.1

decode_text = partial(str, encoding="utf-8", errors="replace")


class AppDocuments(Handler):
    """One app, while it is shared: opens a document for each viewer, updates it, and ends it."""

    def __init__(self, app: App, services: AppServices, signing_key: bytes, loop: IOLoop) -> None:
        super().__init__()
        self.app = app
        self.open_documents = OpenDocuments(app.name, lambda: self.tornado.get_sessions("/"))
        self._services = services
        self._assets: list[str] = []
        """Files of BokehJS extensions that its documents have needed; only grows."""
        # A token opens only its own app, since another app has not checked the options in it.
        self._signing_key = hmac.digest(signing_key, app.name.encode(), "sha256")
        self.tornado = BokehTornado(
            {"/": Application(self)},
            extra_patterns=[build_socket_route(self.open_documents, services)],
            secret_key=self._signing_key,
            sign_sessions=True,
            use_index=False,
            ico_path="none",
            check_unused_sessions_milliseconds=int(SESSION_CHECK_INTERVAL * 1000),
            unused_session_lifetime_milliseconds=int(limits.APP_RECONNECT_TIMEOUT * 1000),
            websocket_max_message_size_bytes=limits.MAX_APP_MESSAGE_BYTES,
            keep_alive_milliseconds=0,  # `Keepalive.probe` sends the pings
            log_function=log_nothing,
        )
        self.tornado.initialize(loop)
        build_visitor_context().run(self.tornado.start)  # checks the documents at regular intervals

    def build_session_info(self, request: HTTPServerRequest) -> dict[str, Any]:
        """Return a token for the viewer's former document if it still exists, otherwise for a new one, and
        the assets to load."""
        session_id = request.headers.get("Bokeh-Session-Id", "")
        former = self.open_documents.find(session_id)
        can_reopen = (
            former is not None and former.app.generation == self.app.generation and not former.is_outdated
        )
        payload = {"arguments": dict(request.arguments), "parts": len(self._assets)}
        token = build_document_token(session_id if can_reopen else None, self._signing_key, payload)
        return {"token": token, "parts": [json.loads(asset) for asset in self._assets]}

    def update_app(self, app: App) -> None:
        """Show this version to viewers of the former one."""
        former, self.app = self.app, app
        self.open_documents.forget_sizes()
        if former.generation != app.generation:
            reason = "there is another version of this app"
            self.open_documents.viewers.close(CloseCode.DOCUMENT_OUTDATED, reason)
            return
        for session, app_session in self.open_documents.list_sessions():
            update = wrap_with_document(session, partial(app_session.update_app, app))
            IOLoop.current().add_callback(
                session.with_document_locked, partial(self._run_scheduled, session.id, update)
            )

    async def close(self, code: int, reason: str) -> None:
        """Disconnect all viewers, and end the documents as if the viewers had left."""
        log_filter = VisitorLogFilter()  # the share's own ends with the share, which does not wait for this
        log_filter.start()
        try:
            self.open_documents.viewers.close(code, reason)
            for _ in range(int(CLOSE_TIMEOUT / CLOSE_CHECK_INTERVAL)):
                self.open_documents.expiry.end_all()
                if self.open_documents.is_empty:
                    break
                await asyncio.sleep(CLOSE_CHECK_INTERVAL)
            self.tornado.stop(wait=False)
        finally:
            log_filter.stop()

    def modify_document(self, doc: Document) -> None:
        """Do nothing: Bokeh 3.10 calls this in a worker thread. `on_session_created` fills the document."""

    async def on_session_created(self, session_context: SessionContext) -> None:
        arguments = _decode_arguments(session_context.request.arguments)  # type: ignore[attr-defined]  # BokehSessionContext
        loaded_count = session_context.token_payload.get("parts", 0)  # type: ignore[attr-defined]  # as above
        await session_context.with_locked_document(
            partial(self._open_document, session_context.id, arguments, loaded_count)
        )

    async def on_session_destroyed(self, session_context: SessionContext) -> None:
        self.open_documents.remove(session_context.id)
        self._services.memory.release(session_context.id)

    async def _open_document(
        self, session_id: str, arguments: Mapping[str, Sequence[str]], loaded_count: int, document: Document
    ) -> None:
        """Fill a new document in the viewer's turn."""
        reason = "this one can't be changed"
        app_session = AppSession(
            self.app,
            document,
            arguments,
            self._services.failures.report,
            partial(self.open_documents.viewers.close, CloseCode.DOCUMENT_OUTDATED, reason, session_id),
            self._services.on_custom_models,
            wait_for_turn=partial(self._run_scheduled, session_id, lambda: None),
            on_time_spent=self._services.scheduler.charge,
        )
        self.open_documents.add(session_id, app_session)
        start = partial(self._start_session, app_session, session_id, loaded_count)
        await self._run_scheduled(session_id, start, self.open_documents.largest_size)

    def _start_session(self, app_session: AppSession, session_id: str, loaded_count: int) -> None:
        """Call the function, if the viewer is still connected. They have loaded `loaded_count` assets."""
        if (socket := self.open_documents.viewers.find(session_id)) is None:
            app_session.mark_outdated()
            return
        app_session.start()
        self.open_documents.record_size(size := app_session.data_size)
        socket.outgoing.reserve_document(size)
        required = app_session.assets.list_required()
        self._assets += [asset for asset in required if asset not in self._assets]
        if not set(required) <= set(self._assets[:loaded_count]):
            app_session.assets.wait()

    async def _run_scheduled(self, session_id: str, work: Callable[[], None], size: int = 0) -> None:
        """Run `work()` in the queue of this document's viewer, when there is room for what it builds."""
        if (socket := self.open_documents.viewers.find(session_id)) is not None:
            await socket.queue.run(work, size)
        else:
            await self._services.scheduler.run(work, queue_key=("", self.app.name))


def _decode_arguments(raw_arguments: Mapping[str, Sequence[bytes]]) -> dict[str, list[str]]:
    """Decode the query of a request. Tornado gives the names as if they were latin-1, which keeps their
    bytes."""
    return {
        decode_text(name.encode("latin-1")): [decode_text(value) for value in values]
        for name, values in raw_arguments.items()
    }
