"""Limits the number of viewers, and counts rejected ones."""

from __future__ import annotations

import socket
from collections.abc import Callable

from .. import limits
from ..server import NOTEBOOK_LIMITS, VisitorLimits, is_low_on_descriptors


class ViewerLimit:
    """Decides if one more viewer may join. Exists as long as the share; any thread may call it."""

    def __init__(
        self,
        on_rejected: Callable[[], None] = lambda: None,
        visitor_limits: VisitorLimits = NOTEBOOK_LIMITS,
    ) -> None:
        """`on_rejected` is called after a viewer was rejected."""
        self._limits = visitor_limits
        self.max_viewers = visitor_limits.max_viewers
        """Maximum number of viewers at a time."""
        self.rejected_count = 0
        """The number of rejected viewers."""
        self.has_scarce_descriptors = False
        """True if a viewer was rejected for lack of file descriptors."""
        self._on_rejected = on_rejected

    def update(self, max_viewers: int | None) -> None:
        """Set the maximum number of viewers; None: the default."""
        self.max_viewers = max_viewers or self._limits.max_viewers
        self.rejected_count, self.has_scarce_descriptors = 0, False

    def admit(self, sock: socket.socket, viewer_count: int) -> bool:
        """Return True if one more viewer may join on this socket; otherwise count a rejected viewer."""
        has_scarce_descriptors = is_low_on_descriptors(sock, limits.RESERVED_HTTP_DESCRIPTORS)
        if has_scarce_descriptors or viewer_count >= self.max_viewers:
            self.reject(has_scarce_descriptors=has_scarce_descriptors)
            return False
        return True

    def reject(self, *, has_scarce_descriptors: bool = True) -> None:
        """Count a rejected viewer."""
        self.rejected_count += 1
        self.has_scarce_descriptors = self.has_scarce_descriptors or has_scarce_descriptors
        self._on_rejected()
