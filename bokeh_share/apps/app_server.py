"""Bokeh's server for the apps that are shared: the way to a viewer's own document, and its end."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from bokeh.model import Model
from bokeh.server.tornado import BokehTornado
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop, PeriodicCallback

from .. import limits
from ..server.rate_limit import TokenBucket
from ..server.visitor_log_filter import for_visitors
from ..text import for_log
from ..wire.messages import ENDED
from .app import App, Apps
from .documents import CLEANUP_INTERVAL, AppDocuments
from .failures import Failures
from .outbox import Outbox
from .protocol.memory_quota import MemoryQuota
from .protocol.patch import Kept
from .schedule import Schedule
from .websocket import AppWebSocket

ROOM = 2.0
"""Seconds that a newcomer waits for a document to end that nobody looks at."""
LOOK = 1.0
"""Seconds between two looks for viewers who are silent or slow."""
TIME = 10.0
"""Seconds that a message with many values waits for its turn."""

log = logging.getLogger(__name__)


class AppServer:
    """Serves the apps of a share on the kernel's loop, each by a `BokehTornado`, from `start` to `stop`.

    What needs none of the author's code is answered in the viewers' thread as well; the rest has to wait
    there for the kernel.
    """

    def __init__(
        self,
        apps: Apps,
        *,
        limit: Callable[[], int],
        turn_away: Callable[[], None] = lambda: None,
        on_custom: Callable[[Iterable[type[Model]]], None] = lambda classes: None,
    ) -> None:
        """`limit` says how many documents there may be; `turn_away` is told who finds no descriptor left, and
        `on_custom` the author's own classes of models that documents have."""
        self.apps = apps
        self.turn_away, self.on_custom = turn_away, on_custom
        self.session_tokens_of: Callable[[HTTPServerRequest], tuple[str, ...]] = lambda request: ()
        """What a viewer was let in by, where a password is set."""
        self.is_locked: Callable[[], bool] = lambda: False
        """Whether a password is set."""
        self.dismissals = 0
        """How often viewers were sent away: who was on the way in then has to ask again."""
        self._limit = limit
        self._loop: IOLoop | None = None
        self._servers: dict[str, AppDocuments] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._holdings = MemoryQuota()
        self._failures = Failures()
        self.outbox: Outbox[AppWebSocket] = Outbox()
        self.schedule = Schedule(self.outbox.has_room)
        self._look = PeriodicCallback(self._look_after, LOOK * 1000)
        self._values = TokenBucket(limits.APP_VALUES_A_SECOND, limits.APP_VALUES)

    def start(self, loop: IOLoop) -> None:
        """`loop` must be the current one, as in `stop`."""
        self._loop = loop
        self.apps.watchers.append(self._follow)
        self._keep_up()
        for_visitors().run(self._look.start)

    def stop(self, code: int, reason: str) -> Awaitable[Any]:
        """Close all viewers' websockets; what is given is done when their documents have ended."""
        self._loop = None
        self._look.stop()
        self.apps.forget(self._follow)
        for name in [*self._servers]:
            self._end(name, code, reason)
        return asyncio.gather(*self._ending, return_exceptions=True)

    def dismiss(self, code: int, reason: str, *, session_token: str | None = None) -> None:
        """Close the websockets of all who are there now, or of those whom a ticket let in."""
        self.dismissals += 1
        for server in self._servers.values():
            for socket in [*server.sockets]:
                if session_token is None or session_token in self.session_tokens_of(socket.request):
                    socket.close(code, reason)

    def find_socket(self, name: str) -> BokehTornado | None:
        """What answers a viewer's websocket; None where there is no such app, or the kernel is busy."""
        server = self._servers.get(name)
        return server.tornado if server is not None and self.is_here else None

    def opening(self, app: App, request: HTTPServerRequest) -> dict[str, Any]:
        """What opens a websocket for the viewer who asks, and what to load before. Raises `BadValue`."""
        server = self._servers[app.name]
        app.parameters.from_query(arguments_of(request))
        return {"token": server.token(request), "parts": [json.loads(part) for part in server.parts]}

    @property
    def is_here(self) -> bool:
        """Whether this is the kernel's loop, which alone calls the author's functions."""
        return self._loop is not None and IOLoop.current(instance=False) is self._loop

    def _follow(self) -> None:
        """An app came, went or changed, in whichever thread."""
        if self._loop is not None:
            self._loop.add_callback(self._keep_up)

    def _keep_up(self) -> None:
        if self._loop is None:
            return
        for app in self.apps:
            server = self._servers.get(app.name)
            if server is None:
                self._servers[app.name] = AppDocuments(app, self, self._loop)
            elif server.app is not app:
                server.become(app)
        for name in self._servers.keys() - set(self.apps.names):
            self._end(name, ENDED, "this app is not shared any more")

    def _end(self, name: str, code: int, reason: str) -> None:
        task = asyncio.ensure_future(self._servers.pop(name).end(code, reason))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def is_full(self, session_id: str | None = None) -> bool:
        """Whether there may be no more documents than there are, and are asked for, beside this one."""
        documents = {id for server in self._servers.values() for id in server.documents}
        return len(documents - {session_id}) >= self._limit()

    async def has_room(self) -> bool:
        """Whether there may be one more document. For it those go that nobody looks at, the oldest first."""
        for _ in range(int(ROOM / CLEANUP_INTERVAL)):
            if not self.is_full():
                return True
            if not any(server.drop_oldest() for server in self._by_age()):
                return False
            await asyncio.sleep(CLEANUP_INTERVAL)
        return not self.is_full()

    def bound_parts(self) -> None:
        """Send away who keeps the most waiting, while there is too much that is no message yet."""
        sockets = self._sockets()
        while sum(socket.fragments.weight for socket in sockets) > limits.APP_PARTS:
            greediest = max(sockets, key=lambda socket: socket.fragments.weight)
            greediest.refuse("an app's viewer does not come to the end of a message")

    def _look_after(self) -> None:
        now = time.monotonic()
        for socket in self._sockets():
            socket.look_after(now)
        for slow in self.outbox.too_slow(self.schedule.waiting):
            slow.give_up_on("an app's viewer is too slow while others wait")

    def _sockets(self) -> list[AppWebSocket]:
        return [socket for server in self._servers.values() for socket in server.sockets]

    async def has_time(self, values: int) -> bool:
        """Whether the kernel can look at so many values of a message; waits for that a while."""
        for _ in range(int(TIME / CLEANUP_INTERVAL)):
            if self._values.take(values):
                return True
            await asyncio.sleep(CLEANUP_INTERVAL)
        return False

    def may_hold(self, session_id: str, kept: Iterable[Kept]) -> bool:
        """Whether a document may hold what its viewer sent. The documents that hold too much end."""
        greedy = self._holdings.keep(session_id, kept)
        for server in self._servers.values():
            for id in greedy:
                server.expel(id)
        return session_id not in greedy

    def forget(self, session_id: str) -> None:
        """The document has ended."""
        self._holdings.forget(session_id)

    def report(self, app: App, error: Exception) -> None:
        """What went wrong in the author's code, for their card and the log."""
        if (said := self._failures.words(app.name, error)) is None:
            return
        problem = f"app {app.name!r} failed for a viewer: {said}"
        if self.apps.problems.get(app.name) != problem:
            log.error("app %r failed", app.name, exc_info=for_log(error))
        self.apps.fail(app.name, problem)

    def _by_age(self) -> list[AppDocuments]:
        """The one first that has the document nobody has looked at for the longest."""
        return sorted(self._servers.values(), key=lambda server: server.oldest(), reverse=True)


def arguments_of(request: HTTPServerRequest) -> Mapping[str, Sequence[str]]:
    """What the address asks for."""
    return parse_qs(request.query, keep_blank_values=True)
