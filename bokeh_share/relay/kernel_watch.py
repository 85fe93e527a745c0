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
    """The state of the author's kernel, for viewers. Times are in seconds, by `time.monotonic`, since the
    relay's clock may be set."""

    away_since: float | None = None
    """The time of the last sign of life, if the kernel is away."""
    busy_since: float | None = None
    """The time at which its running cell began; None if none runs."""


class KernelWatch:
    """The state of the author's kernel. Pure: it is given the signs of life and the time.

    A sign of life differs from the one before. Only the relay's own clock counts, since clocks differ; the
    age of the first one comes from the broker's. A kernel that computes gives signs of life too, from a
    thread of its own, unless it calls a function that lets no other thread run. So one that was busy is not
    away as long as it is connected to the broker.
    """

    def __init__(self, now: float) -> None:
        """`now` is in seconds, by a clock that nobody sets, as all times here."""
        self.state = KernelState()
        self._sign: bytes | None = None
        self._seen_at = now
        self._busy_since: float | None = None

    @property
    def has_sign(self) -> bool:
        """True if there was a sign of life."""
        return self._sign is not None

    def add_first_sign(self, sign: bytes, now: float, *, broker_time: int) -> None:
        """Take the first sign of life, which may be days old. `broker_time` is in milliseconds since 1970, by
        the clock from which the sign has its time."""
        written_at = _read_sign_number(sign, "at")
        age = 0.0 if written_at is None else max(0.0, (broker_time - written_at) / 1000)
        self._sign, self._seen_at = sign, now - age
        self._busy_since = self._estimate_start(_read_sign_number(sign, "busy"), now - age)

    def update(self, sign: bytes | None, now: float, *, is_connected: bool = False) -> bool:
        """Take what the broker has as the last sign of life, None for nothing. Return True if the state has
        changed. `is_connected` is true if the kernel is connected to the broker; it counts only if
        `needs_connection`."""
        former = self.state
        if sign is not None and sign != self._sign:
            self._sign, self._seen_at = sign, now
            self._busy_since = self._estimate_start(_read_sign_number(sign, "busy"), now)
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


def _read_sign_number(sign: bytes, name: str) -> float | None:
    """Return a number of a sign of life, such as the seconds for which the running cell has run; None if it
    has none, or cannot be read."""
    try:
        number = json.loads(sign)[name]
    except (ValueError, KeyError, TypeError):
        return None
    return float(number) if type(number) in (int, float) else None
