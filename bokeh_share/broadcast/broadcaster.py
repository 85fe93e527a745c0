"""The helper thread: owns the viewers' websockets, so that what they need never waits for a cell."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from tornado.ioloop import IOLoop
from websockets.http11 import Request

from .. import limits
from ..plots.page import Page
from ..server.assets import build_digest
from ..server.auth.guard import AccessGuard
from ..server.listener import is_scarce
from ..server.standby_listener import StandbyListener
from ..server.visitor_log_filter import VisitorLogFilter
from ..text import for_log
from ..wire.messages import ENDED, DrawFailure, busy_message, framed, moved_message
from .backpressure import slowest_senders
from .connection import Connection
from .hub import Hub
from .send_slots import SendSlots

log = logging.getLogger(__name__)

UPDATE_INTERVAL = 0.05
"""Seconds between two updates of the page: twenty a second at most."""
WATCHDOG_INTERVAL = 1.0
"""Seconds between two looks for viewers of whom nothing was heard."""
BUSY_NOTICE_DELAY = 2.0
"""Seconds that a cell has run for when viewers are told."""
STANDBY_DELAY = 0.02
"""Seconds that a cell has run for when this thread lets new visitors in, which the kernel's loop cannot."""
THREAD_TIMEOUT = 5.0
"""Seconds in which this thread, which never waits for anybody, has surely had a turn."""


