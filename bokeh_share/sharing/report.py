"""Whether it is strange that nobody came yet."""

from __future__ import annotations

from collections.abc import Callable

from .event_loop import EventLoop

REMINDER_DELAY = 300.0
"""Seconds after which it is."""


class NoViewerReminder:
    """Waits for somebody from another machine, each time since `begin`, until `end`."""

    def __init__(
        self, loop: EventLoop, is_strange: Callable[[], bool], on_change: Callable[[], None]
    ) -> None:
        """`is_strange` is asked when the time is over; `on_change` called if it is."""
        self.goes_on = False
        """Whether the author should be told."""
        self._loop = loop
        self._is_strange = is_strange
        self._on_change = on_change
        self.end: Callable[[], None] = lambda: None

    def begin(self) -> None:
        """From now on somebody could come."""
        self.end()
        self.goes_on = False
        self.end = self._loop.later(REMINDER_DELAY, self._reminder)

    def _reminder(self) -> None:
        self.goes_on = self._is_strange()
        if self.goes_on:
            self._on_change()
