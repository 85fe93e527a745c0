"""Lets new visitors in while a cell keeps the kernel's loop busy."""

from __future__ import annotations

import socket
import weakref
from collections.abc import Callable, Sequence

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

from .. import limits
from .auth.guard import AccessGuard
from .listener import Listener


class StandbyListener:
    """Accepts on copies of the listening sockets, through the same door, from `begin` to `end`.

    Lives in the viewers' thread, whose loop must be the current one in each call. Whom it let in it
    answers to the end; a websocket goes to the viewers as ever.
    """

    def __init__(self, on_scarce: Callable[[], None] = lambda: None) -> None:
        self._on_scarce = on_scarce
        self._guard: AccessGuard | None = None
        self._lent: Sequence[socket.socket] = ()
        self._busy = False
        self._listening: list[Listener] = []
        self._again: object | None = None
        """Until it is tried again, when there was no descriptor left."""
        self._answering: weakref.WeakSet[HTTPServer] = weakref.WeakSet()
        """All that still have connections."""

    def lend(self, guard: AccessGuard | None, sockets: Sequence[socket.socket]) -> None:
        """These are the sockets from now on, and the usher's to close; the former are closed."""
        self._rest()
        for sock in self._lent:
            sock.close()
        self._guard, self._lent = guard, sockets
        if self._busy:
            self.begin()

    def begin(self) -> None:
        self._rest()
        self._busy = True
        if self._guard is None:
            return
        try:
            for sock in self._lent:
                # What serves closes its socket when it rests.
                self._listening.append(Listener(self._guard, sock.dup(), self._on_scarce))
        except OSError:  # no descriptor is left
            self._rest()
            self._again = IOLoop.current().call_later(limits.REST, self.begin)
            self._on_scarce()
        self._answering.update(each.http for each in self._listening)

    def end(self) -> None:
        self._busy = False
        self._rest()

    async def leave(self) -> None:
        """Break off what is still being answered."""
        for server in list(self._answering):
            await server.close_all_connections()

    def _rest(self) -> None:
        if self._again is not None:
            IOLoop.current().remove_timeout(self._again)
            self._again = None
        listening, self._listening = self._listening, []
        for each in listening:
            each.stop()
