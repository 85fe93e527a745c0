"""How fast an app's viewer may go on."""

from __future__ import annotations

import time

from ... import limits


class MessageThrottle:
    """Lets `limits.APP_MESSAGE_RATE` messages pass in a second, and `limits.APP_MESSAGE_BURST` after a while
    of few."""

    def __init__(self) -> None:
        self._tokens = float(limits.APP_MESSAGE_BURST)
        self._updated_at = time.monotonic()

    def consume(self, messages: float) -> float:
        """Seconds to wait before so many are taken; whoever waits gets slower, and loses nothing."""
        now = time.monotonic()
        refill = (now - self._updated_at) * limits.APP_MESSAGE_RATE
        self._tokens = min(limits.APP_MESSAGE_BURST, self._tokens + refill) - messages
        self._updated_at = now
        return max(0.0, -self._tokens / limits.APP_MESSAGE_RATE)
