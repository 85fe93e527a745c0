"""Where a share is to be: what the author asked for, and the sockets and the certificate for that."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from socket import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from ..errors import PortTaken
from ..network.addresses import Address, choose
from ..network.public_url import PublicUrl
from ..server.certificate import Identity, Tls, identify
from ..server.sockets import BLOCKED, bind
from .options import Options

FADES = 1.0
"""Seconds in which the system takes a port back from a process that was killed."""
PAUSE = 0.05
"""Seconds between two looks at such a port."""


class Link(NamedTuple):
    """One link that works, and whom it is for."""

    url: str
    """Whole; or from the root where nobody here knows what comes before."""
    kind: str
    doubted: bool = False
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
        return self.doubted or self.through or self.led

    @property
    def below(self) -> str:
        """For a page that is open: it is at the server's address already, whatever that is."""
        return urlsplit(self.url).path if self.through else self.url

    def __repr__(self) -> str:
        return f"<Link {self.kind}: ***>"


@dataclass(frozen=True)
class Where:
    """What the author asked for."""

    place: str = "local"
    """`local`, `external`, `all`, an address, or an interface's name."""
    port: int | None = None
    """None: the one that the last share had, else the first free one."""
    token: bool = True
    tls: Tls | None = None
    """None for plain http."""
    public: PublicUrl | None = None

    @classmethod
    def of(cls, options: Options) -> Where:
        return cls(port=options.port).changed(options)

    def changed(self, options: Options) -> Where:
        """With what the options say anew."""
        public = self.public if options.public_url is None else PublicUrl.read(options.public_url)
        another = options.tls and (self.tls is None or options.certfile is not None)
        return Where(
            place=options.place or self.place,
            port=options.port or self.port,
            token=self.token if options.token is None else options.token,
            tls=Tls(options.certfile, options.keyfile) if another else self.tls,
            public=public,
        )

    def check(self) -> None:
        """Raise what `choose` and `identify` do: what can be known before anybody listens."""
        self.identity(choose(self.place))

    @property
    def scheme(self) -> str:
        return "http" if self.tls is None else "https"

    def identity(self, addresses: tuple[Address, ...], names: tuple[str, ...] = ()) -> Identity | None:
        """The certificate for these addresses, localhost and the names; None for plain http.

        Raises what `identify` raises.
        """
        if self.tls is None:
            return None
        return identify(self.tls, [*(address.ip for address in addresses), "localhost", *names])


class Bound(NamedTuple):
    """Where a share will be: nobody is answered yet."""

    where: Where
    best: tuple[Address, ...]
    sockets: tuple[socket, ...]
    """For each address; whoever has them closes them."""
    identity: Identity | None = None
    changed: str = ""
    """Why nobody may come by the link that was remembered: another program hears it from pages that wait."""

    @classmethod
    def at(cls, where: Where, remembered: int | None, *, fading: bool = False) -> Bound:
        """`fading` says that the process which had the remembered port may still be ending.

        Raises what `choose`, `bind` and `identify` raise, and then nothing stays open.
        """
        best = choose(where.place)
        remembered = None if remembered in BLOCKED else remembered
        identity = where.identity(best)
        changed = ""
        if remembered is not None and where.port != remembered:
            try:
                sockets = _bind_again(best, remembered, FADES if fading else 0.0)
            except PortTaken as error:
                changed = f"another program has port {error.port} now, so the link is a new one"
            else:
                if where.port is None:
                    return cls(where, best, tuple(sockets), identity)
                for sock in sockets:  # it is free, and the author wants another one
                    sock.close()
        _, sockets = bind(best, port=where.port)
        return cls(where, best, tuple(sockets), identity, changed)

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()


def _bind_again(addresses: Sequence[Address], port: int, patience: float) -> list[socket]:
    """Raises what `bind` raises, after so many seconds where the port is taken."""
    until = time.monotonic() + patience
    while True:
        try:
            return bind(addresses, port=port)[1]
        except PortTaken:
            if time.monotonic() >= until:
                raise
        time.sleep(PAUSE)
