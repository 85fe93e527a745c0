"""The page on a wall: plots fill the screen and take turns, sharp and exact, and the header is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bokeh.model import Model
from bokeh.models import Div, HoverTool
from bokeh.plotting import figure
from bokeh.themes import default
from browser.test_password import PASSWORD, entered, knock, locked
from browser.test_words import violations
from playwright.sync_api import Browser, expect
from support.colleague import NOON, Author, Colleague
from support.notebook_pages import Kernel, Open, Viewer, difference, link_in, picture_of

from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.sharing.export import save_page
from bokeh_share.wire.close_codes import CloseCode

__all__ = ["knock", "locked"]  # fixtures

ONE_PAIRING = pytest.mark.one_pairing
HD = {"width": 1920, "height": 1080}
SHOWN = """() => [...document.querySelectorAll("section.card:not([inert])")]
    .filter(({ dataset }) => dataset.generation).map(({ id }) => id)"""
"""The names of the plots on the screen that are drawn."""
SHARP = """() => [...document.querySelectorAll("section.card:not([inert]) .plot")].map((plot) => {
    const { canvas_view } = Bokeh.documents.flatMap(({ views_manager }) => {
        return [...views_manager?.query((view) => view.canvas_view && plot.contains(view.el)) ?? []];
    })[0];
    const scale = new DOMMatrix(getComputedStyle(plot).transform).a;
    return canvas_view.primary.canvas.width / (canvas_view.bbox.width * scale);
})"""
"""The pixels that are painted for each pixel on the screen."""


def bars(title: str, **options: Any) -> Any:
    """A figure with a tooltip on one large bar, in the middle."""
    p = figure(
        **{"title": title, "width": 600, "height": 400, "x_range": (0, 10), "y_range": (0, 10), **options},
        tools="pan,reset",
    )
    p.add_tools(HoverTool(tooltips=f"tip of {title}", point_policy="follow_mouse"))
    p.vbar(x=[5], top=[10], width=4)
    return p


@pytest.fixture(scope="module")
def wall(browser: Browser) -> Iterator[Colleague]:
    """A wall that shows one plot, until it changes."""
    one = Colleague(browser, query="?wall=3600&plots=1", viewport=HD)
    yield one
    one.close()


def until_shown(one: Colleague, *names: str) -> None:
    one.page.wait_for_function(f"(names) => ({SHOWN})().join() === names.join()", arg=[*names])


def box_of(one: Colleague, selector: str) -> dict[str, float]:
    box = one.page.locator(selector).first.bounding_box()
    assert box is not None
    return {**box}


def test_a_plot_fills_the_screen_and_is_sharp_and_the_pointer_finds_what_it_is_on(wall: Colleague) -> None:
    author = Author()
    author.show(bars("one"), name="one")
    with wall.watching(author):
        until_shown(wall, "one")
        wall.until_settled()
        page = wall.page
        box = box_of(wall, ".plot")
        assert box["height"] > 0.9 * HD["height"], "so high that no room is left"
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= HD["width"]
        page.wait_for_function(f"({SHARP})().every((ratio) => Math.abs(ratio - 1) < 0.01)")
        assert page.evaluate("document.querySelector('h1').checkVisibility()") is False
        assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
        wall.pan()  # from the middle of the figure
        (start, end), _ = wall.ranges() or ((0, 0), (0, 0))
        frame = page.evaluate("Bokeh.documents[0].views_manager.roots[0].frame.bbox.width")
        scale = box["width"] / page.evaluate("document.querySelector('.plot').offsetWidth")
        assert end - start == pytest.approx(10)
        assert start == pytest.approx(-31 / (frame * scale) * 10, rel=0.1), "as far as the pointer moved"
        x, y = page.evaluate(POINT_ON_BAR)
        page.mouse.move(x * scale + box["x"], y * scale + box["y"])
        expect(page.get_by_text("tip of one")).to_be_visible()
        tip = page.get_by_text("tip of one").bounding_box()
        assert tip is not None
        assert abs(tip["y"] + tip["height"] / 2 - (y * scale + box["y"])) < 80, "beside the pointer"
        page.mouse.move(1, 1)
    assert wall.troubles == []


POINT_ON_BAR = """() => {
    const figure = Bokeh.documents[0].views_manager.roots[0];
    const at = figure.canvas_view.events_el.getBoundingClientRect();
    const frame = document.querySelector(".plot").getBoundingClientRect();
    const box = figure.frame.bbox;
    return [at.left - frame.left + box.left + box.width / 2, at.top - frame.top + box.top + box.height * 0.7];
}"""
"""A point on the bar of `bars`, in the plot's own pixels."""


