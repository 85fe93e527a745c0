"""What fills the height that it is given gets one, and no card is lower than what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bokeh.layouts import column, row
from bokeh.models import TabPanel, Tabs
from bokeh.plotting import figure
from bokeh.themes import Theme
from browser.colleague import SIZE, Author, Colleague
from browser.drive import Kernel, Open, Viewer
from playwright.sync_api import Browser, Page

from bokeh_share.page import Key
from bokeh_share.page import Page as Plots
from bokeh_share.picture import take
from bokeh_share.save import save

GIVEN = SIZE["height"] * 0.7
"""What a root that fills the height gets, in a window that is neither high nor low."""
IS_AS_HIGH = """([place, least, most]) => {
    const paper = document.querySelectorAll(".slot:not(.staged) .paper")[place];
    const { top, bottom, height } = paper.getBoundingClientRect();
    let lowest = top;
    const visit = (view) => {
        const box = view.el?.getBoundingClientRect?.();
        if (box?.height) lowest = Math.max(lowest, box.bottom);
        for (const child of view.children()) visit(child);
    };
    for (const view of Bokeh.documents[place].views_manager.roots) visit(view);
    return lowest > top && lowest <= bottom && height >= least && height <= most;
}"""
APP = """
from bokeh_share import share
def sales():
    p = figure(sizing_mode="stretch_both")
    p.line([1, 2], [1, 2])
    return p
share(sales)
"""


def line(**options: Any) -> Any:
    p = figure(**options)
    p.line([1, 2], [1, 2])
    return p


def two_fixed() -> Any:
    return column(line(width=300, height=500), line(width=300, height=500), sizing_mode="stretch_both")


def one_fixed_in_tabs() -> Any:
    return Tabs(tabs=[TabPanel(child=line(width=300, height=800), title="a")], sizing_mode="stretch_both")


def wait_for_height(page: Page, height: float, *, place: int = 0) -> None:
    """Of the paper at this place, with all that is in it; around it are 24 pixels and what makes a tab."""
    page.wait_for_function(IS_AS_HIGH, arg=[place, height, height + 60])


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
        (lambda: line(sizing_mode="stretch_both"), GIVEN),
        (lambda: line(sizing_mode="stretch_height"), GIVEN),
        (lambda: line(sizing_mode="scale_height"), GIVEN),
        (lambda: line(sizing_mode="scale_height", aspect_ratio=0.2), GIVEN),
        (lambda: column(line(sizing_mode="scale_height"), sizing_mode="stretch_both"), GIVEN),
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
        key = Key("name", f"plot {number}")
        plots = plots.put(key, take(model, theme=Theme(json={})).snapshot, now=1)
    file = save(plots, tmp_path / "page.html", now=1)
    context = browser.new_context(viewport=SIZE)
    try:
        viewer = Viewer(context.new_page(), file.as_uri())
        viewer.open("saved")
        viewer.wait_until_drawn([["k1", 1], ["k2", 1]])
        wait_for_height(viewer.page, 1000)
        wait_for_height(viewer.page, GIVEN, place=1)
    finally:
        context.close()


@pytest.mark.parametrize("mode", ["stretch_both", "scale_height"])
def test_an_app_that_fills_the_height_gets_one(kernel: Kernel, link: str, visit: Open, mode: str) -> None:
    kernel.run(APP.replace("stretch_both", mode), cell="sales")
    viewer = visit(f"{link}sales", viewport=SIZE)
    viewer.page.wait_for_function("() => document.querySelector('.app .plot').dataset.opened")
    wait_for_height(viewer.page, GIVEN)
