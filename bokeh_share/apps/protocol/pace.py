"""How fast an app's viewer may go on."""

from __future__ import annotations

import time

from ... import limits


class Pace:
    """Lets `limits.APP_RATE` messages pass in a second, and `limits.APP_BURST` after a while of few."""

    def __init__(self) -> None:
        self._left = float(limits.APP_BURST)
        self._since = time.monotonic()

    def spend(self, messages: float) -> float:
        """Seconds to wait before so many are taken; whoever waits gets slower, and loses nothing."""
        now = time.monotonic()
        gained = (now - self._since) * limits.APP_RATE
        self._left = min(limits.APP_BURST, self._left + gained) - messages
        self._since = now
        return max(0.0, -self._left / limits.APP_RATE)
