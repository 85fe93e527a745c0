"""Sends the page to all viewers, from a thread that owns their websockets."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Protocol

from websockets.http11 import Request

from .. import limits
from ..plots import LazyPage, Page, read_time_ms
from ..server import StandbyListener, VisitorLogFilter
from ..server.auth import AccessGuard
from ..wire import CloseCode, DrawFailure
from .author_pages import AuthorControl, AuthorPages, Board
from .blocked_websockets import BlockedWebSockets
from .busy_state import BusyState
from .connection import Connection
from .connection_registry import ConnectionRegistry
from .frame_source import FrameSource
from .pointing_board import PointingBoard
from .send_slots import SendSlots
from .thread import ViewersThread
from .update_scheduler import UpdateScheduler
from .viewer_limit import ViewerLimit

WATCHDOG_INTERVAL = 1.0
"""Seconds between two checks for viewers that time out."""


class ViewersHub(FrameSource, Board, Protocol):
    """Knows the updates that each viewer needs. See `Hub`."""

    @property
    def failures(self) -> Mapping[str, DrawFailure]: ...

    def publish(self, page: Page) -> None: ...

    def is_outdated(self, frame: bytes) -> bool: ...


class Broadcaster:
    """Sends the page to all viewers, from a thread with its own event loop.

    Exists from `start` to `stop`. Its methods may be called from any thread. It receives immutable pages and
    sockets, and never reads an object of the author's.
    """

    def __init__(
        self,
        page: LazyPage,
        hub: ViewersHub,
        *,
        on_viewer_change: Callable[[], None] = lambda: None,
        author_control: AuthorControl | None = None,
    ) -> None:
        """`page` is what `hub` has, until `publish` sets another one. Only the viewers' thread uses the hub.
        `author_control` carries out what the author's own pages ask for; without it there are none."""
        self.viewer_limit = ViewerLimit(on_viewer_change)
        self.blocked_websockets = BlockedWebSockets(on_viewer_change)
        self._on_viewer_change = on_viewer_change
        self._thread = ViewersThread()
        self._standby_listener = StandbyListener(self.viewer_limit.reject)
        self._log_filter = VisitorLogFilter()
        self._busy_state = BusyState(self._thread.loop, self._standby_listener)
        self._connections = ConnectionRegistry(self.viewer_limit, self._busy_state, on_viewer_change)
        self._hub = hub
        self.pointing_board: PointingBoard = hub.pointing_board
        """The points that viewers show the author, if the author has allowed it."""
        self.author_pages = AuthorPages(self._thread, self._hub, self._connections, author_control)
        self._connection_count = count(1)
        self._send_slots = SendSlots(self._thread.loop.call_soon)
        self._update_scheduler = UpdateScheduler(page, self._hub, self._connections, self._thread)

    @property
    def count(self) -> int:
        return len(self._connections)

    @property
    def has_had_remote_viewers(self) -> bool:
        """True if a viewer ever came from another machine."""
        return self._connections.has_had_remote_viewers

    @property
    def failures(self) -> Mapping[str, DrawFailure]:
        """Failures of viewers' pages to draw the current state, by plot id."""
        return self._hub.failures

    def start(self) -> None:
        self._log_filter.start()  # filters as long as there are visitors, on any loop
        self._thread.start()
        self._thread.call_soon(self._run_watchdog)

    def publish(self, page: LazyPage) -> None:
        """Send a newer page to viewers: at once to those who can take it, to the others when they can."""
        self._update_scheduler.publish(page)

    def flush(self) -> None:
        """Send the newest page now, and return when it is sent, or after `MAX_FLUSH_TIME`.

        The thread that calls this lets the viewers' thread run meanwhile; Python runs one of them at a time,
        and else changes between them every five milliseconds.
        """
        if [*self._connections]:
            self._update_scheduler.flush()

    def add_connection(
        self,
        sock: socket.socket,
        request: Request,
        session_tokens: tuple[str, ...] = (),
        *,
        is_author: bool = False,
    ) -> None:
        """Take over a connection whose websocket request another loop has read; answers it here.

        `session_tokens` are the tokens of its login, if a password is set. `is_author` is true if the request
        has the author's cookie, and asks for a page of the author.
        """
        connection = Connection(
            sock,
            self._hub,
            self._send_slots,
            self._update_scheduler.schedule_update,
            self._connections.dismissal_count,
            session_tokens,
            on_failure=self._on_viewer_change,
            author_pages=self.author_pages if is_author else None,
            host=request.headers.get("Host", ""),
            number=next(self._connection_count),
            opened_at=read_time_ms(),
        )
        self._thread.call_soon(lambda: self._thread.start_task(connection.serve(request, self._connections)))

    def update_busy(self, busy_since: float | None) -> None:
        """Set the time at which the kernel's running cell began, by `time.monotonic`; None if none runs.

        During a cell this thread accepts new visitors, and after a while it sends viewers a notice.
        """
        self._thread.call_soon(self._busy_state.update, busy_since)
        self._thread.call_soon(self._update_scheduler.update_busy, busy_since is not None)

    def update_sockets(self, guard: AccessGuard, sockets: Sequence[socket.socket]) -> None:
        """Accept new visitors on these listening sockets only, while the kernel is busy.

        Each socket is duplicated. When this returns, the former duplicates are closed.
        """
        if self._thread.is_alive:
            self._thread.call(self._standby_listener.set_sockets, guard, [sock.dup() for sock in sockets])

    def redirect_viewers(
        self, urls: Sequence[str], *, code: int, reason: str, local_addresses: set[str] | None = None
    ) -> None:
        """Send viewers the new `urls` of the share, and close them; only those who connected to an address in
        `local_addresses`, if given."""
        self._thread.call_soon(self._connections.redirect, urls, code, reason, local_addresses)

    def close_viewers(self, *, code: int, reason: str, session_token: str | None = None) -> None:
        """Close all viewers, or those of one session token, without sending a new address."""
        self._thread.call_soon(self._connections.close, code, reason, session_token)

    def stop(self, *, code: int = CloseCode.SHARE_ENDED, reason: str = "sharing ended") -> None:
        """Close each viewer with `code` and `reason`, then end the thread; takes up to two seconds."""
        if self._thread.is_alive:
            self._thread.stop(lambda: self._finish(code, reason))
            self._log_filter.stop()

    def _run_watchdog(self) -> None:
        now = self._thread.loop.time()
        self._connections.apply_timeouts(now, self._hub.is_outdated)
        self.author_pages.apply_timeouts(now)
        self._thread.loop.call_later(min(WATCHDOG_INTERVAL, limits.PING_INTERVAL), self._run_watchdog)

    async def _finish(self, code: int, reason: str) -> None:
        self._standby_listener.set_sockets(None, ())
        self._update_scheduler.send_update()  # the last changes, which stay on screen
        self._connections.close(code, reason)
        await self._thread.end_tasks()
        self._update_scheduler.clear()
        await self._standby_listener.close_connections()
