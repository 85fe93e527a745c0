"""The IO loop that a share runs on, wherever it was started from."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from IPython import get_ipython
from IPython.core.async_helpers import get_asyncio_loop
from tornado.ioloop import IOLoop, PeriodicCallback

from ..errors import BadOption, KernelBusy

T = TypeVar("T")

LOOP_TIMEOUT = 5.0
"""Seconds that a thread waits for the kernel's loop."""
AGAIN = 100
"""How often an interrupt may come up again."""
ASK = 0.1
"""Seconds between two questions of `run_until`."""


class EventLoop:
    """The kernel's IO loop, wherever `share()` was called from.

    In a kernel it runs in the main thread; in IPython's terminal while the prompt waits, once asyncio is
    the terminal's event loop; in a plain script only inside `run`.
    """

    def __init__(self) -> None:
        shell = get_ipython()
        self._own = False
        self._shell: Any = None
        kernel = getattr(shell, "kernel", None)
        if kernel is not None:
            self._io_loop: IOLoop = kernel.io_loop
        elif _running() is not None:
            self._io_loop = IOLoop.current()
        elif shell is not None:
            # Tornado has one loop around each of asyncio's, and makes it if need be.
            self._io_loop = get_asyncio_loop().run_until_complete(_current())
            if shell.active_eventloop is None:
                shell.enable_gui("asyncio")
                self._shell = shell
        else:
            self._io_loop, self._own = IOLoop(make_current=False), True
        self._asyncio: asyncio.AbstractEventLoop = self._io_loop.asyncio_loop  # type: ignore[attr-defined]

    def call(self, function: Callable[[], T]) -> T:
        """`function()`, with the loop as the current one. Raises `KernelBusy`, from another thread."""

        async def inside() -> T:
            return function()

        if _running() is self._asyncio:
            return function()
        if self._asyncio.is_running():
            future = asyncio.run_coroutine_threadsafe(inside(), self._asyncio)
            try:
                return future.result(LOOP_TIMEOUT)
            except TimeoutError:
                future.cancel()  # or it would start something later that nobody knows of
                raise KernelBusy() from None
        if self._asyncio.is_closed():  # `asyncio.run` has ended; the sockets are still ours to close
            return function()
        return self._asyncio.run_until_complete(inside())

    def finish(self, begin: Callable[[], Awaitable[object]]) -> None:
        """Let what `begin` begins go on to its end: before this returns, where no loop runs by itself."""

        async def inside() -> None:
            await begin()

        if self._asyncio.is_running():
            self.call(begin)
        elif not self._asyncio.is_closed():
            self._asyncio.run_until_complete(inside())

    def soon(self, delay: float, function: Callable[[], None]) -> None:
        """`function()` on the loop, `delay` seconds from now; from any thread."""
        with suppress(RuntimeError):  # closed, at the end of the process
            self._io_loop.add_callback(self._io_loop.call_later, delay, function)

    def later(self, seconds: float, function: Callable[[], None]) -> Callable[[], None]:
        """`function()` on the loop once, `seconds` from now; gives what calls it off."""
        timeout = self.call(lambda: self._io_loop.call_later(seconds, function))
        return lambda: self._io_loop.remove_timeout(timeout)

    def every(self, seconds: float, function: Callable[[], None]) -> Callable[[], None]:
        """`function()` on the loop again and again; gives what ends it."""
        callback = PeriodicCallback(function, seconds * 1000)
        self.call(callback.start)
        return callback.stop

    def aside(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        """`done(work())`, with the work in a thread, so that it may take its time."""

        def run() -> None:
            result = work()
            with suppress(RuntimeError):  # the loop was closed meanwhile
                self._io_loop.add_callback(done, result)

        threading.Thread(target=run, name="bokeh_share aside", daemon=True).start()

    def run(self) -> None:
        if self._asyncio.is_running():
            raise BadOption(
                "run_until_interrupted()", "here", "a loop runs already and serves viewers by itself"
            )
        try:
            self._asyncio.run_forever()
        except KeyboardInterrupt:
            self._settle()
            raise

    def run_until(self, found: Callable[[], T | None]) -> T:
        """Block until `found()`, asked now and then, gives something; where no loop runs by itself."""
        results: list[T] = []

        def ask() -> None:
            if (result := found()) is not None:
                results.append(result)
                self._asyncio.stop()

        end = self.every(ASK, ask)
        try:
            self.run()
        finally:
            end()
        return results[0]

    def _settle(self) -> None:
        """An interrupt that hit a task comes up again for each who waits for it: before the end, not then."""
        for _ in range(AGAIN):
            with suppress(KeyboardInterrupt):
                self._asyncio.run_until_complete(asyncio.sleep(0))
                return

    def leave(self) -> None:
        if self._shell is not None:
            self._shell.enable_gui(None)
        if self._own and not self._asyncio.is_running():
            for task in asyncio.all_tasks(self._asyncio):  # what Bokeh has begun for viewers who have left
                task.cancel()
            self._asyncio.run_until_complete(asyncio.sleep(0))
            self._io_loop.close()


async def _current() -> IOLoop:
    return IOLoop.current()


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
