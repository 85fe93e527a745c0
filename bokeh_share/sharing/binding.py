"""The options of an endpoint, and the sockets and the certificate that are opened for them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from socket import socket
from typing import NamedTuple

from ..errors import PortInUse
from ..network import BLOCKED_PORTS, Address, PublicUrl, choose_addresses
from ..server import Certificate, TlsOptions, bind_sockets, load_certificate
from .options import Options

REBIND_TIMEOUT = 1.0
"""Seconds in which the system takes a port back from a process that was killed."""
REBIND_INTERVAL = 0.05
"""Seconds between two attempts to bind such a port."""


@dataclass(frozen=True)
class EndpointOptions:
    """The author's options for the addresses, the port and the link of a share."""

    bind_address: str = "local"
    """`local`, `external`, `all`, an address, or an interface's name."""
    port: int | None = None
    """None: the one that the last share had, else the first free one."""
    token: bool = True
    tls_options: TlsOptions | None = None
    """None for plain http."""
    public_url: PublicUrl | None = None

    @classmethod
    def from_options(cls, options: Options) -> EndpointOptions:
        return cls(port=options.port).merge_options(options)

    def merge_options(self, options: Options) -> EndpointOptions:
        """Return a copy with the values that `options` gives."""
        public_url = self.public_url if options.public_url is None else PublicUrl.parse(options.public_url)
        has_new_certificate = options.tls and (self.tls_options is None or options.certfile is not None)
        return EndpointOptions(
            bind_address=options.bind_address or self.bind_address,
            port=options.port or self.port,
            token=self.token if options.token is None else options.token,
            tls_options=TlsOptions(options.certfile, options.keyfile)
            if has_new_certificate
            else self.tls_options,
            public_url=public_url,
        )

    def check(self) -> None:
        """Raise the errors of `choose_addresses` and `load_certificate` before any socket is opened."""
        self.load_certificate_for(choose_addresses(self.bind_address))

    @property
    def scheme(self) -> str:
        return "http" if self.tls_options is None else "https"

    def load_certificate_for(
        self, addresses: tuple[Address, ...], host_names: tuple[str, ...] = ()
    ) -> Certificate | None:
        """The certificate for these addresses, localhost and the names; None for plain http.

        Raises what `load_certificate` raises.
        """
        if self.tls_options is None:
            return None
        return load_certificate(
            self.tls_options, [*(address.ip for address in addresses), "localhost", *host_names]
        )


class BoundSockets(NamedTuple):
    """The open sockets of a share that has not started; connections are not accepted yet."""

    options: EndpointOptions
    addresses: tuple[Address, ...]
    sockets: tuple[socket, ...]
    """For each address; the owner closes them."""
    certificate: Certificate | None = None
    new_link_reason: str = ""
    """Why the stored link was replaced: waiting pages send it to the program that has its port now."""

    @classmethod
    def open(
        cls, options: EndpointOptions, remembered_port: int | None, *, wait_for_port: bool = False
    ) -> BoundSockets:
        """`wait_for_port` says that the process which had the remembered port may still be ending.

        Raises as `choose_addresses`, `bind_sockets` and `load_certificate` do; then no socket is open.
        """
        addresses = choose_addresses(options.bind_address)
        remembered_port = None if remembered_port in BLOCKED_PORTS else remembered_port
        certificate = options.load_certificate_for(addresses)
        new_link_reason = ""
        if remembered_port is not None and options.port != remembered_port:
            try:
                sockets = _rebind(addresses, remembered_port, REBIND_TIMEOUT if wait_for_port else 0.0)
            except PortInUse as error:
                new_link_reason = f"another program has port {error.port} now, so the link is a new one"
            else:
                if options.port is None:
                    return cls(options, addresses, tuple(sockets), certificate)
                for sock in sockets:  # it is free, but the author chose another one
                    sock.close()
        _, sockets = bind_sockets(addresses, port=options.port)
        return cls(options, addresses, tuple(sockets), certificate, new_link_reason)

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()


def _rebind(addresses: Sequence[Address], port: int, timeout: float) -> list[socket]:
    """Bind the sockets, and retry for `timeout` seconds while the port is taken. Raises as `bind_sockets`."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            return bind_sockets(addresses, port=port)[1]
        except PortInUse:
            if time.monotonic() >= deadline:
                raise
        time.sleep(REBIND_INTERVAL)
