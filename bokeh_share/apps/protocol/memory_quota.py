"""How much of what viewers sent the documents of apps hold."""

from __future__ import annotations

from collections.abc import Iterable

from ... import limits
from .patch import Kept


class MemoryQuota:
    """Bytes by document, as they take in memory, about; a document's go with it.

    What replaces what was there before counts instead of it, so that a viewer who moves a plot all day long
    holds no more than one who moved it once.
    """

    def __init__(self) -> None:
        self._kept: dict[str, dict[tuple[str, str], int]] = {}
        self._totals: dict[str, int] = {}

    def keep(self, document: str, kept: Iterable[Kept]) -> list[str]:
        """Take note, unless that is too much; then the documents that have to end, the greediest first."""
        places = self._kept.setdefault(document, {})
        for place, weight, is_more in kept:
            before = places.get(place, 0)
            places[place] = before + weight if is_more else weight
            self._totals[document] = self._totals.get(document, 0) + places[place] - before
        return self._too_much()

    def forget(self, document: str) -> None:
        self._kept.pop(document, None)
        self._totals.pop(document, None)

    def _too_much(self) -> list[str]:
        greedy, total = [], sum(self._totals.values())
        for document in sorted(self._totals, key=lambda each: self._totals[each], reverse=True):
            if self._totals[document] <= limits.APP_HELD and total <= limits.APP_HELD_ALL:
                break
            greedy.append(document)
            total -= self._totals[document]
        return greedy
