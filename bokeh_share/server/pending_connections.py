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
        self._unknown = _ConnectionQueue()
        self._known = _ConnectionQueue()
        self._closing: WeakSet[PendingConnection] = WeakSet()
        """Those who have to go, and will when their loop has a turn."""

    def __len__(self) -> int:
        return len(self._unknown) + len(self._known)

    def add(self, connection: PendingConnection) -> None:
        """Somebody has come by this connection."""
        if self._add_to(connection, self._unknown, limits.MAX_PENDING_CONNECTIONS):
            log_misuse("more connections than there may be at a time")

    def mark_known(self, connection: PendingConnection) -> None:
        """They know the link, and are answered now."""
        self.remove(connection)
        if self._add_to(connection, self._known, limits.MAX_RESPONSES):
            log_misuse("more answers than there may be at a time")

    def remove(self, connection: PendingConnection) -> None:
        """They are somebody else's to look after: a websocket."""
        with self._mutex:
            self._unknown.remove(connection)
            self._known.remove(connection)
            self._closing.discard(connection)

    def _add_to(
        self, connection: PendingConnection, queue: _ConnectionQueue, max_connections: int
    ) -> list[PendingConnection]:
        """Who has to go for it."""
        with self._mutex:
            queue.add(connection)
            dropped = queue.remove_excess(max_connections)
            self._closing.update(dropped)
        for each in dropped:
            each.io_loop.add_callback(self._close, each)
        return dropped

    def _close(self, connection: PendingConnection) -> None:
        """Unless they have become somebody else's meanwhile."""
        with self._mutex:
            if connection not in self._closing:
                return
            self._closing.discard(connection)
        connection.close()


class _ConnectionQueue:
    """Connections in the order in which they came, as long as somebody else holds them."""

    def __init__(self) -> None:
        self._references: OrderedDict[int, ReferenceType[PendingConnection]] = OrderedDict()

    def __len__(self) -> int:
        self._remove_closed()
        return len(self._references)

    def add(self, connection: PendingConnection) -> None:
        self.remove(connection)
        self._references[id(connection)] = ref(connection)

    def remove(self, connection: PendingConnection) -> None:
        self._references.pop(id(connection), None)

    def remove_excess(self, max_connections: int) -> list[PendingConnection]:
        """Take out those who are too many, and give them."""
        if len(self._references) > max_connections:
            self._remove_closed()
        removed = []
        while len(self._references) > max_connections:
            connection = self._references.popitem(last=False)[1]()
            if connection is not None:
                removed.append(connection)
        return removed

    def _remove_closed(self) -> None:
        for key, reference in list(self._references.items()):
            connection = reference()
            if connection is None or connection.closed():
                del self._references[key]
