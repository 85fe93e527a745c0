"""In a wide window cards are in columns, in the page's order, and what a viewer looks at stays in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bokeh.layouts import row
from bokeh.plotting import figure
from browser.test_first_sizes import EXACT, measured
from playwright.sync_api import Browser
from support.colleague import Author, Colleague

HEIGHTS = {390: 844, 820: 1180, 1280: 800, 1499: 900, 1500: 900, 1920: 1080, 3840: 2160}
CARDS = """() => [...document.querySelectorAll("section.card")].map((card) => {
    const { left, top, right, width } = card.getBoundingClientRect();
    return { left, top: top + scrollY, right, width };
})"""
WIDTHS = """() => [...document.querySelectorAll(".bk-Figure")].map(({ clientWidth }) => clientWidth)"""
COLUMNS = """(count) => new Set([...document.querySelectorAll("section.card")].map((card) => {
    return Math.round(card.getBoundingClientRect().left);
})).size === count"""
MIDDLES = """() => [...document.querySelectorAll("section.card")].map((card) => {
    const outer = card.getBoundingClientRect();
    const inner = card.querySelector(".bk-Figure").getBoundingClientRect();
    return [inner.left - outer.left, outer.right - inner.right];
})"""
TOP = "(place) => document.querySelectorAll('section.card')[place].getBoundingClientRect().top"


def line(title: str = "Sales", **options: Any) -> figure:
    p = figure(title=title, **{"height": 300, "sizing_mode": "stretch_width", **options})
    p.line([1, 2, 3], [3, 1, 2])
    return p


def fixed(height: int = 300) -> figure:
    return line(height=height, width=500, sizing_mode="fixed")


@pytest.fixture(scope="module")
def colleague(browser: Browser) -> Iterator[Colleague]:
    colleague = Colleague(browser, viewport={"width": 1920, "height": 1080})
    yield colleague
    colleague.close()


@pytest.fixture(autouse=True)
def _a_wide_window(colleague: Colleague) -> None:
    resize(colleague, 1920)


def resize(colleague: Colleague, width: int) -> None:
    colleague.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})


def test_cards_are_in_columns_in_the_pages_order_and_a_layout_has_the_width_that_it_needs(
    colleague: Colleague,
) -> None:
    author = Author()
    for number in range(3):
        author.show(line(), name=f"plot {number}")
    wide = row(*(line(title) for title in "abc"), sizing_mode="stretch_width")
    author.show(wide, name="wide")
    for number in range(3):
        author.show(line(), name=f"later {number}")
    with colleague.watching(author):
        colleague.until_received()
        for width, columns in ((390, 1), (1280, 1), (1499, 1), (1500, 2), (1920, 2), (3840, 3), (820, 1)):
            resize(colleague, width)
            colleague.page.wait_for_function(COLUMNS, arg=columns)
            cards = colleague.page.evaluate(CARDS)
            places = [(round(card["top"]), card["left"]) for card in cards]
            assert places == sorted(places), "by rows, as keyboards and screen readers go"
            assert cards[3]["left"] == pytest.approx(min(card["left"] for card in cards), abs=1)
            needs_all = width < 3840
            right = max(card["right"] for card in cards)
            assert (cards[3]["right"] == pytest.approx(right, abs=1)) or not needs_all
            assert cards[3]["width"] >= min(1800, right - cards[3]["left"] - 1)
            assert colleague.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1500, 1920, 3840])
def test_a_plot_keeps_its_width_when_further_cards_appear(colleague: Colleague, width: int) -> None:
    resize(colleague, width)
    author = Author()
    for number in range(2):
        author.show(line(), name=f"plot {number}")
    with colleague.watching(author):
        colleague.until_drawn()
        before = colleague.page.evaluate(WIDTHS)
        assert len(set(before)) == 1
        for number in range(2, 7):
            author.show(line(), name=f"plot {number}")
        colleague.deliver()
        colleague.until_drawn()
        assert set(colleague.page.evaluate(WIDTHS)) == set(before)
        assert colleague.page.locator("nav.contents").count() == 1


@pytest.mark.parametrize("width", [1280, 1920])
def test_a_plot_of_a_fixed_size_is_in_the_middle_of_its_card(colleague: Colleague, width: int) -> None:
    resize(colleague, width)
    author = Author()
    for number in range(2):
        author.show(fixed(), name=f"plot {number}")
    with colleague.watching(author):
        colleague.until_drawn()
        for left, right in colleague.page.evaluate(MIDDLES):
            assert left == pytest.approx(right, abs=1)
            assert left > 16


def test_what_a_viewer_looks_at_stays_in_place_when_a_card_above_grows(colleague: Colleague) -> None:
    author = Author()
    for number in range(12):
        author.show(fixed(), name=f"plot {number}")
    with colleague.watching(author):
        colleague.until_drawn()
        colleague.page.evaluate("() => document.querySelectorAll('section.card')[8].scrollIntoView()")
        before = colleague.page.evaluate(TOP, 8)
        position = colleague.page.evaluate("scrollY")
        author.show(fixed(700), name="plot 0")
        colleague.deliver()
        colleague.until_drawn()
        assert colleague.page.evaluate(TOP, 8) == pytest.approx(before, abs=1)
        assert colleague.page.evaluate("scrollY") == pytest.approx(position + 400, abs=2)


def test_a_card_in_a_column_keeps_its_size_when_its_plot_is_drawn(colleague: Colleague) -> None:
    sizes = measured(colleague, EXACT)
    assert {name: pair for name, pair in sizes.items() if pair[0] != pair[1]} == {}
    assert colleague.page.evaluate("document.body.classList.contains('in-columns')")
