"""Lists this machine's addresses, and chooses those to listen on."""

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

from ..errors import NoNetwork, UnusableAddress

IpVersion = Literal[4, 6]

# Documentation addresses (RFC 5737, RFC 3849). Looking up the route to them sends nothing.
DOCUMENTATION_ADDRESSES: dict[IpVersion, str] = {4: "192.0.2.1", 6: "2001:db8::1"}

LOOPBACK_PATTERN = re.compile(r"lo\d*$|loopback", re.I)

# Bridges and host-only networks of containers and virtual machines, which other hosts cannot reach. A plain
# `br0`, `br-lan` or "vEthernet (External)" may have the machine's own address, so they are not listed.
CONTAINER_PATTERN = re.compile(
    r"docker|br-[0-9a-f]{12}$|veth(?!ernet)|virbr|cni|podman|nerdctl|lxc|lxd|incusbr|flannel|cali|cilium|mpqemubr"
    r"|vmnet|vboxnet|vmenet|bridge1\d\d$|dummy|ifb\d|vEthernet \((wsl|default switch|nat|docker)"
    r"|vmware|virtualbox",
    re.I,
)

VPN_PATTERN = re.compile(
    r"u?tun|tap|wg|ppp|ipsec|tailscale|zt|zerotier|nordlynx|proton|mullvad|gpd|cscotun|ham|.*(vpn|wireguard)",
    re.I,
)


HOSTNAME_PATTERN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.I)
"""A host name as browsers send it. A network can give a machine an invalid one."""


@dataclass(frozen=True)
class Address:
    """One address of this machine. `interface` is empty if the system does not list it."""

    ip: str
    interface: str

    @property
    def host(self) -> str:
        """The address as written in a URL: IPv6 in brackets."""
        return f"[{self.ip}]" if ":" in self.ip else self.ip

    @property
    def is_loopback(self) -> bool:
        """True if only this machine can reach it."""
        return is_loopback_ip(self.ip)

    @property
    def audience(self) -> str:
        """Describe to the author the people that it is for."""
        if self.is_loopback:
            return "this machine only"
        if CONTAINER_PATTERN.match(self.interface):
            audience = "containers and virtual machines here"
        else:
            audience = "VPN" if VPN_PATTERN.match(self.interface) else "this network"
        return f"{audience}, IPv6" if ":" in self.ip else audience

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.ip else socket.AF_INET


@dataclass(frozen=True)
class InterfaceAddress:
    """An address as the system lists it. A temporary one (IPv6 privacy, RFC 8981) changes within a day."""

    ip: str
    interface: str
    is_up: bool = True
    is_temporary: bool = False


def find_outgoing_ip(version: IpVersion) -> str | None:
    """Return this machine's address on its default route; None without a route. Sends nothing."""
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect((DOCUMENTATION_ADDRESSES[version], 9))
        return str(sock.getsockname()[0]).partition("%")[0]
    return None


def resolve_name(name: str) -> Collection[str]:
    """Return the addresses of a name; none if the name cannot be resolved."""
    with suppress(OSError, UnicodeError):
        return {str(entry[4][0]) for entry in socket.getaddrinfo(name, None)}
    return ()


def list_interface_addresses() -> Iterator[InterfaceAddress]:
    """List all addresses of all interfaces, in no particular order."""
    stats, temporary_ips = psutil.net_if_stats(), _read_temporary_ips()
    for name, addresses in psutil.net_if_addrs().items():
        is_up = name not in stats or stats[name].isup
        for address in addresses:
            if address.family in (socket.AF_INET, socket.AF_INET6):
                ip = address.address.partition("%")[0]
                yield InterfaceAddress(ip, name, is_up, ip in temporary_ips)


def find_reachable_address(
    *,
    find_outgoing_ip: Callable[[IpVersion], str | None] = find_outgoing_ip,
    list_interface_addresses: Callable[[], Iterable[InterfaceAddress]] = list_interface_addresses,
) -> Address | None:
    """Return the address by which other hosts reach this machine; None if there is only loopback.

    The interface with a route out comes first, then physical before VPN, IPv4 before IPv6, private before
    public. Tests replace the two system calls.
    """
    listed = list(list_interface_addresses())
    listed_ips = {candidate.ip for candidate in listed}
    outgoing_ips = _find_outgoing_ips(find_outgoing_ip)
    unlisted = [InterfaceAddress(ip, "") for ip in outgoing_ips - listed_ips]
    return next(iter(_rank_addresses(filter(_is_usable, [*listed, *unlisted]), outgoing_ips)), None)


