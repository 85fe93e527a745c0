"""The reminder without viewers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from bokeh_share.sharing.no_viewer_reminder import REMINDER_DELAY, NoViewerReminder


class Loop:
    """Runs the function that waits, when a test asks."""

    def __init__(self) -> None:
        self.waiting: list[tuple[float, Callable[[], None]]] = []

    def call_later(self, seconds: float, function: Callable[[], None]) -> Callable[[], None]:
        entry = seconds, function
        self.waiting.append(entry)
        return lambda: self.waiting.remove(entry)

    def run_waiting(self) -> None:
        (entry,) = self.waiting
        entry[1]()


def test_after_five_minutes_the_author_is_reminded_once_if_a_viewer_is_missing() -> None:
    loop, reminders, missing = Loop(), [], [False]
    reminder = NoViewerReminder(cast(Any, loop), lambda: missing[0], lambda: reminders.append(1))
    reminder.start()
    assert loop.waiting[0][0] == REMINDER_DELAY
    loop.run_waiting()
    assert (reminder.is_due, reminders) == (False, [])
    missing[0] = True
    loop.run_waiting()
    assert (reminder.is_due, reminders) == (True, [1])


def test_it_begins_anew_and_ends() -> None:
    loop = Loop()
    reminder = NoViewerReminder(cast(Any, loop), lambda: True, lambda: None)
    reminder.start()
    loop.run_waiting()
    reminder.start()
    assert not reminder.is_due
    assert len(loop.waiting) == 1
    reminder.stop()
    assert loop.waiting == []
