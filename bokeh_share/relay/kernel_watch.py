"""Decides from its signs of life if the author's kernel is there, busy, or away."""

from __future__ import annotations

import json
from dataclasses import dataclass

AWAY_DELAY = 10.0
"""Seconds without a sign of life after which the kernel is away."""


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
    kernel that computes gives signs of life too, from a thread of its own.
    """

    def __init__(self, now: float) -> None:
        """`now` is in seconds since 1970, as all times here."""
        self.state = KernelState()
        self._sign: bytes | None = None
        self._seen_at = now

    def update(self, sign: bytes | None, now: float) -> bool:
        """Take what the broker has as the last sign of life, None for nothing. Return True if the state has
        changed."""
        former = self.state
        if sign is not None and sign != self._sign:
            self._sign, self._seen_at = sign, now
        is_away = now - self._seen_at >= AWAY_DELAY
        self.state = KernelState(
            away_since=self._seen_at if is_away else None,
            busy_since=None if is_away else _read_busy_since(self._sign),
        )
        return self.state != former


def _read_busy_since(sign: bytes | None) -> float | None:
    """Return when the running cell began; None if none runs, or if the sign cannot be read."""
    try:
        since = json.loads(sign or b"{}")["busy_since"]
    except (ValueError, KeyError, TypeError):
        return None
    return since / 1000 if type(since) is int else None
