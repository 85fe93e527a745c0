"""Which addresses of this machine to listen on, and the listening sockets, all on one port."""

from __future__ import annotations

import difflib
import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from ..errors import NoAddress, NoNetwork

Version = Literal[4, 6]

# Documentation addresses, RFC 5737 and RFC 3849: asking for the route to them sends nothing.
ELSEWHERE: dict[Version, str] = {4: "192.0.2.1", 6: "2001:db8::1"}

LOOPBACK = re.compile(r"lo\d*$|loopback", re.I)

# Bridges and host-only networks of containers and virtual machines: other hosts cannot reach them. A plain
# `br0`, `br-lan` or "vEthernet (External)" may carry the machine's own address, so they aren't here.
CONTAINER = re.compile(
    r"docker|br-[0-9a-f]{12}$|veth(?!ernet)|virbr|cni|podman|nerdctl|lxc|lxd|incusbr|flannel|cali|cilium|mpqemubr"
    r"|vmnet|vboxnet|vmenet|bridge1\d\d$|dummy|ifb\d|vEthernet \((wsl|default switch|nat|docker)"
    r"|vmware|virtualbox",
    re.I,
)

VPN = re.compile(
    r"u?tun|tap|wg|ppp|ipsec|tailscale|zt|zerotier|nordlynx|proton|mullvad|gpd|cscotun|ham|.*(vpn|wireguard)",
    re.I,
)


HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.I)
"""A name as browsers send it; a network can call a machine by what is none."""


@dataclass(frozen=True)
class Address:
    """One address of this machine; `interface` is empty where the system does not tell it."""

    ip: str
    interface: str

    @property
    def host(self) -> str:
        """The address as it stands in a URL: IPv6 in brackets."""
        return f"[{self.ip}]" if ":" in self.ip else self.ip

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine itself reaches it."""
        return _is_loopback(self.ip)

    @property
    def kind(self) -> str:
        """Whom it is for, in the author's words."""
        if self.is_loopback:
            return "this machine only"
        if CONTAINER.match(self.interface):
            whose = "containers and virtual machines here"
        else:
            whose = "VPN" if VPN.match(self.interface) else "this network"
        return f"{whose}, IPv6" if ":" in self.ip else whose

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.ip else socket.AF_INET


@dataclass(frozen=True)
class Found:
    """An address as the system lists it; a temporary one (IPv6 privacy, RFC 8981) is another one tomorrow."""

    ip: str
    interface: str
    up: bool = True
    temporary: bool = False


def routed(version: Version) -> str | None:
    """The address this machine would use towards the outside, without asking the outside; None: no route."""
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((ELSEWHERE[version], 9))
        return str(probe.getsockname()[0]).partition("%")[0]
    return None


def resolved(name: str) -> Collection[str]:
    """The addresses that a name leads to; none for one that nobody knows."""
    with suppress(OSError, UnicodeError):
        return {str(entry[4][0]) for entry in socket.getaddrinfo(name, None)}
    return ()


def interfaces() -> Iterator[Found]:
    """All addresses of all interfaces, in no particular order."""
    stats, changing = psutil.net_if_stats(), _temporary()
    for name, addresses in psutil.net_if_addrs().items():
        up = name not in stats or stats[name].isup
        for address in addresses:
            if address.family in (socket.AF_INET, socket.AF_INET6):
                ip = address.address.partition("%")[0]
                yield Found(ip, name, up, ip in changing)


def reachable(
    *,
    routed: Callable[[Version], str | None] = routed,
    interfaces: Callable[[], Iterable[Found]] = interfaces,
) -> Address | None:
    """The address by which other hosts reach this machine, or None where there is only loopback.

    The interface with a route out comes first, then physical before VPN, IPv4 before IPv6, private before
    public. The two parameters are the questions to the system.
    """
    listed = list(interfaces())
    known = {found.ip for found in listed}
    ways_out = _ways_out(routed)
    unlisted = [Found(ip, "") for ip in ways_out - known]
    return next(iter(_best_first(filter(_usable, [*listed, *unlisted]), ways_out)), None)


