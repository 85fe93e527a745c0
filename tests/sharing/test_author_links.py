"""Links to the author's own page: which addresses they have, and how long they stay in the notebook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bokeh_share.network.links import Link
from bokeh_share.server.auth.author_access import AuthorAccess
from bokeh_share.sharing.author_links import AuthorLinks

NETWORK = Link("http://10.0.0.1:5006/x8/", "this network")
HERE = Link("http://localhost:5006/x8/", "this machine only", is_loopback=True)
PUBLIC = Link("https://plots.example.org/x8/", "for colleagues", is_public=True)
HUB = Link("/user/me/proxy/5006/x8/", "through the Hub", is_proxied=True)


class Loop:
    """Collects what is due, until a test lets the time pass."""

    def __init__(self) -> None:
        self.due: list[tuple[float, Callable[[], None]]] = []

    def schedule(self, delay: float, callback: Callable[[], None]) -> None:
        self.due.append((delay, callback))

    def call_later(self, delay: float, callback: Callable[[], None]) -> Callable[[], None]:
        self.due.append((delay, callback))

        def cancel() -> None:
            self.due = [entry for entry in self.due if entry[1] is not callback]

        return cancel

    def pass_time(self, seconds: float) -> None:
        due, self.due = self.due, []
        for delay, callback in due:
            if delay <= seconds:
                callback()
            else:
                self.due.append((delay - seconds, callback))


class Handle:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.texts.append(" ".join(bundle.values()))


class Desk:
    def __init__(self) -> None:
        self.links: tuple[Link, ...] = (NETWORK, HERE)
        self.loop, self.author = Loop(), AuthorAccess()
        self.made = AuthorLinks(self.loop, self, self.author)  # type: ignore[arg-type]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def code_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["author"][0]


@pytest.mark.parametrize(
    ("links", "hosts"),
    [
        ((NETWORK, HERE), ["localhost:5006"]),
        ((NETWORK, HERE, HUB), ["localhost:5006", ""]),
        ((PUBLIC, NETWORK, HERE), ["plots.example.org", "localhost:5006"]),
        ((HUB, NETWORK, HERE._replace(is_limited=True)), ["", "localhost:5006"]),
    ],
)
def test_it_leads_to_this_machine_or_as_the_author_said(
    desk: Desk, links: tuple[Link, ...], hosts: list[str]
) -> None:
    desk.links = links
    link = desk.made.create()
    assert [urlsplit(each.url).netloc for each in link.links] == hosts
    assert link.url == link.links[0].url
    assert {code_of(each.url) for each in link.links} == {code_of(link.url)}
    assert desk.author.is_valid_code(code_of(link.url))


def test_its_text_says_what_it_is_worth_and_its_repr_does_not_have_it(desk: Desk) -> None:
    link = desk.made.create()
    assert str(link).splitlines()[0] == f"bokeh_share  open as author: {link.url}"
    assert f"good once, until {link.expires_at:%H:%M:%S}" in str(link)
    assert 115 < (link.expires_at - datetime.now()).total_seconds() <= 120
    assert code_of(link.url) not in repr(link)


@pytest.mark.parametrize("end", ["used", "expired", "revoked"])
def test_it_is_taken_out_of_the_notebook_when_it_is_worth_nothing(desk: Desk, end: str) -> None:
    handle: Any = Handle()
    link = desk.made.create()
    link.on_display(handle)
    desk.loop.pass_time(119)
    assert handle.texts == []
    if end == "used":
        desk.author.exchange(code_of(link.url))
        desk.loop.pass_time(0)
    elif end == "expired":
        desk.loop.pass_time(1)
    else:
        desk.made.revoke()
        assert not desk.author.is_valid_code(code_of(link.url))
    (text,) = handle.texts
    assert ("was used" in text) == (end == "used")
    assert "http" not in text
    assert desk.loop.due == [], "nothing waits any more"
    desk.loop.pass_time(1000)
    assert len(handle.texts) == 1


@pytest.mark.parametrize(
    ("end", "text"), [("used", "was used"), ("expired", "expired"), ("revoked", "expired")]
)
def test_a_link_that_is_shown_after_its_end_says_so_at_once(desk: Desk, end: str, text: str) -> None:
    link, handle = desk.made.create(), Handle()
    if end == "used":
        desk.author.exchange(code_of(link.url))
        desk.loop.pass_time(0)
    elif end == "expired":
        desk.loop.pass_time(120)
    else:
        desk.made.revoke()
    link.on_display(handle)
    assert text in handle.texts[0]
