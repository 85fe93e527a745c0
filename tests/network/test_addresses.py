from __future__ import annotations

import errno
import ipaddress
import socket
from pathlib import Path

import pytest

from bokeh_share.network import addresses as module
from bokeh_share.network.addresses import (
    Address,
    InterfaceAddress,
    IpVersion,
    find_reachable_address,
    list_interface_addresses,
    list_loopback_addresses,
    list_own_hostnames,
    resolve_name,
)

LO = [InterfaceAddress("127.0.0.1", "lo"), InterfaceAddress("::1", "lo")]
LOCAL = Address("127.0.0.1", "lo")
LOCAL2 = Address("127.0.0.2", "lo")


def found(*lines: str) -> list[InterfaceAddress]:
    """From `interface ip flags…`, as a table reads best."""
    rows = [line.rsplit("|") for line in lines]
    return [
        InterfaceAddress(ip.strip(), name.strip(), is_up="down" not in rest, is_temporary="temporary" in rest)
        for name, ip, *rest in rows
    ]


def ask(listed: list[InterfaceAddress], *ways_out: str) -> Address | None:
    by_version = {ipaddress.ip_address(ip).version: ip for ip in ways_out}
    return find_reachable_address(find_outgoing_ip=by_version.get, list_interface_addresses=lambda: listed)


LAPTOP = found("lo|127.0.0.1", "docker0|172.17.0.1", "tun0|10.8.0.6", "wlan0|192.168.1.23", "wlan0|fe80::1")
MAC = found(
    "lo0|127.0.0.1",
    "lo0|fe80::1",
    "utun0|fe80::a",
    "awdl0|fe80::b",
    "bridge100|192.168.64.1",
    "utun4|100.101.102.103",
    "en0|192.168.1.5",
    "en0|2003:e1::5",
)
WINDOWS = found(
    "Loopback Pseudo-Interface 1|127.0.0.1",
    "vEthernet (WSL)|172.25.0.1",
    "vEthernet (Default Switch)|172.19.0.1",
    "VMware Network Adapter VMnet8|192.168.213.1",
    "Ethernet|169.254.9.9",
    "Wi-Fi|192.168.178.30",
)
PRIVACY = found("eth0|2003:e1::abcd|temporary", "eth0|2003:e1::5", "eth0|fe80::5")


