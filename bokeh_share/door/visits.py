"""Connections of those who have come and did not get what they want yet: so many, and no more."""

from __future__ import annotations

import itertools
from threading import Lock as Mutex
from typing import Protocol
from weakref import WeakValueDictionary

from tornado.ioloop import IOLoop

from .. import limits


class Visit(Protocol):
    """A connection."""

    @property
    def io_loop(self) -> IOLoop: ...

    def close(self) -> None: ...


class Visits:
    """When there are too many, the one that came first has to go: who asks at once is answered by then.

    Serves several loops at a time.
    """

    def __init__(self) -> None:
        self._mutex = Mutex()
        self._numbers = itertools.count()
        self._visits: WeakValueDictionary[int, Visit] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._visits)

    def come(self, visit: Visit) -> None:
        """Somebody has come by this connection."""
        with self._mutex:
            while len(self._visits) >= limits.CONNECTIONS:
                first = next(iter(self._visits))
                one = self._visits.pop(first)
                one.io_loop.add_callback(one.close)
            self._visits[next(self._numbers)] = visit

    def stay(self, visit: Visit) -> None:
        """They are somebody else's to look after: a websocket."""
        with self._mutex:
            for number, each in list(self._visits.items()):
                if each is visit:
                    del self._visits[number]
