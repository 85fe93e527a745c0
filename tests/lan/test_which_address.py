"""Which of the machine's addresses a share is bound to, and what the card says of each."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from support.hosts import third_host
from support.network import ask, container_bridge, interface
from support.two_hosts import Author, Colleague

# Addresses and networks do not depend on the versions.
pytestmark = pytest.mark.one_pairing

HERE = ("localhost", "this machine only")
NETWORK = ("10.77.0.1", "this network")
VPN = ("10.99.0.1", "VPN")


def test_the_interface_with_the_default_route_is_the_one(author: Author) -> None:
    with third_host(author.host) as third:
        author.share("--external")
        assert author.places == [NETWORK, HERE], "no route: the first of two alike"
        author.run("%bokeh_share --stop")
        author.host.run(["ip", "route", "add", "default", "via", "10.78.0.2"])
        author.share("--external")
        assert author.places == [("10.78.0.1", "this network"), HERE]
        assert ask(third, author.url).status == 200


def test_a_container_bridge_is_never_the_one(author: Author) -> None:
    with container_bridge(author.host):
        author.share("--external")
        assert author.places == [NETWORK, HERE]
        author.run("%bokeh_share --stop")
        author.host.run(["ip", "link", "set", "eth0", "down"])
        assert author.refused("--external") == (
            "UsageError: this machine has no network: connect to one, or leave out --external and --address"
        )


@pytest.mark.parametrize("name", ["wg0", "tun0", "tailscale0", "ppp0"])
def test_a_vpn_comes_after_the_network_itself(author: Author, name: str) -> None:
    with interface(author.host, name, "10.99.0.1/24"):
        author.share("--external")
        assert author.places == [NETWORK, HERE]
        author.run("%bokeh_share --stop")
        author.host.run(["ip", "link", "set", "eth0", "down"])
        author.share("--external")
        assert author.places == [VPN, HERE]


def test_all_lists_each_address_and_says_what_it_is(author: Author, colleague: Colleague) -> None:
    with (
        third_host(author.host) as third,
        container_bridge(author.host),
        interface(author.host, "wg0", "10.99.0.1/24", "fd99::1/64"),
    ):
        author.share("--address all")
        assert author.places == [
            NETWORK,
            ("10.78.0.1", "this network"),
            VPN,
            ("[fd99::1]", "VPN, IPv6"),
            ("172.17.0.1", "containers and virtual machines here"),
            HERE,
        ]
        assert ask(colleague.host, author.url).status == 200
        assert ask(third, author.links[1][0]).status == 200
        for url, _ in author.links:
            assert ask(author.host, url).status == 200


def test_an_interface_is_named(author: Author, colleague: Colleague) -> None:
    with interface(author.host, "wg0", "10.99.0.1/24", "10.99.1.1/24"):
        author.share("-a wg0")
        assert author.places == [VPN, ("10.99.1.1", "VPN"), HERE]
        elsewhere = author.url.replace("10.99.0.1", "10.77.0.1")
        assert ask(colleague.host, elsewhere).status == "Connection refused"


def test_an_address_is_named_and_the_share_moves_there(author: Author, colleague: Colleague) -> None:
    with interface(author.host, "wg0", "10.99.0.1/24"):
        former = author.share("--address 10.99.0.1")
        author.share("--address 10.77.0.1")
        assert author.places == [NETWORK, HERE]
        assert urlsplit(author.url).path == urlsplit(former).path
        assert f"moved here from {former}" in author.card
        assert ask(colleague.host, author.url).status == 200
        assert ask(author.host, former).status == "Connection refused"


@pytest.mark.parametrize("place", ["127.0.0.1", "::1"])
def test_the_loopback_address_is_this_machine_only(author: Author, place: str) -> None:
    author.share(f"-a {place}")
    assert author.places == [HERE]
    assert "(this machine only)" in author.card
    assert "%bokeh_share --external shares on the network" in author.card


HELP = "--external finds an address, --address all uses all of them"
WRONG = {
    "10.77.0.11": "which is no address or interface of this machine: did you mean '10.77.0.1'?",
    "eth9": "which is no address or interface of this machine: did you mean 'eth0'?",
    "wifi": f"which is no address or interface of this machine: {HELP}",
    "10.99.0.1": f"which is down: {HELP}",
    "wg0": f"which is down: {HELP}",
}


@pytest.mark.parametrize("place", WRONG)
def test_a_place_that_cannot_be_is_one_line_and_nothing_changes(
    author: Author, colleague: Colleague, place: str
) -> None:
    line = f"UsageError: cannot share at {place!r}, {WRONG[place]}"
    with interface(author.host, "wg0", "10.99.0.1/24"):
        author.host.run(["ip", "link", "set", "wg0", "down"])
        assert author.refused(f"-a {place}") == line
        assert author.card == "", "nothing was shared, and nothing is"
        author.show("first")
        url = author.share("-e")
        colleague.open(url)
        colleague.sees("first")
        links = author.links
        assert author.refused(f"-a {place}") == line
        author.show("second")
        colleague.sees("second")
        assert author.share("") == url
        assert author.links == links


def test_an_address_and_local_exclude_each_other(author: Author) -> None:
    assert author.refused("-a 10.77.0.1 --local") == (
        "UsageError: --address cannot be '10.77.0.1': give it without --local or external=False"
    )
    assert author.card == ""


def test_an_interface_without_an_address_says_so(author: Author) -> None:
    with interface(author.host, "wg0"):
        line = author.refused("-a wg0")
    assert line.startswith("UsageError: cannot share at 'wg0', which has no address")
