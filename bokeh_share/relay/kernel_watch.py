"""Decides from its signs of life if the author's kernel is there, busy, or away."""

from __future__ import annotations

import json
from dataclasses import dataclass

AWAY_DELAY = 10.0
"""Seconds without a sign of life after which the kernel is away."""

MAX_DELAY_DIFFERENCE = 2.0
"""Maximum difference of the times in seconds that two signs of life take to arrive."""


@dataclass(frozen=True)
class KernelState:
    """The state of the author's kernel, for viewers."""

    away_since: float | None = None
    """The time of the last sign of life, in seconds since 1970, if the kernel is away."""
    busy_since: float | None = None
    """The time at which its running cell began, in seconds since 1970; None if none runs."""


class KernelWatch:
    """The state of the author's kernel. Pure: it is given the signs of life and the time.

    A sign of life differs from the one before. Only the relay's own clock counts, since clocks differ. A
    kernel that computes gives signs of life too, from a thread of its own, unless it calls a function that
    lets no other thread run. So one that was busy is not away as long as it is connected to the broker.
    """

    def __init__(self, now: float) -> None:
        """`now` is in seconds since 1970, as all times here."""
        self.state = KernelState()
        self._sign: bytes | None = None
        self._seen_at = now
        self._busy_since: float | None = None

    def update(self, sign: bytes | None, now: float, *, is_connected: bool = False) -> bool:
        """Take what the broker has as the last sign of life, None for nothing. Return True if the state has
        changed. `is_connected` is true if the kernel is connected to the broker; it counts only if
        `needs_connection`."""
        former = self.state
        if sign is not None and sign != self._sign:
            self._sign, self._seen_at = sign, now
            seconds = _read_busy_seconds(sign)
            self._busy_since = self._estimate_start(seconds, now)
        is_away = self._is_silent(now) and not (is_connected and self._busy_since is not None)
        self.state = KernelState(
            away_since=self._seen_at if is_away else None,
            busy_since=None if is_away else self._busy_since,
        )
        return self.state != former

    def needs_connection(self, now: float) -> bool:
        """Return True if it depends on the kernel's connection to the broker if the kernel is away."""
        return self._is_silent(now) and self._busy_since is not None

    def _estimate_start(self, seconds: float | None, now: float) -> float | None:
        """Return when the cell began that has run for so many seconds. Signs take various times to arrive, so
        the start of the same cell stays the same."""
        if seconds is None:
            return None
        start, former = now - seconds, self._busy_since
        return former if former is not None and abs(start - former) < MAX_DELAY_DIFFERENCE else start

    def _is_silent(self, now: float) -> bool:
        return now - self._seen_at >= AWAY_DELAY


def _read_busy_seconds(sign: bytes) -> float | None:
    """Return for how long the running cell has run; None if none runs, or if the sign cannot be read."""
    try:
        seconds = json.loads(sign)["busy"]
    except (ValueError, KeyError, TypeError):
        return None
    return float(seconds) if type(seconds) in (int, float) else None
