"""Bokeh's server for the apps that are shared: the way to a viewer's own document, and its end."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from bokeh.application import Application
from bokeh.application.application import SessionContext
from bokeh.application.handlers import Handler
from bokeh.core.types import ID
from bokeh.document import Document
from bokeh.server.session import ServerSession
from bokeh.server.tornado import BokehTornado
from bokeh.util.token import generate_jwt_token, generate_session_id
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop

from .. import limits
from ..door.plain import quiet
from ..message import ENDED
from .app import App, Apps
from .blame import Failures
from .holdings import Holdings
from .patch import Kept
from .session import AppSession
from .socket import Socket, on_the_loop

CHECK = 0.2
"""Seconds between two looks for documents whose viewers have left."""
ANOTHER = 4004
"""With this code a page knows that there is another version of its app."""
GOODBYE = 3.0
"""Seconds in which the documents of an app that ends are to have ended."""
PAUSE = 0.1
ROOM = 2.0
"""Seconds that a newcomer waits for a document to end that nobody looks at."""
GREEDY = 4006
"""With this code a page knows that its document held too much."""

log = logging.getLogger(__name__)


class AppServer:
    """Serves the apps of a share on the kernel's loop, each by a `BokehTornado`, from `start` to `stop`.

    What needs none of the author's code is answered in the viewers' thread as well; the rest has to wait
    there for the kernel.
    """

    def __init__(self, apps: Apps, *, limit: Callable[[], int]) -> None:
        self.apps = apps
        self.ticket_of: Callable[[HTTPServerRequest], str] = lambda request: ""
        """What a viewer was let in by, where a password is set."""
        self.is_locked: Callable[[], bool] = lambda: False
        """Whether a password is set."""
        self._limit = limit
        self._loop: IOLoop | None = None
        self._servers: dict[str, OneApp] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._holdings = Holdings()
        self._failures = Failures()

    def start(self, loop: IOLoop) -> None:
        """`loop` must be the current one, as in `stop`."""
        self._loop = loop
        self.apps.watchers.append(self._follow)
        self._keep_up()

    def stop(self, code: int, reason: str) -> Awaitable[Any]:
        """Close all viewers' websockets; what is given is done when their documents have ended."""
        self._loop = None
        self.apps.forget(self._follow)
        for name in [*self._servers]:
            self._end(name, code, reason)
        return asyncio.gather(*self._ending, return_exceptions=True)

    def dismiss(self, code: int, reason: str, *, ticket: str | None = None) -> None:
        """Close the websockets of all who are there now, or of those whom a ticket let in."""
        for server in self._servers.values():
            for socket in [*server.sockets]:
                if ticket in (None, self.ticket_of(socket.request)):
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
                self._servers[app.name] = OneApp(app, self, self._loop)
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
        for _ in range(int(ROOM / PAUSE)):
            if not self.is_full():
                return True
            if not any(server.drop_oldest() for server in self._by_age()):
                return False
            await asyncio.sleep(PAUSE)
        return not self.is_full()

    def bound_parts(self) -> None:
        """Send away who keeps the most waiting, while there is too much that is no message yet."""
        sockets = [socket for server in self._servers.values() for socket in server.sockets]
        while sum(socket.fragments.size for socket in sockets) > limits.APP_PARTS:
            greediest = max(sockets, key=lambda socket: socket.fragments.size)
            greediest.refuse("an app's viewer does not come to the end of a message")

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
            log.error("app %r failed", app.name, exc_info=error)
        self.apps.fail(app.name, problem)

    def _by_age(self) -> list[OneApp]:
        """The one first that has the document nobody has looked at for the longest."""
        return sorted(self._servers.values(), key=lambda server: server.oldest(), reverse=True)


