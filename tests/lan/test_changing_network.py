"""A machine that comes to a network, changes its address, and loses it, while a share runs."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from support.hosts import Host, third_host, wait_until_up
from support.network import ask, interface
from support.two_hosts import Author, Colleague

# Addresses and networks do not depend on the versions.
pytestmark = pytest.mark.one_pairing

OFFLINE = "no network at the moment; the link works again when the network is back"
CHANGED = "the network changed: this is the new link"
AWAIT_NETWORK_CHECK = (
    "import asyncio, bokeh_share.sharing.network_watch as watch\n"
    "await asyncio.sleep(3 * watch.NETWORK_CHECK_INTERVAL)"
)


def give(host: Host, *addresses: str) -> None:
    """Exactly these addresses on the cable to the colleague."""
    host.run(["ip", "address", "flush", "dev", "eth0"])
    for address in addresses:
        host.run(["ip", "address", "add", f"{address}/24", "dev", "eth0"])


def test_once_there_is_a_network_the_line_that_failed_works(author: Author, colleague: Colleague) -> None:
    author.host.run(["ip", "link", "set", "eth0", "down"])
    for options in ("--external", "-a all"):
        assert author.refused(options) == (
            "UsageError: this machine has no network: connect to one, or leave out --external and --address"
        )
    author.host.run(["ip", "link", "set", "eth0", "up"])
    wait_until_up(author.host)
    author.show("first")
    author.share("--external")
    assert author.places[0] == ("10.77.0.1", "this network")
    colleague.open(author.url)
    colleague.sees("first")


def test_a_local_share_goes_on_when_there_is_no_network_to_move_to(author: Author) -> None:
    author.host.run(["ip", "link", "set", "eth0", "down"])
    url = author.share("-l")
    assert author.refused("-e") == (
        "UsageError: this machine has no network: connect to one, or leave out --external and --address"
    )
    assert author.share("") == url
    assert ask(author.host, url).status == 200


@pytest.mark.parametrize("options", ["--external", "-a all", "-a eth0"])
def test_the_card_and_the_share_follow_a_new_address_and_back(
    author: Author, colleague: Colleague, options: str
) -> None:
    author.show("first")
    former = author.share(options)
    colleague.open(former)
    colleague.sees("first")
    give(author.host, "10.77.0.9")
    author.wait_until_at("10.77.0.9")
    assert CHANGED in author.card
    assert urlsplit(author.url)._replace(netloc="") == urlsplit(former)._replace(netloc="")
    assert urlsplit(author.url).port == urlsplit(former).port
    assert ask(colleague.host, author.url).status == 200
    author.show("second")
    give(author.host, "10.77.0.1")
    author.wait_until_at("10.77.0.1")
    assert author.url == former
    colleague.sees("second")
    colleague.reads("live")
    assert colleague.stayed


def test_a_page_opened_at_the_new_address_is_live(author: Author, colleague: Colleague) -> None:
    author.show("first")
    author.share("--external")
    give(author.host, "10.77.0.9")
    author.wait_until_at("10.77.0.9")
    colleague.open(author.url)
    colleague.sees("first")
    author.show("second")
    colleague.sees("second")


def test_an_address_that_comes_besides_is_one_more_link(author: Author, colleague: Colleague) -> None:
    author.share("-a all")
    give(author.host, "10.77.0.1", "10.77.0.9")
    author.wait_until_at("10.77.0.1", "10.77.0.9")
    with third_host(author.host) as third:
        author.wait_until_at("10.77.0.1", "10.77.0.9", "10.78.0.1")
        assert ask(third, author.links[2][0]).status == 200
    author.wait_until_at("10.77.0.1", "10.77.0.9")
    for url, _ in author.links[:2]:
        assert ask(colleague.host, url).status == 200


def test_a_network_that_is_better_comes_first_and_the_former_link_still_works(
    author: Author, colleague: Colleague
) -> None:
    author.host.run(["ip", "link", "set", "eth0", "down"])
    with interface(author.host, "wg0", "10.99.0.1/24"):
        author.share("--external")
        assert author.places[0] == ("10.99.0.1", "VPN")
        author.host.run(["ip", "link", "set", "eth0", "up"])
        author.wait_until_at("10.77.0.1", "10.99.0.1")
        assert ask(colleague.host, author.url).status == 200
        assert ask(author.host, author.links[1][0]).status == 200


@pytest.mark.parametrize("options", ["--external", "-a all", "-a eth0", "-a 10.77.0.1"])
def test_without_any_network_the_card_says_so_until_it_is_back(
    author: Author, colleague: Colleague, options: str
) -> None:
    author.show("first")
    url = author.share(options)
    colleague.open(url)
    colleague.sees("first")
    give(author.host)
    author.wait(lambda: OFFLINE in author.card)
    assert author.places == [("localhost", "this machine only")]
    assert CHANGED not in author.card, "there is no other link now"
    assert "--external shares on the network" not in author.card, "it is what was asked for already"
    assert ask(author.host, author.url).status == 200
    author.show("second")
    give(author.host, "10.77.0.1")
    author.wait_until_at("10.77.0.1")
    assert OFFLINE not in author.card
    assert author.url == url
    colleague.sees("second")
    colleague.reads("live")
    assert colleague.stayed


def test_a_local_share_takes_no_notice_of_networks(author: Author, colleague: Colleague) -> None:
    author.share("-l")
    give(author.host, "10.77.0.9")
    author.run(AWAIT_NETWORK_CHECK)
    card = author.card
    author.share("")
    assert author.links[0][1] == "this machine only"
    assert (CHANGED in card, CHANGED in author.card) == (False, False)
    assert ask(colleague.host, author.url.replace("localhost", "10.77.0.9")).status == "Connection refused"


def test_where_the_port_is_taken_at_the_new_address_the_card_names_it_until_it_is_free(
    author: Author, colleague: Colleague
) -> None:
    port = urlsplit(author.share("--external")).port
    # Another program, that listens on an address which is still to come.
    author.run(f"""
