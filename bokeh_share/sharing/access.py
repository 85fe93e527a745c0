"""Derives from the addresses and the link of a share which links work, and the access rules of its server."""

from __future__ import annotations

from contextlib import suppress

from tornado.httputil import HTTPServerRequest

from ..card import list_access_notes
from ..errors import BadCertificate
from ..network import Link, LinkFinder, ShareLocation, order_addresses
from ..server import Certificate
from ..server.auth import AccessRules
from .binding import EndpointOptions
from .bokeh_server import Server
from .link_store import LinkStore
from .network_watch import NetworkWatch


class ShareAccess:
    """A share's options, certificate, password and links. Lives as long as its `Endpoint`."""

    def __init__(self, link_store: LinkStore, network_watch: NetworkWatch) -> None:
        self.options = EndpointOptions()
        self.certificate: Certificate | None = None
        """The certificate that is shown, where TLS is spoken."""
        self.link_finder = LinkFinder()
        self._wrong_password_count = 0
        self._wrong_password_address = ""
        """The address from which the last one came."""
        self._link_store = link_store
        self._network_watch = network_watch

    def list_links(self, server: Server) -> tuple[Link, ...]:
        """The links that work, the best first."""
        return self.link_finder.list_links(self._build_location(server))

    def can_widen_access(self, server: Server) -> bool:
        """Whether more colleagues could come if it were on the network."""
        return self.link_finder.can_widen_access(self._build_location(server))

    def list_notes(self, server: Server) -> tuple[str, ...]:
        """What the author should know about passwords, the certificate and the links, a line each."""
        access_notes = list_access_notes(
            has_password=self._link_store.has_password,
            is_new_password=self._link_store.has_new_password,
            certificate=self.certificate,
            wrong_password_count=self._wrong_password_count,
            wrong_password_address=self._wrong_password_address,
        )
        return (*access_notes, *self.link_finder.list_notes(self._build_location(server)))

    def record_wrong_password(self, ip: str) -> None:
        self._wrong_password_count, self._wrong_password_address = self._wrong_password_count + 1, ip

    def add_host(self, request: HTTPServerRequest, server: Server) -> bool:
        """Add the host name by which a request reached the notebook's server; return whether it is new."""
        return self.link_finder.add_host(
            request.headers, request.remote_ip or "", self._build_location(server)
        )

    def update_guard(self, server: Server) -> None:
        """Update the access rules after the link, the addresses, the password or the certificate changed."""
        options, location = self.options, self._build_location(server)
        origins = location.origins | self.link_finder.list_origins(location)
        base_path, public_url = (
            ("", "") if options.public_url is None else (options.public_url.path, options.public_url.url)
        )
        if self.certificate is not None:
            with suppress(BadCertificate):  # half written: what there was goes on
                self.certificate = options.load_certificate_for(
                    server.addresses, self._network_watch.host_names
                )
        server.guard.certificate = self.certificate
        password, has_tls = self._link_store.build_password(server.port), self.certificate is not None
        server.guard.rules = AccessRules(self._prefix, origins, base_path, password, has_tls, public_url)

    @property
    def _prefix(self) -> str:
        return self._link_store.prefix if self.options.token else ""

    def _build_location(self, server: Server) -> ShareLocation:
        addresses = order_addresses(self._network_watch.best_addresses, server.addresses)
        return ShareLocation(
            server.port,
            self._prefix,
            addresses,
            self._network_watch.host_names,
            self.options.scheme,
            self.options.public_url,
        )