class Broadcaster:
    """Sends the page to everybody who watches, from a thread with a loop of its own.

    Lives from `start` to `stop`; the thread is a daemon and holds nobody up. Its methods may be called
    from any thread. It reads immutable pages and sockets, never an object of the author's.
    """

    def __init__(self, newest: Callable[[], Page], *, on_count: Callable[[], None] = lambda: None) -> None:
        """`newest` is asked for the page, in the thread, after each `publish`."""
        self._hub = Hub(newest(), ping_interval=limits.PING, made=build_digest())
        self._newest = newest
        self._farewell: asyncio.Task[None] | None = None
        self._told = False
        """Whether the thread has been told that there is a newer page, and has not sent it yet."""
        self._on_count = on_count
        self._connections: set[Connection] = set()
        self._send_slots = SendSlots(lambda function: self._loop.call_soon(function))
        self._round = 0
        """How often everybody was sent away: who was on the way in then is, too."""
        self._dismissal = (ENDED, "")
        self._sending: asyncio.TimerHandle | None = None
        """Until then, what comes is gathered."""
        self._sent = 0.0
        self._cell: float | None = None
        """Since when the kernel runs a cell, by this loop's clock."""
        self._told_busy = False
        self._cell_timers: tuple[asyncio.TimerHandle, ...] = ()
        self._standby = StandbyListener(self.turn_away)
        self._log_filter = VisitorLogFilter()
        self.limit = limits.VIEWERS
        """How many there may be at a time."""
        self.turned_away = 0
        """How many found no seat."""
        self.scarce = False
        """Whether that was for want of descriptors."""
        self.seen_others = False
        """Whether anybody ever came from another machine."""
        self._thread = threading.Thread(target=self._run, name="bokeh_share viewers", daemon=True)

    @property
    def count(self) -> int:
        return len(self._connections)

    @property
    def failures(self) -> Mapping[str, DrawFailure]:
        """By plot id: what viewers' pages could not draw of what is there now."""
        return self._hub.failures

    def start(self) -> None:
        self._io_loop = IOLoop(make_current=False)
        self._loop: asyncio.AbstractEventLoop = self._io_loop.asyncio_loop
        self._log_filter.begin()  # lives as long as there are visitors, whichever loop serves them
        self._thread.start()

    def turn_away(self, *, scarce: bool = True) -> None:
        """Take note that somebody found no seat."""
        self.turned_away += 1
        self.scarce = self.scarce or scarce
        self._on_count()

    def allow(self, limit: int | None) -> None:
        """There may be so many at a time from now on; None: as many as usual."""
        self.limit, self.turned_away, self.scarce = limit or limits.VIEWERS, 0, False

    def publish(self) -> None:
        """There is a newer page: viewers get what they lack, those who can take it now at once."""
        if self._told:  # in a loop it comes often, and waking this thread costs
            return
        try:
            self._told = True
            self._call(self._send_soon)
        except BaseException:  # an interrupt must not leave it at that
            self._told = False
            raise

    def adopt(self, sock: socket.socket, request: Request, session_tokens: tuple[str, ...] = ()) -> None:
        """Take over a connection whose websocket request another loop has read; answers it here.

        `tickets` are what it was let in by where a password is set.
        """
        connection = Connection(
            sock,
            self._hub,
            self._send_slots,
            self._send_soon,
            self._round,
            session_tokens,
            on_failure=self._on_count,
        )
        self._call(lambda: self._keep(connection.serve(request, self._seat)))

    def busy(self, since: float | None) -> None:
        """The kernel runs a cell since then, by `time.monotonic`, or no longer.

        While it does, new visitors are let in from here, and after a while viewers are told.
        """
        self._call(self._busy, since)

    def lend(self, guard: AccessGuard, sockets: Sequence[socket.socket]) -> None:
        """Let in new visitors by these listening sockets, and no others, while the kernel is busy.

        Each is copied; when this returns, no copy is left of what was lent before.
        """
        if self._thread.is_alive():
            lent = self._lend(guard, [sock.dup() for sock in sockets])
            try:
                asyncio.run_coroutine_threadsafe(lent, self._loop).result(THREAD_TIMEOUT)
            except TimeoutError:  # something holds all threads; it will be done then
                log.warning("the viewers' thread had no turn for %s seconds", THREAD_TIMEOUT)

    def move(self, urls: Sequence[str], *, code: int, reason: str, seen_from: set[str] | None = None) -> None:
        """Tell viewers that the share is at `urls` now and close; only those who came by an address in
        `seen_from`, if given."""
        self._call(self._move, urls, code, reason, seen_from)

    def dismiss(self, *, code: int, reason: str, session_token: str | None = None) -> None:
        """Close each viewer, or those whom a ticket let in, without telling where else to look."""
        self._call(self._dismiss, code, reason, session_token)

    def stop(self, *, code: int = ENDED, reason: str = "sharing ended") -> None:
        """Close each viewer with `code` and `reason`, then end the thread; takes up to two seconds."""
        if not self._thread.is_alive():
            return
        self._call(self._begin_to_stop, code, reason)
        self._thread.join(2 * limits.GOODBYE)
        self._log_filter.end()
        self._hub = Hub(Page())

    def _run(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop.call_soon(self._look_after)
        try:
            self._io_loop.start()
        finally:
            self._io_loop.close()

    def _call(self, function: Callable[..., object], *args: object) -> None:
        with suppress(RuntimeError):  # the loop was closed meanwhile: nobody is left to be told
            self._loop.call_soon_threadsafe(function, *args)

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a viewer's connection failed", exc_info=for_log(error))

    def _seat(self, connection: Connection, present: bool) -> bool:
        """Take note of who comes and goes; whether there was a seat."""
        if present and connection.round != self._round:
            connection.close(*self._dismissal)
            return False
        scarce = present and is_scarce(connection.sock, limits.SEATS)
        if present and (scarce or len(self._connections) >= self.limit):
            self.turn_away(scarce=scarce)
            return False
        (self._connections.add if present else self._connections.discard)(connection)
        self.seen_others = self.seen_others or connection.peer != connection.address
        self._on_count()
        if present and self._told_busy:
            self._loop.call_soon(self._show_busy, [connection])  # after the page
        return True

    def _send_soon(self) -> None:
        """At once, unless something was sent a moment ago; then all that came until then."""
        if self._sending is None:
            self._sending = self._loop.call_at(self._sent + UPDATE_INTERVAL, self._send)

    def _send(self) -> None:
        """In one go: a task for each viewer would cost more than its bytes."""
        self._sending, self._sent = None, self._loop.time()
        self._told = False
        self._hub.publish(self._newest())
        for connection in list(self._connections):
            try:
                connection.fill()
            except Exception as error:  # the others have nothing to do with it
                log.error("sending to a viewer failed", exc_info=for_log(error))

    def _look_after(self) -> None:
        now = self._loop.time()
        for connection in list(self._connections):
            connection.look_after(now)
        for connection in slowest_senders(self._connections, self._hub.is_outdated):
            connection.give_up_on()
        self._loop.call_later(min(WATCHDOG_INTERVAL, limits.PING), self._look_after)

    def _busy(self, since: float | None) -> None:
        for timer in self._cell_timers:
            timer.cancel()
        self._cell, self._cell_timers = since, ()
        if since is not None:
            self._cell_timers = (
                self._loop.call_at(since + STANDBY_DELAY, self._standby.begin),
                self._loop.call_at(since + BUSY_NOTICE_DELAY, self._show_busy),
            )
            return
        self._standby.end()
        if self._told_busy:
            self._show_busy()

    def _show_busy(self, connections: Sequence[Connection] = ()) -> None:
        seconds = None if self._cell is None else self._loop.time() - self._cell
        self._told_busy = seconds is not None
        for connection in [*(connections or self._connections)]:
            connection.send(framed(busy_message(seconds)))

    async def _lend(self, guard: AccessGuard, sockets: Sequence[socket.socket]) -> None:
        self._standby.lend(guard, sockets)

    def _move(self, urls: Sequence[str], code: int, reason: str, seen_from: set[str] | None) -> None:
        for connection in list(self._connections):
            if seen_from is None or connection.address in seen_from:
                connection.send(framed(moved_message(urls)))
                connection.close(code, reason)

    def _dismiss(self, code: int, reason: str, session_token: str | None = None) -> None:
        if session_token is None:
            self._round += 1
            self._dismissal = code, reason
        for connection in list(self._connections):
            if session_token is None or session_token in connection.session_tokens:
                connection.close(code, reason)

    def _begin_to_stop(self, code: int, reason: str) -> None:
        """Once, however often it is asked for; the loop itself does not hold its tasks."""
        self._farewell = self._farewell or self._loop.create_task(self._stop(code, reason))

    async def _stop(self, code: int, reason: str) -> None:
        try:
            self._standby.lend(None, ())
            self._send()  # what came just before the end is what stays on screen
            self._dismiss(code, reason)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=limits.GOODBYE)
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._standby.leave()
        finally:
            self._loop.stop()
