"""Limits the values in the messages of all viewers of apps together."""

from __future__ import annotations

import asyncio

from ... import limits
from ...server import TokenBucket

VALUE_QUOTA_TIMEOUT = 10.0
"""Maximum seconds that a message with many values waits to be processed."""
VALUE_QUOTA_INTERVAL = 0.1


class ValueQuota:
    """The values that the kernel can process now: `limits.APP_VALUE_RATE` per second."""

    def __init__(self) -> None:
        self._tokens = TokenBucket(limits.APP_VALUE_RATE, limits.MAX_APP_MESSAGE_VALUES)

    async def acquire(self, values: int) -> bool:
        """Return True when the kernel can process this many values of a message; False after a timeout."""
        for _ in range(int(VALUE_QUOTA_TIMEOUT / VALUE_QUOTA_INTERVAL)):
            if self._tokens.take(values):
                return True
            await asyncio.sleep(VALUE_QUOTA_INTERVAL)
        return False