@pytest.mark.parametrize(
    ("listed", "ways_out", "ip"),
    [
        pytest.param(LAPTOP, ["192.168.1.23"], "192.168.1.23", id="wi-fi with a route"),
        pytest.param(LAPTOP, [], "192.168.1.23", id="wi-fi without a route, before VPN and docker"),
        pytest.param(LAPTOP, ["10.8.0.6"], "10.8.0.6", id="all traffic goes through the VPN"),
        pytest.param(LAPTOP, ["172.17.0.1"], "192.168.1.23", id="a route into a container is no way out"),
        pytest.param(LAPTOP, ["127.0.0.1"], "192.168.1.23", id="nor is one to loopback"),
        pytest.param(LAPTOP, ["fe80::1"], "192.168.1.23", id="nor one to a link-local address"),
        pytest.param(found("tun0|10.8.0.6"), [], "10.8.0.6", id="VPN only"),
        pytest.param(LO, [], None, id="only loopback"),
        pytest.param(found("lo|10.255.255.254"), [], None, id="another address on loopback"),
        pytest.param([], [], None, id="nothing at all"),
        pytest.param([], ["10.0.0.7"], "10.0.0.7", id="the system lists no interfaces but has a route"),
        pytest.param(found("eth0|10.0.0.7|down", "wlan0|10.0.0.8"), [], "10.0.0.8", id="the cable is out"),
        pytest.param(found("eth0|10.0.0.7|down"), [], None, id="all are down"),
        pytest.param(found("eth0|169.254.3.4", "eth0|fe80::1"), [], None, id="no address but link-local"),
        pytest.param(
            found(
                "docker0|172.17.0.1",
                "br-0123456789ab|172.18.0.1",
                "vethe12ab34|172.18.0.9",
                "virbr0|192.168.122.1",
            ),
            [],
            None,
            id="only containers",
        ),
        pytest.param(found("br0|10.0.0.7"), [], "10.0.0.7", id="a bridge over the network card"),
        pytest.param(found("eth0|fd00::7", "eth0|fe80::7"), [], "fd00::7", id="IPv6 only"),
        pytest.param(found("eth0|fd00::7"), ["fd00::7"], "fd00::7", id="IPv6 only, with a route"),
        pytest.param(
            PRIVACY, ["2003:e1::abcd"], "2003:e1::5", id="the lasting address of the routed interface"
        ),
        pytest.param(PRIVACY[:1], [], "2003:e1::abcd", id="a changing address when there is no other"),
        pytest.param(
            found("eth0|fd00::7", "eth0|10.0.0.7"),
            ["fd00::7"],
            "10.0.0.7",
            id="IPv4 of an interface routed by IPv6",
        ),
        pytest.param(
            found("tun0|10.8.0.6", "eth0|fd00::7"), [], "fd00::7", id="physical IPv6 before a VPN's IPv4"
        ),
        pytest.param(found("eth0|203.0.114.9", "eth1|10.0.0.7"), [], "10.0.0.7", id="private before public"),
        pytest.param(
            found("eth0|203.0.114.9", "eth1|10.0.0.7"),
            ["203.0.114.9"],
            "203.0.114.9",
            id="the route before private",
        ),
        pytest.param(MAC, ["192.168.1.5"], "192.168.1.5", id="macOS"),
        pytest.param(MAC, [], "192.168.1.5", id="macOS without a route"),
        pytest.param(WINDOWS, ["192.168.178.30"], "192.168.178.30", id="Windows"),
        pytest.param(WINDOWS, [], "192.168.178.30", id="Windows without a route"),
        pytest.param(
            found("vEthernet (External)|10.0.0.7"),
            [],
            "10.0.0.7",
            id="Windows, the card behind a virtual switch",
        ),
    ],
)
def test_the_address_that_others_reach(
    listed: list[InterfaceAddress], ways_out: list[str], ip: str | None
) -> None:
    best = ask(listed, *ways_out)
    assert (best and best.ip) == ip


def test_of_equals_the_same_one_is_always_chosen() -> None:
    listed = found("eth1|10.0.0.9", "eth0|192.168.7.7", "eth0|10.0.0.100", "eth0|10.0.0.20")
    assert ask(listed) == ask(listed[::-1]) == Address("10.0.0.20", "eth0")
    assert ask(listed, "192.168.7.7") == Address("192.168.7.7", "eth0")


def test_this_machine_answers_in_the_same_form() -> None:
    here = list(list_interface_addresses())
    assert any(ipaddress.ip_address(each.ip).is_loopback for each in here)
    best = find_reachable_address()
    assert best is None or best.ip in {each.ip for each in here}


def test_asking_for_the_route_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int, str]] = []

    class Probe(socket.socket):
        def connect(self, to: object) -> None:
            assert isinstance(to, tuple)
            asked.append((self.family, self.type, to[0]))
            raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket, "socket", Probe)
    assert [module.find_outgoing_ip(version) for version in (4, 6)] == [None, None]
    assert (socket.AF_INET, socket.SOCK_DGRAM, "192.0.2.1") in asked


def test_linux_tells_which_addresses_are_temporary(monkeypatch: pytest.MonkeyPatch) -> None:
    table = (
        "20010db8000000000000000000000005 02 40 00 00     eth0\n"
        "20010db800000000000000000000abcd 02 40 00 01     eth0\n"
        "20010db800000000000000000000ef01 02 40 00 21     eth0\n"
    )
    monkeypatch.setattr(Path, "read_text", lambda path: table)
    assert module._read_temporary_ips() == {"2001:db8::abcd", "2001:db8::ef01"}


