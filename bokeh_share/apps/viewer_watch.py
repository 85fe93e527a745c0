"""Watches the connections of the viewers of all apps, and closes those that delay others."""

from __future__ import annotations

import time
from collections.abc import Collection

from tornado.ioloop import PeriodicCallback

from .. import limits
from ..server import build_visitor_context
from ..wire import CloseCode
from .open_documents import HasOpenDocuments
from .outbox import Outbox
from .outgoing import OutgoingMessages
from .protocol import MessageError
from .schedule import FairScheduler
from .viewers import ViewerSocket

PROBE_INTERVAL = 1.0
"""Seconds between two checks for silent or slow viewers."""


class ViewerWatch:
    """Closes the connections of silent and slow viewers, from `start` to `stop`, and those with too many
    incomplete messages."""

    def __init__(
        self, apps: Collection[HasOpenDocuments], outbox: Outbox[OutgoingMessages], scheduler: FairScheduler
    ) -> None:
        self._apps = apps
        self._outbox, self._scheduler = outbox, scheduler
        self._timer = PeriodicCallback(self._probe_viewers, PROBE_INTERVAL * 1000)

    def start(self) -> None:
        build_visitor_context().run(self._timer.start)

    def stop(self) -> None:
        self._timer.stop()

    def limit_incomplete(self) -> None:
        """Disconnect viewers with the largest incomplete messages until their total is within the limit."""
        sockets = self._list_sockets()
        while sum(each.incoming.memory_size for each in sockets) > limits.MAX_APP_INCOMPLETE_BYTES:
            largest = max(sockets, key=lambda each: each.incoming.memory_size)
            kind = "app message incomplete"
            largest.closing.refuse(MessageError(kind, CloseCode.POLICY_VIOLATION))

    def _probe_viewers(self) -> None:
        now = time.monotonic()
        for socket in self._list_sockets():
            socket.keepalive.probe(now)
        for slow in self._outbox.list_slow_receivers(self._scheduler.waiting_networks):
            slow.close_too_slow("app viewer too slow while others wait")

    def _list_sockets(self) -> list[ViewerSocket]:
        return [socket for app in self._apps for socket in app.open_documents.viewers]
