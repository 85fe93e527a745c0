"""Closes the connections of viewers, of the page and of apps."""

from __future__ import annotations

from ..apps import AppServer
from ..broadcast import Broadcaster
from ..server.auth import AccessControl
from ..wire import CloseCode
from .event_loop import EventLoop


class ViewerConnections:
    """The websockets of a share's viewers: those of the page, in their own thread, and those of apps."""

    def __init__(
        self, loop: EventLoop, broadcaster: Broadcaster, app_server: AppServer, access_control: AccessControl
    ) -> None:
        self._loop = loop
        self._broadcaster = broadcaster
        self._app_server = app_server
        self._access_control = access_control

    def close_all(self, code: int, reason: str) -> None:
        """Close all websockets. Viewers need the current link and password to return."""
        self._broadcaster.close_viewers(code=code, reason=reason)
        self._loop.call(lambda: self._app_server.disconnect(code, reason))

    def close_session(self, session_token: str) -> None:
        """Close those of a session that has logged out; called on either loop."""
        code, reason = CloseCode.PASSWORD_REQUIRED, "You have logged out"
        read_session_tokens = self._access_control.read_session_tokens

        def disconnect() -> None:
            self._app_server.disconnect(
                code, reason, is_affected=lambda request: session_token in read_session_tokens(request)
            )

        self._broadcaster.close_viewers(code=code, reason=reason, session_token=session_token)
        self._loop.schedule(0, disconnect)
