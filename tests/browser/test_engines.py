"""The page, an app, the password and a saved file in Firefox and in WebKit, the engine of Safari."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.test_apps import TREND
from engines import find_firefox, list_missing_engines
from support.engine_page import ARROW_RIGHT, ENTER, FIND, EnginePage
from support.firefox import Firefox, run_firefox
from support.notebook_pages import NOT_OURS, Kernel, difference, is_drawn_on, link_in
from support.webkit import WebKit, run_webkit

OpenPage = Callable[..., EnginePage]

FIGURE = """
p = figure(title="{title}", tags=["{name}"], height={height}, width=600, x_range=(0, 4), y_range=(0, 4),
           tools="pan,wheel_zoom,tap,reset", active_scroll="wheel_zoom")
p.{glyph}([1, 2, 3], [1, 3, 2], {style})
show(p)
"""
TABLE = """
from bokeh.layouts import column
from bokeh.models import ColumnDataSource, DataTable, Div, Slider, TableColumn, TabPanel, Tabs
source = ColumnDataSource(dict(fruit=["pears", "plums"], count=np.array([3, 14])))
columns = [TableColumn(field="fruit", title="Fruit"), TableColumn(field="count", title="Count")]
table = DataTable(source=source, columns=columns, width=400, height=150)
curve = figure(height=150, width=300, output_backend="webgl")
curve.scatter(np.arange(2000) % 97, np.arange(2000) % 89)
text = Div(text=r"Euler: $$e^{i\\pi} + 1 = 0$$", width=300)
slider = Slider(title="size", start=1, end=50, value=5)
contents = {"Table": column(table, text), "Curve": column(slider, curve)}
show(Tabs(tabs=[TabPanel(child=child, title=title) for title, child in contents.items()]))
"""
RANGE = """(name) => {
    const models = Bokeh.documents.flatMap((each) => [...each._all_models.values()]);
    const figures = models.filter(({ x_range }) => x_range);
    const figure = figures.findLast(({ tags }) => tags.includes(name)) ?? figures[0];
    return [figure.x_range.start, figure.x_range.end, figure.y_range.start, figure.y_range.end];
}"""
MOVED = f"(name, before) => JSON.stringify(({RANGE})(name)) !== JSON.stringify(before)"
TITLED = """(title) => Bokeh.documents.flatMap((shown) => [...shown._all_models.values()])
    .some((model) => model.title?.text === title)"""
TEXT_IS = f"(selector, text) => ({FIND})(selector)?.textContent.trim() === text"
FOCUS = f"(selector) => {{ ({FIND})(selector).focus() }}"
EXISTS = f"(selector) => ({FIND})(selector) !== null"
TOP = "(name) => document.getElementById(name).getBoundingClientRect().top"
REMEMBER_DRAWINGS = """() => {
    for (const drawing of document.querySelectorAll(".drawing")) drawing.dataset.former = "yes";
}"""
ARE_SAME_DRAWINGS = (
    """() => [...document.querySelectorAll(".drawing")].every(({ dataset }) => dataset.former)"""
)


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    program = find_firefox() or pytest.skip("no Firefox; BOKEH_SHARE_FIREFOX may name one")
    with run_firefox(program, tmp_path_factory.mktemp("firefox")) as firefox:
        yield firefox


@pytest.fixture(scope="module")
def webkit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebKit]:
    if missing := [program for program in list_missing_engines() if program != "firefox"]:
        pytest.skip(f"no {' and no '.join(missing)}, which WebKit needs")
    with run_webkit(tmp_path_factory.mktemp("webkit")) as webkit:
        yield webkit


@pytest.fixture(params=["firefox", "webkit"])
def engine(request: pytest.FixtureRequest) -> Firefox | WebKit:
    engine: Firefox | WebKit = request.getfixturevalue(request.param)
    return engine


@pytest.fixture
def open_page(engine: Firefox | WebKit) -> Iterator[OpenPage]:
    """Opens an address as one more viewer. Whatever the page complains of fails the test."""
    pages: list[EnginePage] = []

    def open_address(url: str, *, state: str | None = "live", **size: Any) -> EnginePage:
        pages.append(engine.open_page(**size))
        pages[-1].navigate(url)
        if state is not None:
            pages[-1].wait_for_state(state)
        return pages[-1]

    troubles = []
    try:
        yield open_address
        found = [trouble for page in pages for trouble in page.list_troubles()]
        troubles = [trouble for trouble in found if not NOT_OURS.match(trouble)]
    finally:
        for page in pages:
            page.close()
    assert troubles == []


def plot(name: str) -> str:
    return f"section.card[id='{name}'] .plot"


def canvas(name: str) -> str:
    return f"section.card[id='{name}'] .bk-Figure"


def show_figure(kernel: Kernel, name: str, **changes: Any) -> None:
    values = {"title": name, "name": name, "height": 250, "glyph": "line", "style": "line_width=3", **changes}
    kernel.show(name, FIGURE.format(**values))


def is_opened(page: EnginePage) -> EnginePage:
    page.wait_until("() => Number(document.querySelector('.app .plot').dataset.openCount) >= 1")
    return page


def drag_plot(page: EnginePage, name: str, selector: str) -> list[float]:
    """Pan a plot by mouse, and return its ranges then."""
    x, y = page.middle_of(selector)
    before = page.evaluate(RANGE, name)
    page.drag((x, y), (x + 60, y - 40))
    page.wait_until(MOVED, name, before)
    ranges: list[float] = page.evaluate(RANGE, name)
    return ranges


def test_a_page_changes_in_place_and_keeps_the_viewers_zoom(
    kernel: Kernel, link: str, open_page: OpenPage
) -> None:
    show_figure(kernel, "first")
    show_figure(kernel, "second")
    kernel.show("third", TABLE)
    page = open_page(link).in_step_with(kernel)
    page.mark()
    assert is_drawn_on(page.captured(plot("first")))
    panned = drag_plot(page, "first", canvas("first"))
    page.turn_wheel(page.middle_of(canvas("first")), -100)
    page.wait_until(MOVED, "first", panned)
    zoomed = page.evaluate(RANGE, "first")

    page.evaluate(REMEMBER_DRAWINGS)
    kernel.run("p.title.text = 'renamed'", cell="c9")
    page.in_step_with(kernel)
    assert page.evaluate(ARE_SAME_DRAWINGS)
    assert "renamed" in page.titles()
    kernel.run("source.stream(dict(fruit=['quinces'], count=[2653]))", cell="c9")
    page.in_step_with(kernel)
    page.wait_until(TEXT_IS, ".slick-row:nth-of-type(3) .slick-cell.l1", "quinces")

    show_figure(kernel, "first", glyph="scatter", style="size=20, color='crimson'", title="again")
    show_figure(kernel, "second", style="line_width=9", title="thick")
    page.in_step_with(kernel)
    assert page.evaluate(RANGE, "first") == zoomed
    assert {"again", "thick"} <= set(page.titles())
    picture = page.captured(plot("second"))
    assert not page.was_reloaded

    page.navigate(link)
    page.in_step_with(kernel)
    assert difference(page.captured(plot("second")), picture) is None, "as on a page that was opened now"
    kernel.run("%unload_ext bokeh_share")
    page.wait_for_state("ended")
    assert is_drawn_on(page.captured(plot("first")))


def test_nothing_jumps_when_plots_above_change_come_and_go(
    kernel: Kernel, link: str, open_page: OpenPage
) -> None:
    names = [f"plot-{number}" for number in range(12)]
    for name in names:
        show_figure(kernel, name)
    page = open_page(link)
    page.wait_until(EXISTS, canvas("plot-0"))
    page.evaluate("() => document.getElementById('plot-6').scrollIntoView({ behavior: 'instant' })")
    page.wait_until(EXISTS, canvas("plot-6"))
    page.in_step_with(kernel)
    top = page.evaluate(TOP, "plot-6")
    for change in (
        lambda: show_figure(kernel, "plot-1", height=400),
        lambda: show_figure(kernel, "plot-1", height=150),
        lambda: kernel.run("%bokeh_share --drop plot-2", cell="drop"),
        lambda: kernel.run("%bokeh_share --order plot-9", cell="order"),
    ):
        change()
        page.in_step_with(kernel)
        former, top = top, page.evaluate(TOP, "plot-6")
        assert abs(top - former) < 1, "WebKit scrolls by whole pixels"
    scrolled = page.evaluate("() => scrollY")
    page.mark()
    page.evaluate("() => { location.reload() }")
    page.wait_until("() => window.__mark === undefined")
    page.wait_until("(top) => Math.abs(scrollY - top) < 1", scrolled)


def test_an_app_answers_and_its_code_changes_in_place(kernel: Kernel, link: str, open_page: OpenPage) -> None:
    kernel.run(f"{TREND}\nshare(trend, controls=True)", cell="trend")
    page = is_opened(open_page(f"{link}trend?days=7"))
    page.mark()
    page.wait_until(TITLED, "7 days")
    zoomed = drag_plot(page, "", ".bk-Figure")
    page.evaluate(FOCUS, ".noUi-handle")
    page.press_keys(ARROW_RIGHT)
    page.wait_until(TITLED, "8 days")
    assert page.evaluate(RANGE, "") == zoomed
    kernel.run(f"{TREND.replace('} days', '} nights')}\nshare(trend, controls=True)", cell="trend")
    page.wait_until(TITLED, "8 nights")
    assert page.evaluate(RANGE, "") == zoomed
    assert page.evaluate("() => location.search") == "?days=8"
    assert not page.was_reloaded
    assert is_drawn_on(page.captured(".app .plot"))


@pytest.mark.one_pairing
def test_the_password_is_asked_given_and_forgotten(kernel: Kernel, open_page: OpenPage) -> None:
    kernel.run("import os\nos.environ['BOKEH_SHARE_PASSWORD'] = 'open sesame'", cell="c0")
    link = link_in(kernel.run("%bokeh_share -t Plots --password", cell="the sharing cell"))
    show_figure(kernel, "sales")
    page = open_page(f"{link}#sales", state=None)
    page.type_into("input[type=password]", "wrong")
    page.press_keys(ENTER)
    page.wait_until(TEXT_IS, "[role=alert]", "This password is wrong.")
    page.type_into("input[type=password]", "open sesame")
    page.press_keys(ENTER)
    page.wait_for_state("live")
    assert page.evaluate("() => location.href") == f"{link}#sales"
    page.in_step_with(kernel)
    show_figure(kernel, "sales", title="again")
    page.in_step_with(kernel)
    page.click(".logout-button")
    page.wait_until(EXISTS, "input[type=password]")
    kernel.run("del os.environ['BOKEH_SHARE_PASSWORD']", cell="c0")


def test_a_saved_file_shows_its_plots(kernel: Kernel, link: str, open_page: OpenPage, tmp_path: Path) -> None:
    show_figure(kernel, "first")
    show_figure(kernel, "second")
    kernel.run(f"%bokeh_share --save {tmp_path / 'page.html'}")
    page = open_page((tmp_path / "page.html").as_uri(), state="saved").in_step_with(kernel)
    assert is_drawn_on(page.captured(plot("first")))
    drag_plot(page, "first", canvas("first"))


def test_fingers_scroll_the_page_and_wake_a_figure(
    engine: Firefox | WebKit, kernel: Kernel, link: str, open_page: OpenPage
) -> None:
    if not engine.has_touch:
        pytest.skip("the driver of this engine has no fingers")
    show_figure(kernel, "first", height=600)
    show_figure(kernel, "second", height=600)
    page = open_page(link, width=390, height=844).in_step_with(kernel)
    before = page.evaluate(RANGE, "first")
    page.drag_finger((195, 600), (195, 400))
    page.wait_until("() => scrollY > 100")
    assert page.evaluate(RANGE, "first") == before
    top = page.evaluate("() => scrollY")
    page.tap((195, 350))
    page.wait_until(EXISTS, "[data-awake]")
    page.drag_finger((195, 400), (285, 300))
    page.wait_until(MOVED, "first", before)
    assert page.evaluate("() => scrollY") == top
    panned = page.evaluate(RANGE, "first")
    page.pinch((195, 400), 100, 200)
    page.wait_until(MOVED, "first", panned)
    page.tap(page.middle_of(".done-button"))
    page.wait_until(f"() => !({EXISTS})('[data-awake]')")
    before = page.evaluate(RANGE, "first")
    page.drag_finger((195, 400), (195, 600))
    page.wait_until("(top) => scrollY < top - 100", top)
    assert page.evaluate(RANGE, "first") == before