import socket
other = socket.socket()
other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
other.setsockopt(socket.SOL_IP, getattr(socket, "IP_FREEBIND", 15), 1)
other.bind(("10.77.0.9", {port}))
other.listen()
""")
    give(author.host, "10.77.0.9")
    author.wait(lambda: "address already in use" in author.card)
    assert f"port {port} cannot be used at '10.77.0.9' (address already in use)" in author.card
    assert CHANGED not in author.card
    assert author.places == [("localhost", "this machine only")]
    author.run("other.close()")
    author.wait_until_at("10.77.0.9")
    assert "address already in use" not in author.card
    assert ask(colleague.host, author.url).status == 200


def test_a_share_that_stopped_does_not_follow(author: Author, colleague: Colleague) -> None:
    url = author.share("--external")
    give(author.host, "10.77.0.9")
    author.wait_until_at("10.77.0.9")
    author.run("%bokeh_share --stop")
    give(author.host, "10.77.0.1")
    author.run(AWAIT_NETWORK_CHECK)
    assert ask(colleague.host, url).status == "Connection refused"
    assert author.share("--external") == url
    assert ask(colleague.host, url).status == 200


def test_a_page_that_is_cut_off_says_so_and_comes_back(author: Author, colleague: Colleague) -> None:
    author.run("bokeh_share.limits.PING_INTERVAL, bokeh_share.limits.PING_TIMEOUT = 0.5, 2.0")
    author.show("first")
    colleague.open(author.share("--external"))
    colleague.sees("first")
    author.host.run(["ip", "link", "set", "eth0", "down"])
    author.wait(lambda: "0 viewers" in author.card)
    author.show("second")
    colleague.reads("reconnecting")
    author.host.run(["ip", "link", "set", "eth0", "up"])
    colleague.sees("second")
    colleague.reads("live")
    assert colleague.stayed
