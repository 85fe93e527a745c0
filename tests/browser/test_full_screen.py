"""A card in full screen: the plot is large, changes as on the page, and the viewer returns by Esc."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bokeh.layouts import column, gridplot, row
from bokeh.models import Div, Slider, TabPanel, Tabs
from bokeh.plotting import figure
from playwright.sync_api import Browser, Locator, Page, expect
from support.colleague import SIZE, Author, Colleague, compare, difference
from support.hand import middle_of
from support.phone import Phone

REFUSE = """() => {
    const { requestFullscreen } = Element.prototype;
    window.allow = () => { Element.prototype.requestFullscreen = requestFullscreen; };
    Element.prototype.requestFullscreen = () => Promise.reject(new TypeError("refused"));
}"""


@pytest.fixture(scope="module")
def colleagues(browser: Browser) -> Iterator[tuple[Colleague, Colleague]]:
    """One who is there from the start, and one who comes late."""
    both = Colleague(browser), Colleague(browser)
    yield both
    for each in both:
        each.close()


@pytest.fixture
def colleague(colleagues: tuple[Colleague, Colleague]) -> Colleague:
    return colleagues[0]


def lines(title: str = "lines", **options: Any) -> Any:
    p = figure(**{"width": 400, "height": 300, "title": title, **options})
    p.line([1, 2, 3, 4], [3, 1, 4, 2], legend_label="a line")
    return p


def enter(page: Page, name: str = "sales") -> Locator:
    """Choose the tool, and return the card."""
    page.get_by_role("button", name=f"Menu of {name}", exact=True).click()
    page.get_by_role("menuitem", name="Full screen", exact=True).click()
    card = page.locator(".full-screen")
    expect(card).to_have_count(1)
    return card


def show(author: Author, *colleagues: Colleague, model: Any, name: str = "sales") -> None:
    author.show(model, name=name)
    for colleague in colleagues:
        colleague.deliver()
        colleague.until_drawn()


def figure_size(card: Locator) -> tuple[float, float]:
    box = card.locator(".bk-Figure").first.bounding_box()
    assert box
    return box["width"], box["height"]


def size_of(page: Page) -> list[float]:
    size: list[float] = page.evaluate("[innerWidth, innerHeight]")
    return size


def test_a_figure_is_as_large_as_the_screen_and_small_again_afterwards(colleague: Colleague) -> None:
    author, page = Author(), colleague.page
    author.show(lines())
    with colleague.watching(author):
        colleague.until_drawn()
        before, ranges = colleague.settled(), colleague.ranges()
        sizes = page.evaluate("() => Bokeh.documents[0].roots().map(({ width, height }) => [width, height])")
        card = enter(page)
        page.wait_for_function("() => document.fullscreenElement === document.querySelector('.card')")
        width, height = figure_size(card)
        assert width > SIZE["width"] - 60
        assert height > SIZE["height"] - 120
        assert colleague.ranges() == ranges
        page.keyboard.press("Escape")
        expect(page.locator(".full-screen")).to_have_count(0)
        page.wait_for_function("() => document.fullscreenElement === null")
        assert difference(before, colleague.settled()) is None
        after = "() => Bokeh.documents[0].roots().map(({ width, height }) => [width, height])"
        assert page.evaluate(after) == sizes, "the plot's models stay as they are"
    assert colleague.troubles == []


LAYOUTS: dict[str, Any] = {
    "row": lambda: row(small("left"), small("right")),
    "grid with a toolbar": lambda: gridplot([[small("one"), small("two")], [small("three")]]),
    "stretched": lambda: row(small(sizing_mode="stretch_width"), Div(text="t"), sizing_mode="stretch_width"),
    "with widgets": lambda: column(Slider(start=0, end=1, value=0.5, step=0.1, title="s"), small()),
}


def small(title: str = "small", **options: Any) -> Any:
    return lines(title, **{"width": 250, "height": 200, "tools": "pan,reset", **options})


MAGNIFIED = """() => {
    const plot = document.querySelector(".full-screen > .plot");
    const { right, bottom } = plot.getBoundingClientRect();
    const scale = new DOMMatrix(getComputedStyle(plot).transform).a;
    const { canvas_view } = [...Bokeh.documents[0].views_manager.query((view) => view.canvas_view)][0];
    const sharpness = canvas_view.primary.canvas.width / (canvas_view.bbox.width * scale);
    // scripts read positions as if plots were not magnified
    return { scale, sharpness, ends: [right, bottom].map((each) => each * scale) };
}"""


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_layout_is_magnified_until_it_fills_the_screen(colleague: Colleague, kind: str) -> None:
    author, page = Author(), colleague.page
    author.show(LAYOUTS[kind]())
    with colleague.watching(author):
        colleague.until_drawn()
        before = colleague.settled()
        enter(page)
        page.mouse.move(1, 1)
        colleague.settled()
        found = page.evaluate(MAGNIFIED)
        assert found["scale"] > 1.1, "it is larger"
        width, height = size_of(page)
        right, bottom = found["ends"]
        assert right <= width + 1
        assert bottom <= height + 1
        assert right > width - 2 or bottom > height - 2, "it reaches an edge of the screen"
        assert found["sharpness"] == pytest.approx(1, abs=0.02), "it is painted anew"
        former = colleague.ranges()
        colleague.pan()
        assert colleague.ranges() != former
        assert colleague.reset() > 0
        page.keyboard.press("Escape")
        expect(page.locator(".full-screen")).to_have_count(0)
        assert page.locator(".magnified").count() == 0
        assert difference(before, colleague.settled()) is None
    assert colleague.troubles == []


@pytest.mark.one_pairing
def test_a_layout_that_is_larger_than_the_screen_is_scrolled(colleague: Colleague) -> None:
    author, page = Author(), colleague.page
    author.show(column(*(lines(f"{n}") for n in range(4))))
    with colleague.watching(author):
        colleague.until_drawn()
        enter(page)
        assert page.locator(".magnified").count() == 0
        assert (
            page.evaluate("""() => {
            const plot = document.querySelector(".full-screen > .plot");
            plot.scrollTop = 10_000;
            return plot.scrollTop;
        }""")
            > 100
        )
        page.keyboard.press("Escape")
        expect(page.locator(".full-screen")).to_have_count(0)
    assert colleague.troubles == []


CHANGES: dict[str, Any] = {
    "title": lambda: lines("another title"),
    "size of the title, which BokehJS does not redraw": lambda: large_title(),
    "a line more": lambda: two_lines(),
    "another kind of plot": lambda: column(lines("above"), lines("below")),
    "a frame of a fixed size": lambda: lines(frame_width=200, frame_height=100),
    "a figure that fills the height": lambda: lines(sizing_mode="stretch_both"),
    "tabs": lambda: Tabs(tabs=[TabPanel(child=lines("in a tab"), title="one")]),
    "text": lambda: row(Div(text="text"), Div(text="beside")),
    "the first plot again": lines,
}


def large_title() -> Any:
    p = lines("large")
    p.title.text_font_size = "24px"
    return p


def two_lines() -> Any:
    p = lines("two")
    p.line(np.arange(5), np.arange(5) ** 2, color="red")
    return p


def test_changes_in_full_screen_look_as_for_one_who_comes_late(
    colleagues: tuple[Colleague, Colleague], tmp_path: Path
) -> None:
    first, late = colleagues
    author = Author()
    author.show(lines())
    with first.watching(author):
        first.until_drawn()
        enter(first.page)
        pan = first.pan()
        for change, make in CHANGES.items():
            show(author, first, model=make())
            expect(first.page.locator(".full-screen")).to_have_count(1)
            if change == "title":
                assert first.ranges() == pan, "the viewer's zoom is kept"
            first.reset()
            with late.watching(author):
                late.until_drawn()
                enter(late.page)
                late.page.mouse.move(1, 1)
                # Chromium rounds the colours of what CSS magnifies in one of two ways
                found = compare(first.settled, late.settled, tmp_path, tolerance=1)
                assert found is None, f"{change}: {found}"
                late.page.keyboard.press("Escape")
        first.page.keyboard.press("Escape")
        expect(first.page.locator(".full-screen")).to_have_count(0)
    assert [*first.troubles, *late.troubles] == []


@pytest.mark.one_pairing
def test_full_screen_lasts_while_the_page_changes_and_ends_with_its_plot(colleague: Colleague) -> None:
    author, page = Author(), colleague.page
    for name in ("one", "two", "three"):
        author.show(Div(text=name), name=name)
    with colleague.watching(author):
        colleague.until_drawn()
        enter(page, "two")
        author.sort("one", "three", "two")
        colleague.deliver()
        names = page.locator("section.card h2")
        expect(names).to_have_text(["one", "three", "two"])
        page.wait_for_function("document.fullscreenElement?.id === 'two'")
        author.sort("one", "three")
        colleague.deliver()
        expect(names).to_have_text(["one", "three"])
        page.wait_for_function("() => document.fullscreenElement === null")
        assert page.locator(".cards > *").count() == 2, "no gap is left"
    assert colleague.troubles == []


@pytest.mark.one_pairing
def test_where_the_browser_refuses_the_card_fills_the_window(colleague: Colleague) -> None:
    author, page = Author(), colleague.page
    author.show(lines())
    with colleague.watching(author):
        colleague.until_drawn()
        page.evaluate(REFUSE)
        try:
            card = enter(page)
            assert figure_size(card)[1] > SIZE["height"] - 150
            expect(card.locator(".menu-status")).to_contain_text("Leave full screen")
            button = page.get_by_role("button", name="Menu of sales")
            button.click()
            page.keyboard.press("Escape")
            expect(page.get_by_role("menu")).to_have_count(0)
            expect(card).to_have_count(1)
            page.keyboard.press("Escape")
            expect(card).to_have_count(0)
            expect(button).to_be_focused()
        finally:
            page.evaluate("window.allow()")
    assert colleague.troubles == []


def test_fingers_use_a_figure_in_full_screen_at_once(browser: Browser) -> None:
    phone, author = Phone(browser, 390), Author()
    with phone.watching(author):
        phone.show(author, lines(active_scroll="wheel_zoom"))
        page = phone.page
        page.get_by_role("button", name="Menu of plot 0", exact=True).tap()
        page.get_by_role("menuitem", name="Full screen", exact=True).tap()
        expect(page.locator(".full-screen")).to_have_count(1)
        phone.until_settled()
        ranges = phone.figure_ranges()
        middle = middle_of(phone.canvases.first)
        phone.hand.drag(middle, (middle[0] + 60, middle[1] + 40))
        phone.until_moved(ranges)
        ranges = phone.figure_ranges()
        phone.hand.pinch(middle, 60, 200)
        phone.until_moved(ranges)
        assert phone.hand.page_scale == 1
        assert not phone.done.is_visible()
        page.get_by_role("button", name="Menu of plot 0", exact=True).tap()
        page.get_by_role("menuitem", name="Leave full screen").tap()
        expect(page.locator(".full-screen")).to_have_count(0)
        expect(phone.awake).to_have_count(0)
    assert phone.troubles == []
    phone.close()
