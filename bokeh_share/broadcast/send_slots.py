"""Who is sent whole plots: a few at a time, so that each of them soon has something to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .. import limits

SLOT_TIMEOUT = 1.0
"""Seconds in which one who has a turn must have taken something; else another has it."""


class Waiting(Protocol):
    """Somebody who may have to wait for a turn."""

    def fill(self) -> None:
        """Go on: there is a turn now."""


class SendSlots:
    """Gives turns in the order in which they were asked for. Lives in the viewers' thread."""

    def __init__(self, later: Callable[[Callable[[], None]], object]) -> None:
        """`later` calls a function when this one has returned."""
        self._later = later
        self._having: set[Waiting] = set()
        self._waiting: dict[Waiting, None] = {}
        """In their order."""

    def take(self, who: Waiting) -> bool:
        """Whether it is the turn of `who` now; else `fill` is called when it is."""
        if who in self._having:
            return True
        if len(self._having) >= limits.PLOTS:
            self._waiting[who] = None
            return False
        self._having.add(who)
        return True

    def give_back(self, who: Waiting) -> None:
        """`who` needs no turn any more."""
        self._waiting.pop(who, None)
        if who not in self._having:
            return
        self._having.discard(who)
        if self._waiting:
            following = next(iter(self._waiting))
            del self._waiting[following]
            self._having.add(following)
            self._later(following.fill)
