"""Two hosts that have no IPv4 but on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from support.hosts import Host, two_hosts
from support.network import UPGRADE, ask
from support.two_hosts import Author, Colleague

# Addresses and networks do not depend on the versions.
pytestmark = pytest.mark.one_pairing


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[Host, Host]]:
    with two_hosts("fd77::1/64", "fd77::2/64") as both:
        yield both


def test_by_ipv6_alone_the_link_has_brackets_and_works(author: Author, colleague: Colleague) -> None:
    author.show("first")
    url = author.share("--external")
    assert author.places == [("[fd77::1]", "this network, IPv6"), ("localhost", "this machine only")]
    colleague.open(url)
    colleague.sees("first")
    author.show("second")
    colleague.sees("second")
    assert colleague.stayed


def test_by_ipv6_too_only_pages_of_the_share_may_connect(author: Author, colleague: Colleague) -> None:
    url = author.share("--external")
    answers = {
        origin: ask(colleague.host, f"{url}ws", headers={**UPGRADE, "Origin": origin}).status
        for origin in (f"http://{urlsplit(url).netloc}", "http://[fd77::2]:5006", "http://[fd77::1]")
    }
    assert list(answers.values()) == [101, 403, 403], json.dumps(answers)


def test_an_ipv6_address_is_named_without_brackets(author: Author, colleague: Colleague) -> None:
    author.share("-l")
    url = author.share("-a fd77::1")
    assert urlsplit(url).hostname == "fd77::1"
    assert ask(colleague.host, url).status == 200
