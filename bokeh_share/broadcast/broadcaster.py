"""The viewers' thread: owns the viewers' websockets, so that viewers never wait for a cell."""

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
from ..plots import Page
from ..server import StandbyListener, VisitorLogFilter, is_low_on_descriptors
from ..server.auth import AccessGuard
from ..text import sanitize_for_log
from ..wire import CloseCode, DrawFailure, encode_moved_message, frame_message
from .backpressure import list_slowest_recipients
from .busy_state import BusyState
from .connection import Connection
from .hub import Hub
from .send_slots import SendSlots

log = logging.getLogger(__name__)

UPDATE_INTERVAL = 0.05
"""Seconds between two updates of the page: twenty a second at most."""
WATCHDOG_INTERVAL = 1.0
"""Seconds between two checks for viewers that time out."""
THREAD_TIMEOUT = 5.0
"""Seconds to wait for the viewers' thread, which itself never waits for anybody."""


class Broadcaster:
    """Sends the page to all viewers, from a thread with its own event loop.

    Lives from `start` to `stop`; the thread is a daemon, and does not delay the exit. Its methods may be
    called from any thread. It reads immutable pages and sockets, never an object of the author's.
    """

    def __init__(
        self,
        get_page: Callable[[], Page],
        *,
        page_build: str,
        on_viewer_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`get_page` is called in the thread, after each `publish`, and returns the page; `page_build` is the
        version of the page's scripts, by which an open page knows that it has to load itself again."""
        self._hub = Hub(get_page(), ping_interval=limits.PING_INTERVAL, page_build=page_build)
        self._get_page = get_page
        self._stop_task: asyncio.Task[None] | None = None
        self._is_update_requested = False
        """Whether `publish` was called and the thread has not sent the newer page yet."""
        self._on_viewer_change = on_viewer_change
        self._connections: set[Connection] = set()
        self._send_slots = SendSlots(lambda function: self._loop.call_soon(function))
        self._dismissal_count = 0
        """How often all viewers were closed. A viewer who was still connecting then is closed, too."""
        self._dismissal: tuple[int, str] = (CloseCode.SHARE_ENDED, "")
        self._update_timer: asyncio.TimerHandle | None = None
        """Set while changes are collected for the next update."""
        self._last_update = 0.0
        self._standby_listener = StandbyListener(self.reject_viewer)
        self._log_filter = VisitorLogFilter()
        self.max_viewers = limits.MAX_VIEWERS
        """Maximum number of viewers at a time."""
        self.rejected_count = 0
        """How many viewers were rejected."""
        self.has_scarce_descriptors = False
        """Whether a viewer was rejected because of too few file descriptors."""
        self.has_had_remote_viewers = False
        """Whether a viewer ever came from another machine."""
        self._thread = threading.Thread(target=self._run_loop, name="bokeh_share viewers", daemon=True)

    @property
    def count(self) -> int:
        return len(self._connections)

    @property
    def failures(self) -> Mapping[str, DrawFailure]:
        """By plot id: failures of viewers' pages to draw the current state."""
        return self._hub.failures

    def start(self) -> None:
        self._io_loop = IOLoop(make_current=False)
        self._loop: asyncio.AbstractEventLoop = self._io_loop.asyncio_loop
        self._busy_state = BusyState(self._loop, self._standby_listener, lambda: self._connections)
        self._log_filter.start()  # filters as long as there are visitors, on any loop
        self._thread.start()

    def reject_viewer(self, *, has_scarce_descriptors: bool = True) -> None:
        """Count a viewer who was rejected."""
        self.rejected_count += 1
        self.has_scarce_descriptors = self.has_scarce_descriptors or has_scarce_descriptors
        self._on_viewer_change()

    def update_max_viewers(self, max_viewers: int | None) -> None:
        """Set the maximum number of viewers; None: the default."""
        self.max_viewers, self.rejected_count, self.has_scarce_descriptors = (
            max_viewers or limits.MAX_VIEWERS,
            0,
            False,
        )

    def publish(self) -> None:
        """Send the newer page to viewers: at once to those who can take it, to the others when they can."""
        if self._is_update_requested:  # a loop calls this often, and waking the thread is expensive
            return
        try:
            self._is_update_requested = True
            self._call_soon(self._schedule_update)
        except BaseException:  # an interrupt must not leave it marked as requested
            self._is_update_requested = False
            raise

    def add_connection(
        self, sock: socket.socket, request: Request, session_tokens: tuple[str, ...] = ()
    ) -> None:
        """Take over a connection whose websocket request another loop has read; answers it here.

        `session_tokens` are the tokens of its login, if a password is set.
        """
        connection = Connection(
            sock,
            self._hub,
            self._send_slots,
            self._schedule_update,
            self._dismissal_count,
            session_tokens,
            on_failure=self._on_viewer_change,
        )
        self._call_soon(lambda: self._start_task(connection.serve(request, self._register_connection)))

    def update_busy(self, busy_since: float | None) -> None:
        """Set since when the kernel runs a cell, by `time.monotonic`; None if it runs none.

        While it runs one, this thread accepts new visitors, and after a while it sends viewers a notice.
        """
        self._call_soon(self._busy_state.update, busy_since)

    def update_sockets(self, guard: AccessGuard, sockets: Sequence[socket.socket]) -> None:
        """Accept new visitors on these listening sockets only, while the kernel is busy.

        Each socket is duplicated. When this returns, the former duplicates are closed.
        """
        if self._thread.is_alive():
            update = self._update_sockets(guard, [sock.dup() for sock in sockets])
            try:
                asyncio.run_coroutine_threadsafe(update, self._loop).result(THREAD_TIMEOUT)
            except TimeoutError:  # something blocks all threads; the update follows later
                log.warning("the viewers' thread did not respond for %s seconds", THREAD_TIMEOUT)

    def redirect_viewers(
        self, urls: Sequence[str], *, code: int, reason: str, local_addresses: set[str] | None = None
    ) -> None:
        """Send viewers the new `urls` of the share, and close them; only those who connected to an address in
        `local_addresses`, if given."""
        self._call_soon(self._redirect_viewers, urls, code, reason, local_addresses)

    def close_viewers(self, *, code: int, reason: str, session_token: str | None = None) -> None:
        """Close all viewers, or those of one session token, without sending a new address."""
        self._call_soon(self._close_viewers, code, reason, session_token)

    def stop(self, *, code: int = CloseCode.SHARE_ENDED, reason: str = "sharing ended") -> None:
        """Close each viewer with `code` and `reason`, then end the thread; takes up to two seconds."""
        if not self._thread.is_alive():
            return
        self._call_soon(self._start_stop_task, code, reason)
        self._thread.join(2 * limits.CLOSE_HANDSHAKE_TIMEOUT)
        self._log_filter.stop()
        self._hub = Hub(Page())

    def _run_loop(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop.call_soon(self._run_watchdog)
        try:
            self._io_loop.start()
        finally:
            self._io_loop.close()

    def _call_soon(self, function: Callable[..., object], *args: object) -> None:
        with suppress(RuntimeError):  # the loop was closed meanwhile, and has no viewers left
            self._loop.call_soon_threadsafe(function, *args)

    def _start_task(self, awaitable: Awaitable[None]) -> None:
        task = asyncio.ensure_future(awaitable)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a viewer's connection failed", exc_info=sanitize_for_log(error))

    def _register_connection(self, connection: Connection, is_open: bool) -> bool:
        """Register a viewer who connects or leaves. Return false if a new viewer was rejected."""
        if is_open and connection.dismissal_count != self._dismissal_count:
            connection.close(*self._dismissal)
            return False
        has_scarce_descriptors = is_open and is_low_on_descriptors(
            connection.sock, limits.RESERVED_HTTP_DESCRIPTORS
        )
        if is_open and (has_scarce_descriptors or len(self._connections) >= self.max_viewers):
            self.reject_viewer(has_scarce_descriptors=has_scarce_descriptors)
            return False
        (self._connections.add if is_open else self._connections.discard)(connection)
        self.has_had_remote_viewers = (
            self.has_had_remote_viewers or connection.remote_address != connection.local_address
        )
        self._on_viewer_change()
        if is_open and self._busy_state.is_announced:
            self._loop.call_soon(self._busy_state.send_notice, [connection])  # after the page
        return True

    def _schedule_update(self) -> None:
        """Schedule an update: at once, or at the end of the `UPDATE_INTERVAL` since the last one."""
        if self._update_timer is None:
            self._update_timer = self._loop.call_at(self._last_update + UPDATE_INTERVAL, self._send_update)

    def _send_update(self) -> None:
        """Send to all viewers in one call: a task for each viewer would cost more than its bytes."""
        self._update_timer, self._last_update = None, self._loop.time()
        self._is_update_requested = False
        self._hub.publish(self._get_page())
        for connection in list(self._connections):
            try:
                connection.send_updates()
            except Exception as error:  # must not affect the other viewers
                log.error("sending to a viewer failed", exc_info=sanitize_for_log(error))

    def _run_watchdog(self) -> None:
        now = self._loop.time()
        for connection in list(self._connections):
            connection.apply_timeouts(now)
        for connection in list_slowest_recipients(self._connections, self._hub.is_outdated):
            connection.close_too_slow()
        self._loop.call_later(min(WATCHDOG_INTERVAL, limits.PING_INTERVAL), self._run_watchdog)

    async def _update_sockets(self, guard: AccessGuard, sockets: Sequence[socket.socket]) -> None:
        self._standby_listener.set_sockets(guard, sockets)

    def _redirect_viewers(
        self, urls: Sequence[str], code: int, reason: str, local_addresses: set[str] | None
    ) -> None:
        for connection in list(self._connections):
            if local_addresses is None or connection.local_address in local_addresses:
                connection.send_frame(frame_message(encode_moved_message(urls)))
                connection.close(code, reason)

    def _close_viewers(self, code: int, reason: str, session_token: str | None = None) -> None:
        if session_token is None:
            self._dismissal_count += 1
            self._dismissal = code, reason
        for connection in list(self._connections):
            if session_token is None or session_token in connection.session_tokens:
                connection.close(code, reason)

    def _start_stop_task(self, code: int, reason: str) -> None:
        """Start the task once, even if called often. Keep a reference, since the loop has none."""
        self._stop_task = self._stop_task or self._loop.create_task(self._stop(code, reason))

    async def _stop(self, code: int, reason: str) -> None:
        try:
            self._standby_listener.set_sockets(None, ())
            self._send_update()  # the last changes, which stay on screen
            self._close_viewers(code, reason)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=limits.CLOSE_HANDSHAKE_TIMEOUT)
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._standby_listener.close_connections()
        finally:
            self._loop.stop()
