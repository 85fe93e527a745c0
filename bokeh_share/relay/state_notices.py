"""Tells the viewers of a relayed share if the author's kernel is busy or away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from ..broadcast import BUSY_NOTICE_DELAY, NoticeRecipient
from ..wire import encode_away_message, encode_busy_message, frame_message
from .kernel_watch import KernelState


class StateNotices:
    """The notices about the author's kernel, as the viewers have them. Used on the relay's loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._recipients: set[NoticeRecipient] = set()
        self._state = KernelState()
        self._is_busy_announced = False
        self._busy_timer: asyncio.TimerHandle | None = None

    def add_recipient(self, recipient: NoticeRecipient) -> None:
        """Send notices to a viewer from now on: after the page, those that the others have had."""
        self._recipients.add(recipient)
        if self._is_busy_announced or self._state.away_since is not None:
            self._loop.call_soon(self._send_current, recipient)

    def discard_recipient(self, recipient: NoticeRecipient) -> None:
        self._recipients.discard(recipient)

    def update(self, state: KernelState) -> None:
        """Set the newest state of the kernel."""
        former, self._state = self._state, state
        if state.away_since != former.away_since:
            _send(self._recipients, encode_away_message(_measure_since(state.away_since)))
        if state.busy_since != former.busy_since:
            self._update_busy()

    def close(self) -> None:
        """Send nothing any more."""
        if self._busy_timer is not None:
            self._busy_timer.cancel()

    def _update_busy(self) -> None:
        if self._busy_timer is not None:
            self._busy_timer.cancel()
            self._busy_timer = None
        seconds = _measure_since(self._state.busy_since)
        if seconds is not None:
            self._busy_timer = self._loop.call_later(max(0.0, BUSY_NOTICE_DELAY - seconds), self._send_busy)
        elif self._is_busy_announced:
            self._send_busy()

    def _send_busy(self) -> None:
        seconds = _measure_since(self._state.busy_since)
        self._is_busy_announced = seconds is not None
        _send(self._recipients, encode_busy_message(seconds))

    def _send_current(self, recipient: NoticeRecipient) -> None:
        if self._is_busy_announced:
            _send([recipient], encode_busy_message(_measure_since(self._state.busy_since)))
        if self._state.away_since is not None:
            _send([recipient], encode_away_message(_measure_since(self._state.away_since)))


def _measure_since(since: float | None) -> float | None:
    """Return the seconds since then, as viewers' clocks may differ."""
    return None if since is None else max(0.0, time.monotonic() - since)


def _send(recipients: Iterable[NoticeRecipient], message: bytes) -> None:
    frame = frame_message(message)
    for recipient in [*recipients]:
        recipient.send_frame(frame)
