"""The access guard accepts requests as a Hub's proxy sends them, for a host that was not announced."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.kernel_driver import Kernel, until

# Links and passwords do not depend on the versions.
pytestmark = pytest.mark.one_pairing

HUB = "https://hub.example.com"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Origin": HUB,
}


@pytest.fixture
def kernel(tmp_path: Path, environment: dict[str, str]) -> Iterator[Kernel]:
    """As a Hub would have started it."""
    kernel = Kernel(tmp_path, env={**environment, "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"})
    try:
        yield kernel
    finally:
        kernel.end()


def share(kernel: Kernel, options: str = "") -> str:
    """The link on this machine, once the card has the one through the Hub."""
    url = kernel.share(options)
    if "--no-token" not in options:
        kernel.wait(lambda: "/user/ada/proxy/" in kernel.card, what="the link through the Hub")
    return url


def status(url: str, host: str = urlsplit(HUB).netloc, **headers: str) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", parts.path, headers={"Host": host, **names})
        return connection.getresponse().status
    finally:
        connection.close()


def context(url: str) -> str:
    return f"/user/ada/proxy/{urlsplit(url).port}"


def test_a_page_through_the_hub_allows_its_own_websocket_and_no_other(kernel: Kernel) -> None:
    url = share(kernel)
    assert status(f"{url}ws", **UPGRADE) == 421, "the Hub's host was not learned yet"
    assert status(url) == 421
    assert status(url, X_ProxyContextPath="/user/eve/proxy/5006") == 421
    assert status(url, X_ProxyContextPath=context(url)) == 200
    assert status(f"{url}ws", **UPGRADE) == 101
    assert status(f"{url}ws", **{**UPGRADE, "Origin": "https://evil.example.com"}) == 403
    assert status(f"{url}ws", "evil.example.com", **UPGRADE) == 421
    assert status(url, "localhost:1") == 421


def test_a_request_without_the_link_teaches_no_host_name(kernel: Kernel) -> None:
    url = share(kernel)
    root = url.replace(urlsplit(url).path, "/")
    assert status(root, X_ProxyContextPath=context(url)) == 404
    assert status(f"{url}ws", **UPGRADE) == 421


def test_the_host_that_was_learned_still_counts_at_another_port(kernel: Kernel) -> None:
    url = share(kernel)
    assert status(url, X_ProxyContextPath=context(url)) == 200
    moved = share(kernel, "--port 0")
    assert status(f"{moved}ws", **UPGRADE) == 101


def test_without_a_token_a_page_of_anybodys_could_send_it_so_there_is_no_such_route(kernel: Kernel) -> None:
    url = share(kernel, "--no-token")
    access = "__import__('bokeh_share').share()._runner.access"
    until(lambda: kernel.ask(f"{access}.link_finder._server is not None"))
    assert "/user/ada/proxy/" not in kernel.card
    assert status(url, X_ProxyContextPath=context(url)) == 404


def test_the_card_says_what_the_hub_asks(kernel: Kernel) -> None:
    share(kernel)
    kernel.wait(lambda: "through the Hub, which asks for a login" in kernel.card, what="the Hub's words")
    assert "at the Hub's address" in kernel.card
    assert "the Hub's machine only" in kernel.card
    assert "only people who may use your Jupyter server can watch" in kernel.card
    assert "--external" not in kernel.card
