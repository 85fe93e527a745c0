from __future__ import annotations

import pytest

from bokeh_share.broker.relay_links import build_relay_link, list_relay_links


@pytest.mark.parametrize(
    ("public_url", "author", "link"),
    [
        ("https://plots.example.org", "default", "https://plots.example.org/x8/"),
        ("https://plots.example.org/", "ann", "https://plots.example.org/~ann/x8/"),
        ("https://example.org/plots/", "a.n_n@x", "https://example.org/plots/~a.n_n@x/x8/"),
        ("http://192.0.2.7:8080", "default", "http://192.0.2.7:8080/x8/"),
        ("https://{author}.plots.example.org", "ann", "https://ann.plots.example.org/x8/"),
        ("https://{author}.plots.example.org", "default", "https://default.plots.example.org/x8/"),
    ],
)
def test_a_link_has_the_author_in_its_host_or_in_its_path(public_url: str, author: str, link: str) -> None:
    assert build_relay_link(public_url, "x8", author) == link


@pytest.mark.parametrize("author", ["Ann", "a.b", "a_b", "a@b", "-a", "a-", "a" * 64])
def test_a_name_that_is_no_part_of_a_host_has_no_link_there(author: str) -> None:
    assert build_relay_link("https://{author}.plots.example.org", "x8", author) is None


@pytest.mark.parametrize(
    "public_url",
    ["javascript:alert(1)", "plots.example.org", "https://", "https://ann:hidden@h", "https://h/?q", ""],
)
def test_an_announcement_that_is_no_address_gives_no_link(public_url: str) -> None:
    assert build_relay_link(public_url, "x8") is None


def test_relays_with_the_same_address_have_one_link() -> None:
    urls = ["https://a.example", "https://a.example/", "nothing", "https://b.example"]
    assert list_relay_links(urls, "x8") == ("https://a.example/x8/", "https://b.example/x8/")