def test_an_address_knows_whether_it_is_loopback() -> None:
    assert Address("::1", "").is_loopback
    assert LOCAL2.is_loopback
    assert not Address("10.0.0.7", "eth0").is_loopback


def test_ipv6_stands_in_brackets_in_a_url() -> None:
    assert (Address("::1", "lo").host, Address("::1", "lo").family) == ("[::1]", socket.AF_INET6)
    assert (Address("10.0.0.7", "eth0").host, Address("10.0.0.7", "eth0").family) == (
        "10.0.0.7",
        socket.AF_INET,
    )


def test_loopbacks_are_those_this_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    assert LOCAL.ip in {each.ip for each in list_loopback_addresses()}
    monkeypatch.setattr(module, "_can_bind", lambda ip: ip == "127.0.0.1")
    assert [each.ip for each in list_loopback_addresses()] == ["127.0.0.1"]


def test_the_routes_are_asked_once_for_each_version() -> None:
    asked: list[IpVersion] = []

    def routed(version: IpVersion) -> None:
        asked.append(version)

    assert find_reachable_address(find_outgoing_ip=routed, list_interface_addresses=lambda: LO) is None
    assert asked == [4, 6]


def names(called: str, fully: str, **known: str) -> tuple[str, ...]:
    """Those that lead to 10.0.0.7 and fd00::7, with `_` for a point in what the system knows."""
    table = {name.replace("_", "."): ips.split() for name, ips in known.items()}
    return list_own_hostnames(
        {"10.0.0.7", "fd00::7"},
        get_hostname=lambda: called,
        get_fqdn=lambda name: fully,
        resolve_name=lambda name: table.get(name, []),
    )


def test_a_name_counts_if_it_leads_here() -> None:
    assert names("desk", "desk", desk="10.0.0.7") == ("desk",)
    assert names("desk", "desk", desk="fd00::7") == ("desk",)
    assert names("desk", "desk", desk="127.0.1.1") == ()
    assert names("desk", "desk") == ()


@pytest.mark.parametrize(
    "other", ["10.0.0.8", "127.0.0.1", "127.0.1.1", "::1", "fe80::1%eth0", "2001:db8::7"]
)
def test_a_name_with_other_addresses_is_not_offered(other: str) -> None:
    """A colleague's browser takes any of its addresses."""
    assert names("desk", "desk.lan", desk=f"10.0.0.7 {other}", desk_lan="10.0.0.7") == ("desk.lan",)
    assert names("desk", "desk", desk="10.0.0.7 fd00::7") == ("desk",)


@pytest.mark.parametrize("called", ["desk\x1b[2J", "a b", "a/b", "a:1", "a\n", "b\u202ea", ""])
def test_an_invalid_host_name_is_not_offered(called: str) -> None:
    """Nor said on a terminal."""

    def everywhere(name: str) -> list[str]:
        return ["10.0.0.7"]

    given = list_own_hostnames(
        {"10.0.0.7"}, get_hostname=lambda: called, get_fqdn=lambda name: name, resolve_name=everywhere
    )
    assert given == ()


def test_so_do_that_with_its_domain_and_that_by_mdns() -> None:
    known = {"desk_example_com": "10.0.0.7", "desk_local": "10.0.0.7"}
    assert names("desk", "desk.example.com", **known) == ("desk.example.com", "desk.local")


def test_the_same_name_is_offered_once() -> None:
    assert names("Desk.local", "desk.local", Desk_local="10.0.0.7", desk_local="10.0.0.7") == ("Desk.local",)


def test_a_name_that_nobody_knows_leads_nowhere() -> None:
    assert "127.0.0.1" in resolve_name("localhost")
    assert resolve_name("no-such-host.invalid") == ()
    assert resolve_name("." * 300) == ()
