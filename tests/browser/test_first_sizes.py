"""A card has the same size before its plot is drawn and afterwards, so that nothing jumps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bokeh.layouts import column, gridplot, row
from bokeh.model import Model
from bokeh.models import (
    Button,
    CheckboxGroup,
    ColumnDataSource,
    DataTable,
    Div,
    GridBox,
    Row,
    Select,
    Slider,
    Spacer,
    TableColumn,
    TabPanel,
    Tabs,
    TextInput,
)
from bokeh.plotting import figure
from playwright.sync_api import Browser, ViewportSize
from support.colleague import Author, Colleague

SIZES = """() => [...document.querySelectorAll("section.card")].map((card) => {
    const { width, height } = card.getBoundingClientRect();
    const { scrollWidth } = card.querySelector(".plot");
    return [width, height, scrollWidth].map((size) => Math.round(size * 10) / 10);
})"""


def plot(height: int = 200, width: int = 300, **options: Any) -> figure:
    p = figure(title=f"{height} pixels", height=height, width=width, **options)
    p.line([1, 2, 3], [3, 1, 2])
    return p


def tabs(**options: Any) -> Tabs:
    panels = [TabPanel(child=plot(height), title=f"tab {height}") for height in (150, 250)]
    return Tabs(tabs=panels, **options)


def table() -> DataTable:
    source = ColumnDataSource({"a": [1, 2, 3]})
    return DataTable(source=source, columns=[TableColumn(field="a", title="A")], width=300)


EXACT: dict[str, Callable[[], Model]] = {
    "a figure": plot,
    "a figure of bokeh's size": lambda: plot(600, 600),
    "a figure that is wider than the window": lambda: plot(200, 1700),
    "a figure as wide as the card": lambda: plot(sizing_mode="stretch_width"),
    "a figure that keeps its shape": lambda: plot(sizing_mode="scale_width"),
    "a figure with an aspect ratio": lambda: plot(aspect_ratio=2.5, sizing_mode="stretch_width"),
    "a figure that fills the height": lambda: plot(sizing_mode="stretch_both"),
    "a figure that fills only the height": lambda: plot(sizing_mode="stretch_height"),
    "a figure of fixed size": lambda: plot(sizing_mode="fixed"),
    "a figure with a margin": lambda: plot(margin=(5, 10, 15, 20)),
    "a figure with limits": lambda: plot(min_height=250),
    "a column": lambda: column(plot(), plot(150), spacing=7),
    "a row": lambda: row(plot(), plot(150), spacing=7),
    "a column of rows": lambda: column(row(plot(), plot(150)), row(plot(100), plot(120))),
    "a row as wide as the card": lambda: row(
        plot(sizing_mode="stretch_width"), plot(150, sizing_mode="stretch_width"), sizing_mode="stretch_width"
    ),
    "a row of shapes": lambda: row(
        plot(sizing_mode="scale_width"), plot(sizing_mode="scale_width"), sizing_mode="scale_width"
    ),
    "a column of shapes": lambda: column(plot(), plot(), sizing_mode="scale_width"),
    "a column with space": lambda: column(plot(), Spacer(width=10, height=33), plot(150)),
    "a column with an invisible figure": lambda: column(plot(), plot(visible=False), plot(150), spacing=5),
    "a grid of plots": lambda: gridplot([[plot(), plot()], [plot(150), None]]),
    "a grid of plots without a toolbar": lambda: gridplot([[plot(), plot()]], toolbar_location=None),
    "a grid of plots with the toolbar at its left": lambda: gridplot(
        [[plot(), plot()]], toolbar_location="left"
    ),
    "a grid of plots with the toolbar below": lambda: gridplot([[plot(), plot()]], toolbar_location="below"),
    "a grid with a high cell": lambda: GridBox(
        children=[(plot(100), 0, 0), (plot(100), 1, 0), (plot(200), 0, 1, 2, 1)], spacing=5
    ),
    "a table": table,
    "a plot and a table": lambda: row(plot(400), table()),
}

APPROXIMATE: dict[str, Callable[[], Model]] = {
    "a plot in a tab": tabs,
    "a plot in the second tab": lambda: tabs(active=1),
    "a slider": lambda: Slider(start=0, end=1, value=0, title="x"),
    "a button": lambda: Button(label="x"),
    "a choice": lambda: Select(options=["a"], title="x"),
    "a text": lambda: Div(text="one<br>two"),
    "a field": lambda: TextInput(title="x"),
    "boxes": lambda: CheckboxGroup(labels=["a", "b"]),
    "widgets beside a plot": lambda: Row(children=[plot(), Slider(start=0, end=1, value=0, title="x")]),
    "widgets above a plot": lambda: column(Button(label="x"), Slider(start=0, end=1, value=0), plot()),
    "a figure with an inner size": lambda: plot(frame_height=200, frame_width=200),
}


@pytest.fixture(scope="module")
def colleague(browser: Browser) -> Iterator[Colleague]:
    colleague = Colleague(browser)
    yield colleague
    colleague.close()


def measured(colleague: Colleague, kinds: dict[str, Callable[[], Model]]) -> dict[str, tuple[Any, Any]]:
    """Width, height and scrolled width of each card, before it is drawn and afterwards."""
    author = Author()
    for name, make in kinds.items():
        author.show(make(), name=name)
    with colleague.watching(author, away=True):
        colleague.until_received()
        before = colleague.page.evaluate(SIZES)
        assert colleague.drawn_count == 0
        colleague.look_back()
        colleague.until_drawn()
        after = colleague.page.evaluate(SIZES)
        # BokehJS finds no ranges for a figure that is not visible
        assert {each for each in colleague.troubles if "could not set initial ranges" not in each} == set()
    return {name: pair for name, *pair in zip(kinds, before, after, strict=True)}  # type: ignore[misc]


@pytest.fixture(params=[1280, 390], ids=["wide", "phone"])
def window(request: pytest.FixtureRequest, colleague: Colleague) -> Iterator[None]:
    size = colleague.page.viewport_size
    assert size
    colleague.page.set_viewport_size(ViewportSize(width=request.param, height=800))
    yield
    colleague.page.set_viewport_size(size)


@pytest.mark.usefixtures("window")
def test_a_card_keeps_its_size_when_its_plot_is_drawn(colleague: Colleague) -> None:
    sizes = measured(colleague, EXACT)
    assert {name: pair for name, pair in sizes.items() if pair[0] != pair[1]} == {}


@pytest.mark.usefixtures("window")
def test_a_card_of_widgets_has_about_the_height_that_it_has_when_it_is_drawn(colleague: Colleague) -> None:
    sizes = measured(colleague, APPROXIMATE)
    heights = {name: (before[1], after[1]) for name, (before, after) in sizes.items()}
    assert {name: pair for name, pair in heights.items() if abs(pair[0] - pair[1]) > 45} == {}


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("name", EXACT)
def test_a_plot_alone_on_its_page_keeps_the_size_of_its_card(colleague: Colleague, name: str) -> None:
    ((before, after),) = measured(colleague, {name: EXACT[name]}).values()
    assert before == after
