"""Reminds the author that no viewer from another machine has come: a firewall may block them."""

from __future__ import annotations

from collections.abc import Callable

from .event_loop import EventLoop

REMINDER_DELAY = 300.0
"""Seconds without a viewer from another machine after which the author is reminded."""


class NoViewerReminder:
    """Reminds the author if no viewer from another machine has come for some time after `start`."""

    def __init__(
        self, loop: EventLoop, is_viewer_missing: Callable[[], bool], on_due: Callable[[], None]
    ) -> None:
        """`is_viewer_missing` is called when the time is over, and `on_due` if it returns True."""
        self.is_due = False
        """True if the reminder is due."""
        self._loop = loop
        self._is_viewer_missing = is_viewer_missing
        self._on_due = on_due
        self.stop: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Restart the time, since viewers can come from now on."""
        self.stop()
        self.is_due = False
        self.stop = self._loop.call_later(REMINDER_DELAY, self._on_timeout)

    def _on_timeout(self) -> None:
        self.is_due = self._is_viewer_missing()
        if self.is_due:
            self._on_due()
