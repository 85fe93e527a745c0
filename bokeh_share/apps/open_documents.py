"""The open documents of one app, and their viewers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from bokeh.server.session import ServerSession
from tornado.ioloop import IOLoop

from .. import limits
from ..server import TokenBucketPerClient
from ..server.auth import find_client_network
from ..wire import CloseCode
from .call_context import wrap_as_coroutine
from .expiry import DocumentExpiry
from .session import AppSession
from .viewers import AppViewers


class OpenDocuments:
    """The documents of one app by session id, from a viewer's request until their end."""

    def __init__(self, app_name: str, list_sessions: Callable[[], Sequence[ServerSession]]) -> None:
        """`list_sessions` returns Bokeh's sessions of the app."""
        self.app_name = app_name
        self.viewers = AppViewers()
        self.expiry = DocumentExpiry(list_sessions)
        self.largest_size = 0
        """Bytes of the largest document that was sent: the expected size of the next."""
        self._list_sessions = list_sessions
        self._app_sessions: dict[str, AppSession] = {}
        self._opening_buckets = TokenBucketPerClient(
            limits.CLIENT_APP_OPEN_RATE, limits.CLIENT_APP_OPEN_BURST, limits.MAX_TRACKED_CLIENTS
        )

    @property
    def is_empty(self) -> bool:
        return not self._app_sessions

    @property
    def session_ids(self) -> set[str]:
        """The ids of open and requested documents."""
        return {*self._app_sessions, *self.viewers.session_ids}

    def list_sessions(self) -> list[tuple[ServerSession, AppSession]]:
        """List the documents that are filled: Bokeh's session of each, and ours."""
        app_sessions = self._app_sessions
        return [(each, app_sessions[each.id]) for each in self._list_sessions() if each.id in app_sessions]

    def find(self, session_id: str) -> AppSession | None:
        return self._app_sessions.get(session_id)

    def add(self, session_id: str, app_session: AppSession) -> None:
        """Add a document that a viewer opens."""
        self._app_sessions[session_id] = app_session

    def remove(self, session_id: str) -> None:
        """Remove a document that has ended; does nothing if it was not added."""
        self._app_sessions.pop(session_id, None)

    def can_open(self, session_id: str, ip: str) -> bool:
        """Return True if a viewer at this address may open this document, and count it."""
        return session_id in self._app_sessions or self._opening_buckets.take(find_client_network(ip))

    def record_size(self, size: int) -> None:
        """Record the size of a document that was built."""
        self.largest_size = max(self.largest_size, size)

    def forget_sizes(self) -> None:
        """Forget the sizes of documents, since the app has changed."""
        self.largest_size = 0

    def resume(self, session_id: str | None) -> None:
        """Show a document that is opened again: its page has loaded the assets."""
        for session, app_session in self.list_sessions():
            if session.id == session_id and app_session.assets.is_awaited:
                IOLoop.current().add_callback(
                    session.with_document_locked, wrap_as_coroutine(app_session.assets.resume)
                )

    def end_for_memory(self, session_id: str) -> None:
        """End this document, if it belongs to this app, and disconnect its viewers."""
        if self.expiry.end(session_id):
            reason = "the document holds too much of what was sent"
            self.viewers.close(CloseCode.MEMORY_EXCEEDED, reason, session_id)


class HasOpenDocuments(Protocol):
    """One app, as the limits for the documents of all apps use it."""

    @property
    def open_documents(self) -> OpenDocuments: ...
