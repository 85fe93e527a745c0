"""What fills the height that it is given gets one, and no card is lower than what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bokeh.layouts import column, layout, row
from bokeh.models import Div, TabPanel, Tabs
from bokeh.plotting import figure
from bokeh.themes import Theme
from playwright.sync_api import Browser, Page
from support.colleague import SIZE, Author, Colleague
from support.notebook_pages import Kernel, Open, Viewer
from support.plot_ids import id_of

from bokeh_share.plots.page import Page as Plots
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.sharing.export import save_page

GIVEN = SIZE["height"] * 0.7
"""What a root that fills the height gets, in a window that is neither high nor low."""
IS_AS_HIGH = """([place, least, most]) => {
    const content = document.querySelectorAll(".drawing:not(.offscreen) .plot-content")[place];
    const { top, bottom, height } = content.getBoundingClientRect();
    let lowest = top;
    const visit = (view) => {
        const box = view.el?.getBoundingClientRect?.();
        if (box?.height) lowest = Math.max(lowest, box.bottom);
        for (const child of view.children()) visit(child);
    };
    for (const view of Bokeh.documents[place].views_manager.roots) visit(view);
    return lowest > top && lowest <= bottom && height >= least && height <= most;
}"""
STAYS = """async () => {
    const height = () => document.documentElement.scrollHeight;
    const before = height();
    for (let frame = 0; frame < 20; frame += 1) await new Promise(requestAnimationFrame);
    return height() === before;
}"""
APP = """
from bokeh.layouts import column, layout
from bokeh.models import Div, TabPanel, Tabs
from bokeh_share import share
def line(**options):
    p = figure(**options)
    p.line([1, 2], [1, 2])
    return p
def two(high=500):
    return [line(width=300, height=high), line(width=300, height=high)]
def in_tabs(**options):
    return Tabs(tabs=[TabPanel(child=line(width=300, height=800), title="a")], **options)
"""
TWO = "column(*two(), sizing_mode='stretch_both')"
PHONE = {"width": 375, "height": 800}


def line(**options: Any) -> Any:
    p = figure(**options)
    p.line([1, 2], [1, 2])
    return p


def two_fixed() -> Any:
    return column(line(width=300, height=500), line(width=300, height=500), sizing_mode="stretch_both")


def one_fixed_in_tabs() -> Any:
    return Tabs(tabs=[TabPanel(child=line(width=300, height=800), title="a")], sizing_mode="stretch_both")


def two_rows() -> Any:
    """Rows that share the height of a column, each lower than its plot."""
    return layout([[line(min_height=450)], [line(min_height=450)]], sizing_mode="stretch_both")


def two_nested(**options: Any) -> Any:
    return column(row(two_fixed(), sizing_mode="stretch_both", **options), sizing_mode="stretch_both")


def text_below_text() -> Any:
    words = Div(text="word<br>" * 60, sizing_mode="stretch_both", styles={"line-height": "20px"})
    return column(Div(text="title"), words, sizing_mode="stretch_both")


def wait_for_height(page: Page, height: float, *, place: int = 0, above: float = 0) -> None:
    """Of the plot at this place, with all that is in it, and stays; around it are 24 pixels and what makes a
    tab, and up to these `above`."""
    page.wait_for_function(IS_AS_HIGH, arg=[place, height, height + 60 + above])
    assert page.evaluate(STAYS)


@pytest.fixture(scope="module")
def colleague(browser: Browser) -> Iterator[Colleague]:
    colleague = Colleague(browser)
    yield colleague
    colleague.close()


@pytest.mark.parametrize(
    ("make", "height"),
    [
        (two_fixed, 1000),
        (one_fixed_in_tabs, 800),
        (lambda: line(sizing_mode="stretch_both", min_height=900), 900),
        (lambda: line(sizing_mode="scale_height", min_height=900), 900),
        (lambda: row(line(sizing_mode="stretch_both"), line(height=900), sizing_mode="stretch_both"), 900),
        (two_rows, 900),
        (lambda: column(Div(text="title"), one_fixed_in_tabs(), sizing_mode="stretch_both"), 830),
        (two_nested, 1000),
        (lambda: two_nested(min_height=600), 1000),
        (text_below_text, 1220),
        (lambda: line(sizing_mode="stretch_both"), GIVEN),
        (lambda: line(sizing_mode="stretch_height"), GIVEN),
        (lambda: line(sizing_mode="scale_height"), GIVEN),
        (lambda: line(sizing_mode="scale_height", aspect_ratio=0.2), GIVEN),
        (lambda: column(line(sizing_mode="scale_height"), sizing_mode="stretch_both"), GIVEN),
        # as its author says
        (lambda: column(row(line(height=500), sizing_mode="stretch_both"), width=600, height=300), 300),
    ],
)
def test_a_card_is_as_high_as_what_is_in_it(
    colleague: Colleague, make: Callable[[], Any], height: float
) -> None:
    author = Author()
    author.show(make())
    with colleague.watching(author):
        colleague.until_drawn()
        wait_for_height(colleague.page, height)


def test_a_plot_that_fills_the_height_follows_the_window(colleague: Colleague) -> None:
    author = Author()
    author.show(line(sizing_mode="stretch_both"))
    with colleague.watching(author):
        colleague.until_drawn()
        try:
            for height in (1000, 600):
                colleague.page.set_viewport_size({"width": SIZE["width"], "height": height})
                wait_for_height(colleague.page, height * 0.7)
        finally:
            colleague.page.set_viewport_size(SIZE)


def test_a_saved_page_has_cards_as_high_as_what_is_in_them(browser: Browser, tmp_path: Path) -> None:
    plots = Plots(title="Plots")
    for number, model in enumerate((two_fixed(), line(sizing_mode="scale_height"))):
        key = PlotKey("name", f"plot {number}")
        plots = plots.put(key, capture_plot(model, theme=Theme(json={})).snapshot, now=1)
    file = save_page(plots, tmp_path / "page.html", now=1)
    context = browser.new_context(viewport=SIZE)
    try:
        viewer = Viewer(context.new_page(), file.as_uri())
        viewer.open("saved")
        viewer.wait_until_drawn([[id_of("plot 0"), 1], [id_of("plot 1"), 1]])
        wait_for_height(viewer.page, 1000)
        wait_for_height(viewer.page, GIVEN, place=1)
    finally:
        context.close()


def open_app(kernel: Kernel, link: str, visit: Open, code: str, size: Any = SIZE) -> Viewer:
    """Share the app `sales` that this code defines, and open it."""
    kernel.run(f"{APP}\n{code}", cell="sales")
    viewer = visit(f"{link}sales", viewport=size)
    viewer.page.wait_for_function("() => document.querySelector('.app .plot').dataset.openCount")
    return viewer


@pytest.mark.parametrize(
    ("root", "height"),
    [
        ("line(sizing_mode='stretch_both')", GIVEN),
        ("line(sizing_mode='stretch_height')", GIVEN),
        ("line(sizing_mode='scale_height')", GIVEN),
        ("line(sizing_mode='stretch_both', min_height=900)", 900),
        ("line(sizing_mode='scale_height', min_height=900)", 900),
        (TWO, 1000),
        (TWO.replace("both", "height"), 1000),
        ("in_tabs(sizing_mode='stretch_both')", 800),
        ("layout([[line(min_height=450)], [line(min_height=450)]], sizing_mode='stretch_both')", 900),
        (f"[{TWO}, line(height=200)]", 1200),
        ("[line(sizing_mode='stretch_both'), line(sizing_mode='scale_height')]", 2 * GIVEN - 24),
    ],
)
@pytest.mark.parametrize("size", [SIZE, PHONE], ids=["wide", "phone"])
def test_an_app_is_as_high_as_what_is_in_it(
    kernel: Kernel, link: str, visit: Open, root: str, height: float, size: Any
) -> None:
    code = f"def sales(days: int = 7): return {root}\nshare(sales, controls={size is PHONE})"
    viewer = open_app(kernel, link, visit, code, size)
    wait_for_height(viewer.page, height, above=60 if size is PHONE else 0)


def test_an_app_with_several_roots_is_as_high_as_all_of_them(kernel: Kernel, link: str, visit: Open) -> None:
    code = f"""
