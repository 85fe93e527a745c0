"""While the kernel runs a cell, has the viewers' thread accept visitors, and sends viewers a notice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from ..server import StandbyListener
from ..wire import encode_busy_message, frame_message

BUSY_NOTICE_DELAY = 2.0
"""Seconds after the start of a cell at which viewers are sent a notice."""
STANDBY_DELAY = 0.02
"""Seconds after the start of a cell at which this thread accepts visitors, as the kernel's loop cannot."""


class NoticeRecipient(Protocol):
    """A viewer's connection."""

    def send_frame(self, frame: bytes) -> None: ...


class BusyState:
    """Stores when the kernel's running cell began, and if viewers have a notice. Used in the viewers'
    thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, standby_listener: StandbyListener) -> None:
        self._loop = loop
        self._standby_listener = standby_listener
        self._recipients: set[NoticeRecipient] = set()
        self._busy_since: float | None = None
        """The start of the kernel's running cell, by this loop's clock; None if none runs."""
        self._cell_timers: tuple[asyncio.TimerHandle, ...] = ()
        self._is_announced = False
        """True if viewers were sent a notice that the kernel is busy, and none since that it is idle."""

    def add_recipient(self, recipient: NoticeRecipient) -> None:
        """Send notices to a viewer from now on: the first one after the page, if the others have had it."""
        self._recipients.add(recipient)
        if self._is_announced:
            self._loop.call_soon(self.send_notice, [recipient])

    def discard_recipient(self, recipient: NoticeRecipient) -> None:
        self._recipients.discard(recipient)

    def update(self, busy_since: float | None) -> None:
        """Set the start of the kernel's running cell; None if none runs."""
        for timer in self._cell_timers:
            timer.cancel()
        self._busy_since, self._cell_timers = busy_since, ()
        if busy_since is not None:
            self._cell_timers = (
                self._loop.call_at(busy_since + STANDBY_DELAY, self._standby_listener.start),
                self._loop.call_at(busy_since + BUSY_NOTICE_DELAY, self.send_notice),
            )
            return
        self._standby_listener.stop()
        if self._is_announced:
            self.send_notice()

    def send_notice(self, recipients: Sequence[NoticeRecipient] = ()) -> None:
        """Notify these viewers, or all, how long the kernel has been busy, or that it is idle."""
        seconds = None if self._busy_since is None else self._loop.time() - self._busy_since
        self._is_announced = seconds is not None
        for recipient in [*(recipients or self._recipients)]:
            recipient.send_frame(frame_message(encode_busy_message(seconds)))
