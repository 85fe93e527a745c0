"""Work of viewers of apps on the kernel's loop: a piece at a time, with the author's cells in between."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from .. import limits

T = TypeVar("T")
QueueKey = tuple[str, str]
"""Who waits for their turns one after the other: the viewers of an app, by its name, in a network."""

MAX_BURST_SECONDS = 0.01
"""Seconds of short pieces of work that may follow each other, as no timer is exact to less than 1 ms."""
TASK_OVERHEAD = 0.0002
"""Seconds that the loop needs beside each piece of work, about, to read a frame and to write the answer."""
ROOM_CHECK_INTERVAL = 0.1
"""Seconds between two looks for room, while somebody waits for it."""


@dataclass(eq=False)
class _Waiter:
    """Somebody who waits for a turn; all that they hold until then."""

    queue_key: QueueKey
    owner: object
    size: int | None
    """Bytes that are made, about; None where nothing is."""
    future: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class FairScheduler:
    """Gives turns on the kernel's loop to all work that viewers of apps cause there.

    After a piece of work the loop rests for as long as that took, up to `limits.MAX_APP_YIELD_DELAY`. A cell
    that the author has sent needs some rounds of the loop until it begins, and has them then. Lines have
    their turns one after the other, so that one that asks for much delays itself; within a line those who
    came first go first. Work that makes bytes for a viewer waits until there is room for them.
    """

    def __init__(
        self,
        has_room: Callable[[str, int], bool] = lambda network, size: True,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`has_room` says whether so many bytes may be made for a viewer in a network."""
        self._has_room = has_room
        self._clock = clock
        self._queues: dict[QueueKey, deque[_Waiter]] = {}
        """The line first whose turn is next."""
        self._running: _Waiter | None = None
        self._next_start = 0.0
        """When all that was done is paid for by pauses."""
        self._timer: asyncio.TimerHandle | None = None

    async def run(
        self,
        work: Callable[[], T],
        *,
        queue_key: QueueKey = ("", ""),
        owner: object = None,
        size: int | None = None,
    ) -> T:
        """`work()`, when it is its turn and there is room for what it makes, of about this size.

        It awaits nothing, so that a turn is never held by somebody who is slow.
        """
        waiter = _Waiter(queue_key, owner, size)
        self._queues.setdefault(queue_key, deque()).append(waiter)
        self._start_next()
        try:
            await waiter.future
        except asyncio.CancelledError:
            self._cancel(waiter)
            raise
        started_at = self._clock()
        try:
            return work()
        finally:
            self._finish(self._clock() - started_at)

    def charge(self, seconds: float) -> None:
        """So much was done until now, beside all turns: what follows waits for as long again."""
        now = self._clock()
        next_start = max(self._next_start, now - seconds) + 2 * seconds + TASK_OVERHEAD
        self._next_start = min(next_start, now + MAX_BURST_SECONDS + limits.MAX_APP_YIELD_DELAY)

    def cancel_room_wait(self, owner: object) -> None:
        """Let `owner` wait for room no longer, as nothing is made for them any more."""
        for waiter in self._iterate_waiters():
            if waiter.owner is owner:
                waiter.size = None
        self._start_next()

    @property
    def waiting_networks(self) -> set[str]:
        """The networks in which somebody waits for room."""
        has_room = cache(self._has_room)
        return {
            waiter.queue_key[0]
            for waiter in self._iterate_waiters()
            if waiter.size is not None and not has_room(waiter.queue_key[0], waiter.size)
        }

    def _iterate_waiters(self) -> Iterator[_Waiter]:
        for queue in self._queues.values():
            yield from queue

    def _start_next(self) -> None:
        """Give somebody a turn, or look again when the loop has had its rest."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._running is not None or not self._queues:
            return
        delay = round(self._next_start - self._clock() - MAX_BURST_SECONDS, 6)
        if delay > 0:
            self._timer = asyncio.get_running_loop().call_later(delay, self._start_next)
        elif (waiter := self._pop_next()) is None:
            self._timer = asyncio.get_running_loop().call_later(ROOM_CHECK_INTERVAL, self._start_next)
        else:
            self._running = waiter
            waiter.future.set_result(None)

    def _pop_next(self) -> _Waiter | None:
        has_room = cache(self._has_room)  # as long as this takes
        for queue_key, queue in self._queues.items():
            for waiter in queue:
                if waiter.size is None or has_room(queue_key[0], waiter.size):
                    self._remove(waiter)
                    if queue:  # behind the others
                        self._queues[queue_key] = self._queues.pop(queue_key)
                    return waiter
        return None

    def _remove(self, waiter: _Waiter) -> None:
        queue = self._queues[waiter.queue_key]
        queue.remove(waiter)
        if not queue:
            del self._queues[waiter.queue_key]

    def _cancel(self, waiter: _Waiter) -> None:
        """Whoever waited was cancelled, before their turn or as it began."""
        if self._running is waiter:
            self._finish(0.0)
        else:
            self._remove(waiter)

    def _finish(self, seconds: float) -> None:
        self._running = None
        self.charge(seconds)
        if self._queues and self._timer is None:
            # after others on the loop
            self._timer = asyncio.get_running_loop().call_later(0, self._start_next)
