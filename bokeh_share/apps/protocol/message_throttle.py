"""Limits the rate of messages of an app's viewer."""

from __future__ import annotations

import time

from ... import limits


class MessageThrottle:
    """Allows `limits.APP_MESSAGE_RATE` messages per second, and bursts of `limits.APP_MESSAGE_BURST`."""

    def __init__(self) -> None:
        self._tokens = float(limits.APP_MESSAGE_BURST)
        self._updated_at = time.monotonic()

    def consume(self, messages: float) -> float:
        """Count messages, and return the seconds to wait before they are processed. Nothing is lost."""
        now = time.monotonic()
        refill = (now - self._updated_at) * limits.APP_MESSAGE_RATE
        self._tokens = min(limits.APP_MESSAGE_BURST, self._tokens + refill) - messages
        self._updated_at = now
        return max(0.0, -self._tokens / limits.APP_MESSAGE_RATE)
