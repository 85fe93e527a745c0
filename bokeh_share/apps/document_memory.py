"""Limits the memory for data that viewers sent to the documents of all apps."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .open_documents import HasOpenDocuments
from .protocol import MemoryQuota, MemoryUsage


class DocumentMemory:
    """Counts the data of each document, and ends documents with too much."""

    def __init__(self, apps: Collection[HasOpenDocuments]) -> None:
        self._apps = apps
        self._quota = MemoryQuota()

    def reserve(self, session_id: str, usages: Iterable[MemoryUsage]) -> bool:
        """Return True if a document may keep data that its viewer sent. Ends documents with too much data."""
        over_quota = self._quota.add_usage(session_id, usages)
        for app in self._apps:
            for id in over_quota:
                app.open_documents.end_for_memory(id)
        return session_id not in over_quota

    def release(self, session_id: str) -> None:
        """Stop counting the data of a document that has ended."""
        self._quota.remove_document(session_id)
