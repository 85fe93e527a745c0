"""A page of a relay while the author's kernel is away: its state, its apps, and a presentation that stops."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from bokeh.plotting import figure
from playwright.sync_api import Browser, Page, Route, expect
from support.colleague import NONCE, NOON, URL, Author, Colleague

from bokeh_share.server import csp
from bokeh_share.server.assets import render_page
from bokeh_share.sharing.routes import INSTALLED_BOKEHJS
from bokeh_share.wire import PresentedView, encode_presented_view
from bokeh_share.wire.messages import encode_away_message, encode_busy_message, encode_message, read_header

# Texts and states of the page's own, around a plot that only has to be there.
pytestmark = pytest.mark.one_pairing
AWAY = re.compile(r"^The author’s notebook is away since \d\d:\d\d( [AP]M)?\. This is the last state\.$")
VISIBLE = ".page-header { visibility: visible !important }"
"""A style against that of pictures, which hides the header."""
LINKS = ["http://10.1.2.3:5006/secret/trend", "http://localhost:5006/secret/trend"]
PRESENT = encode_presented_view(PresentedView(), is_whole=True)
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


class RelayedAuthor(Author):
    """The author of a share whose page comes from a relay."""

    def messages(self, viewer: Any) -> Iterator[bytes]:
        for message in super().messages(viewer):
            header = read_header(message)
            app = {"name": "trend", "about": "Sales by region", "changed": NOON}
            is_page = header["kind"] == "page"
            yield encode_message({**header, "relayed": True, "apps": [app]}) if is_page else message


@pytest.fixture(params=SIZES)
def colleague(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Colleague]:
    colleague = Colleague(browser, viewport=SIZES[request.param])
    yield colleague
    colleague.close()


@pytest.fixture
def author() -> Author:
    author = RelayedAuthor()
    plot = figure(title="Sales", height=300, sizing_mode="stretch_width")
    plot.line([1, 2, 3], [3, 1, 2])
    author.show(plot)
    return author


def answer_as_relay(route: Route) -> None:
    html = render_page(
        "trend", bokeh_version=INSTALLED_BOKEHJS.version, app="trend", links=LINKS, nonce=NONCE
    )
    policy = {"Content-Security-Policy": csp.build_page_policy(NONCE)}
    route.fulfill(body=html, headers={"Content-Type": "text/html; charset=utf-8", **policy})


def fits(page: Page) -> bool:
    is_fitting: bool = page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    return is_fitting


def test_a_kernel_that_is_away_is_announced_and_nobody_presents_meanwhile(
    colleague: Colleague, author: Author
) -> None:
    with colleague.watching(author):
        page = colleague.page
        page.add_style_tag(content=VISIBLE)
        root, bar = page.locator("html"), page.locator(".follow-bar")
        expect(page.locator(".card[data-generation]")).to_be_visible()
        colleague.send(encode_busy_message(5))
        colleague.send(encode_away_message(90))
        expect(root).to_have_attribute("data-state", "away")
        expect(page.get_by_role("status").filter(has_text="away")).to_have_text(AWAY)
        assert fits(page)
        expect(page.locator(".card.app .app-place")).to_have_text("on the author’s machine")
        colleague.send(PRESENT)
        expect(root).to_have_attribute("data-following", "none")  # the script is there
        expect(bar).to_be_hidden()
        colleague.send(encode_away_message(None))
        expect(root).to_have_attribute("data-state", "busy")
        expect(bar).to_contain_text("Following the author")
        colleague.send(encode_away_message(10))
        expect(bar).to_be_hidden()
        colleague.lose_server(1012)
        expect(root).to_have_attribute("data-state", "reconnecting")
        expect(bar).to_be_hidden()
    assert colleague.troubles == []


def test_an_app_says_that_it_runs_on_the_authors_machine(colleague: Colleague, author: Author) -> None:
    with colleague.watching(author):
        page = colleague.page
        page.route(f"{URL}trend", answer_as_relay)
        page.get_by_role("link", name="trend").click()
        expect(page.locator(".notice-title")).to_have_text("trend runs on the author’s machine.")
        links = page.get_by_role("listitem").get_by_role("link")
        assert [link.get_attribute("href") for link in links.all()] == LINKS
        assert fits(page)
        page.get_by_role("link", name="All plots").click()
        page.wait_for_url(URL)
    assert colleague.troubles == []
