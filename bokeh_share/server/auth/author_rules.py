"""The places from which requests of the author's own pages may come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...network import is_loopback_ip, list_origin_hosts


@dataclass(frozen=True)
class AuthorRules:
    """Decides where a request must come from to be the author's, whatever secret it has.

    Other machines get nothing unless `--public-url` leads to the share: the author's page is a page of this
    machine, or of the notebook's server, which connects from this machine.
    """

    local_origins: frozenset[str] = frozenset()
    """Origins of loopback addresses and of the notebook's server: only connections from this machine."""
    public_origins: frozenset[str] = frozenset()
    """Origins at which connections may come from any machine: that of the public URL."""

    def allows(self, *, host: str, remote_ip: str, origin: str | None, needs_origin: bool) -> bool:
        """Return True if a request with this Host and Origin header may be the author's. With `needs_origin`,
        a request without an origin is refused, since each page sends one with it."""
        origins = self.public_origins | (self.local_origins if is_loopback_ip(remote_ip) else frozenset())
        if host.lower() not in _list_hosts(origins):
            return False
        return not needs_origin if origin is None else origin in origins


def _list_hosts(origins: Iterable[str]) -> set[str]:
    return {host for origin in origins for host in list_origin_hosts(origin)}
