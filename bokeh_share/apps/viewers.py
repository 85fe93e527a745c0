"""The open websockets of one app's viewers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from tornado.httputil import HTTPServerRequest

from ..wire import CloseCode
from .closing import ConnectionClosing
from .incoming import IncomingMessages
from .keepalive import Keepalive
from .outgoing import OutgoingMessages
from .schedule import ViewerQueue


class ViewerSocket(Protocol):
    """A viewer's websocket, and the parts of the connection."""

    @property
    def session_id(self) -> str | None: ...

    @property
    def request(self) -> HTTPServerRequest: ...

    @property
    def queue(self) -> ViewerQueue: ...

    @property
    def incoming(self) -> IncomingMessages: ...

    @property
    def outgoing(self) -> OutgoingMessages: ...

    @property
    def closing(self) -> ConnectionClosing: ...

    @property
    def keepalive(self) -> Keepalive: ...

    def close(self, code: int | None = None, reason: str | None = None) -> None: ...


class AppViewers:
    """The viewers of one app, each from `join` to `leave`."""

    def __init__(self) -> None:
        self._sockets: set[ViewerSocket] = set()

    def __iter__(self) -> Iterator[ViewerSocket]:
        return iter([*self._sockets])

    @property
    def session_ids(self) -> set[str]:
        """The ids of the documents that they have requested."""
        return {each.session_id or "" for each in self._sockets}

    def join(self, socket: ViewerSocket) -> None:
        """Add a viewer, instead of another connection to the same document."""
        for other in self:
            if other.session_id == socket.session_id:
                other.close(CloseCode.CONNECTION_REPLACED, "the viewer came back by another connection")
        self._sockets.add(socket)

    def leave(self, socket: ViewerSocket) -> None:
        """Remove a viewer; does nothing if they have not joined."""
        self._sockets.discard(socket)

    def find(self, session_id: str) -> ViewerSocket | None:
        """Return the websocket for a document."""
        return next((each for each in self._sockets if each.session_id == session_id), None)

    def close(self, code: int, reason: str, session_id: str | None = None) -> None:
        """Disconnect all viewers, or those of one document."""
        for socket in self:
            if session_id in (None, socket.session_id):
                socket.close(code, reason)
