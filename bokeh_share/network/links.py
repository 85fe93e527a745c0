"""Who can reach a share from where: what is doubted of its addresses, and the way through Jupyter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from . import host_probe
from .addresses import Address
from .environment import ORDINARY, Environment, detect_environment
from .jupyter_proxy import NotebookServer, ProxyRoute, found_here, host_told, origins_at
from .origins import origins_of
from .public_url import PublicUrl

Aside = Callable[[Callable[[], Any], Callable[[Any], None]], None]
"""Does the first in a thread, and then the second with what came of it."""

MAX_KNOWN_HOSTS = 8
"""How many hosts that browsers call the notebook's server are believed at a time."""

THIS_MACHINE_ONLY = "this machine only"
ON_HUB = "the Hub lets in whom it lets use your server, and they can do there what you can"
ON_JUPYTER = "whoever has Jupyter's login can do there what you can"
NO_PROXY = (
    "on this Hub colleagues reach a share through jupyter-server-proxy, which is missing:"
    " pip install jupyter-server-proxy, then restart your server"
)
NO_TLS_THROUGH = "colleagues can come through the Hub if the share is without --tls: the Hub has its own"


class Link(NamedTuple):
    """One link that works, and whom it is for."""

    url: str
    """Whole; or from the root where nobody here knows what comes before."""
    kind: str
    is_limited: bool = False
    """Whether it works for fewer than it would elsewhere."""
    through: bool = False
    """Whether it leads through the notebook's server, whose address browsers know best."""

    @property
    def is_whole(self) -> bool:
        return not self.url.startswith("/")

    led: bool = False
    """Whether the author says that something leads to it."""

    @property
    def is_special(self) -> bool:
        """Whether it is known who can come by it, or the card says so."""
        return self.is_limited or self.through or self.led

    @property
    def below(self) -> str:
        """For a page that is open: it is at the server's address already, whatever that is."""
        return urlsplit(self.url).path if self.through else self.url

    def __repr__(self) -> str:
        return f"<Link {self.kind}: ***>"


@dataclass(frozen=True)
class Places:
    """Where a share is, apart from what surrounds it."""

    port: int
    prefix: str = field(repr=False)
    addresses: tuple[Address, ...] = ()
    """The best first."""
    names: tuple[str, ...] = ()
    """Of this machine, where others can use them."""
    scheme: str = "http"
    public: PublicUrl | None = None
    """What the author says that colleagues use; then nothing is doubted."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a link to it may call this machine."""
        here = ["localhost"] if any(each.is_loopback for each in self.addresses) else []
        return (*(each.host for each in self.addresses), *self.names, *here)

    @property
    def origins(self) -> frozenset[str]:
        """Where its own pages come from."""
        given = {self.public.origin} if self.public is not None else set()
        return origins_of(self.scheme, self.hosts, self.port) | given

    def url(self, host: str) -> str:
        return f"{self.scheme}://{host}:{self.port}{self.prefix}/"


def ordered(best: Sequence[Address], bound: Sequence[Address]) -> tuple[Address, ...]:
    """Those that are listened on: the best of them first, then those that are on their way out."""
    return (*(each for each in best if each in bound), *(each for each in bound if each not in best))


def links(places: Places, environment: Environment, route: ProxyRoute | None) -> tuple[Link, ...]:
    """The links that work, the best first: the way through Jupyter, where all others are doubted."""
    environment = ORDINARY if places.public is not None else environment
    public = places.public
    given = [Link(f"{public.url}{places.prefix}/", "for colleagues", led=True)] if public is not None else []
    is_limited = all(environment.limitation(each) for each in places.addresses)
    outside = [
        Link(places.url(each.host), limitation or each.kind, is_limited=bool(limitation))
        for each in places.addresses
        if not each.is_loopback
        for limitation in [environment.limitation(each)]
    ]
    named = [
        Link(places.url(name), outside[0].kind if is_limited else "by this machine's name", is_limited)
        for name in places.names
        if outside
    ]
    here = Link(places.url("localhost"), environment.here or THIS_MACHINE_ONLY, bool(environment.here))
    through = [Link(route.url, route.kind, through=True)] if route is not None else []
    if is_limited:
        return (*given, *through, *outside, *named, here)
    return (*given, *outside, *named, here, *through)


class LinkFinder:
    """Finds out what surrounds a share, once, and keeps it. Lives as long as that."""

    def __init__(self) -> None:
        self.environment = detect_environment()
        self._server: NotebookServer | None = None
        self._has_proxy: bool | None = None
        self._hosts: dict[str, None] = {}
        """What browsers call the notebook's server, by its own requests; the last ones last."""

    def look(self, aside: Aside, on_news: Callable[[], None]) -> None:
        """Ask for the notebook's server, which may take a while; `on_news` is called if there is one."""

        def answer(found: tuple[NotebookServer | None, bool | None]) -> None:
            self._server, self._has_proxy = found
            if self._server is not None:
                on_news()

        aside(lambda: found_here(host_probe.HOST_PROBE), answer)

    def route(self, places: Places) -> ProxyRoute | None:
        """The one through the notebook's server, unless nothing is known of it, or it can't be gone.

        jupyter-server-proxy speaks plain http to us. And without a secret part of the link, no request can
        tell what the server is called (`host_told`).
        """
        server = self._server
        if server is None or places.scheme != "http" or self._has_proxy is False:
            return None
        if self._has_proxy is None and server.kind == "jupyter":
            return None
        route = server.route(places.port, places.prefix)
        return route if places.prefix or route.origins else None

    def links(self, places: Places) -> tuple[Link, ...]:
        return links(places, self.environment, self.route(places))

    def is_outward(self, places: Places) -> bool:
        """Whether to share on the network would let others in who are not let in already."""
        return not self.environment.network and not self.links(places)[0].through

    def origins(self, places: Places) -> frozenset[str]:
        """Where pages come from that take the way through the notebook's server."""
        route = self.route(places)
        if route is None:
            return frozenset()
        return route.origins.union(*(origins_at(host) for host in self._hosts if places.prefix))

    def learn(self, headers: Mapping[str, str], peer: str, places: Places) -> bool:
        """Whether a request that knows the link's secret part tells a new host. From any thread."""
        route = self.route(places)
        host = host_told(headers, peer=peer, context=route.context) if route and places.prefix else None
        if host is None or host in self._hosts:
            return False
        self._hosts = dict.fromkeys([*list(self._hosts)[1 - MAX_KNOWN_HOSTS :], host])
        return True

    def notes(self, places: Places) -> Sequence[str]:
        """What the author should know and could do, a line each."""
        route, server = self.route(places), self._server
        on_hub = server is not None and server.kind != "jupyter"
        notes = [ON_HUB if on_hub else ON_JUPYTER] if route is not None else []
        if on_hub and self._has_proxy is False:
            return [NO_PROXY]
        if on_hub and places.scheme != "http":
            return [NO_TLS_THROUGH]
        outside = [address for address in places.addresses if not address.is_loopback]
        if not on_hub and places.public is None:
            notes.append(self.environment.advise(places.port, outside[0].host if outside else None))
        return [note for note in notes if note]
