"""Which addresses a share listens on, when the author names one, an interface, or all."""

from __future__ import annotations

import pytest

from bokeh_share.errors import NoNetwork, UnusableAddress
from bokeh_share.network.addresses import Address, InterfaceAddress, choose_addresses, list_loopback_addresses

LAPTOP = [
    InterfaceAddress("127.0.0.1", "lo"),
    InterfaceAddress("::1", "lo"),
    InterfaceAddress("10.8.0.6", "wg0"),
    InterfaceAddress("172.17.0.1", "docker0"),
    InterfaceAddress("192.168.1.23", "wlan0"),
    InterfaceAddress("2001:db8::23", "wlan0"),
    InterfaceAddress("fe80::23", "wlan0"),
    InterfaceAddress("192.168.7.1", "eth0", is_up=False),
]


def chosen(place: str, found: list[InterfaceAddress] = LAPTOP) -> list[str]:
    """What it chooses besides loopback, which always comes last."""
    addresses = choose_addresses(
        place, find_outgoing_ip=lambda version: None, list_interface_addresses=lambda: found
    )
    assert addresses[len(addresses) - len(list_loopback_addresses()) :] == list_loopback_addresses()
    return [address.ip for address in addresses if not address.is_loopback]


def test_local_is_loopback_alone() -> None:
    assert chosen("local") == []


def test_external_is_the_one_that_others_reach() -> None:
    assert chosen("external") == ["192.168.1.23"]


def test_all_is_each_that_a_link_can_have_the_best_first() -> None:
    assert chosen("all") == ["192.168.1.23", "2001:db8::23", "10.8.0.6", "172.17.0.1"]


def test_an_interface_is_all_its_addresses_and_an_address_itself() -> None:
    assert chosen("wlan0") == ["192.168.1.23", "2001:db8::23"]
    assert chosen("10.8.0.6") == ["10.8.0.6"]
    assert chosen("127.0.0.1") == []


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("192.168.1.24", "192.168.1.23"),
        ("wlan1", "wlan0"),
        ("eth0", "is down"),
        ("fe80::23", "others could use"),
    ],
)
def test_what_cannot_be_had_is_said_with_the_reason_or_the_nearest(place: str, words: str) -> None:
    with pytest.raises(UnusableAddress) as caught:
        chosen(place)
    assert repr(place) in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("place", ["external", "all"])
def test_without_a_network_there_is_none_to_choose(place: str) -> None:
    with pytest.raises(NoNetwork):
        chosen(place, LAPTOP[:2])


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (Address("192.168.1.23", "wlan0"), "this network"),
        (Address("10.8.0.6", "wg0"), "VPN"),
        (Address("172.17.0.1", "docker0"), "containers and virtual machines here"),
        (Address("2001:db8::23", "wlan0"), "this network, IPv6"),
        (Address("fd7a:115c::1", "tailscale0"), "VPN, IPv6"),
        (Address("fd00::1", "docker0"), "containers and virtual machines here, IPv6"),
        (Address("::1", "lo"), "this machine only"),
    ],
)
def test_each_is_said_for_what_it_is(address: Address, kind: str) -> None:
    assert address.audience == kind
