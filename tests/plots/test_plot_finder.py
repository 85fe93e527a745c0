"""Plots by what the author calls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bokeh.layouts import column
from bokeh.models import Ascii, MathML, PlainText, Slider, TeX, Title
from bokeh.plotting import figure
from bokeh.themes import Theme

from bokeh_share.errors import UnknownName
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.plot_finder import PlotFinder, find_title
from bokeh_share.plots.snapshot.capture import capture_plot


def build_page(*titles: str, name: str = "") -> Page:
    page = Page()
    for position, title in enumerate(titles):
        key = PlotKey("name", name, position) if name else PlotKey("cell", "c", position)
        page = page.put(key, capture_plot(figure(title=title), theme=Theme(json={})).snapshot, now=1)
    return page


def find(page: Page, name: str, *apps: str) -> list[int]:
    return [key.position for key in PlotFinder(page.plots, apps).find(name)]


def refusal(page: Page, name: str, *apps: str) -> str:
    with pytest.raises(UnknownName) as refused:
        PlotFinder(page.plots, apps).find(name)
    return str(refused.value)


def test_a_plot_without_a_name_is_called_by_its_title() -> None:
    def titled(text: str) -> str | None:
        return find_title(capture_plot(figure(title=text), theme=Theme(json={})).snapshot)

    assert titled('the "best" \\ year') == 'the "best" \\ year'
    assert titled("") is None
    assert find_title(capture_plot(Slider(start=0, end=1, value=0), theme=Theme(json={})).snapshot) is None


@pytest.mark.parametrize("formula", [TeX, MathML, PlainText, Ascii])
def test_a_formula_as_title_is_called_by_its_source(formula: Callable[..., Any]) -> None:
    snapshot = capture_plot(figure(title=Title(text=formula(text="x^2"))), theme=Theme(json={})).snapshot
    assert find_title(snapshot) == "x^2"
    page = Page().put(PlotKey("cell", "c"), snapshot, now=1)
    assert find(page, "x^2") == [0]
    assert refusal(page, "y") == "no plot 'y': on the page is 'x^2'"


def test_an_empty_title_is_passed_over() -> None:
    plots = column(figure(title=""), figure(title=Title(text=TeX(text=""))), figure(title="Margin"))
    assert find_title(capture_plot(plots, theme=Theme(json={})).snapshot) == "Margin"


def test_a_title_or_an_id_is_a_name_of_its_plot() -> None:
    page = build_page("Sales", "Margin")
    assert find(page, "Margin") == find(page, "k2") == [1]


def test_a_name_has_all_its_plots_and_goes_before_a_title() -> None:
    page = build_page("a", "b", name="sales")
    assert find(page, "sales") == [0, 1]
    assert find(page, "sales 2") == [1]
    title = capture_plot(figure(title="sales"), theme=Theme(json={})).snapshot
    assert find(page.put(PlotKey("cell", "c", 7), title, now=1), "sales") == [0, 1]


def test_a_title_of_several_plots_needs_an_id() -> None:
    page = build_page("Costs", "Sales", "Costs")
    expected = "no single plot 'Costs': 2 plots have this title; give an id instead: k1 or k3"
    assert refusal(page, "Costs") == expected


def test_an_unknown_name_is_answered_with_the_nearest_or_with_all() -> None:
    page = build_page("Sales", "Margin", "")
    assert refusal(page, "sales") == "no plot 'sales': did you mean 'Sales'?"
    assert refusal(page, "x") == "no plot 'x': on the page are 'Sales', 'Margin' and k3"
    assert refusal(page, "x", "trend") == (
        "no plot or app 'x': on the page are 'Sales', 'Margin', k3 and 'trend'"
    )
    assert refusal(build_page("Sales"), "x") == "no plot 'x': on the page is 'Sales'"
    assert refusal(Page(), "x") == "no plot 'x': nothing is on the page yet"


def test_a_long_page_is_listed_in_part() -> None:
    page = build_page(*(f"{'long ' * 100}{number}" for number in range(20)))
    message = refusal(page, "x")
    assert message.endswith(" and 12 more, which --status lists")
    assert len(message) < 700
