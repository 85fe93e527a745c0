"""Where a share is to be: what the author asked for, and the sockets and the certificate for that."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from socket import socket
from typing import NamedTuple

from ..errors import PortTaken
from ..network.addresses import Address, choose
from ..network.origins import BLOCKED_PORTS
from ..network.public_url import PublicUrl
from ..server.certificate import Certificate, TlsOptions, load_certificate
from ..server.sockets import bind
from .options import Options

REBIND_TIMEOUT = 1.0
"""Seconds in which the system takes a port back from a process that was killed."""
REBIND_INTERVAL = 0.05
"""Seconds between two looks at such a port."""


@dataclass(frozen=True)
class EndpointOptions:
    """What the author asked for."""

    place: str = "local"
    """`local`, `external`, `all`, an address, or an interface's name."""
    port: int | None = None
    """None: the one that the last share had, else the first free one."""
    token: bool = True
    tls: TlsOptions | None = None
    """None for plain http."""
    public: PublicUrl | None = None

    @classmethod
    def of(cls, options: Options) -> EndpointOptions:
        return cls(port=options.port).changed(options)

    def changed(self, options: Options) -> EndpointOptions:
        """With what the options say anew."""
        public = self.public if options.public_url is None else PublicUrl.read(options.public_url)
        another = options.tls and (self.tls is None or options.certfile is not None)
        return EndpointOptions(
            place=options.place or self.place,
            port=options.port or self.port,
            token=self.token if options.token is None else options.token,
            tls=TlsOptions(options.certfile, options.keyfile) if another else self.tls,
            public=public,
        )

    def check(self) -> None:
        """Raise what `choose` and `load_certificate` do: what can be known before anybody listens."""
        self.certificate(choose(self.place))

    @property
    def scheme(self) -> str:
        return "http" if self.tls is None else "https"

    def certificate(self, addresses: tuple[Address, ...], names: tuple[str, ...] = ()) -> Certificate | None:
        """The certificate for these addresses, localhost and the names; None for plain http.

        Raises what `load_certificate` raises.
        """
        if self.tls is None:
            return None
        return load_certificate(self.tls, [*(address.ip for address in addresses), "localhost", *names])


class BoundSockets(NamedTuple):
    """Where a share will be: nobody is answered yet."""

    where: EndpointOptions
    best: tuple[Address, ...]
    sockets: tuple[socket, ...]
    """For each address; whoever has them closes them."""
    certificate: Certificate | None = None
    changed: str = ""
    """Why nobody may come by the link that was remembered: another program hears it from pages that wait."""

    @classmethod
    def at(cls, where: EndpointOptions, remembered: int | None, *, fading: bool = False) -> BoundSockets:
        """`fading` says that the process which had the remembered port may still be ending.

        Raises what `choose`, `bind` and `load_certificate` raise, and then nothing stays open.
        """
        best = choose(where.place)
        remembered = None if remembered in BLOCKED_PORTS else remembered
        certificate = where.certificate(best)
        changed = ""
        if remembered is not None and where.port != remembered:
            try:
                sockets = _bind_again(best, remembered, REBIND_TIMEOUT if fading else 0.0)
            except PortTaken as error:
                changed = f"another program has port {error.port} now, so the link is a new one"
            else:
                if where.port is None:
                    return cls(where, best, tuple(sockets), certificate)
                for sock in sockets:  # it is free, and the author wants another one
                    sock.close()
        _, sockets = bind(best, port=where.port)
        return cls(where, best, tuple(sockets), certificate, changed)

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
        time.sleep(REBIND_INTERVAL)
