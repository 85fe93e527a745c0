"""The address of a client behind proxies, whatever the client sends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders

from bokeh_share.errors import BadOption
from bokeh_share.server.forwarded_client import TrustedProxies

pytestmark = pytest.mark.one_pairing

PROXIES = TrustedProxies.parse(["10.0.0.0/8", "2001:db8:1::/48"])


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("192.0.2.9", "198.51.100.1", "192.0.2.9"),  # not from a proxy
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.1, 198.51.100.1", "198.51.100.1"),  # the left one may be forged
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),  # two proxies
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),  # a client inside
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:1::1", "[2001:db8:2::2]:443", "2001:db8:2::2"),
        ("10.0.0.1", "198.51.100.1:55555", "198.51.100.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, unknown, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "fe80::1%eth0", "10.0.0.1"),
        ("10.0.0.1", "1" * 60_000, "10.0.0.1"),
        ("10.0.0.1", ",".join(["10.0.0.2"] * 20_000), "10.0.0.2"),
        ("10.0.0.1", ", ,,", "10.0.0.1"),
        ("10.0.0.1", "0x7f.1", "10.0.0.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_right_most_address_that_is_no_proxy_is_the_clients(
    peer: str, forwarded_for: str, client: str
) -> None:
    assert PROXIES.find_client(peer, forwarded_for) == client


def ask(peer: str, *headers: tuple[str, str]) -> Any:
    parsed = HTTPHeaders()
    for name, value in headers:
        parsed.add(name, value)
    request: Any = SimpleNamespace(remote_ip=peer, protocol="http", headers=parsed)
    PROXIES.apply_to(request)
    return request.remote_ip, request.protocol


def test_headers_of_proxies_count_and_those_of_others_do_not() -> None:
    headers = ("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-Proto", "https")
    assert ask("10.0.0.1", *headers) == ("198.51.100.1", "https")
    assert ask("192.0.2.9", *headers) == ("192.0.2.9", "http")
    several = ("X-Forwarded-For", "203.0.113.1"), ("X-Forwarded-For", "198.51.100.1")
    assert ask("10.0.0.1", *several) == ("198.51.100.1", "http")


@pytest.mark.parametrize(
    ("value", "protocol"), [("https", "https"), ("https, http", "http"), ("ftp", "http"), ("", "http")]
)
def test_the_protocol_is_that_of_the_last_proxy(value: str, protocol: str) -> None:
    assert ask("10.0.0.1", ("X-Forwarded-Proto", value))[1] == protocol


@pytest.mark.parametrize("text", ["10.0.0.1/8", "all", "", "10.0.0.0/33"])
def test_a_wrong_network_is_refused_with_a_valid_one_as_an_example(text: str) -> None:
    with pytest.raises(BadOption, match=r"--trust-proxy.*10\.1\.0\.0/16"):
        TrustedProxies.parse([text])
