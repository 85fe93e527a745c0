"""Decides if one more document may be opened, and ends unused ones to make room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from ..server import visitor_log
from .open_documents import HasOpenDocuments

MAKE_ROOM_TIMEOUT = 2.0
"""Seconds that a new viewer waits for an unused document to end."""
MAKE_ROOM_INTERVAL = 0.1


class Admission:
    """Admits viewers to the documents of all apps, up to the maximum number of documents."""

    def __init__(self, apps: Collection[HasOpenDocuments], get_max_documents: Callable[[], int]) -> None:
        """`get_max_documents` returns the maximum number of documents."""
        self._apps = apps
        self._get_max_documents = get_max_documents
        self._disconnect_count = 0
        """The number of times that viewers were disconnected. Waiting requests then have to be repeated."""

    async def admit(self) -> bool:
        """Return True if one more viewer may connect. Waits for room."""
        disconnect_count = self._disconnect_count
        if not await self._make_room():
            visitor_log.log_misuse("too many viewers of apps")
            return False
        # the waiting viewer's link or password may have been revoked meanwhile
        return self._disconnect_count == disconnect_count

    def reject_waiting(self) -> None:
        """Reject all waiting viewers, since viewers are disconnected."""
        self._disconnect_count += 1

    def is_full(self, session_id: str | None = None) -> bool:
        """Return True if the open and requested documents, apart from this one, have reached the maximum."""
        session_ids = {id for app in self._apps for id in app.open_documents.session_ids}
        return len(session_ids - {session_id}) >= self._get_max_documents()

    async def _make_room(self) -> bool:
        """Return True if one more document is allowed. Ends unused documents for it, the oldest first."""
        for _ in range(int(MAKE_ROOM_TIMEOUT / MAKE_ROOM_INTERVAL)):
            if not self.is_full():
                return True
            expiries = [app.open_documents.expiry for app in self._apps]
            expiries.sort(key=lambda each: each.measure_longest_idle(), reverse=True)
            if not any(each.end_oldest() for each in expiries):
                return False
            await asyncio.sleep(MAKE_ROOM_INTERVAL)
        return not self.is_full()
