"""Limits the connections that wait for a request or its answer."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock as Mutex
from typing import Protocol
from weakref import ReferenceType, WeakSet, ref

from tornado.ioloop import IOLoop

from .visitor_limits import NOTEBOOK_LIMITS, VisitorLimits
from .visitor_log import log_misuse


class PendingConnection(Protocol):
    """A connection."""

    @property
    def io_loop(self) -> IOLoop: ...

    def closed(self) -> bool: ...

    def close(self) -> None: ...


class PendingConnections:
    """Closes the oldest connections if there are too many; quick clients are answered before that.

    Clients who know the link are counted separately, so that strangers cannot cut them off. Serves several
    loops at the same time.
    """

    def __init__(self, visitor_limits: VisitorLimits = NOTEBOOK_LIMITS) -> None:
        self._limits = visitor_limits
        self._mutex = Mutex()
        self._unknown = _ConnectionQueue()
        self._known = _ConnectionQueue()
        self._closing: WeakSet[PendingConnection] = WeakSet()
        """Connections to close, each when its loop runs next."""

    def __len__(self) -> int:
        return len(self._unknown) + len(self._known)

    @property
    def has_responses(self) -> bool:
        """True if clients who know the link are being answered."""
        with self._mutex:
            return len(self._known) > 0

    def add(self, connection: PendingConnection) -> None:
        """Count a new connection whose client has not sent the link yet."""
        if self._add_to(connection, self._unknown, self._limits.max_pending_connections):
            log_misuse("too many connections")

    def mark_known(self, connection: PendingConnection) -> None:
        """Count the connection as one of a client who knows the link and is being answered."""
        self.remove(connection)
        if self._add_to(connection, self._known, self._limits.max_responses):
            log_misuse("too many responses in progress")

    def remove(self, connection: PendingConnection) -> None:
        """Stop counting the connection, since it is a websocket now."""
        with self._mutex:
            self._unknown.remove(connection)
            self._known.remove(connection)
            self._closing.discard(connection)

    def _add_to(
        self, connection: PendingConnection, queue: _ConnectionQueue, max_connections: int
    ) -> list[PendingConnection]:
        """Add a connection, and return those to close for it."""
        with self._mutex:
            queue.add(connection)
            dropped = queue.remove_excess(max_connections)
            self._closing.update(dropped)
        for each in dropped:
            each.io_loop.add_callback(self._close, each)
        return dropped

    def _close(self, connection: PendingConnection) -> None:
        """Close a connection, unless it was removed in the meantime."""
        with self._mutex:
            if connection not in self._closing:
                return
            self._closing.discard(connection)
        connection.close()


class _ConnectionQueue:
    """Connections in order of arrival, weakly referenced."""

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
        """Remove the oldest connections over the maximum, and return them."""
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
