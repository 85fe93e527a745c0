"""Limits the number of viewers that receive whole plots at the same time, so that each sees some soon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .. import limits

SLOT_TIMEOUT = 1.0
"""Seconds within which the holder of a slot must receive some bytes; else another viewer gets the slot."""


class SlotWaiter(Protocol):
    """A viewer's connection, which may have to wait for a slot."""

    def send_updates(self) -> None:
        """Continue after a slot was assigned."""


class SendSlots:
    """Assigns slots in the order of the requests. Exists in the viewers' thread."""

    def __init__(self, call_soon: Callable[[Callable[[], None]], object]) -> None:
        """`call_soon` calls a function after the current one has returned."""
        self._call_soon = call_soon
        self._holders: set[SlotWaiter] = set()
        self._waiters: dict[SlotWaiter, None] = {}
        """The waiting viewers, in the order of their requests."""

    def acquire(self, waiter: SlotWaiter) -> bool:
        """Return True if `waiter` has a slot now; otherwise its `send_updates` is called later."""
        if waiter in self._holders:
            return True
        if len(self._holders) >= limits.MAX_SEND_SLOTS:
            self._waiters[waiter] = None
            return False
        self._holders.add(waiter)
        return True

    def release(self, waiter: SlotWaiter) -> None:
        """Release the slot of `waiter`, or remove it from the queue."""
        self._waiters.pop(waiter, None)
        if waiter not in self._holders:
            return
        self._holders.discard(waiter)
        if self._waiters:
            next_waiter = next(iter(self._waiters))
            del self._waiters[next_waiter]
            self._holders.add(next_waiter)
            self._call_soon(next_waiter.send_updates)
