"""Listens on the addresses and the port of a share, which may change, with its link, while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from socket import socket

from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop

from ..apps import AppServer
from ..broadcast import Broadcaster
from ..errors import CannotListen, PortInUse
from ..network import Address, Link, choose_addresses
from ..plots import Page
from ..server import Certificate, bind_sockets, log_misuse
from ..server.auth import AccessRules
from ..wire import CloseCode
from .access import ShareAccess
from .binding import BoundSockets, EndpointOptions
from .bokeh_server import Server
from .event_loop import EventLoop
from .link_store import LinkStore
from .network_watch import NetworkWatch
from .options import Options


class Endpoint:
    """Binds the addresses, moves to others when options change, and updates the access guard.

    Lives from `start` to `stop`; all of it happens on the loop.
    """

    def __init__(
        self,
        loop: EventLoop,
        broadcaster: Broadcaster,
        app_server: AppServer,
        link_store: LinkStore,
        get_page: Callable[[], Page],
        *,
        on_address_change: Callable[[], None],
        on_status_change: Callable[[], None],
    ) -> None:
        """`on_address_change` is called when the machine's addresses have changed; `on_status_change` when
        there is another link, or a wrong password came, on either loop."""
        self.new_link_reason = ""
        """Why the link is not the one that was remembered: its port was taken."""
        self._loop = loop
        self._broadcaster = broadcaster
        self._app_server = app_server
        app_server.read_session_tokens = lambda request: self.server.guard.read_session_tokens(request)
        app_server.has_password = lambda: self.has_password
        self._link_store = link_store
        self._get_page = get_page
        self._on_status_change = on_status_change
        self._server: Server | None = None
        self._network_watch = NetworkWatch(loop, self, on_address_change)
        self._access = ShareAccess(link_store, self._network_watch)

    @property
    def options(self) -> EndpointOptions:
        return self._access.options

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
        """The addresses that it listens on; none when it has stopped."""
        return self._server.addresses if self._server is not None else ()

    @property
    def network_note(self) -> str:
        """What the author should know about the network."""
        return self._network_watch.note

    @property
    def is_local(self) -> bool:
        return not self.options.public_url and all(each.is_loopback for each in self.server.addresses)

    @property
    def links(self) -> tuple[Link, ...]:
        """The links that work, the best first; none when it has stopped."""
        return self._access.list_links(self.server) if self.is_running else ()

    @property
    def can_widen_access(self) -> bool:
        """Whether more colleagues could come if it were on the network."""
        return self._access.can_widen_access(self.server)

    @property
    def has_password(self) -> bool:
        """Whether a password is asked for."""
        return self._link_store.has_password

    @property
    def notes(self) -> tuple[str, ...]:
        """What the author should know about the link and the access, a line each."""
        return (
            self.new_link_reason,
            self._link_store.note,
            self.network_note,
            *self._access.list_notes(self.server),
        )

    def start(self, bound_sockets: BoundSockets) -> None:
        """Accept connections on these sockets."""
        self._access.options, self.new_link_reason = bound_sockets.options, bound_sockets.new_link_reason
        self._network_watch.reset(bound_sockets.addresses)
        self._access.certificate = bound_sockets.certificate
        self._server = self._loop.call(
            lambda: self._start_server(bound_sockets.addresses, bound_sockets.sockets)
        )
        self._link_store.set_port(self.port)
        self._update_standby_sockets()
        self._network_watch.start()
        self._access.link_finder.find_server(self._loop.run_in_thread, self.update_links)

    def replace_link(self) -> None:
        """Create a new link without a password, revoke the old one, and close its viewers."""
        self._link_store.replace_link()
        self.update_access_rules()
        self._disconnect_viewers(CloseCode.SHARE_ENDED, "the link was replaced")

    def set_password(self, password: str) -> None:
        """Require this password of new viewers, and close the viewers who have not given it."""
        self._link_store.set_password(password)
        self.update_access_rules()
        self._disconnect_viewers(CloseCode.PASSWORD_REQUIRED, "the author asks for a password now")

    def apply_options(self, options: Options) -> bool:
        """Apply options that differ, and redirect the viewers at addresses that are no longer used.

        Returns whether any option differed. Raises as `BoundSockets.open` does.
        """
        current_options = replace(self.options, port=self.port)
        new_options = current_options.merge_options(options)
        if new_options == current_options:
            return False
        certificate = new_options.load_certificate_for(
            choose_addresses(new_options.bind_address), self._network_watch.host_names
        )
        self._loop.call(lambda: self._move(new_options, certificate, keep_port=not options.port))
        self._network_watch.update_host_names()
        return True

    def change_addresses(self, added: Sequence[Address], removed: Sequence[Address]) -> str:
        """Listen on `added`, and no longer on `removed`. Returns a text if an address cannot be used."""
        problem = ""
        for address in added:
            try:
                self.server.listen([address], bind_sockets([address], port=self.port)[1])
            except (PortInUse, CannotListen) as error:
                problem = str(error)
        self._update_standby_sockets(excluded=removed)
        self.server.stop_listening(removed)
        return problem

    def renew_certificate(self) -> None:
        """Use a certificate that was renewed."""
        if self._access.certificate is not None and self._access.certificate.is_outdated:
            self.update_links()

    def update_access_rules(self) -> None:
        """Update the access rules after the link, the addresses, the password or the certificate changed."""
        self._access.update_guard(self.server)

    def update_links(self) -> None:
        """Update the access rules after the link changed, and show the new link to the author."""
        if self._server is not None:
            self.update_access_rules()
            self._on_status_change()

    def stop(self) -> None:
        """Free the port. The broadcaster closes the viewers when it is stopped."""
        if self._server is not None:
            self._update_standby_sockets(excluded=self.server.addresses)
            self._loop.call(self._server.stop)
            self._server = None
            self._network_watch.stop()
            self._link_store.release()

    def _move(self, options: EndpointOptions, certificate: Certificate | None, *, keep_port: bool) -> None:
        server, addresses, port = self.server, choose_addresses(options.bind_address), options.port
        has_new_link = (options.token, options.scheme) != (self.options.token, self.options.scheme)
        added = [each for each in addresses if each not in server.addresses]
        removed = [each for each in server.addresses if each not in addresses]
        sockets: Sequence[socket] = ()
        if port == server.port:
            try:
                _, sockets = bind_sockets(added, port=port) if added else (port, ())
            except PortInUse:
                if not keep_port:
                    raise
                port = None
        if port != server.port:
            port, sockets = bind_sockets(addresses, port=port)
        self._access.options, self.new_link_reason = options, ""
        self._network_watch.reset(addresses)
        self._access.certificate = certificate
        self._link_store.set_port(port)
        if port == server.port:
            server.listen(added, sockets)
            self._update_standby_sockets(excluded=removed)
            server.stop_listening(removed)
            self.update_access_rules()
            seen_from = None if has_new_link else {address.ip for address in removed}
        else:
            self._server = self._start_server(addresses, sockets)
            self._update_standby_sockets()
            server.stop()
            seen_from = None
        if seen_from is None or seen_from:
            urls = [link.redirect_url for link in self.links]
            self._broadcaster.redirect_viewers(
                urls, code=CloseCode.SHARE_MOVED, reason="the share moved", local_addresses=seen_from
            )

    def _update_standby_sockets(self, *, excluded: Sequence[Address] = ()) -> None:
        """Pass the sockets to the viewers' thread, which accepts connections while a cell keeps this loop
        busy; sockets that are about to close are `excluded`."""
        self._broadcaster.update_sockets(self.server.guard, self.server.list_sockets(excluded=excluded))

    def _start_server(self, addresses: Sequence[Address], sockets: Sequence[socket]) -> Server:
        server = Server(IOLoop.current(), self._broadcaster, self._app_server, AccessRules(), self._get_page)
        server.guard.on_logout, server.guard.on_wrong_password = self._on_logout, self._on_wrong_password
        server.guard.on_unknown_host = self._on_unknown_host
        server.listen(addresses, sockets)
        self._access.update_guard(server)
        return server

    def _on_unknown_host(self, request: HTTPServerRequest) -> bool:
        """Add the host name of a request, and return whether it gave a new link; called on either loop."""
        has_changed = self._access.add_host(request, self.server)
        if has_changed:
            self.update_access_rules()
        return has_changed

    def _disconnect_viewers(self, code: int, reason: str) -> None:
        self._broadcaster.close_viewers(code=code, reason=reason)
        self._loop.call(lambda: self._app_server.disconnect(code, reason))

    def _on_wrong_password(self, ip: str) -> None:
        """Log and count a wrong password."""
        log_misuse("a wrong password")
        self._access.record_wrong_password(ip)
        self._on_status_change()

    def _on_logout(self, session_token: str) -> None:
        """Close the viewers of a session that has logged out; called on either loop."""
        reason = "you have logged out"
        self._broadcaster.close_viewers(
            code=CloseCode.PASSWORD_REQUIRED, reason=reason, session_token=session_token
        )
        self._loop.schedule(
            0,
            lambda: self._app_server.disconnect(
                CloseCode.PASSWORD_REQUIRED, reason, session_token=session_token
            ),
        )
