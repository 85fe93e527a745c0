"""Derives the valid links and the access rules from the endpoint and the link of a share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock

from tornado.httputil import HTTPServerRequest

from ..card import Note, Section, Severity, list_access_notes
from ..errors import BadCertificate
from ..network import (
    THIS_MACHINE_ONLY,
    Address,
    Link,
    LinkFinder,
    ShareLocation,
    find_best_link,
    order_addresses,
)
from ..server import Certificate, log_misuse
from ..server.auth import AccessControl, AccessRules, AuthorRules
from .binding import ResolvedEndpoint
from .link_store import LinkStore


@dataclass(frozen=True)
class NetworkState:
    """The known state of the machine's network."""

    best_addresses: tuple[Address, ...] = ()
    """The addresses that the author's options select in this network."""
    host_names: tuple[str, ...] = ()
    """The machine's names that others can use in a link."""
    note: str = ""
    """A note for the author about the network; empty if there is none."""


class ShareAccess:
    """A share's links, and their access rules. Exists as long as the share.

    Receives the endpoint and the network state; both loops may read and extend it.
    """

    def __init__(
        self,
        link_store: LinkStore,
        access_control: AccessControl,
        on_status_change: Callable[[], None],
        on_rules_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_status_change` is called after the link changed or a wrong password came, and `on_rules_change`
        after `update_rules`, both on either loop."""
        self._on_rules_change = on_rules_change
        self.endpoint = ResolvedEndpoint()
        """The endpoint of the share, also after it stopped."""
        self.network = NetworkState()
        self.is_running = False
        self.link_finder = LinkFinder()
        self._link_store = link_store
        self._access_control = access_control
        self._on_status_change = on_status_change
        self._new_link_reason = ""
        """The reason why the stored link was replaced: its port was taken."""
        self._certificate: Certificate | None = None
        """The newest certificate that could be loaded."""
        self._wrong_password_count = 0
        self._wrong_password_address = ""
        """The IP address that sent the last wrong password."""
        self._mutex = Lock()

    @property
    def links(self) -> tuple[Link, ...]:
        """The links that work, the best first; none after the share has stopped."""
        return self.link_finder.list_links(self._build_location()) if self.is_running else ()

    @property
    def can_widen_access(self) -> bool:
        """True if sharing on the network would reach more colleagues."""
        return self.link_finder.can_widen_access(self._build_location())

    @property
    def notes(self) -> tuple[Note, ...]:
        """Notes for the author on the link, the network and the access."""
        access_notes = list_access_notes(
            has_password=self._link_store.has_password,
            is_new_password=self._link_store.has_new_password,
            certificate=self._certificate,
            wrong_password_count=self._wrong_password_count,
            wrong_password_address=self._wrong_password_address,
        )
        reasons = [self._new_link_reason, self._link_store.note]
        link_severity = (
            Severity.INFO
            if _is_reachable(self.links, is_local=self.endpoint.is_local)
            else Severity.UNREACHABLE
        )
        return (
            *(Note(reason, Section.ACCESS, Severity.RELINKED) for reason in reasons if reason),
            *([Note(self.network.note, Section.ACCESS, Severity.UNREACHABLE)] if self.network.note else []),
            *access_notes,
            *(
                Note(text, Section.ACCESS, link_severity)
                for text in self.link_finder.list_notes(self._build_location())
            ),
        )

    def update(self, endpoint: ResolvedEndpoint, *, new_link_reason: str = "") -> None:
        """Update the links after the endpoint got other addresses or options."""
        with self._mutex:
            self.endpoint, self._certificate = endpoint, endpoint.certificate
            self.network = NetworkState(endpoint.addresses, self.network.host_names)
        self._new_link_reason, self.is_running = new_link_reason, True
        self.update_rules()

    def update_network(self, network: NetworkState, addresses: tuple[Address, ...]) -> None:
        """Update the links after a change of the network; the share now listens at these addresses."""
        with self._mutex:
            self.endpoint, self.network = replace(self.endpoint, addresses=addresses), network
        self._load_certificate()
        self.update_rules()

    def update_rules(self) -> None:
        """Update the access rules after the link, the addresses, the password or the certificate changed."""
        with self._mutex:  # otherwise a thread that has read the former link could write last
            self._access_control.update(self._build_rules(), self._certificate)
        self._on_rules_change()

    def update_links(self) -> None:
        """Update the access rules after the link changed, and notify the author."""
        if self.is_running:
            self.update_rules()
            self._on_status_change()

    def renew_certificate(self) -> None:
        """Load a renewed certificate."""
        if self._certificate is not None and self._certificate.is_outdated:
            self._load_certificate()
            self.update_links()

    def add_host(self, request: HTTPServerRequest) -> bool:
        """Add the host name by which a request reached the notebook's server; return True if it is new."""
        is_new = self.link_finder.add_host(request.headers, request.remote_ip or "", self._build_location())
        if is_new:
            self.update_rules()
        return is_new

    def record_wrong_password(self, ip: str) -> None:
        """Log and count a wrong password."""
        log_misuse("wrong password")
        self._wrong_password_count, self._wrong_password_address = self._wrong_password_count + 1, ip
        self._on_status_change()

    def stop(self) -> None:
        """Invalidate all links, since the share has ended."""
        self.is_running = False

    def _load_certificate(self) -> None:
        """Load the certificate again: its file has changed, or it needs other addresses and names."""
        endpoint = self.endpoint
        with suppress(BadCertificate):  # a half-written file: the former certificate stays
            self._certificate = endpoint.options.load_certificate_for(
                endpoint.addresses, self.network.host_names
            )

    def _build_rules(self) -> AccessRules:
        location, public_url = self._build_location(), self.endpoint.options.public_url
        proxy_origins = self.link_finder.list_origins(location)
        return AccessRules(
            prefix=location.prefix,
            origins=location.origins | proxy_origins,
            base_path=public_url.path if public_url is not None else "",
            password=self._link_store.build_password(location.port),
            tls=self._certificate is not None,
            cookie_name=f"bokeh_share_{location.port}",
            public_url=public_url.url if public_url is not None else "",
            author=AuthorRules(
                local_origins=location.loopback_origins | proxy_origins,
                public_origins=frozenset({public_url.origin} if public_url is not None else ()),
            ),
        )

    def _build_location(self) -> ShareLocation:
        options, addresses = self.endpoint.options, self.endpoint.addresses
        return ShareLocation(
            self.endpoint.port,
            self._link_store.prefix if options.token else "",
            order_addresses(self.network.best_addresses, addresses),
            self.network.host_names,
            options.scheme,
            options.public_url,
        )


def _is_reachable(links: Sequence[Link], *, is_local: bool) -> bool:
    """Return True if there is a link for the audience that the author's options choose."""
    best = find_best_link(links)
    return best is not None and not best.is_limited and (is_local or best.audience != THIS_MACHINE_ONLY)
