from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bokeh_share.network import links as module
from bokeh_share.network.addresses import Address
from bokeh_share.network.environment import UNLIMITED_ENVIRONMENT, Environment
from bokeh_share.network.jupyter_proxy import NotebookServer
from bokeh_share.network.links import (
    HUB_NOTE,
    HUB_TLS_NOTE,
    JUPYTER_NOTE,
    MAX_KNOWN_HOSTS,
    MISSING_PROXY_NOTE,
    Link,
    LinkFinder,
    ShareLocation,
    build_links,
    find_best_link,
    order_addresses,
)
from bokeh_share.network.public_url import PublicUrl

LO = Address("127.0.0.1", "lo")
ETH = Address("10.0.0.7", "eth0")
TAILNET = Address("100.101.102.103", "tailscale0")
LOCAL = ShareLocation(5006, "/x8", (LO,))
OUTSIDE = ShareLocation(5006, "/x8", (ETH, LO), ("desk",))

CONTAINER = Environment(
    "inside this container only",
    "this container's host only",
    frozenset({"eth0"}),
    lambda port, ip: f"publish {port} of {ip}",
)
REMOTE = Environment(
    "the remote machine only", limited_interfaces=frozenset(), advise=lambda port, ip: "forward it"
)
HUB = NotebookServer("/user/ada/", kind="hub")
JUPYTER = NotebookServer("/", "http://localhost:8888", "http://localhost:8888/")
THROUGH_HUB = ("/user/ada/proxy/5006/x8/", "through the Hub, which asks for a login")
THROUGH_JUPYTER = ("http://localhost:8888/proxy/5006/x8/", "through Jupyter, which asks for its login")
HERE = ("http://localhost:5006/x8/", "this machine only")


def offered(
    places: ShareLocation,
    environment: Environment = UNLIMITED_ENVIRONMENT,
    server: NotebookServer | None = None,
) -> list[tuple[str, str]]:
    route = server.build_route(places.port, places.prefix) if server is not None else None
    return [(link.url, link.audience) for link in build_links(places, environment, route)]


