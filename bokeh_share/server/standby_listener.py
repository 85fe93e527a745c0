"""Accepts new connections while a cell keeps the kernel's loop busy."""

from __future__ import annotations

import socket
import weakref
from collections.abc import Callable, Sequence

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

from .. import limits
from .auth import AccessGuard
from .listener import Listener


class StandbyListener:
    """Accepts connections on duplicated sockets while the kernel is busy, under the same access rules.

    Used in the broadcaster's thread, whose loop must be the current one in each call. Accepted connections
    are answered to the end, also after `stop`; websockets are passed to the broadcaster as usual.
    """

    def __init__(self, on_descriptors_low: Callable[[], None] = lambda: None) -> None:
        self._on_descriptors_low = on_descriptors_low
        self._guard: AccessGuard | None = None
        self._sockets: Sequence[socket.socket] = ()
        self._is_running = False
        self._listeners: list[Listener] = []
        self._retry_timeout: object | None = None
        """The timer that calls `start` again, if no descriptor was left."""
        self._http_servers: weakref.WeakSet[HTTPServer] = weakref.WeakSet()
        """All servers that still have connections."""

    def set_sockets(self, guard: AccessGuard | None, sockets: Sequence[socket.socket]) -> None:
        """Use these sockets from now on, and close the former ones. This object also closes the new ones."""
        self._stop_listeners()
        for sock in self._sockets:
            sock.close()
        self._guard, self._sockets = guard, sockets
        if self._is_running:
            self.start()

    def start(self) -> None:
        self._stop_listeners()
        self._is_running = True
        if self._guard is None:
            return
        try:
            for sock in self._sockets:
                # A listener closes its socket when it stops.
                self._listeners.append(Listener(self._guard, sock.dup(), self._on_descriptors_low))
        except OSError:  # no descriptor is left
            self._stop_listeners()
            self._retry_timeout = IOLoop.current().call_later(limits.ACCEPT_RETRY_DELAY, self.start)
            self._on_descriptors_low()
        self._http_servers.update(each.http_server for each in self._listeners)

    def stop(self) -> None:
        self._is_running = False
        self._stop_listeners()

    async def close_connections(self) -> None:
        """Close all connections, also those that are still being answered."""
        for server in list(self._http_servers):
            await server.close_all_connections()

    def _stop_listeners(self) -> None:
        if self._retry_timeout is not None:
            IOLoop.current().remove_timeout(self._retry_timeout)
            self._retry_timeout = None
        listeners, self._listeners = self._listeners, []
        for each in listeners:
            each.stop()