def test_the_page_is_as_it_was_when_the_wall_ends(browser: Browser) -> None:
    one = Colleague(browser, viewport={"width": 1280, "height": 700})
    author = Author()
    author.show(bars("one"), name="one")
    author.show(bars("two", sizing_mode="stretch_width"), name="two")
    native = "() => /native code/.test(Element.prototype.getBoundingClientRect) && devicePixelRatio"
    with one.watching(author):
        until_shown(one, "one", "two")
        one.until_settled()
        page = one.page
        before = [picture_of(each) for each in page.locator(".bk-Figure").all()]
        page.mouse.wheel(0, 200)
        page.wait_for_function("scrollY > 0")
        scrolled = page.evaluate("scrollY")
        page.keyboard.press("w")
        page.wait_for_function("location.search === '?wall' && document.documentElement.dataset.wall === ''")
        page.wait_for_function("new DOMMatrix(document.querySelector('.plot').style.transform).a > 1")
        one.until_settled()
        assert page.evaluate(native) is False
        page.keyboard.press("Escape")
        page.wait_for_function("location.search === ''")
        page.wait_for_function(f"Math.abs(scrollY - {scrolled}) < 2")
        page.mouse.wheel(0, -500)
        page.wait_for_function("scrollY === 0")
        assert page.evaluate(native) == 1
        one.until_settled()
        page.wait_for_function(f"({SHARP})().every((ratio) => ratio === 1)")
        after = [picture_of(each) for each in page.locator(".bk-Figure").all()]
        assert [difference(*pair) for pair in zip(before, after, strict=True)] == [None, None]
    assert one.troubles == []
    one.close()


@ONE_PAIRING
def test_plots_take_turns_and_one_that_changed_comes_next(browser: Browser) -> None:
    one = Colleague(browser, query="?wall=2&plots=1", viewport=HD)
    author = Author()
    for name in ("one", "two", "three"):
        author.show(bars(name), name=name)
    with one.watching(author):
        until_shown(one, "one")
        author.show(bars("three, changed"), name="three")
        one.deliver()
        one.page.wait_for_function(f"({SHOWN})().join() !== 'one'")
        assert one.page.evaluate(SHOWN) == ["three"]
        until_shown(one, "two")
        until_shown(one, "one")
    assert one.troubles == []
    one.close()


@ONE_PAIRING
def test_the_number_of_plots_and_the_screen_decide_how_many_are_shown(browser: Browser) -> None:
    one = Colleague(browser, query="?wall=3600", viewport=HD)
    author = Author()
    with one.watching(author):
        for number, shown in ((1, 1), (2, 2), (3, 2), (4, 4), (5, 4)):
            author.show(bars(f"{number}"), name=f"{number}")
            one.deliver()
            one.page.wait_for_function(f"({SHOWN})().length === {shown}")
        boxes = [each.bounding_box() for each in one.page.locator("section.card:not([inert])").all()]
        middles = {(box["x"] > 900, box["y"] > 500) for box in boxes if box}
        assert len(middles) == 4
        one.page.set_viewport_size({"width": 390, "height": 844})
        one.page.wait_for_function(f"({SHOWN})().length === 1")
    one.close()


@ONE_PAIRING
@pytest.mark.parametrize(
    ("scheme", "code", "state", "said"),
    [
        ("light", 1012, "reconnecting", "Reconnecting since"),
        ("dark", CloseCode.SHARE_ENDED, "ended", "Sharing ended at"),
    ],
)
def test_the_state_is_a_quiet_mark_and_a_lost_kernel_is_said_large(
    browser: Browser, axe: str, scheme: str, code: int, state: str, said: str
) -> None:
    one = Colleague(browser, query="?wall=3600", viewport=HD, color_scheme=scheme)
    author = Author()
    author.show(bars("one"), name="one")
    page = one.page
    text = page.locator(".page-header .state-text")
    with one.watching(author):
        until_shown(one, "one")
        # without the style for pictures, which hides the header
        page.add_style_tag(content=".page-header { visibility: visible !important }")
        assert violations(Viewer(page, one.page.url), axe) == []
        mark = box_of(one, ".page-header .dot")
        assert mark["width"] < 30
        assert mark["x"] > HD["width"] * 0.9
        assert box_of(one, ".page-header .state-text")["width"] < 3
        expect(page.get_by_role("status").first).to_contain_text("Live")
        one.lose_server(code)
        page.wait_for_selector(f"html[data-state={state}]", state="attached")
        height = box_of(one, ".page-header .state-text")["height"]
        assert height > HD["height"] / 25, "so large that a room can read it"
        assert text.inner_text().startswith(said)
        assert violations(Viewer(page, one.page.url), axe) == []
    one.close()


