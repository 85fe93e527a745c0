from __future__ import annotations

from datetime import datetime

from bokeh_share.card.author_link import (
    LINK_EXPIRED_TEXT,
    build_author_link_bundle,
    build_ended_link_bundle,
    format_author_link,
)
from bokeh_share.network.links import Link

UNTIL = datetime(2026, 1, 2, 15, 4, 5)
LINKS = [
    Link("http://localhost:5006/x8/?author=c0de", "this machine only", is_loopback=True),
    Link("/user/me/proxy/5006/x8/?author=c0de", "through the Hub", is_proxied=True),
]


def test_the_text_has_each_link_and_what_it_is_worth() -> None:
    assert format_author_link(LINKS, UNTIL).splitlines() == [
        "bokeh_share  open as author: http://localhost:5006/x8/?author=c0de",
        "         or  /user/me/proxy/5006/x8/?author=c0de at the Hub's address",
        "             good once, until 15:04:05, and for you only: that page controls this share",
    ]


def test_the_notebook_has_links_that_give_the_opened_page_no_opener() -> None:
    bundle = build_author_link_bundle(LINKS, UNTIL)
    assert bundle["text/plain"] == format_author_link(LINKS, UNTIL)
    for link in LINKS:
        assert f'<a href="{link.url}" target="_blank" rel="noreferrer">' in bundle["text/html"]
    assert "or at this Jupyter server" in bundle["text/html"]


def test_addresses_are_text() -> None:
    (link,) = [LINKS[0]._replace(url='http://"><script>/x8/?author=c0de')]
    assert "<script>" not in build_author_link_bundle([link, link], UNTIL)["text/html"]


def test_afterwards_nothing_of_the_link_is_left() -> None:
    for text in build_ended_link_bundle(LINK_EXPIRED_TEXT).values():
        assert "has expired" in text
        assert "c0de" not in text
