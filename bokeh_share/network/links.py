"""Finds the links to a share: its addresses, with their limitations, and the route through Jupyter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from . import host_probe
from .addresses import Address
from .environment import UNLIMITED_ENVIRONMENT, Environment, detect_environment
from .jupyter_proxy import (
    NotebookServer,
    ProxyRoute,
    build_host_origins,
    find_browser_host,
    find_server_and_proxy,
)
from .origins import build_origins
from .public_url import PublicUrl

ThreadRunner = Callable[[Callable[[], Any], Callable[[Any], None]], None]
"""Calls the first function in a thread, then the second with its result."""

MAX_KNOWN_HOSTS = 8
"""Maximum number of hosts of the notebook's server learned from its requests."""

THIS_MACHINE_ONLY = "this machine only"
HUB_NOTE = (
    "through the Hub, only people who may use your Jupyter server can watch; they can do there what you can"
)
JUPYTER_NOTE = "people who can log in to your Jupyter can do there what you can"
MISSING_PROXY_NOTE = (
    "colleagues on this Hub need jupyter-server-proxy, which is not installed:"
    " pip install jupyter-server-proxy, then restart your server"
)
HUB_TLS_NOTE = "leave out --tls, so that colleagues can watch through the Hub, which has TLS itself"


class Link(NamedTuple):
    """One link that works, and its audience."""

    url: str
    """The whole URL; or the path alone, if the host for browsers is not known."""
    audience: str
    is_limited: bool = False
    """True if it works for a smaller audience than usual."""
    is_proxied: bool = False
    """True if it leads through the notebook's server. Browsers know that server's address best."""

    @property
    def is_absolute(self) -> bool:
        return not self.url.startswith("/")

    is_public: bool = False
    """True for the public URL that the author has given."""
    is_forwardable: bool = False
    """True if it works on the author's own machine too, after the author has forwarded its port there."""
    is_loopback: bool = False
    """True for the link that works on this machine only."""
    is_relayed: bool = False
    """True if it leads to a relay, which serves what the author's broker has."""

    @property
    def has_known_audience(self) -> bool:
        """True if the audience is known, or the card describes it."""
        return self.is_limited or self.is_proxied or self.is_public or self.is_relayed

    @property
    def redirect_url(self) -> str:
        """The URL to which an open page is redirected: on the notebook's server only the path, since the page
        is there already."""
        return urlsplit(self.url).path if self.is_proxied else self.url

    def __repr__(self) -> str:
        return f"<Link {self.audience}: ***>"


@dataclass(frozen=True)
class ShareLocation:
    """Location of a share: its scheme, port, prefix and addresses."""

    port: int
    prefix: str = field(repr=False)
    addresses: tuple[Address, ...] = ()
    """Addresses, the best first."""
    hostnames: tuple[str, ...] = ()
    """Names of this machine that others can use."""
    scheme: str = "http"
    public_url: PublicUrl | None = None
    """The URL for colleagues that the author gave; it has no limitations."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that links to the share may have."""
        loopback = ["localhost"] if any(each.is_loopback for each in self.addresses) else []
        return (*(each.host for each in self.addresses), *self.hostnames, *loopback)

    @property
    def loopback_origins(self) -> frozenset[str]:
        """The origins of the share's pages that only this machine reaches."""
        hosts = [each.host for each in self.addresses if each.is_loopback]
        return build_origins(self.scheme, [*hosts, "localhost"] if hosts else [], self.port)

    @property
    def origins(self) -> frozenset[str]:
        """The origins of the share's own pages."""
        public_origins = {self.public_url.origin} if self.public_url is not None else set()
        return build_origins(self.scheme, self.hosts, self.port) | public_origins

    def build_url(self, host: str) -> str:
        return f"{self.scheme}://{host}:{self.port}{self.prefix}/"


def order_addresses(preferred: Sequence[Address], bound: Sequence[Address]) -> tuple[Address, ...]:
    """Return the bound addresses: the preferred ones first, then those that the share is about to leave."""
    return (
        *(each for each in preferred if each in bound),
        *(each for each in bound if each not in preferred),
    )


