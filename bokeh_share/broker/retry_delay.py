"""The time between two attempts to reach the broker."""

from __future__ import annotations

from collections.abc import Callable
from random import SystemRandom

MIN_RETRY_DELAY = 0.5
"""Seconds before the second attempt, at most."""
MAX_RETRY_DELAY = 10.0
"""Seconds between two attempts, at most."""

_GENERATOR = SystemRandom()
"""Not the generator that the author may have seeded."""


class RetryDelay:
    """Chooses delays that grow up to a limit, at random, so that not all come back at the same moment."""

    def __init__(self, random_part: Callable[[], float] = _GENERATOR.random) -> None:
        """`random_part` returns a number from 0 to 1."""
        self._random_part = random_part
        self._limit = MIN_RETRY_DELAY

    def choose(self, duration: float) -> float:
        """Return for how many seconds to wait, after an attempt that lasted for `duration` seconds: one that
        lasted long was a connection, after which the delays begin anew."""
        if duration > MAX_RETRY_DELAY:
            self._limit = MIN_RETRY_DELAY
        delay = self._limit * (0.5 + 0.5 * self._random_part())
        self._limit = min(2 * self._limit, MAX_RETRY_DELAY)
        return delay
