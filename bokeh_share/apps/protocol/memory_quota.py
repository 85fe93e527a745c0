"""Limits the memory that documents of apps use for data that viewers sent."""

from __future__ import annotations

from collections.abc import Iterable

from ... import limits

MemoryUsage = tuple[tuple[str, str], int, bool]
"""The model and property that a viewer changed, the bytes, and True if they are added to the former ones."""


class MemoryQuota:
    """Counts the approximate bytes in memory by document, until the document ends.

    A value that replaces a former one counts instead of it, so that moving a plot all day uses no more than
    moving it once.
    """

    def __init__(self) -> None:
        self._sizes: dict[str, dict[tuple[str, str], int]] = {}
        self._total_sizes: dict[str, int] = {}

    def add_usage(self, document: str, usages: Iterable[MemoryUsage]) -> list[str]:
        """Count the usage. If that is too much, return the documents that have to end, the largest first."""
        sizes = self._sizes.setdefault(document, {})
        for property_key, size, is_added in usages:
            previous = sizes.get(property_key, 0)
            sizes[property_key] = previous + size if is_added else size
            self._total_sizes[document] = self._total_sizes.get(document, 0) + sizes[property_key] - previous
        return self._list_excess_documents()

    def remove_document(self, document: str) -> None:
        self._sizes.pop(document, None)
        self._total_sizes.pop(document, None)

    def _list_excess_documents(self) -> list[str]:
        excess, total = [], sum(self._total_sizes.values())
        for document in sorted(self._total_sizes, key=lambda each: self._total_sizes[each], reverse=True):
            if (
                self._total_sizes[document] <= limits.MAX_APP_DOCUMENT_BYTES
                and total <= limits.MAX_APP_TOTAL_BYTES
            ):
                break
            excess.append(document)
            total -= self._total_sizes[document]
        return excess
