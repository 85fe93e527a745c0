"""The options of a relay, checked and as one value."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from ..broker import BrokerUrl
from ..errors import BadOption
from ..network import Address, choose_addresses
from ..server import Certificate, ServerLimits, TlsOptions, TrustedProxies, load_certificate
from .relay_url import RelayUrl

DEFAULT_RELAY_PORT = 5106
DEFAULT_MAX_VIEWERS = 5000
DEFAULT_JOIN_RATE = 200.0
MIN_SECRET_LENGTH = 16
WILDCARD_ADDRESSES = ("0.0.0.0", "::")
"""Addresses that stand for all addresses of the machine, also for those that it gets later."""


@dataclass(frozen=True, kw_only=True)
class RelayOptions:
    """The options of a relay."""

    broker: BrokerUrl
    url: RelayUrl = field(default_factory=RelayUrl)
    addresses: tuple[Address, ...]
    port: int = DEFAULT_RELAY_PORT
    workers: int = 1
    limits: ServerLimits = field(
        default_factory=lambda: ServerLimits(max_viewers=DEFAULT_MAX_VIEWERS, join_rate=DEFAULT_JOIN_RATE)
    )
    proxies: TrustedProxies = field(default_factory=TrustedProxies)
    tls: TlsOptions | None = None
    metrics_port: int | None = None
    secret: bytes = field(repr=False)
    has_own_secret: bool = False
    """True if the operator gave the secret."""

    @property
    def scheme(self) -> str:
        return "http" if self.tls is None else "https"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts by which this machine may be named in a URL, without brackets."""
        addresses = self.addresses
        if any(address.ip in WILDCARD_ADDRESSES for address in addresses):
            addresses = choose_addresses("all")
        names = ("localhost",) if any(address.is_loopback for address in addresses) else ()
        return (*(address.ip for address in addresses), *names)


def choose_relay_addresses(text: str) -> tuple[Address, ...]:
    """Return the addresses to listen on. Raises the errors of `choose_addresses`."""
    return (Address(text, ""),) if text in WILDCARD_ADDRESSES else choose_addresses(text)


def load_secret(file: str | None, text: str | None) -> tuple[bytes, bool]:
    """Return the relays' secret, and True if the operator gave one: as a file, or else as a text. Raises
    `BadOption`."""
    if file is not None:
        try:
            content = Path(file).read_bytes().strip()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise BadOption("--secret-file", file, f"it cannot be read ({reason})") from None
    else:
        content = (text or "").strip().encode()
    if file is None and not content:
        return secrets.token_bytes(32), False
    if len(content) < MIN_SECRET_LENGTH:
        hint = f"the secret needs at least {MIN_SECRET_LENGTH} characters, at random"
        raise BadOption("--secret-file" if file is not None else "BOKEH_SHARE_RELAY_SECRET", "…", hint)
    return content, True


def load_relay_certificate(options: RelayOptions) -> Certificate | None:
    """Return the certificate with which the relay serves https; None without TLS. Raises `BadCertificate` or
    `MissingExtra`."""
    if options.tls is None:
        return None
    example = options.url.example
    public_host = () if example is None else (example.origin.partition("://")[2].partition(":")[0],)
    return load_certificate(options.tls, (*options.hosts, *public_host))
