"""What the page says besides the plots: captions, states, the title of its tab, and to whom it speaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser.test_apps import TREND, opened
from playwright.sync_api import Browser, expect
from support.notebook_pages import Kernel, Open, Viewer, difference, link_in
from support.plot_ids import id_of

ONE_PAIRING = pytest.mark.one_pairing
"""Texts, titles and addresses of the page's own, around plots that only have to be there."""
FIGURE = "p = figure(height=200, width=300)\np.line([1, 2], [2, 1])\nshow(p)"
# What axe finds inside of a plot is BokehJS' to mend.
AXE = """async () => {
    const found = await axe.run({ exclude: [".plot-content"] }, { resultTypes: ["violations"] });
    return found.violations.map(({ id, help, nodes }) => [id, help, nodes.map(({ html }) => html)]);
}"""


def violations(viewer: Viewer, axe: str) -> Any:
    viewer.page.evaluate(axe)
    return viewer.page.evaluate(AXE)


def state_of(viewer: Viewer) -> str:
    return viewer.page.locator(".state").inner_text()


@ONE_PAIRING
def test_a_caption_stands_above_the_plot_as_text(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(f'%%bokeh_share sales --caption "net, <b>in euros</b>"\n{FIGURE}', cell="c1")
    card = visit(link).in_step_with(kernel).card("sales")
    assert card.locator(".caption").inner_text() == "net, <b>in euros</b>"
    kernel.run(f"%%bokeh_share sales\n{FIGURE}", cell="c1")
    card.locator(".caption").wait_for(state="hidden")


def test_a_paused_page_says_so_keeps_its_picture_and_follows_afterwards(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.show("sales", FIGURE)
    viewer = visit(link).in_step_with(kernel)
    before = viewer.captured("sales")
    kernel.run("%bokeh_share --pause")
    viewer.wait_for_state("paused")
    assert "The author paused this page at" in state_of(viewer)
    kernel.show("sales", FIGURE.replace("[2, 1]", "[1, 5]"))
    late = visit(link, state="paused")
    late.wait_until_drawn([[id_of("sales"), 1]])
    assert difference(late.captured("sales"), before) is None
    assert difference(viewer.captured("sales"), before) is None
    kernel.run("%bokeh_share --resume")
    viewer.in_step_with(kernel).wait_for_state("live")
    assert difference(viewer.captured("sales"), before)


@ONE_PAIRING
def test_a_link_to_one_plot_scrolls_there(kernel: Kernel, link: str, visit: Open) -> None:
    for name in ("first", "second", "sales"):
        kernel.show(name, FIGURE.replace("height=200", "height=700"))
    viewer = visit(f"{link}#sales").in_step_with(kernel)
    viewer.page.wait_for_function("""() => {
        const { top } = document.getElementById("sales").getBoundingClientRect();
        return top >= 0 && top < innerHeight / 2;
    }""")


@ONE_PAIRING
def test_the_tabs_title_marks_a_change_that_nobody_saw(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.show("sales", FIGURE)
    viewer = visit(link).in_step_with(kernel)
    assert viewer.page.title() == "Plots"
    # Headless pages are always visible, so the test makes the page believe that it is not.
    viewer.page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    kernel.show("sales", FIGURE.replace("[2, 1]", "[1, 5]"))
    viewer.page.wait_for_function("document.title === '● Plots'")
    viewer.page.evaluate("""() => {
        delete document.hidden;
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    assert viewer.page.title() == "Plots"


@ONE_PAIRING
def test_times_are_the_viewers_own(kernel: Kernel, link: str, browser: Browser, visit: Open) -> None:
    kernel.show("sales", FIGURE)
    viewers = [visit(link, timezone_id=zone) for zone in ("Asia/Tokyo", "America/New_York")]
    titles = [
        viewer.in_step_with(kernel).page.locator(".card time").get_attribute("title") for viewer in viewers
    ]
    stamps = [viewer.page.locator(".card time").get_attribute("datetime") for viewer in viewers]
    assert stamps[0] == stamps[1]
    assert titles[0] != titles[1]


AHEAD = """{
    const Actual = Date;
    window.Date = class extends Actual {
        constructor(...args) { super(...args.length ? args : [window.Date.now()]); }
        static now() { return Actual.now() + 2 * 3_600_000; }
    };
}"""
"""The clock of a viewer that is two hours ahead."""
EARLIER = """
import bokeh_share.plots.tracker as tracker
actual = tracker.read_time_ms
tracker.read_time_ms = lambda: actual() - 10 * 60_000
try:
    get_ipython().run_line_magic("bokeh_share", "q")
finally:
    tracker.read_time_ms = actual
"""


@ONE_PAIRING
@pytest.mark.parametrize("script", ["", AHEAD], ids=["a right clock", "a clock that is ahead"])
def test_a_card_has_its_time_where_it_differs_from_the_pages_by_the_servers_clock(
    kernel: Kernel, link: str, visit: Open, script: str
) -> None:
    kernel.run("q = figure(height=200, width=300)\nq.line([1, 2], [2, 1])", cell="c1")
    kernel.run(EARLIER, cell="c2")
    viewer = visit(link, script=script)
    pages, cards = (viewer.page.locator(f"{part} .last-change") for part in (".page-header", ".card"))
    expect(pages).to_have_text("Changed 10 min ago")
    expect(cards).to_be_hidden()
    kernel.show("sales", FIGURE)
    expect(pages).to_have_text("Changed just now")
    expect(cards).to_have_count(2)
    viewer.in_step_with(kernel)
    assert [each.inner_text() for each in cards.all() if each.is_visible()] == ["Changed 10 min ago"]


@ONE_PAIRING
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_to_complain_of(
    kernel: Kernel, link: str, visit: Open, axe: str, scheme: str, width: int
) -> None:
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    viewer = visit(link, **options)
    assert violations(viewer, axe) == []
    kernel.run(f'%%bokeh_share sales --caption "net"\n{FIGURE}', cell="c1")
    kernel.run(FIGURE.replace("width=300", "width=1900"), cell="c2")
    viewer.in_step_with(kernel)
    assert violations(viewer, axe) == []
    kernel.run("%bokeh_share --pause")
    viewer.wait_for_state("paused")
    assert violations(viewer, axe) == []
    with viewer.without_server():
        kernel.run("%bokeh_share --stop")
        viewer.wait_for_state("ended")
        assert violations(viewer, axe) == []


@ONE_PAIRING
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_to_complain_of_in_apps(
    kernel: Kernel, link: str, visit: Open, axe: str, scheme: str, width: int
) -> None:
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    kernel.run(f"{TREND}\nshare(trend, controls=True)\nshare(lambda: 1 / 0, name='broken', caption='Fails.')")
    assert violations(visit(link, **options), axe) == []
    for name in ("trend", "broken"):
        assert violations(opened(visit(f"{link}{name}", **options)), axe) == []


@ONE_PAIRING
def test_all_that_can_be_reached_can_be_reached_by_keyboard(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(FIGURE.replace("width=300", "width=1900"), cell="c1")
    viewer = visit(link, viewport={"width": 390, "height": 800}).in_step_with(kernel)
    for name in ("Menu of this page", "Menu of Plot 1"):
        viewer.page.keyboard.press("Tab")
        expect(viewer.page.get_by_role("button", name=name)).to_be_focused()
    viewer.page.keyboard.press("Tab")
    focused = "document.activeElement.closest('.plot') && document.activeElement.matches('.plot')"
    assert viewer.page.evaluate(focused)
    viewer.page.keyboard.press("ArrowRight")
    viewer.page.wait_for_function("document.querySelector('.plot').scrollLeft > 0")
    outline = "getComputedStyle(document.querySelector('.plot')).outlineStyle"
    assert viewer.page.evaluate(outline) == "solid"


def test_a_saved_page_looks_like_the_live_one_and_asks_for_nothing(
    kernel: Kernel, link: str, visit: Open, browser: Browser, tmp_path: Path
) -> None:
    kernel.run(f'%%bokeh_share sales --caption "net"\n{FIGURE}', cell="c1")
    kernel.run(
        "from bokeh.models import Slider\nshow(Slider(start=0, end=1, value=0.5, title='s'))", cell="c2"
    )
    live = visit(link).in_step_with(kernel)
    path = tmp_path / "page.html"
    kernel.run(f"%bokeh_share --save {path}")
    kernel.run("%bokeh_share --stop")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    try:
        page = context.new_page()
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        saved = Viewer(page, path.as_uri())
        page.goto(path.as_uri())
        saved.wait_until_drawn([[id_of("sales"), 1], [id_of("c2", "cell"), 1]])
        assert difference(saved.captured("sales"), live.captured("sales")) is None
        assert "Saved on" in state_of(saved)
        assert saved.card("sales").locator(".caption").inner_text() == "net"
        assert requests == [path.as_uri()]
        assert saved.troubles == []
    finally:
        context.close()


@ONE_PAIRING
def test_a_moved_share_is_followed(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.show("sales", FIGURE)
    viewer = visit(link).in_step_with(kernel)
    moved = link_in(
        kernel.run("%bokeh_share -p 0 --no-token") or kernel.ask("__import__('bokeh_share').share().url")
    )
    viewer.page.wait_for_url(moved)
    viewer.in_step_with(kernel)
