"""The share that a request asks for, by the relay's public URL."""

from __future__ import annotations

import pytest

from bokeh_share.broker.relay_links import build_relay_link
from bokeh_share.broker.stream_keys import StreamKeys
from bokeh_share.errors import BadOption
from bokeh_share.relay.relay_url import RelayUrl, ShareAddress

pytestmark = pytest.mark.one_pairing

TOKEN = "x8AbCdEfGhIjKlMnOpQr_-"


def find(url: RelayUrl, path: str, host: str = "h") -> ShareAddress | None:
    return url.find_share(url.normalize_path(path), host)


@pytest.mark.parametrize("public_url", [None, "https://plots.example.org", "https://example.org/plots/"])
@pytest.mark.parametrize("author", ["default", "anna", "a.b@c-1"])
def test_a_link_that_the_kernel_shows_leads_to_its_share(public_url: str | None, author: str) -> None:
    url = RelayUrl.parse(public_url)
    link = build_relay_link(public_url or "http://127.0.0.1:5106", TOKEN, author)
    assert link is not None
    path = "/" + link.split("/", 3)[3]
    for each in (path, path[:-1], f"{path}page.js"):
        address = find(url, each)
        assert address is not None
        assert address.keys == StreamKeys.from_secret(TOKEN, author)
        assert url.normalize_path(each).startswith(address.prefix)


def test_a_proxy_may_strip_the_path_of_the_public_url() -> None:
    url = RelayUrl.parse("https://example.org/plots")
    assert find(url, f"/{TOKEN}/") == find(url, f"/plots/{TOKEN}/") != None  # noqa: E711


def test_the_name_of_the_author_who_needs_none_may_be_in_the_link() -> None:
    assert find(RelayUrl(), f"/~default/{TOKEN}/ws") == find(RelayUrl(), f"/{TOKEN}/")


def test_with_subdomains_the_host_names_the_author() -> None:
    url = RelayUrl.parse("https://{author}.plots.example.org:8443/x")
    address = find(url, f"/x/{TOKEN}/", "Anna.plots.example.org:8443")
    assert address is not None
    assert (address.author, address.prefix) == ("anna", f"/{TOKEN}")
    assert url.format_origin_for("anna") == "https://anna.plots.example.org:8443"
    assert url.format_for("anna") == "https://anna.plots.example.org:8443/x"
    assert build_relay_link(url.text, TOKEN, "anna") == f"https://anna.plots.example.org:8443/x/{TOKEN}/"
    for host in ("plots.example.org", "anna.other.example.org", "a.anna.plots.example.org", "", ":", "*."):
        assert find(url, f"/{TOKEN}/", host) is None
    assert find(url, f"/~ben/{TOKEN}/", "anna.plots.example.org") is None


@pytest.mark.parametrize(
    "path",
    ["", "/", "//", "/short/", f"/{TOKEN}%2e/", "/~/", f"/~/{TOKEN}/", f"/~a*/{TOKEN}/",
     f"/~{'a' * 65}/{TOKEN}/",
     f"/{'x' * 101}/", f"//{TOKEN}/", "/favicon.ico", f"/~a/b/{TOKEN}/", "/\u0663" * 3],
)  # fmt: skip
def test_other_paths_are_no_links(path: str) -> None:
    assert find(RelayUrl(), path) is None


@pytest.mark.parametrize(
    "text",
    ["plots.example.org", "ftp://plots.example.org", "https://plots.{author}.example.org", "https://{author}",
     "https://{name}.example.org", "https://{author}.{author}.example.org", "https://u:p@plots.example.org"],
)  # fmt: skip
def test_a_wrong_public_url_is_refused(text: str) -> None:
    with pytest.raises(BadOption, match="--public-url"):
        RelayUrl.parse(text)
