"""Reads the frames of an app's viewer, at the rate that they may send."""

from __future__ import annotations

import asyncio
import time

from .. import limits
from ..wire import CloseCode
from .protocol import MessageError, MessageReader, MessageThrottle, RawMessage, ValueQuota, count_values
from .schedule import ViewerQueue

FRAME_COST = 1 / 3
"""Cost of a frame in messages: a message has at least three frames."""
MAX_UNSCHEDULED_BYTES = 100_000
"""Maximum bytes of a frame that is read without scheduling, and of incomplete messages without a limit."""
VALUES_PER_MESSAGE = 1000
"""The number of values that cost as much as a message."""
MAX_UNTHROTTLED_VALUES = 10_000
"""Maximum values of a message that is processed without waiting."""
MAX_PING_LEAD = 1.0
"""Seconds by which a viewer's pings may exceed their rate."""


class IncomingMessages:
    """Assembles the messages of one viewer from their frames. Exists as long as the websocket."""

    def __init__(self, queue: ViewerQueue, value_quota: ValueQuota, throttle: MessageThrottle) -> None:
        """`throttle` limits the total cost of frames and messages."""
        self._queue, self._value_quota, self._throttle = queue, value_quota, throttle
        self._reader = MessageReader()

    @property
    def memory_size(self) -> int:
        """Approximate bytes in memory of the incomplete message."""
        return self._reader.memory_size

    @property
    def is_large(self) -> bool:
        """True if the incomplete message counts for the total limit of incomplete messages."""
        return self.memory_size > MAX_UNSCHEDULED_BYTES

    async def read_frame(self, frame: str | bytes) -> RawMessage | None:
        """Return the message that this frame completes, if any. Raises `MessageError`."""
        values = count_values(frame) if isinstance(frame, str) else 0
        if pause := self._throttle.consume(FRAME_COST + values / VALUES_PER_MESSAGE):
            await asyncio.sleep(pause)
        if values > MAX_UNTHROTTLED_VALUES and not await self._value_quota.acquire(
            min(values, limits.MAX_APP_MESSAGE_VALUES)
        ):
            kind = "app messages with too many values in total"
            raise MessageError(kind, CloseCode.POLICY_VIOLATION)
        return await self._add_frame(frame)

    def count_ping(self) -> None:
        """Count a ping of the viewer. Raises `MessageError` if there are too many."""
        if self._throttle.consume(FRAME_COST) > MAX_PING_LEAD:
            raise MessageError("app viewer sends only pings", CloseCode.POLICY_VIOLATION)

    def clear(self) -> None:
        """Forget the incomplete message."""
        self._reader = MessageReader()

    async def _add_frame(self, frame: str | bytes) -> RawMessage | None:
        """Add a frame. Small frames are charged but not scheduled: a message would wait for each frame."""
        if len(frame) > MAX_UNSCHEDULED_BYTES:
            return await self._queue.run(lambda: self._reader.add_frame(frame))
        started_at = time.monotonic()
        try:
            return self._reader.add_frame(frame)
        finally:
            self._queue.charge(time.monotonic() - started_at)