def choose(
    place: str,
    *,
    routed: Callable[[Version], str | None] = routed,
    interfaces: Callable[[], Iterable[Found]] = interfaces,
) -> tuple[Address, ...]:
    """The addresses that `place` means, the best first and loopback last.

    `local`, `external` (the one that other hosts reach), `all` of this machine's, an address, or the name
    of an interface. Raises `NoNetwork`, or `NoAddress` for what is not this machine's or is down.
    """
    here = loopbacks()
    if place == "local":
        return here
    if place == "external":
        best = reachable(routed=routed, interfaces=interfaces)
        if best is None:
            raise NoNetwork()
        return (best, *here)
    listed = list(interfaces())
    chosen = [found for found in listed if place in ("all", found.ip, found.interface)]
    if not chosen:
        raise NoAddress(place, "is no address or interface of this machine", _near(place, listed))
    up = [found for found in chosen if found.up]
    if not up:
        raise NoAddress(place, "is down")
    if any(found.ip == place and _is_loopback(found.ip) for found in up):
        return here
    usable = [found for found in up if linkable(found.ip)]
    if not usable:
        raise NoNetwork() if place == "all" else NoAddress(place, "has no address that others could use")
    return (*_best_first(usable, _ways_out(routed)), *here)


def present() -> frozenset[str]:
    """The addresses that this machine has now, on interfaces that are up."""
    return frozenset(found.ip for found in interfaces() if found.up)


def own_names(
    ips: Collection[str],
    *,
    called: Callable[[], str] = socket.gethostname,
    fully: Callable[[str], str] = socket.getfqdn,
    resolved: Callable[[str], Collection[str]] = resolved,
) -> tuple[str, ...]:
    """Return this machine's names that lead to `ips` alone: its own, that with its domain, and that by mDNS.

    A browser takes any address that a name has, so of a name with one more the link could lead to another
    machine. Takes seconds where names are slow. The other parameters are the questions to the system.
    """
    name = called()
    asked: dict[str, str] = {}
    for each in (name, fully(name), f"{name.partition('.')[0]}.local"):
        asked.setdefault(each.lower(), each)
    found = {name: set(resolved(name)) for name in asked.values() if HOST.fullmatch(name)}
    return tuple(name for name, there in found.items() if there and there <= set(ips))


def loopbacks() -> tuple[Address, ...]:
    """127.0.0.1 and ::1, as far as this machine has them."""
    known = {found.ip: found.interface for found in interfaces()}
    return tuple(Address(ip, known.get(ip, "")) for ip in ("127.0.0.1", "::1") if _has(ip))


def _ways_out(routed: Callable[[Version], str | None]) -> set[str]:
    return {ip for ip in (routed(4), routed(6)) if ip is not None}


def _best_first(usable: Iterable[Found], ways_out: Collection[str]) -> list[Address]:
    usable = list(usable)
    guards = {found.interface for found in usable if found.ip in ways_out}

    def rank(found: Found) -> tuple[object, ...]:
        """Smallest is best. The interface's name and the number only decide a draw."""
        ip = ipaddress.ip_address(found.ip)
        return (
            found.temporary,
            CONTAINER.match(found.interface) is not None,
            found.interface not in guards,
            VPN.match(found.interface) is not None,
            ip.version,
            found.ip not in ways_out,
            not ip.is_private,
            found.interface,
            int(ip),
        )

    return [Address(found.ip, found.interface) for found in sorted(usable, key=rank)]


def _usable(found: Found) -> bool:
    # `lo` may have other addresses than its own: WSL gives it 10.255.255.254.
    others = not LOOPBACK.match(found.interface) and not CONTAINER.match(found.interface)
    return found.up and others and linkable(found.ip)


def linkable(text: str) -> bool:
    """Whether a link to this address can work for others; an IPv6 link-local one needs a zone as well."""
    ip = ipaddress.ip_address(text)
    return not (ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified)


def _is_loopback(text: str) -> bool:
    return ipaddress.ip_address(text).is_loopback


def _near(place: str, listed: Iterable[Found]) -> str | None:
    names = {word for found in listed for word in (found.ip, found.interface)}
    return next(iter(difflib.get_close_matches(place, sorted(names), 1)), None)


def _temporary() -> set[str]:
    """The IPv6 privacy addresses, which only Linux tells; elsewhere IPv4 first has to do."""
    with suppress(OSError):
        rows = (line.split() for line in Path("/proc/net/if_inet6").read_text().splitlines())
        return {str(ipaddress.IPv6Address(int(row[0], 16))) for row in rows if int(row[4], 16) & 0x01}
    return set()


def _has(ip: str) -> bool:
    family = Address(ip, "").family
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.bind((ip, 0))
    except OSError:
        return False
    return True