def choose_addresses(
    bind_address: str,
    *,
    find_outgoing_ip: Callable[[IpVersion], str | None] = find_outgoing_ip,
    list_interface_addresses: Callable[[], Iterable[InterfaceAddress]] = list_interface_addresses,
) -> tuple[Address, ...]:
    """Return the addresses selected by `bind_address`, the best first and loopback last.

    It is `local`, `external` (the address that other hosts reach), `all`, an address of this machine, or the
    name of an interface. Raises `NoNetwork`, or `UnusableAddress` if it is down or not this machine's.
    """
    loopback = list_loopback_addresses()
    if bind_address == "local":
        return loopback
    if bind_address == "external":
        best = find_reachable_address(
            find_outgoing_ip=find_outgoing_ip, list_interface_addresses=list_interface_addresses
        )
        if best is None:
            raise NoNetwork()
        return (best, *loopback)
    listed = list(list_interface_addresses())
    chosen = [candidate for candidate in listed if bind_address in ("all", candidate.ip, candidate.interface)]
    if not chosen:
        raise UnusableAddress(
            bind_address,
            "is no address or interface of this machine",
            _find_close_match(bind_address, listed),
        )
    up = [candidate for candidate in chosen if candidate.is_up]
    if not up:
        raise UnusableAddress(bind_address, "is down")
    if any(candidate.ip == bind_address and is_loopback_ip(candidate.ip) for candidate in up):
        return loopback
    usable = [candidate for candidate in up if is_linkable(candidate.ip)]
    if not usable:
        raise (
            NoNetwork()
            if bind_address == "all"
            else UnusableAddress(bind_address, "has no address that others could use")
        )
    return (*_rank_addresses(usable, _find_outgoing_ips(find_outgoing_ip)), *loopback)


def list_present_ips() -> frozenset[str]:
    """Return the addresses that this machine has now, on interfaces that are up."""
    return frozenset(candidate.ip for candidate in list_interface_addresses() if candidate.is_up)


def list_own_hostnames(
    ips: Collection[str],
    *,
    get_hostname: Callable[[], str] = socket.gethostname,
    get_fqdn: Callable[[str], str] = socket.getfqdn,
    resolve_name: Callable[[str], Collection[str]] = resolve_name,
) -> tuple[str, ...]:
    """Return this machine's names that resolve to `ips` alone: its host name, the full one, and the mDNS one.

    A browser may use any address of a name, so a name with other addresses could lead to another machine.
    Takes seconds if the name server is slow. Tests replace the three system calls.
    """
    name = get_hostname()
    names: dict[str, str] = {}
    for each in (name, get_fqdn(name), f"{name.partition('.')[0]}.local"):
        names.setdefault(each.lower(), each)
    ips_by_name = {
        name: set(resolve_name(name)) for name in names.values() if HOSTNAME_PATTERN.fullmatch(name)
    }
    return tuple(name for name, name_ips in ips_by_name.items() if name_ips and name_ips <= set(ips))


def list_loopback_addresses() -> tuple[Address, ...]:
    """Return 127.0.0.1 and ::1, if this machine has them."""
    interface_by_ip = {candidate.ip: candidate.interface for candidate in list_interface_addresses()}
    return tuple(Address(ip, interface_by_ip.get(ip, "")) for ip in ("127.0.0.1", "::1") if _can_bind(ip))


def _find_outgoing_ips(find_outgoing_ip: Callable[[IpVersion], str | None]) -> set[str]:
    return {ip for ip in (find_outgoing_ip(4), find_outgoing_ip(6)) if ip is not None}


def _rank_addresses(usable: Iterable[InterfaceAddress], outgoing_ips: Collection[str]) -> list[Address]:
    usable = list(usable)
    outgoing_interfaces = {candidate.interface for candidate in usable if candidate.ip in outgoing_ips}

    def rank(candidate: InterfaceAddress) -> tuple[object, ...]:
        """Rank an address; the smallest rank is the best. Interface and number only break ties."""
        ip = ipaddress.ip_address(candidate.ip)
        return (
            candidate.is_temporary,
            CONTAINER_PATTERN.match(candidate.interface) is not None,
            candidate.interface not in outgoing_interfaces,
            VPN_PATTERN.match(candidate.interface) is not None,
            ip.version,
            candidate.ip not in outgoing_ips,
            not ip.is_private,
            candidate.interface,
            int(ip),
        )

    return [Address(candidate.ip, candidate.interface) for candidate in sorted(usable, key=rank)]


def _is_usable(candidate: InterfaceAddress) -> bool:
    # `lo` may have further addresses: WSL gives it 10.255.255.254.
    is_external = not LOOPBACK_PATTERN.match(candidate.interface) and not CONTAINER_PATTERN.match(
        candidate.interface
    )
    return candidate.is_up and is_external and is_linkable(candidate.ip)


def is_linkable(text: str) -> bool:
    """Return True if other machines can open links to this address. IPv6 link-local ones also need a zone."""
    ip = ipaddress.ip_address(text)
    return not (ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified)


def is_loopback_ip(text: str) -> bool:
    """Return True for a loopback address; False for others and for invalid ones."""
    with suppress(ValueError):
        return ipaddress.ip_address(text).is_loopback
    return False


def _find_close_match(bind_address: str, listed: Iterable[InterfaceAddress]) -> str | None:
    names = {word for candidate in listed for word in (candidate.ip, candidate.interface)}
    return next(iter(difflib.get_close_matches(bind_address, sorted(names), 1)), None)


def _read_temporary_ips() -> set[str]:
    """Return the temporary IPv6 addresses. Only Linux lists them; on other systems IPv4 is preferred
    anyway."""
    with suppress(OSError):
        rows = (line.split() for line in Path("/proc/net/if_inet6").read_text().splitlines())
        return {str(ipaddress.IPv6Address(int(row[0], 16))) for row in rows if int(row[4], 16) & 0x01}
    return set()


def _can_bind(ip: str) -> bool:
    family = Address(ip, "").family
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.bind((ip, 0))
    except OSError:
        return False
    return True
