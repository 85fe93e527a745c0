"""Connections of those who have come and do not have what they want yet: so many, and no more."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock as Mutex
from typing import Protocol
from weakref import ReferenceType, WeakSet, ref

from tornado.ioloop import IOLoop

from .. import limits
from .visitor_log import log_misuse


class PendingConnection(Protocol):
    """A connection."""

    @property
    def io_loop(self) -> IOLoop: ...

    def closed(self) -> bool: ...

    def close(self) -> None: ...


class PendingConnections:
    """When there are too many, the one that came first has to go: who asks at once is answered by then.

    Whoever knows the link is counted apart, so that no crowd of strangers cuts them off. Serves several loops
    at a time.
    """

    def __init__(self) -> None:
        self._mutex = Mutex()
        self._strangers = _Crowd()
        self._guests = _Crowd()
        self._leaving: WeakSet[PendingConnection] = WeakSet()
        """Those who have to go, and will when their loop has a turn."""

    def __len__(self) -> int:
        return len(self._strangers) + len(self._guests)

    def come(self, connection: PendingConnection) -> None:
        """Somebody has come by this connection."""
        if self._add(connection, self._strangers, limits.CONNECTIONS):
            log_misuse("more connections than there may be at a time")

    def welcome(self, connection: PendingConnection) -> None:
        """They know the link, and are answered now."""
        self.stay(connection)
        if self._add(connection, self._guests, limits.ANSWERS):
            log_misuse("more answers than there may be at a time")

    def stay(self, connection: PendingConnection) -> None:
        """They are somebody else's to look after: a websocket."""
        with self._mutex:
            self._strangers.remove(connection)
            self._guests.remove(connection)
            self._leaving.discard(connection)

    def _add(self, connection: PendingConnection, crowd: _Crowd, most: int) -> list[PendingConnection]:
        """Who has to go for it."""
        with self._mutex:
            crowd.add(connection)
            gone = crowd.without_the_first(most)
            self._leaving.update(gone)
        for each in gone:
            each.io_loop.add_callback(self._send_away, each)
        return gone

    def _send_away(self, connection: PendingConnection) -> None:
        """Unless they have become somebody else's meanwhile."""
        with self._mutex:
            if connection not in self._leaving:
                return
            self._leaving.discard(connection)
        connection.close()


class _Crowd:
    """Connections in the order in which they came, as long as somebody else holds them."""

    def __init__(self) -> None:
        self._references: OrderedDict[int, ReferenceType[PendingConnection]] = OrderedDict()

    def __len__(self) -> int:
        self._forget_closed()
        return len(self._references)

    def add(self, connection: PendingConnection) -> None:
        self.remove(connection)
        self._references[id(connection)] = ref(connection)

    def remove(self, connection: PendingConnection) -> None:
        self._references.pop(id(connection), None)

    def without_the_first(self, most: int) -> list[PendingConnection]:
        """Take out those who are too many, and give them."""
        if len(self._references) > most:
            self._forget_closed()
        gone = []
        while len(self._references) > most:
            connection = self._references.popitem(last=False)[1]()
            if connection is not None:
                gone.append(connection)
        return gone

    def _forget_closed(self) -> None:
        for key, reference in list(self._references.items()):
            connection = reference()
            if connection is None or connection.closed():
                del self._references[key]