class OneApp(Handler):
    """One app: its documents, and those who look at them."""

    def __init__(self, app: App, parent: AppServer, loop: IOLoop) -> None:
        super().__init__()
        self.app = app
        self.parent = parent
        self.sockets: set[Socket] = set()
        self.parts: list[str] = []
        """What its documents were found to need from extensions of BokehJS; only grows."""
        self._sessions: dict[str, AppSession] = {}
        self._key = parent.apps.key
        self.tornado = BokehTornado(
            {"/": Application(self)},
            extra_patterns=[("/socket", Socket, {"server": self})],
            secret_key=self._key,
            sign_sessions=True,
            use_index=False,
            ico_path="none",
            check_unused_sessions_milliseconds=int(CHECK * 1000),
            unused_session_lifetime_milliseconds=int(limits.APP_GRACE * 1000),
            websocket_max_message_size_bytes=limits.APP_MESSAGE,
            websocket_ping_interval=limits.APP_STALLED,
            websocket_ping_timeout=limits.APP_STALLED,
            log_function=quiet,
        )
        self.tornado.initialize(loop)
        self.tornado.start()

    @property
    def documents(self) -> set[str]:
        """Those that there are and those that are asked for, by their sessions."""
        return {*self._sessions, *(socket.session_id or "" for socket in self.sockets)}

    def oldest(self) -> float:
        """For how many milliseconds nobody has looked at the document that was left first."""
        return max((each.milliseconds_since_last_unsubscribe for each in self._left()), default=0.0)

    def drop_oldest(self) -> bool:
        """End the document that nobody has looked at for the longest; whether one ends now."""
        if any(each.expiration_requested for each in self.tornado.get_sessions("/")):
            return True
        left = sorted(self._left(), key=lambda each: each.milliseconds_since_last_unsubscribe)
        if left:
            left[-1].request_expiration()
        return bool(left)

    def expel(self, session_id: str) -> None:
        """End this document, if it is one of ours, and tell who looks at it."""
        for session in self.tornado.get_sessions("/"):
            if session.id == session_id:
                self.dismiss(GREEDY, "the document holds too much of what was sent", session_id)
                session.request_expiration()

    def _left(self) -> list[ServerSession]:
        return [each for each in self.tornado.get_sessions("/") if not each.connection_count]

    def token(self, request: HTTPServerRequest) -> str:
        """For a new document, or for the one that the viewer had, if it is still there."""
        known = self._sessions.get(request.headers.get("Bokeh-Session-Id", ""))
        if known is not None and known.app.generation == self.app.generation and not known.is_over:
            session_id = ID(request.headers["Bokeh-Session-Id"])
        else:
            session_id = generate_session_id(secret_key=self._key, signed=True)
        payload: Any = {"arguments": dict(request.arguments), "parts": len(self.parts)}
        return generate_jwt_token(session_id, secret_key=self._key, signed=True, extra_payload=payload)

    def become(self, app: App) -> None:
        """Whoever looks at the former version gets this one."""
        former, self.app = self.app, app
        if former.generation != app.generation:
            self.dismiss(ANOTHER, "there is another version of this app")
            return
        for session in self.tornado.get_sessions("/"):
            if (ours := self._sessions.get(session.id)) is not None:
                IOLoop.current().add_callback(
                    session.with_document_locked, on_the_loop(partial(ours.become, app))
                )

    def is_waiting(self, session_id: str) -> bool:
        """Whether this document is not to be seen before its page has loaded more."""
        ours = self._sessions.get(session_id)
        return ours is not None and ours.is_waiting

    def go_on(self, session_id: str | None) -> None:
        """The document is opened again, so its page has loaded what it waits for."""
        for session in self.tornado.get_sessions("/"):
            ours = self._sessions.get(session.id)
            if session.id == session_id and ours is not None and ours.is_waiting:
                IOLoop.current().add_callback(session.with_document_locked, on_the_loop(ours.go_on))

    def dismiss(self, code: int, reason: str, session_id: str | None = None) -> None:
        """All who look at it, or who looks at one document."""
        for socket in [each for each in self.sockets if session_id in (None, each.session_id)]:
            socket.close(code, reason)

    async def end(self, code: int, reason: str) -> None:
        """Let the documents end as if their viewers had left."""
        self.dismiss(code, reason)
        for _ in range(int(GOODBYE / PAUSE)):
            for session in self.tornado.get_sessions("/"):
                session.request_expiration()
            if not self._sessions:
                break
            await asyncio.sleep(PAUSE)
        self.tornado.stop(wait=False)

    def modify_document(self, doc: Document) -> None:
        """Done already: Bokeh 3.10 comes here in a worker thread."""

    async def on_session_created(self, session_context: SessionContext) -> None:
        asked: dict[str, list[bytes]] = session_context.request.arguments  # type: ignore[attr-defined]  # BokehSessionContext
        arguments = {
            name: [value.decode(errors="replace") for value in values] for name, values in asked.items()
        }

        told = session_context.token_payload.get("parts", 0)  # type: ignore[attr-defined]  # as above
        over = partial(self.dismiss, ANOTHER, "this one can't be changed", session_context.id)

        async def begin(document: Document) -> None:
            ours = AppSession(self.app, document, arguments, self.parent.report, over)
            self._sessions[session_context.id] = ours
            ours.begin()
            needed = ours.needs()
            self.parts += [part for part in needed if part not in self.parts]
            if not set(needed) <= set(self.parts[:told]):
                ours.wait()

        await session_context.with_locked_document(begin)

    async def on_session_destroyed(self, session_context: SessionContext) -> None:
        self._sessions.pop(session_context.id, None)
        self.parent.forget(session_context.id)


def arguments_of(request: HTTPServerRequest) -> Mapping[str, Sequence[str]]:
    """What the address asks for."""
    return parse_qs(request.query, keep_blank_values=True)
