"""The IO loop of a share, for calls from any thread or environment."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

from IPython import get_ipython
from IPython.core.async_helpers import get_asyncio_loop
from tornado.ioloop import IOLoop, PeriodicCallback

from ..errors import KernelBusy, NothingShared
from .errors import LoopRunning

T = TypeVar("T")

LOOP_TIMEOUT = 5.0
"""Seconds that a thread waits for the kernel's loop."""
MAX_INTERRUPT_RETRIES = 100
"""Maximum number of times that an interrupt is raised again while the loop ends."""
RUN_UNTIL_INTERVAL = 0.1
"""Seconds between two calls of `find_result` in `run_until`."""


class EventLoop:
    """The kernel's IO loop, for any caller of `share()`.

    In a kernel it runs in the main thread; in IPython's terminal, while the prompt waits and asyncio is the
    terminal's event loop; in a plain script only inside `run`.
    """

    def __init__(self) -> None:
        shell = get_ipython()
        self._is_own_loop = False
        self._is_closing = False
        """True if `close` was called while the own loop ran; `run` then closes it."""
        self._shell: Any = None
        kernel = getattr(shell, "kernel", None)
        if kernel is not None:
            self._io_loop: IOLoop = kernel.io_loop
        elif _find_running_loop() is not None:
            self._io_loop = IOLoop.current()
        elif shell is not None:
            # Tornado has one loop per asyncio loop, and creates it if needed.
            self._io_loop = get_asyncio_loop().run_until_complete(_get_io_loop())
            if shell.active_eventloop is None:
                shell.enable_gui("asyncio")
                self._shell = shell
        else:
            self._io_loop, self._is_own_loop = IOLoop(make_current=False), True
        self._asyncio_loop: asyncio.AbstractEventLoop = self._io_loop.asyncio_loop  # type: ignore[attr-defined]

    def call(self, function: Callable[[], T]) -> T:
        """Call `function` on the loop and return its result. Raises `KernelBusy` if called in another thread
        while a cell keeps the loop busy."""

        async def inside() -> T:
            return function()

        if _find_running_loop() is self._asyncio_loop:
            return function()
        if self._asyncio_loop.is_running():
            # Not `run_coroutine_threadsafe`: its coroutine would begin even if it was cancelled before.
            future: Future[T] = Future()
            self._asyncio_loop.call_soon_threadsafe(_call_unless_cancelled, function, future)
            try:
                return future.result(LOOP_TIMEOUT)
            except TimeoutError:
                if future.cancel():  # otherwise the function would run after the caller has stopped waiting
                    raise KernelBusy() from None
                return future.result()
        if self._asyncio_loop.is_closed():  # `asyncio.run` has ended; the sockets still have to be closed
            return function()
        return self._asyncio_loop.run_until_complete(inside())

    def finish(self, start_work: Callable[[], Awaitable[object]]) -> None:
        """Start asynchronous work. If no loop runs by itself, return after the work has finished."""

        async def inside() -> None:
            await start_work()

        if self._asyncio_loop.is_running():
            self.call(start_work)
        elif not self._asyncio_loop.is_closed():
            self._asyncio_loop.run_until_complete(inside())

    def schedule(self, delay: float, callback: Callable[[], None]) -> None:
        """Call `callback` on the loop, `delay` seconds from now. May be called from any thread."""
        with suppress(RuntimeError):  # the loop is closed, at the end of the process
            self._io_loop.add_callback(self._io_loop.call_later, delay, callback)

    def call_later(self, delay: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` on the loop once, `delay` seconds from now. Returns a function that cancels it."""
        timeout = self.call(lambda: self._io_loop.call_later(delay, callback))
        return lambda: self._io_loop.remove_timeout(timeout)

    def call_every(self, interval: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` on the loop every `interval` seconds. Returns a function that stops it."""
        periodic_callback = PeriodicCallback(callback, interval * 1000)
        self.call(periodic_callback.start)
        return periodic_callback.stop

    def run_in_thread(self, function: Callable[[], T], on_done: Callable[[T], None]) -> None:
        """Call `function` in a thread, and `on_done` with its result on the loop."""

        def run() -> None:
            result = function()
            with suppress(RuntimeError):  # the loop was closed meanwhile
                self._io_loop.add_callback(on_done, result)

        threading.Thread(target=run, name="bokeh_share aside", daemon=True).start()

    def run(self) -> None:
        if self._asyncio_loop.is_running():
            raise LoopRunning("run_until_interrupted()", "leave it out, as viewers are served without it")
        try:
            self._asyncio_loop.run_forever()
        except KeyboardInterrupt:
            self._drain_interrupts()
            raise
        if self._is_closing:
            self.close()

    def run_until(self, find_result: Callable[[], T | None]) -> T:
        """Block until `find_result()`, called at intervals, returns a value. For use without a running
        loop. Raises `NothingShared` if the share was stopped meanwhile."""
        results: list[T] = []

        def ask() -> None:
            if (result := find_result()) is not None:
                results.append(result)
                self._asyncio_loop.stop()

        stop_polling = self.call_every(RUN_UNTIL_INTERVAL, ask)
        try:
            self.run()
        finally:
            stop_polling()
        if not results:  # the author has stopped the share on their own page
            raise NothingShared()
        return results[0]

    def _drain_interrupts(self) -> None:
        """Handle an interrupt that a task raises again for each of its waiters, before the loop ends."""
        for _ in range(MAX_INTERRUPT_RETRIES):
            with suppress(KeyboardInterrupt):
                self._asyncio_loop.run_until_complete(asyncio.sleep(0))
                return

    def close(self) -> None:
        if self._shell is not None:
            self._shell.enable_gui(None)
        if self._is_own_loop and self._asyncio_loop.is_running():
            self._is_closing = True
            self._asyncio_loop.stop()  # so that `run` returns
        elif self._is_own_loop:
            # Bokeh's tasks for viewers who have left
            for task in asyncio.all_tasks(self._asyncio_loop):
                task.cancel()
            with suppress(RuntimeError):  # an interrupt may have left the loop about to stop, once
                self._asyncio_loop.run_until_complete(asyncio.sleep(0))
            self._io_loop.close()


async def _get_io_loop() -> IOLoop:
    return IOLoop.current()


def _find_running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _call_unless_cancelled(function: Callable[[], T], future: Future[T]) -> None:
    if future.set_running_or_notify_cancel():
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)
            if not isinstance(error, Exception):
                raise
