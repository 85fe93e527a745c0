"""The address of a client behind proxies, from the headers of proxies that are trusted."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from tornado.httputil import HTTPServerRequest

from ..errors import BadOption

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_PROXIES = 20
"""Maximum number of entries of `X-Forwarded-For` that are read, from the right."""
MAX_ENTRY_LENGTH = 60
"""Maximum number of characters of an entry: an IPv6 address in brackets, with a port."""


@dataclass(frozen=True)
class TrustedProxies:
    """The networks of the proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count.

    Anybody can send such headers. Each proxy adds the address from which it got the request at the right end,
    so the right-most address that is not a trusted proxy is the client's.
    """

    networks: tuple[IpNetwork, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> TrustedProxies:
        """Read networks such as `10.0.0.0/8`, or single addresses. Raises `BadOption`."""
        return cls(tuple(map(_parse_network, texts)))

    def find_client(self, peer: str, forwarded_for: str) -> str:
        """Return the client's IP address. `peer` is the address of the connection, `forwarded_for` the
        header's value, which may be empty."""
        client = _parse_address(peer)
        if client is None or not self._is_trusted(client):
            return peer
        for entry in reversed(forwarded_for.rsplit(",", MAX_PROXIES)[-MAX_PROXIES:]):
            address = _parse_address(entry)
            if address is None:
                break
            client = address
            if not self._is_trusted(client):
                break
        return str(client)

    def apply_to(self, request: HTTPServerRequest) -> None:
        """Set the client's address and protocol of a request that came through trusted proxies."""
        peer = _parse_address(str(request.remote_ip))
        if peer is None or not self._is_trusted(peer):
            return
        headers = request.headers
        request.remote_ip = self.find_client(
            str(request.remote_ip), ",".join(headers.get_list("X-Forwarded-For"))
        )
        protocol = ",".join(headers.get_list("X-Forwarded-Proto")).rpartition(",")[2].strip().lower()
        if protocol in ("http", "https"):
            request.protocol = protocol

    def _is_trusted(self, address: IpAddress) -> bool:
        return any(address in network for network in self.networks)


def _parse_network(text: str) -> IpNetwork:
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError as error:
        reason = str(error) if "host bits" in str(error) else "it is no network"
        raise BadOption("--trust-proxy", text, f"{reason}; give one such as 10.1.0.0/16") from None


def _parse_address(text: str) -> IpAddress | None:
    """Read an address, perhaps with a port; None for anything else."""
    entry = text.strip()
    if len(entry) > MAX_ENTRY_LENGTH:
        return None
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    try:
        address = ipaddress.ip_address(entry)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return None
        return address.ipv4_mapped or address
    return address
