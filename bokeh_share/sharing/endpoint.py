"""Listens on the addresses and the port of a share, which may change while it runs."""

from __future__ import annotations

from collections.abc import Sequence

from tornado.ioloop import IOLoop

from ..broadcast import Broadcaster
from ..errors import CannotListen, PortInUse
from ..network import Address
from ..server import bind_sockets
from ..server.auth import AccessGuard
from ..wire import CloseCode
from .access import ShareAccess
from .binding import BoundSockets, EndpointOptions
from .bokeh_server import Server
from .event_loop import EventLoop
from .link_store import LinkStore


class Endpoint:
    """Accepts connections for an access guard, and can move to other sockets.

    Exists from `start` to `stop`. All its methods run on the loop.
    """

    def __init__(
        self,
        loop: EventLoop,
        guard: AccessGuard,
        broadcaster: Broadcaster,
        access: ShareAccess,
        link_store: LinkStore,
    ) -> None:
        """The broadcaster also accepts connections, while a cell keeps the loop busy. `access` is notified of
        the addresses, and the link store of the port."""
        self._loop = loop
        self._guard = guard
        self._broadcaster = broadcaster
        self._access = access
        self._link_store = link_store
        self._server: Server | None = None

    @property
    def options(self) -> EndpointOptions:
        return self._access.endpoint.options

    @property
    def is_running(self) -> bool:
        return self._server is not None

    @property
    def server(self) -> Server:
        assert self._server is not None, "the endpoint has been started"
        return self._server

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The addresses that it listens on; none after it has stopped."""
        return self._server.addresses if self._server is not None else ()

    def start(self, bound_sockets: BoundSockets) -> None:
        """Accept connections on these sockets."""
        self._loop.call(lambda: self._start_server(bound_sockets))
        self._link_store.set_port(self.port)
        self._update_standby_sockets()

    def move(self, bound_sockets: BoundSockets) -> None:
        """Accept connections also on these sockets if they have the same port; otherwise only on them.
        Addresses that the endpoint leaves are closed, and their viewers redirected."""
        server, endpoint, former_options = self.server, bound_sockets.endpoint, self.options
        removed = [each for each in server.addresses if each not in endpoint.addresses]
        has_moved = endpoint.options.port != server.port
        has_new_link = (endpoint.options.token, endpoint.options.scheme) != (
            former_options.token,
            former_options.scheme,
        )
        if has_moved:
            self._start_server(bound_sockets)
            self._update_standby_sockets()
            server.stop()
        else:
            server.listen(bound_sockets.addresses, bound_sockets.sockets)
            self._update_standby_sockets(excluded=removed)
            server.stop_listening(removed)
            self._access.update(endpoint)
        self._link_store.set_port(self.port)
        if has_moved or has_new_link:
            self._redirect_viewers(None)
        elif removed:
            self._redirect_viewers({address.ip for address in removed})

    def change_addresses(self, added: Sequence[Address], removed: Sequence[Address]) -> str:
        """Listen on `added`, and no longer on `removed`. Return a note if an address cannot be used."""
        problem = ""
        for address in added:
            try:
                self.server.listen([address], bind_sockets([address], port=self.port)[1])
            except (PortInUse, CannotListen) as error:
                problem = str(error)
        self._update_standby_sockets(excluded=removed)
        self.server.stop_listening(removed)
        return problem

    def stop(self) -> None:
        """Free the port. The broadcaster closes the viewers when it is stopped."""
        if self._server is not None:
            self._update_standby_sockets(excluded=self.server.addresses)
            self._loop.call(self._server.stop)
            self._server = None
            self._access.stop()
            self._link_store.release()

    def _start_server(self, bound_sockets: BoundSockets) -> None:
        server = Server(IOLoop.current(), self._guard, self._broadcaster.viewer_limit.reject)
        server.listen(bound_sockets.addresses, bound_sockets.sockets)
        self._server = server
        self._access.update(bound_sockets.endpoint, new_link_reason=bound_sockets.new_link_reason)

    def _update_standby_sockets(self, *, excluded: Sequence[Address] = ()) -> None:
        """Pass the sockets to the viewers' thread, which accepts connections while a cell keeps this loop
        busy; sockets that are about to close are `excluded`."""
        self._broadcaster.update_sockets(self._guard, self.server.list_sockets(excluded=excluded))

    def _redirect_viewers(self, local_addresses: set[str] | None) -> None:
        """Send viewers the links that work now; only viewers of `local_addresses`, if given."""
        urls = [link.redirect_url for link in self._access.links]
        self._broadcaster.redirect_viewers(
            urls, code=CloseCode.SHARE_MOVED, reason="the share moved", local_addresses=local_addresses
        )