@ONE_PAIRING
def test_the_key_w_starts_and_ends_it_but_not_while_typing(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run("from bokeh.models import TextInput\nshow(TextInput(title='name'))", cell="c1")
    viewer = visit(link).in_step_with(kernel)
    page = viewer.page
    field = page.get_by_label("name")
    field.press("w")
    assert field.input_value() == "w"
    field.press("Escape")
    field.blur()
    page.keyboard.press("Control+w")
    assert page.evaluate("'wall' in document.documentElement.dataset") is False
    page.keyboard.press("w")
    page.wait_for_url(f"{link}?wall")
    page.wait_for_function("document.querySelector('.plot').style.transform")
    page.keyboard.press("w")
    page.wait_for_url(link)
    page.wait_for_function("!document.querySelector('.plot').style.transform")
    page.get_by_role("button", name="Menu of this page").click()
    page.get_by_role("menuitem", name="Show on a wall").click()
    page.wait_for_function("document.querySelector('.plot').style.transform")


@ONE_PAIRING
def test_the_wall_follows_a_share_that_moves(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.show("sales", "p = figure(height=200, width=300)\np.line([1, 2], [2, 1])\nshow(p)")
    viewer = visit(f"{link.removesuffix('/')}?wall=30&plots=1").in_step_with(kernel)
    assert viewer.page.url == f"{link}?wall=30&plots=1"
    moved = link_in(kernel.run("%bokeh_share --no-token", cell="c2"))
    viewer.page.wait_for_url(f"{moved}?wall=30&plots=1")
    viewer.in_step_with(kernel)
    assert viewer.page.locator("section.card:not([inert])").count() == 1


@ONE_PAIRING
def test_the_wall_is_there_after_the_password(locked: str, kernel: Kernel, knock: Any) -> None:
    viewer = entered(knock(f"{locked}?wall=30"))
    assert PASSWORD
    assert viewer.page.url == f"{locked}?wall=30"
    viewer.page.wait_for_function("document.querySelector('.plot').style.transform")


WAKE_LOCK = """
window.locks = 0;
Object.defineProperty(navigator, "wakeLock", { value: {
    async request() {
        window.locks += 1;
        return { release() { window.locks -= 1; } };
    },
} });
"""


@ONE_PAIRING
def test_the_screen_stays_on_where_the_browser_allows_it(browser: Browser) -> None:
    one = Colleague(browser, query="?wall")
    one.page.add_init_script(WAKE_LOCK)
    with one.watching(Author()):
        one.page.wait_for_function("window.locks === 1")
        assert one.page.locator(".wall-notice").count() == 0
        one.page.keyboard.press("Escape")
        one.page.wait_for_function("window.locks === 0")
    one.close()


@ONE_PAIRING
def test_elsewhere_the_page_says_once_that_it_cannot_keep_the_screen_on(browser: Browser) -> None:
    one = Colleague(browser, query="?wall")  # by plain http
    author = Author()
    author.show(Div(text="hello"))
    notice = one.page.locator(".wall-notice")
    with one.watching(author):
        expect(notice).to_contain_text("This page cannot keep the screen on")
        for state in ("false", "true"):
            one.page.keyboard.press("w")
            one.page.wait_for_function(f"'wall' in document.documentElement.dataset === {state}")
            expect(notice).to_have_count(0)
        one.page.wait_for_function("document.querySelector('.plot').style.transform")
        expect(notice).to_have_count(0)
    assert one.troubles == []
    one.close()


@ONE_PAIRING
def test_a_saved_page_can_be_a_wall(browser: Browser, tmp_path: Path) -> None:
    def snapshot(model: Model) -> Any:
        return capture_plot(model, theme=default).snapshot

    page = Page("Plots").put(PlotKey("name", "one"), snapshot(bars("one")), now=NOON)
    path = save_page(page, tmp_path / "page.html", now=NOON)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    opened = context.new_page()
    viewer = Viewer(opened, path.as_uri())
    opened.goto(f"{path.as_uri()}?wall")
    opened.wait_for_function(f"({SHOWN})().join() === 'one'")
    opened.wait_for_function("document.querySelector('.plot').style.transform")
    opened.keyboard.press("w")
    opened.wait_for_url(path.as_uri())
    assert [each for each in viewer.troubles if "request to somebody else" not in each] == []
    context.close()
