"""Counts and limits the viewers of all shares of a relay's process."""

from __future__ import annotations

import socket

from ..broadcast import ViewerLimit
from ..server import VisitorLimits


class ProcessViewers:
    """The viewers of all shares of this process. Used on its loop."""

    def __init__(self, visitor_limits: VisitorLimits) -> None:
        self._limit = ViewerLimit(visitor_limits=visitor_limits)
        self.count = 0
        """The number of viewers who are connected."""
        self.joined_count = 0
        """The number of viewers who have joined so far."""

    @property
    def rejected_count(self) -> int:
        return self._limit.rejected_count

    def admit(self, sock: socket.socket, viewer_count: int) -> bool:
        """Return True if one more viewer may join on this socket; the viewers of the same share do not
        matter."""
        return self._limit.admit(sock, self.count)

    def reject(self) -> None:
        """Count a visitor who was rejected for lack of file descriptors."""
        self._limit.reject()

    def update_count(self, change: int) -> None:
        """Count viewers who have joined, or left if `change` is negative."""
        self.count += change
        self.joined_count += max(0, change)
