"""The viewers' thread: an event loop beside the kernel's, so that viewers never wait for a cell."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tornado.ioloop import IOLoop

from .. import limits
from .viewer_tasks import ViewerTasks

log = logging.getLogger(__name__)

THREAD_TIMEOUT = 5.0
"""Seconds to wait for the viewers' thread, which itself never waits."""


class ViewersThread:
    """Runs functions and tasks on an event loop of its own, from `start` to `stop`.

    The thread is a daemon, and does not delay the exit. `start_task` may be called in it only, the other
    methods from any thread.
    """

    def __init__(self) -> None:
        self._io_loop = IOLoop(make_current=False)
        self.loop: asyncio.AbstractEventLoop = self._io_loop.asyncio_loop
        self._tasks = ViewerTasks()
        self._stop_task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run_loop, name="bokeh_share viewers", daemon=True)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def call_soon(self, function: Callable[..., object], *args: object) -> None:
        """Call a function in the thread soon; never if the thread has ended."""
        with suppress(RuntimeError):  # the loop was closed meanwhile and has no viewers left
            self.loop.call_soon_threadsafe(function, *args)

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Call a function in the thread, and return when it has returned. The thread must be alive."""

        async def inside() -> None:
            function(*args)

        try:
            asyncio.run_coroutine_threadsafe(inside(), self.loop).result(THREAD_TIMEOUT)
        except TimeoutError:  # something blocks all threads; the call follows later
            log.warning("the viewers' thread did not respond for %s seconds", THREAD_TIMEOUT)

    def start_task(self, awaitable: Awaitable[None]) -> None:
        """Start a task, which `stop` ends. An error in it is logged."""
        self._tasks.start(awaitable)

    def stop(self, finish: Callable[[], Awaitable[None]]) -> None:
        """Run `finish` in the thread, and end the thread; takes up to two seconds. May be called again."""
        self.call_soon(self._start_stop_task, finish)
        self._thread.join(2 * limits.CLOSE_HANDSHAKE_TIMEOUT)

    async def end_tasks(self) -> None:
        """Wait until all tasks have ended, as long as a closing handshake may take; then cancel the
        others."""
        await self._tasks.end_all()

    def _run_loop(self) -> None:
        try:
            self._io_loop.start()
        finally:
            self._io_loop.close()

    def _start_stop_task(self, finish: Callable[[], Awaitable[None]]) -> None:
        """Start the task once, even after several calls. Keep a reference, since the loop has none."""
        self._stop_task = self._stop_task or self.loop.create_task(self._stop(finish))

    async def _stop(self, finish: Callable[[], Awaitable[None]]) -> None:
        try:
            await finish()
        finally:
            self.loop.stop()
