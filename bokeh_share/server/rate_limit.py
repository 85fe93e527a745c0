"""Limits rates by token buckets, for all clients or per client."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock as Mutex


class TokenBucket:
    """Allows `rate` tokens per second, and `capacity` after a pause. `take` may be called from any thread."""

    def __init__(self, rate: float, capacity: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._capacity, self._clock = rate, capacity, clock
        self._tokens, self._updated_at = capacity, clock()
        self._mutex = Mutex()

    def take(self, tokens: float = 1.0) -> bool:
        """Take the tokens and return True if there are enough."""
        with self._mutex:
            now = self._clock()
            self._tokens = min(self._capacity, self._tokens + (now - self._updated_at) * self._rate)
            self._updated_at = now
            if tokens > self._tokens:
                return False
            self._tokens -= tokens
            return True


class TokenBucketPerClient:
    """A token bucket for each of the `max_clients` latest clients. `take` may be called from any thread."""

    def __init__(self, rate: float, capacity: float, max_clients: int) -> None:
        self._rate, self._capacity, self._max_clients = rate, capacity, max_clients
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()
        self._mutex = Mutex()

    def take(self, client: str) -> bool:
        """Take a token of the client and return True if there is one."""
        with self._mutex:
            bucket = self._buckets.pop(client, None) or TokenBucket(self._rate, self._capacity)
            self._buckets[client] = bucket
            if len(self._buckets) > self._max_clients:
                self._buckets.popitem(last=False)
        return bucket.take()