def build_links(
    location: ShareLocation, environment: Environment, route: ProxyRoute | None
) -> tuple[Link, ...]:
    """Return the links that work, the best first. The Jupyter route is first if all others are limited."""
    environment = UNLIMITED_ENVIRONMENT if location.public_url is not None else environment
    public_url = location.public_url
    public_links = (
        [Link(f"{public_url.url}{location.prefix}/", "for colleagues", is_public=True)]
        if public_url is not None
        else []
    )
    is_limited = all(environment.describe_limitation(each) for each in location.addresses)
    network_links = [
        Link(location.build_url(each.host), limitation or each.audience, is_limited=bool(limitation))
        for each in location.addresses
        if not each.is_loopback
        for limitation in [environment.describe_limitation(each)]
    ]
    hostname_links = [
        Link(
            location.build_url(name),
            network_links[0].audience if is_limited else "by this machine's name",
            is_limited,
        )
        for name in location.hostnames
        if network_links
    ]
    loopback_link = Link(
        location.build_url("localhost"),
        environment.loopback_limitation or THIS_MACHINE_ONLY,
        bool(environment.loopback_limitation),
        is_forwardable=environment.is_forwardable,
        is_loopback=True,
    )
    proxy_links = [Link(route.url, route.audience, is_proxied=True)] if route is not None else []
    if is_limited:
        return (*public_links, *proxy_links, *network_links, *hostname_links, loopback_link)
    return (*public_links, *network_links, *hostname_links, loopback_link, *proxy_links)


def find_best_link(links: Sequence[Link]) -> Link | None:
    """Return the first of `links` that works outside of this machine's container, node or remote session, or
    that can be forwarded out of it; None if there is none."""
    unlimited = (link for link in links if not link.is_limited)
    forwardable = (link for link in links if link.is_forwardable)
    return next(unlimited, None) or next(forwardable, None)


class LinkFinder:
    """Detects the environment of a share and its notebook's server once. Exists as long as the share."""

    def __init__(self) -> None:
        self.environment = detect_environment()
        self._server: NotebookServer | None = None
        self._has_proxy: bool | None = None
        self._browser_hosts: dict[str, None] = {}
        """Hosts of the notebook's server for browsers, learned from its requests; the latest last."""

    def find_server(self, run_in_thread: ThreadRunner, on_server_found: Callable[[], None]) -> None:
        """Find the notebook's server in a thread, and call `on_server_found` if there is one."""

        def answer(result: tuple[NotebookServer | None, bool | None]) -> None:
            self._server, self._has_proxy = result
            if self._server is not None:
                on_server_found()

        run_in_thread(lambda: find_server_and_proxy(host_probe.HOST_PROBE), answer)

    def find_route(self, location: ShareLocation) -> ProxyRoute | None:
        """Return the route through the notebook's server; None if the server is unknown or the route cannot
        work.

        jupyter-server-proxy connects by plain http. And if the link has no token, the server's host cannot be
        learned from requests (`add_host`).
        """
        server = self._server
        if server is None or location.scheme != "http" or self._has_proxy is False:
            return None
        if self._has_proxy is None and server.kind == "jupyter":
            return None
        route = server.build_route(location.port, location.prefix)
        return route if location.prefix or route.origins else None

    def list_links(self, location: ShareLocation) -> tuple[Link, ...]:
        return build_links(location, self.environment, self.find_route(location))

    def can_widen_access(self, location: ShareLocation) -> bool:
        """Return True if sharing on the network would add an audience that has no link yet."""
        return not self.environment.network_limitation and not self.list_links(location)[0].is_proxied

    def list_origins(self, location: ShareLocation) -> frozenset[str]:
        """Return the origins of pages on the notebook's server."""
        route = self.find_route(location)
        if route is None:
            return frozenset()
        return route.origins.union(
            *(build_host_origins(host) for host in self._browser_hosts if location.prefix)
        )

    def add_host(self, headers: Mapping[str, str], peer: str, location: ShareLocation) -> bool:
        """Learn the server's host from a request with the link's token. Return True if it is new.
        Thread-safe."""
        route = self.find_route(location)
        host = (
            find_browser_host(headers, peer=peer, context_path=route.context_path)
            if route and location.prefix
            else None
        )
        if host is None or host in self._browser_hosts:
            return False
        self._browser_hosts = dict.fromkeys([*list(self._browser_hosts)[1 - MAX_KNOWN_HOSTS :], host])
        return True

    def list_notes(self, location: ShareLocation) -> Sequence[str]:
        """Return notes for the author about the links, one line each."""
        route, server = self.find_route(location), self._server
        is_on_hub = server is not None and server.kind != "jupyter"
        notes = [HUB_NOTE if is_on_hub else JUPYTER_NOTE] if route is not None else []
        if is_on_hub and self._has_proxy is False:
            return [MISSING_PROXY_NOTE]
        if is_on_hub and location.scheme != "http":
            return [HUB_TLS_NOTE]
        network_addresses = [address for address in location.addresses if not address.is_loopback]
        if not is_on_hub and location.public_url is None:
            notes.append(
                self.environment.advise(
                    location.port, network_addresses[0].host if network_addresses else None
                )
            )
        return [note for note in notes if note]
