"""Schedules work for viewers of apps on the kernel's loop, alternating with the author's cells."""

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
"""The key of a queue: the network of its viewers, and the name of their app."""

MAX_BURST_SECONDS = 0.01
"""Seconds of short tasks that may run without a pause, since timers are not exact below 1 ms."""
TASK_OVERHEAD = 0.0002
"""Approximate seconds that the loop needs for each task besides its work, to read and write frames."""
ROOM_CHECK_INTERVAL = 0.1
"""Seconds between two checks for room while a task waits for it."""


@dataclass(eq=False)
class _Waiter:
    """A waiting task."""

    queue_key: QueueKey
    owner: object
    size: int | None
    """Approximate bytes that the task serialises; None if it serialises nothing."""
    future: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def cancel_room_wait(self) -> None:
        """Run without room, since nothing is serialised any more."""
        self.size = None


class FairScheduler:
    """Runs the tasks that viewers of apps cause on the kernel's loop, one at a time.

    After a task the loop pauses for as long as the task took, up to `limits.MAX_APP_YIELD_DELAY`. A cell
    that the author has sent needs some iterations of the loop before it begins, and gets them then. Queues
    are served round robin, so that a queue with many tasks delays only itself; each queue is first in, first
    out. A task that serialises data for a viewer waits until there is room for it.
    """

    def __init__(
        self,
        has_room: Callable[[str, int], bool] = lambda network, size: True,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`has_room(network, size)` returns True if this many bytes may be serialised for a viewer in the
        network."""
        self._has_room = has_room
        self._clock = clock
        self._queues: dict[QueueKey, deque[_Waiter]] = {}
        """The queues; the next one to be served is first."""
        self._running: _Waiter | None = None
        self._next_start = 0.0
        """The time at which the pauses for all finished tasks are over."""
        self._timer: asyncio.TimerHandle | None = None

    async def run(
        self,
        work: Callable[[], T],
        *,
        queue_key: QueueKey = ("", ""),
        owner: object = None,
        size: int | None = None,
    ) -> T:
        """Run `work()` when its queue is served and there is room for about `size` bytes.

        `work` awaits nothing, so that a slow viewer never delays the others.
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
        """Count work that ran outside of the queues: the next task waits as long again."""
        now = self._clock()
        next_start = max(self._next_start, now - seconds) + 2 * seconds + TASK_OVERHEAD
        self._next_start = min(next_start, now + MAX_BURST_SECONDS + limits.MAX_APP_YIELD_DELAY)

    def cancel_room_wait(self, owner: object) -> None:
        """Stop waiting for room for `owner`, since nothing is serialised for them any more."""
        for waiter in self._iterate_waiters():
            if waiter.owner is owner:
                waiter.cancel_room_wait()
        self._start_next()

    @property
    def waiting_networks(self) -> set[str]:
        """The networks of tasks that wait for room."""
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
        """Start the next task, or check again after the pause."""
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
        has_room = cache(self._has_room)  # during this call
        for queue_key, queue in self._queues.items():
            for waiter in queue:
                if waiter.size is None or has_room(queue_key[0], waiter.size):
                    self._remove(waiter)
                    if queue:  # after the other queues
                        self._queues[queue_key] = self._queues.pop(queue_key)
                    return waiter
        return None

    def _remove(self, waiter: _Waiter) -> None:
        queue = self._queues[waiter.queue_key]
        queue.remove(waiter)
        if not queue:
            del self._queues[waiter.queue_key]

    def _cancel(self, waiter: _Waiter) -> None:
        """Remove a task that was cancelled before it ran or as it began."""
        if self._running is waiter:
            self._finish(0.0)
        else:
            self._remove(waiter)

    def _finish(self, seconds: float) -> None:
        self._running = None
        self.charge(seconds)
        if self._queues and self._timer is None:
            # after other callbacks of the loop
            self._timer = asyncio.get_running_loop().call_later(0, self._start_next)


class ViewerQueue:
    """The tasks of one viewer, in the queue of their app and network. Exists as long as the websocket."""

    def __init__(self, scheduler: FairScheduler, queue_key: QueueKey) -> None:
        self._scheduler, self._queue_key = scheduler, queue_key

    async def run(self, work: Callable[[], T], size: int | None = None) -> T:
        """Run `work()` when the queue is served and there is room for `size` bytes."""
        return await self._scheduler.run(work, queue_key=self._queue_key, owner=self, size=size)

    def charge(self, seconds: float) -> None:
        """Count work for the viewer that ran outside of the queue."""
        self._scheduler.charge(seconds)

    def cancel_room_wait(self) -> None:
        """Stop waiting for room, since nothing is serialised for the viewer any more."""
        self._scheduler.cancel_room_wait(self)
