"""Connections of those who have come and do not have what they want yet: so many, and no more."""

from __future__ import annotations

from threading import Lock as Mutex
from typing import Protocol
from weakref import WeakKeyDictionary, WeakSet

from tornado.ioloop import IOLoop

from .. import limits
from ..complaints import note


class Visit(Protocol):
    """A connection."""

    @property
    def io_loop(self) -> IOLoop: ...

    def closed(self) -> bool: ...

    def close(self) -> None: ...


class Visits:
    """When there are too many, the one that came first has to go: who asks at once is answered by then.

    Whoever knows the link is counted apart, so that no crowd of strangers cuts them off. Serves several loops
    at a time.
    """

    def __init__(self) -> None:
        self._mutex = Mutex()
        self._strangers: WeakKeyDictionary[Visit, None] = WeakKeyDictionary()
        self._guests: WeakKeyDictionary[Visit, None] = WeakKeyDictionary()
        self._leaving: WeakSet[Visit] = WeakSet()
        """Those who have to go, and will when their loop has a turn."""

    def __len__(self) -> int:
        return len(self._strangers) + len(self._guests)

    def come(self, visit: Visit) -> None:
        """Somebody has come by this connection."""
        if self._add(visit, self._strangers, limits.CONNECTIONS):
            note("more connections than there may be at a time")

    def welcome(self, visit: Visit) -> None:
        """They know the link, and are answered now."""
        self.stay(visit)
        if self._add(visit, self._guests, limits.ANSWERS):
            note("more answers than there may be at a time")

    def stay(self, visit: Visit) -> None:
        """They are somebody else's to look after: a websocket."""
        with self._mutex:
            self._strangers.pop(visit, None)
            self._guests.pop(visit, None)
            self._leaving.discard(visit)

    def _add(self, visit: Visit, crowd: WeakKeyDictionary[Visit, None], most: int) -> list[Visit]:
        """Who has to go for it."""
        gone: list[Visit] = []
        with self._mutex:
            if len(crowd) >= most:
                here = [each for each in crowd if not each.closed()]
                gone = here[: max(0, len(here) + 1 - most)]
                crowd.clear()
                crowd.update(dict.fromkeys(here[len(gone) :]))
                self._leaving.update(gone)
            crowd[visit] = None
        for each in gone:
            each.io_loop.add_callback(self._send_away, each)
        return gone

    def _send_away(self, visit: Visit) -> None:
        """Unless they have become somebody else's meanwhile."""
        with self._mutex:
            if visit not in self._leaving:
                return
            self._leaving.discard(visit)
        visit.close()
