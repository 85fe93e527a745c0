"""Resolves the author's options to the addresses, the certificate and the sockets of an endpoint."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from socket import socket

from ..errors import PortInUse
from ..network import BLOCKED_PORTS, Address, PublicUrl, choose_addresses
from ..server import Certificate, TlsOptions, bind_sockets, load_certificate
from .broker_choice import NO_BROKER, BrokerChoice
from .options import Options

REBIND_TIMEOUT = 1.0
"""Seconds that the system may need to free the port of a killed process."""
REBIND_INTERVAL = 0.05
"""Seconds between two attempts to bind such a port."""


@dataclass(frozen=True)
class EndpointOptions:
    """The author's options for the addresses, the port and the link of a share."""

    bind_address: str = "local"
    """`local`, `external`, `all`, an address, or an interface's name."""
    port: int | None = None
    """The port; None for that of the last share, or else the first free one."""
    token: bool = True
    tls_options: TlsOptions | None = None
    """The TLS options; None for plain http."""
    public_url: PublicUrl | None = None

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

    @property
    def scheme(self) -> str:
        return "http" if self.tls_options is None else "https"

    def load_certificate_for(
        self, addresses: tuple[Address, ...], host_names: tuple[str, ...] = ()
    ) -> Certificate | None:
        """Load the certificate for these addresses, localhost and the names; None for plain http.

        Raises the errors of `load_certificate`.
        """
        if self.tls_options is None:
            return None
        return load_certificate(
            self.tls_options, [*(address.ip for address in addresses), "localhost", *host_names]
        )


@dataclass(frozen=True)
class ResolvedEndpoint:
    """An endpoint's options, with their addresses and certificate on this machine."""

    options: EndpointOptions = field(default_factory=EndpointOptions)
    """The addresses of an endpoint with open sockets, with their actual port."""
    addresses: tuple[Address, ...] = ()
    certificate: Certificate | None = None
    """The certificate; None for plain http."""

    @property
    def port(self) -> int:
        """The port of its sockets; 0 if they are not open yet."""
        return self.options.port or 0

    @property
    def is_local(self) -> bool:
        """True if only this machine reaches it."""
        return not self.options.public_url and all(each.is_loopback for each in self.addresses)

    def replace_port(self, port: int) -> ResolvedEndpoint:
        return replace(self, options=replace(self.options, port=port))


@dataclass(frozen=True)
class ResolvedOptions:
    """The author's options, with the endpoint that they give a share."""

    options: Options
    endpoint: ResolvedEndpoint
    broker: BrokerChoice = NO_BROKER

    @classmethod
    def resolve(
        cls,
        options: Options,
        running: ResolvedEndpoint | None = None,
        host_names: tuple[str, ...] = (),
        broker: BrokerChoice = NO_BROKER,
    ) -> ResolvedOptions:
        """Choose the addresses, load the certificate and choose the broker, for a new share or for one that
        is `running`, with its `broker`.

        `host_names` are this machine's, for the certificate. Raises as `choose_addresses`, `load_certificate`
        and `BrokerChoice.merge_options` do. No socket is opened.
        """
        former = running.options if running is not None else EndpointOptions(port=options.port)
        merged = former.merge_options(options)
        broker = broker.merge_options(options, has_token=merged.token)
        if running is not None and merged == former and options.bind_address is None and not options.tls:
            return cls(options, running, broker)  # it may be offline at the moment
        addresses = choose_addresses(merged.bind_address)
        certificate = merged.load_certificate_for(addresses, host_names)
        return cls(options, ResolvedEndpoint(merged, addresses, certificate), broker)

    def replace_password(self, password: str) -> ResolvedOptions:
        return replace(self, options=replace(self.options, password=password))

    def leave_out_broker(self) -> ResolvedOptions:
        """Return a copy without a broker, for a process that is one of several with the same page."""
        return replace(self, broker=BrokerChoice(is_declined=True))


@dataclass(frozen=True)
class BoundSockets:
    """The open sockets of an endpoint that does not accept connections yet."""

    endpoint: ResolvedEndpoint
    addresses: tuple[Address, ...]
    """The addresses of the endpoint that these sockets listen on."""
    sockets: tuple[socket, ...]
    """One socket for each address; the owner closes them."""
    new_link_reason: str = ""
    """The reason why the stored link was replaced: waiting pages would send it to the program at its port."""

    @classmethod
    def open(
        cls, resolved: ResolvedOptions, remembered_port: int | None, *, wait_for_port: bool = False
    ) -> BoundSockets:
        """Open the sockets of a new share.

        `wait_for_port` means that the process with the stored port may still be ending. Raises the errors of
        `bind_sockets`; then no socket is open.
        """
        addresses, port = resolved.endpoint.addresses, resolved.endpoint.options.port
        remembered_port = None if remembered_port in BLOCKED_PORTS else remembered_port
        new_link_reason = ""
        if remembered_port is not None and port != remembered_port:
            try:
                sockets = _rebind(addresses, remembered_port, REBIND_TIMEOUT if wait_for_port else 0.0)
            except PortInUse as error:
                new_link_reason = f"another program uses port {error.port} now, so this is a new link"
            else:
                if port is None:
                    return cls(resolved.endpoint.replace_port(remembered_port), addresses, tuple(sockets))
                for sock in sockets:  # the port is free, but the author chose another one
                    sock.close()
        port, sockets = bind_sockets(addresses, port=port)
        return cls(resolved.endpoint.replace_port(port), addresses, tuple(sockets), new_link_reason)

    @classmethod
    def open_for_move(
        cls, resolved: ResolvedOptions, running_port: int, listening: Sequence[Address]
    ) -> BoundSockets:
        """Open the sockets that a running share needs for `resolved`, besides those for `listening`.

        They use its own port, or another if the author requests it or if that port is not free at an address.
        Raises the errors of `bind_sockets`; then no socket is open.
        """
        endpoint, port = resolved.endpoint, resolved.endpoint.options.port
        if port == running_port:
            added = tuple(each for each in endpoint.addresses if each not in listening)
            try:
                return cls(endpoint, added, tuple(bind_sockets(added, port=port)[1]) if added else ())
            except PortInUse:
                if resolved.options.port:
                    raise
                port = None
        port, sockets = bind_sockets(endpoint.addresses, port=port)
        return cls(endpoint.replace_port(port), endpoint.addresses, tuple(sockets))

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
