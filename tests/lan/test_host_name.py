"""The link by the machine's name, where others can use that."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.hosts import Host, hosts_file, two_hosts
from support.network import UPGRADE, ask
from support.recorded_calls import UNTIL_CALLED, record_calls
from support.two_hosts import Author, Colleague

# Addresses and networks do not depend on the versions.
pytestmark = pytest.mark.one_pairing

NAME = socket.gethostname()
KIND = "by this machine's name"


def names(address: str) -> str:
    """As colleagues and the author's machine have them."""
    return f"127.0.0.1 localhost\n::1 localhost\n{address} {NAME}\n"


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[Host, Host]]:
    with two_hosts() as both, hosts_file(names("10.77.0.1"), *both):
        yield both


@pytest.fixture
def elsewhere(hosts: tuple[Host, Host]) -> Iterator[None]:
    """The name leads to this machine only, as Debian has it."""
    file = Path("/etc/netns", hosts[0].name, "hosts")
    file.write_text(names("127.0.1.1"))
    yield
    file.write_text(names("10.77.0.1"))


def test_the_card_offers_the_name_and_the_link_by_it_works(author: Author, colleague: Colleague) -> None:
    author.show("first")
    author.share("--external")
    author.wait_until_at("10.77.0.1", NAME)
    assert author.places[1] == (NAME, KIND)
    assert "the network changed" not in author.card, "it did not"
    colleague.open(author.links[1][0])
    colleague.sees("first")
    author.show("second")
    colleague.sees("second")
    assert colleague.stayed


def test_the_name_stays_when_the_share_moves_to_another_port(author: Author, colleague: Colleague) -> None:
    author.show("first")
    author.share("--external")
    author.wait_until_at("10.77.0.1", NAME)
    former = author.url
    author.share("--port 5999")
    author.wait_until_at("10.77.0.1", NAME)
    assert f"moved here from {former}" in author.card
    colleague.open(author.links[1][0])
    colleague.sees("first")


def test_a_page_at_the_name_follows_the_share_to_another_port(author: Author, colleague: Colleague) -> None:
    author.show("first")
    author.share("--external")
    author.wait_until_at("10.77.0.1", NAME)
    colleague.open(author.links[1][0])
    colleague.sees("first")
    author.share("--port 5998")
    colleague.leads_to(f"{NAME}:5998")
    colleague.sees("first")


def test_a_name_that_leads_elsewhere_is_not_offered(
    author: Author, colleague: Colleague, elsewhere: None
) -> None:
    author.show("first")
    author.run(record_calls("bokeh_share.sharing.network_watch", "list_own_hostnames"))
    url = author.share("--external")
    parts = urlsplit(url)
    by_name = f"http://{NAME}:{parts.port}"
    author.run(UNTIL_CALLED)
    author.share("")
    assert [place for place, _ in author.places] == ["10.77.0.1", "localhost"]
    assert ask(colleague.host, f"{url}ws", headers={**UPGRADE, "Origin": by_name}).status == 403


def test_on_this_machine_only_there_is_no_name(author: Author) -> None:
    author.share("--external")
    author.wait_until_at("10.77.0.1", NAME)
    author.share("--local")
    assert author.places == [("localhost", "this machine only")]
