"""Builds the origins of links, and knows the ports that browsers block."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}

BLOCKED_PORTS = frozenset({
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513,
    514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719,
    1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
    6697, 10080,
})  # fmt: skip
"""Ports at which browsers open no page, since other protocols use them.

Source: "bad port" in the Fetch standard.
"""


def build_origins(scheme: str, hosts: Iterable[str], port: int) -> frozenset[str]:
    """Build origins as browsers write them: without the port if it is the scheme's default."""
    port_suffix = "" if DEFAULT_PORTS[scheme] == port else f":{port}"
    return frozenset(f"{scheme}://{host.lower()}{port_suffix}" for host in hosts)


def list_origin_hosts(origin: str) -> list[str]:
    """Return the host of an origin with its port; also without if it is the default port."""
    parts = urlsplit(origin)
    if parts.port is not None:
        return [parts.netloc]
    return [parts.netloc, f"{parts.netloc}:{DEFAULT_PORTS[parts.scheme]}"]