def sales(doc):
    for root in ({TWO}, in_tabs(sizing_mode="stretch_both"), line(sizing_mode="scale_height")):
        doc.add_root(root)
share(sales)
"""
    wait_for_height(open_app(kernel, link, visit, code).page, 1000 + 800 + GIVEN - 24)


@pytest.mark.parametrize("low", ["stretch_both", "fixed", "scale_both"])
def test_an_app_grows_and_shrinks_with_a_viewers_choice(
    kernel: Kernel, link: str, visit: Open, low: str
) -> None:
    code = f"""
def sales(high: bool = False):
    return {TWO} if high else line(width=300, height=300, sizing_mode="{low}")
share(sales, controls=True)
"""
    page = open_app(kernel, link, visit, code).page
    former = {"stretch_both": GIVEN, "fixed": 300, "scale_both": 600}[low]
    for height in (former, 1000, former):
        wait_for_height(page, height, above=140)
        page.get_by_label("high").click()


def test_an_app_grows_with_what_a_callback_puts_into_it(kernel: Kernel, link: str, visit: Open) -> None:
    code = """
from bokeh.models import Button
def sales():
    button = Button(label="more")
    below = column(line(sizing_mode="stretch_both"), sizing_mode="stretch_both")
    def more():
        below.children = [in_tabs(sizing_mode="stretch_both")]
    button.on_click(more)
    return column(button, below, sizing_mode="stretch_both")
share(sales)
"""
    page = open_app(kernel, link, visit, code).page
    wait_for_height(page, GIVEN)
    page.get_by_role("button", name="more").click()
    wait_for_height(page, 800, above=40)


def test_an_app_of_panels_is_as_high_as_what_is_in_it_and_has_its_controls(
    kernel: Kernel, link: str, visit: Open
) -> None:
    code = """
import panel
def sales(days: int = 7):
    panes = [panel.pane.Bokeh(plot) for plot in two()]
    return panel.Column(*panes, sizing_mode="stretch_both")
share(sales, controls=True)
"""
    page = open_app(kernel, link, visit, code).page
    wait_for_height(page, 1000, above=60)
    assert page.get_by_label("days").is_visible()


def test_bokehjs_updates_the_layout_of_columns_by_the_method_that_ours_goes_on_from(
    colleague: Colleague,
) -> None:
    """Private to BokehJS: if it has moved, this fails."""
    author = Author()
    author.show(line())
    with colleague.watching(author):
        colleague.until_drawn()
        found = colleague.page.evaluate(
            """() => {
                const { ColumnView } = Bokeh.require("models/layouts/column");
                const above = Object.getPrototypeOf(ColumnView.prototype);
                return [Object.hasOwn(ColumnView.prototype, "_update_layout"), typeof above._update_layout];
            }"""
        )
    assert found == [True, "function"]
