"""Embeds Bokeh's server, which serves the page and its files, and hands websockets to the viewers' thread.

An access guard checks every request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from socket import SHUT_RDWR, socket

from bokeh.server.server import BaseServer
from bokeh.server.tornado import BokehTornado
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import Application

from .. import limits
from ..apps import AppServer
from ..broadcast import Broadcaster
from ..network import Address
from ..plots import Page
from ..server import Listener, TokenBucket, TokenBucketPerClient, log_nothing
from ..server.auth import AccessGuard, AccessRules, find_client_network
from .routes import NotFoundHandler, build_routes


class Server:
    """Listens on one port of one or more addresses, on the kernel's IO loop, from `listen` to `stop`.

    `loop` must be the current loop in each call.
    """

    def __init__(
        self,
        loop: IOLoop,
        broadcaster: Broadcaster,
        apps: AppServer,
        rules: AccessRules,
        get_page: Callable[[], Page],
    ) -> None:
        application = Application(
            build_routes(self, apps, get_page),
            default_handler_class=NotFoundHandler,
            log_function=log_nothing,
        )
        self.guard = AccessGuard(application, rules)
        self._join_bucket = TokenBucket(limits.JOIN_RATE, limits.JOIN_BURST)
        self._client_join_buckets = TokenBucketPerClient(
            limits.CLIENT_JOIN_RATE, limits.CLIENT_JOIN_BURST, limits.MAX_TRACKED_CLIENTS
        )
        self.broadcaster = broadcaster
        self.port = 0
        self._listeners: dict[Address, tuple[Listener, socket]] = {}
        self._base_server = BaseServer(loop, BokehTornado({}, ico_path="none"), HTTPServer(self.guard))
        self._base_server.start()

    @property
    def addresses(self) -> tuple[Address, ...]:
        return tuple(self._listeners)

    def list_sockets(self, *, excluded: Sequence[Address] = ()) -> list[socket]:
        """Those that listen, but for some addresses."""
        return [sock for address, (_, sock) in self._listeners.items() if address not in excluded]

    def listen(self, addresses: Sequence[Address], sockets: Sequence[socket]) -> None:
        """Accept on `list_sockets`, which are bound to `addresses`, all on one port."""
        for address, sock in zip(addresses, sockets, strict=True):
            self._listeners[address] = Listener(self.guard, sock, self.broadcaster.viewer_limit.reject), sock
            self.port = sock.getsockname()[1]
        # Browsers send the cookies of a host to all its ports.
        self.guard.cookie_name = f"bokeh_share_{self.port}"

    def stop_listening(self, addresses: Sequence[Address]) -> None:
        for address in addresses:
            listener, sock = self._listeners.pop(address)
            with suppress(OSError):  # also for what the notebook has forked, which has the socket as well
                sock.shutdown(SHUT_RDWR)
            listener.stop()

    def stop(self) -> None:
        """Free the port. The broadcaster's thread has the viewers, and closes them when it is stopped."""
        self.stop_listening(self.addresses)
        self._base_server.stop(wait=False)

    def can_join(self, ip: str) -> bool:
        """Whether one more page may begin to watch, from there; if so, it counts."""
        return self._client_join_buckets.take(find_client_network(ip)) and self._join_bucket.take()
