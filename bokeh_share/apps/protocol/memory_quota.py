"""How much of what viewers sent the documents of apps hold."""

from __future__ import annotations

from collections.abc import Iterable

from ... import limits

MemoryUsage = tuple[tuple[str, str], int, bool]
"""Of which model and property a viewer has put how many bytes somewhere; whether beside what is there."""


class MemoryQuota:
    """Bytes by document, as they take in memory, about; a document's go with it.

    What replaces what was there before counts instead of it, so that a viewer who moves a plot all day long
    holds no more than one who moved it once.
    """

    def __init__(self) -> None:
        self._sizes: dict[str, dict[tuple[str, str], int]] = {}
        self._total_sizes: dict[str, int] = {}

    def add_usage(self, document: str, usages: Iterable[MemoryUsage]) -> list[str]:
        """Take note, unless that is too much; then the documents that have to end, the greediest first."""
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
