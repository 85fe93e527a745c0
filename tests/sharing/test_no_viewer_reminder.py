"""The reminder that nobody came yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from bokeh_share.sharing.no_viewer_reminder import REMINDER_DELAY, NoViewerReminder


class Loop:
    """Calls what it was given when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[float, Callable[[], None]]] = []

    def call_later(self, seconds: float, function: Callable[[], None]) -> Callable[[], None]:
        entry = seconds, function
        self.waiting.append(entry)
        return lambda: self.waiting.remove(entry)

    def turn(self) -> None:
        (entry,) = self.waiting
        entry[1]()


def test_after_five_minutes_it_is_told_once_if_somebody_is_missed() -> None:
    loop, told, missed = Loop(), [], [False]
    wonder = NoViewerReminder(cast(Any, loop), lambda: missed[0], lambda: told.append(1))
    wonder.start()
    assert loop.waiting[0][0] == REMINDER_DELAY
    loop.turn()
    assert (wonder.is_due, told) == (False, [])
    missed[0] = True
    loop.turn()
    assert (wonder.is_due, told) == (True, [1])


def test_it_begins_anew_and_ends() -> None:
    loop = Loop()
    wonder = NoViewerReminder(cast(Any, loop), lambda: True, lambda: None)
    wonder.start()
    loop.turn()
    wonder.start()
    assert not wonder.is_due
    assert len(loop.waiting) == 1
    wonder.stop()
    assert loop.waiting == []