def link_finder(
    monkeypatch: pytest.MonkeyPatch,
    server: NotebookServer | None = None,
    has_proxy: bool | None = None,
    environment: Environment = UNLIMITED_ENVIRONMENT,
) -> LinkFinder:
    """That has found this notebook's server."""

    def at_once(work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        done(work())

    monkeypatch.setattr(module, "find_server_and_proxy", lambda probe: (server, has_proxy))
    found = LinkFinder()
    found.environment = environment
    found.find_server(at_once, lambda: None)
    return found


def test_on_an_ordinary_machine_each_is_what_it_seems_and_jupyter_comes_last() -> None:
    network = ("http://10.0.0.7:5006/x8/", "this network")
    named = ("http://desk:5006/x8/", "by this machine's name")
    assert offered(LOCAL) == [HERE]
    assert offered(OUTSIDE) == [network, named, HERE]
    assert offered(OUTSIDE, server=JUPYTER) == [network, named, HERE, THROUGH_JUPYTER]


def test_where_all_are_limited_the_route_through_jupyter_comes_first() -> None:
    here = ("http://localhost:5006/x8/", "inside this container only")
    assert offered(LOCAL, CONTAINER, HUB) == [THROUGH_HUB, here]
    limitation = "this container's host only"
    assert offered(OUTSIDE, CONTAINER, HUB) == [
        THROUGH_HUB,
        ("http://10.0.0.7:5006/x8/", limitation),
        ("http://desk:5006/x8/", limitation),
        here,
    ]


def test_a_vpn_inside_a_container_is_what_it_seems() -> None:
    places = ShareLocation(5006, "/x8", (ETH, TAILNET, LO))
    assert [kind for _, kind in offered(places, CONTAINER, HUB)] == [
        "this container's host only",
        "VPN",
        "inside this container only",
        "through the Hub, which asks for a login",
    ]


def test_on_a_remote_machine_only_localhost_is_limited() -> None:
    kinds = ["this network", "by this machine's name", "the remote machine only"]
    assert [kind for _, kind in offered(OUTSIDE, REMOTE)] == kinds
    assert [kind for _, kind in offered(LOCAL, REMOTE, JUPYTER)] == [THROUGH_JUPYTER[1], kinds[2]]


def test_with_an_address_that_the_author_has_given_nothing_is_limited() -> None:
    places = ShareLocation(5006, "/x8", (ETH, LO), public_url=PublicUrl.parse("https://plots.example.org"))
    assert offered(places, CONTAINER, HUB) == [
        ("https://plots.example.org/x8/", "for colleagues"),
        ("http://10.0.0.7:5006/x8/", "this network"),
        HERE,
        THROUGH_HUB,
    ]


def test_pages_may_come_from_each_address_that_is_announced() -> None:
    places = ShareLocation(
        5006, "/x8", (ETH, LO), ("Desk",), public_url=PublicUrl.parse("https://plots.example.org")
    )
    hosts = ["10.0.0.7", "127.0.0.1", "desk", "localhost"]
    assert places.origins == {f"http://{host}:5006" for host in hosts} | {"https://plots.example.org"}


def test_the_best_of_those_that_are_listened_on_come_first() -> None:
    assert order_addresses((ETH, TAILNET, LO), (LO, ETH)) == (ETH, LO)
    assert order_addresses((TAILNET, LO), (LO, ETH, TAILNET)) == (TAILNET, LO, ETH)


def test_who_speaks_tls_is_not_reached_through_jupyter(monkeypatch: pytest.MonkeyPatch) -> None:
    places = ShareLocation(5006, "/x8", (LO,), scheme="https")
    found = link_finder(monkeypatch, JUPYTER, True)
    assert [link.url for link in found.list_links(places)] == ["https://localhost:5006/x8/"]
    assert found.list_origins(places) == frozenset()
    assert found.list_notes(places) == []
    assert link_finder(monkeypatch, HUB, True).list_notes(places) == [HUB_TLS_NOTE], (
        "the note is for authors who need it"
    )
    assert link_finder(monkeypatch, HUB, False).list_notes(places) == [MISSING_PROXY_NOTE]


@pytest.mark.parametrize(
    ("server", "has_proxy", "is_offered"),
    [
        (None, None, False),
        (JUPYTER, True, True),
        (JUPYTER, None, False),
        (JUPYTER, False, False),
        (HUB, True, True),
        (HUB, None, True),
        (HUB, False, False),
    ],
)
def test_the_route_is_offered_unless_it_is_known_not_to_be_there(
    monkeypatch: pytest.MonkeyPatch, server: NotebookServer | None, has_proxy: bool | None, is_offered: bool
) -> None:
    found = link_finder(monkeypatch, server, has_proxy)
    assert any(link.is_proxied for link in found.list_links(LOCAL)) is is_offered


def test_the_card_says_whom_a_route_lets_in_or_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert link_finder(monkeypatch, HUB, True, CONTAINER).list_notes(OUTSIDE) == [HUB_NOTE]
    assert link_finder(monkeypatch, HUB, False, CONTAINER).list_notes(OUTSIDE) == [MISSING_PROXY_NOTE]
    assert link_finder(monkeypatch, JUPYTER, True).list_notes(OUTSIDE) == [JUPYTER_NOTE]
    assert link_finder(monkeypatch, JUPYTER, False).list_notes(OUTSIDE) == []
    assert link_finder(monkeypatch).list_notes(OUTSIDE) == []


def test_the_card_says_what_to_do_about_limitations(monkeypatch: pytest.MonkeyPatch) -> None:
    found = link_finder(monkeypatch, environment=CONTAINER)
    assert found.list_notes(OUTSIDE) == ["publish 5006 of 10.0.0.7"]
    assert found.list_notes(LOCAL) == ["publish 5006 of None"]
    public = ShareLocation(5006, "/x8", (ETH, LO), public_url=PublicUrl.parse("https://plots.example.org"))
    assert found.list_notes(public) == []


@pytest.mark.parametrize(
    ("environment", "server", "helps"),
    [
        (UNLIMITED_ENVIRONMENT, JUPYTER, True),
        (REMOTE, None, True),
        (REMOTE, HUB, False),
        (CONTAINER, None, False),
    ],
)
def test_to_share_on_the_network_is_offered_where_that_would_help(
    monkeypatch: pytest.MonkeyPatch,
    environment: Environment,
    server: NotebookServer | None,
    helps: bool,
) -> None:
    assert link_finder(monkeypatch, server, True, environment).can_widen_access(LOCAL) is helps


def test_an_open_page_is_sent_the_route_without_its_host() -> None:
    assert [
        link.redirect_url
        for link in build_links(LOCAL, UNLIMITED_ENVIRONMENT, JUPYTER.build_route(5006, "/x8"))
    ] == [
        HERE[0],
        "/proxy/5006/x8/",
    ]


def proxy_headers(host: str) -> dict[str, str]:
    return {"Host": host, "X-ProxyContextPath": "/user/ada/proxy/5006"}


def test_the_hubs_host_is_learned_from_a_request_that_came_through_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = link_finder(monkeypatch, HUB, True)
    assert found.list_origins(LOCAL) == frozenset()
    assert found.add_host(proxy_headers("hub.example.com"), "127.0.0.1", LOCAL)
    assert found.list_origins(LOCAL) == {"http://hub.example.com", "https://hub.example.com"}
    assert not found.add_host(proxy_headers("hub.example.com"), "127.0.0.1", LOCAL), "that is known already"
    assert not found.add_host(proxy_headers("other.example.com"), "10.0.0.9", LOCAL)


def test_so_many_hosts_are_learned_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    found = link_finder(monkeypatch, HUB, True)
    for number in range(MAX_KNOWN_HOSTS + 1):
        assert found.add_host(proxy_headers(f"hub{number}"), "127.0.0.1", LOCAL)
    origins = found.list_origins(LOCAL)
    assert len(origins) == 2 * MAX_KNOWN_HOSTS
    assert "https://hub0" not in origins


def test_without_a_secret_part_of_the_link_no_host_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    open_to_all = ShareLocation(5006, "", (LO,))
    found = link_finder(monkeypatch, HUB, True)
    assert not found.add_host(proxy_headers("hub.example.com"), "127.0.0.1", open_to_all)
    assert [link.is_proxied for link in found.list_links(open_to_all)] == [False], (
        "its websockets would be refused"
    )
    found = link_finder(monkeypatch, JUPYTER, True)
    assert [link.is_proxied for link in found.list_links(open_to_all)] == [False, True]
    assert "http://localhost:8888" in found.list_origins(open_to_all)


def test_the_best_link_is_the_first_that_works_outside_or_that_can_be_forwarded() -> None:
    inside = Link("http://172.17.0.2:5006/x8/", "this container's host only", is_limited=True)
    remote = Link("http://localhost:5006/x8/", "the remote machine only", True, is_forwardable=True)
    home = Link("http://10.0.0.7:5006/x8/", "this network")
    assert find_best_link([inside, remote, home]) is home
    assert find_best_link([inside, remote]) is remote
    assert find_best_link([inside]) is None
    assert find_best_link([]) is None
