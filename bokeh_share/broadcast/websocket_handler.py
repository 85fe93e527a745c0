"""Reads websocket requests, and passes their connections to the viewers' side."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Protocol

from tornado.web import HTTPError
from websockets.datastructures import Headers
from websockets.http11 import Request

from ..server import BaseHandler, JoinThrottle, PendingConnections, log_misuse
from ..server.auth import AccessControl


class ViewersSide(Protocol):
    """Takes viewers' connections. See `Broadcaster`."""

    def add_connection(
        self,
        sock: socket.socket,
        request: Request,
        session_tokens: tuple[str, ...] = (),
        *,
        is_author: bool = False,
    ) -> None:
        """Take over a connection whose websocket request was read, and answer it."""


class WebSocketHandler(BaseHandler):
    """Reads a websocket request and passes its connection on."""

    def initialize(
        self,
        viewers: ViewersSide,
        access: AccessControl,
        pending: PendingConnections,
        join_throttle: JoinThrottle,
        on_request: Callable[[str, bool], None] = lambda ip, is_upgrade: None,
    ) -> None:
        """`on_request` is called with the client's IP address, and True for a websocket request, False for
        one whose upgrade a proxy has dropped."""
        self._viewers, self._access, self._on_request = viewers, access, on_request
        self._pending, self._join_throttle = pending, join_throttle

    def get(self) -> None:
        headers, ip = self.request.headers, str(self.request.remote_ip)
        if headers.get("Upgrade", "").lower() != "websocket" or self.request.version != "HTTP/1.1":
            # Only browsers that open a websocket send this header, and most proxies pass it on.
            if "Sec-WebSocket-Key" in headers:
                self._on_request(ip, False)
            raise HTTPError(404)
        self._on_request(ip, True)
        request = Request(self.request.uri or "", Headers(headers.get_all()))
        if not self._join_throttle.can_join(ip):
            log_misuse("too many new pages per second")
            raise HTTPError(429)
        session_tokens = self._access.read_valid_session_tokens(self.request)
        is_author = "author" in self.request.query_arguments and self._access.is_author(self.request)
        stream = self.detach()
        self._pending.remove(stream)
        if not stream.closed():
            stream.io_loop.remove_handler(stream.socket)
            self._viewers.add_connection(stream.socket, request, session_tokens, is_author=is_author)
