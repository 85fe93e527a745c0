"""Who is sent whole plots: a few at a time, so that each of them soon has something to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .. import limits

SLOT_TIMEOUT = 1.0
"""Seconds in which one who has a turn must have taken something; else another has it."""


class SlotWaiter(Protocol):
    """Somebody who may have to wait for a turn."""

    def send_updates(self) -> None:
        """Go on: there is a turn now."""


class SendSlots:
    """Gives turns in the order in which they were asked for. Lives in the viewers' thread."""

    def __init__(self, call_soon: Callable[[Callable[[], None]], object]) -> None:
        """`call_soon` calls a function when this one has returned."""
        self._call_soon = call_soon
        self._holders: set[SlotWaiter] = set()
        self._waiters: dict[SlotWaiter, None] = {}
        """In their order."""

    def acquire(self, waiter: SlotWaiter) -> bool:
        """Whether it is the turn of `waiter` now; else `send_updates` is called when it is."""
        if waiter in self._holders:
            return True
        if len(self._holders) >= limits.MAX_SEND_SLOTS:
            self._waiters[waiter] = None
            return False
        self._holders.add(waiter)
        return True

    def release(self, waiter: SlotWaiter) -> None:
        """`waiter` needs no turn any more."""
        self._waiters.pop(waiter, None)
        if waiter not in self._holders:
            return
        self._holders.discard(waiter)
        if self._waiters:
            next_waiter = next(iter(self._waiters))
            del self._waiters[next_waiter]
            self._holders.add(next_waiter)
            self._call_soon(next_waiter.send_updates)
