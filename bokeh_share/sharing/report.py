"""Whether it is strange that nobody came yet."""

from __future__ import annotations

from collections.abc import Callable

from .event_loop import EventLoop

REMINDER_DELAY = 300.0
"""Seconds after which it is."""


class NoViewerReminder:
    """Waits for somebody from another machine, each time since `start`, until `stop`."""

    def __init__(
        self, loop: EventLoop, is_viewer_missing: Callable[[], bool], on_due: Callable[[], None]
    ) -> None:
        """`is_viewer_missing` is asked when the time is over; `on_due` called if it is."""
        self.is_due = False
        """Whether the author should be told."""
        self._loop = loop
        self._is_viewer_missing = is_viewer_missing
        self._on_due = on_due
        self.stop: Callable[[], None] = lambda: None

    def start(self) -> None:
        """From now on somebody could come."""
        self.stop()
        self.is_due = False
        self.stop = self._loop.call_later(REMINDER_DELAY, self._on_timeout)

    def _on_timeout(self) -> None:
        self.is_due = self._is_viewer_missing()
        if self.is_due:
            self._on_due()
