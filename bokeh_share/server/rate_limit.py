"""How often something may happen."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock as Mutex


class TokenBucket:
    """So much a second, and so much at once after a pause. May be asked from any thread."""

    def __init__(
        self, a_second: float, at_once: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._a_second, self._at_once, self._clock = a_second, at_once, clock
        self._left, self._at = at_once, clock()
        self._mutex = Mutex()

    def take(self, much: float = 1.0) -> bool:
        """Whether so much may be; if so, it counts."""
        with self._mutex:
            now = self._clock()
            self._left = min(self._at_once, self._left + (now - self._at) * self._a_second)
            self._at = now
            if much > self._left:
                return False
            self._left -= much
            return True


class TokenBucketPerClient:
    """A rate for each of so many who ask, those that asked last. May be asked from any thread."""

    def __init__(self, a_second: float, at_once: float, most: int) -> None:
        self._a_second, self._at_once, self._most = a_second, at_once, most
        self._rates: OrderedDict[str, TokenBucket] = OrderedDict()
        self._mutex = Mutex()

    def take(self, who: str) -> bool:
        """Whether they may once more; if so, it counts."""
        with self._mutex:
            rate = self._rates.pop(who, None) or TokenBucket(self._a_second, self._at_once)
            self._rates[who] = rate
            if len(self._rates) > self._most:
                self._rates.popitem(last=False)
        return rate.take()
