"""Ends the documents of one app, as if their viewers had left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bokeh.server.session import ServerSession


class DocumentExpiry:
    """Requests Bokeh to end documents of one app. Documents with a viewer end when the viewer has left."""

    def __init__(self, list_sessions: Callable[[], Sequence[ServerSession]]) -> None:
        self._list_sessions = list_sessions

    def measure_longest_idle(self) -> float:
        """Milliseconds since the longest unused document lost its last viewer."""
        return max((each.milliseconds_since_last_unsubscribe for each in self._list_idle()), default=0.0)

    def end_oldest(self) -> bool:
        """End the document that has been unused for the longest; return True if one ends now."""
        if any(each.expiration_requested for each in self._list_sessions()):
            return True
        idle_sessions = sorted(self._list_idle(), key=lambda each: each.milliseconds_since_last_unsubscribe)
        if idle_sessions:
            idle_sessions[-1].request_expiration()
        return bool(idle_sessions)

    def end(self, session_id: str) -> bool:
        """End this document; return True if it belongs to this app."""
        sessions = [each for each in self._list_sessions() if each.id == session_id]
        for session in sessions:
            session.request_expiration()
        return bool(sessions)

    def end_all(self) -> None:
        """End all documents."""
        for session in self._list_sessions():
            session.request_expiration()

    def _list_idle(self) -> list[ServerSession]:
        return [each for each in self._list_sessions() if not each.connection_count]
