"""The viewers' open connections."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from .. import limits
from ..text import sanitize_for_log
from ..wire import CloseCode, encode_moved_message, frame_message
from .backpressure import list_slowest_recipients
from .busy_state import NoticeRecipient
from .connection import Connection

log = logging.getLogger(__name__)

SLOW_DELAY = 1.0
"""Seconds without progress after which the author sees that a viewer is slow."""


class JoinLimit(Protocol):
    """Decides if one more viewer may join. See `ViewerLimit`."""

    def admit(self, sock: socket.socket, viewer_count: int) -> bool:
        """Return True if one more viewer may join on this socket, besides those who are there."""
        ...


class KernelNotices(Protocol):
    """Sends viewers notices about the author's kernel. See `BusyState`."""

    def add_recipient(self, recipient: NoticeRecipient) -> None: ...

    def discard_recipient(self, recipient: NoticeRecipient) -> None: ...


class ConnectionRegistry:
    """Registers the connections of viewers who may join, and closes some or all of them.

    Exists as long as the share. Connections are added, closed and removed in the viewers' thread.
    """

    def __init__(
        self, join_limit: JoinLimit, kernel_notices: KernelNotices, on_change: Callable[[], None]
    ) -> None:
        """`on_change` is called after a viewer has joined or left."""
        self._join_limit = join_limit
        self._kernel_notices = kernel_notices
        self._on_change = on_change
        self._connections: set[Connection] = set()
        self._author_connections: set[Connection] = set()
        """Those of the author's own pages."""
        self.dismissal_count = 0
        """The number of times that all viewers were closed. A viewer who was still connecting then is closed
        too."""
        self._dismissal: tuple[int, str] = (CloseCode.SHARE_ENDED, "")
        self.has_had_remote_viewers = False
        """True if a viewer ever came from another machine."""

    def __len__(self) -> int:
        """The number of viewers, without the author's own pages."""
        return len(self._connections) - len(self._author_connections)

    def __iter__(self) -> Iterator[Connection]:
        """Iterate over the open connections; others may be added and removed meanwhile."""
        return iter([*self._connections])

    def add(self, connection: Connection) -> bool:
        """Register a viewer who connects. Return False if the viewer was rejected."""
        is_exempt = connection.is_author and self._dismissal[0] == CloseCode.PASSWORD_REQUIRED
        if connection.dismissal_count != self.dismissal_count and not is_exempt:
            connection.close(*self._dismissal)
            return False
        if connection.is_author:
            if len(self._author_connections) >= limits.MAX_AUTHOR_PAGES:
                return False
            self._author_connections.add(connection)
        elif not self._join_limit.admit(connection.sock, len(self)):
            return False
        self._connections.add(connection)
        if not connection.is_author and connection.remote_address != connection.local_address:
            self.has_had_remote_viewers = True
        self._on_change()
        self._kernel_notices.add_recipient(connection)
        return True

    def discard(self, connection: Connection) -> None:
        """Remove a viewer who has left."""
        self._connections.discard(connection)
        self._author_connections.discard(connection)
        self._kernel_notices.discard_recipient(connection)
        self._on_change()

    def send_updates(self) -> None:
        """Send to all viewers in one call: a task per viewer would cost more than the sending."""
        for connection in self:
            try:
                connection.send_updates()
            except Exception as error:  # must not affect the other viewers
                log.error("sending to a viewer failed", exc_info=sanitize_for_log(error))

    def apply_timeouts(self, now: float, is_outdated: Callable[[bytes], bool]) -> None:
        """Close viewers who time out, and the slowest ones whose frames are outdated."""
        for connection in self:
            connection.apply_timeouts(now)
        for connection in list_slowest_recipients(self, is_outdated):
            connection.close_too_slow()

    def redirect(
        self, urls: Sequence[str], code: int, reason: str, local_addresses: set[str] | None = None
    ) -> None:
        """Send viewers the new `urls` of the share, and close them; only those who connected to an address in
        `local_addresses`, if given."""
        for connection in self:
            if local_addresses is None or connection.local_address in local_addresses:
                connection.send_frame(frame_message(encode_moved_message(urls)))
                connection.close(code, reason)

    def describe_viewers(self, now: float) -> list[dict[str, Any]]:
        """Describe the viewers to the author, as data for JSON, in the order in which they came."""
        viewers = sorted((each for each in self if not each.is_author), key=lambda viewer: viewer.number)
        return [
            {
                "viewer": each.number,
                "since": each.opened_at,
                "host": each.host,
                "slow": each.blocked_since is not None and now - each.blocked_since > SLOW_DELAY,
                "app": not each.viewer.has_plots,
            }
            for each in viewers
        ]

    def send_away(self, number: int) -> None:
        """Close the page of one viewer for good; nothing happens if it is gone."""
        for connection in self:
            if connection.number == number and not connection.is_author:
                connection.close(CloseCode.SENT_AWAY, "the author closed this page")

    def close(self, code: int, reason: str, session_token: str | None = None) -> None:
        """Close all viewers, or those of one session token. A new password does not close the author's own
        pages, which do not need it."""
        if session_token is None:
            self.dismissal_count += 1
            self._dismissal = code, reason
        for connection in self:
            is_exempt = connection.is_author and code == CloseCode.PASSWORD_REQUIRED
            if not is_exempt and (session_token is None or session_token in connection.session_tokens):
                connection.close(code, reason)
