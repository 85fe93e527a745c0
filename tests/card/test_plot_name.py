"""Plots are called as their author calls them."""

from __future__ import annotations

from typing import Any

from bokeh.models import ColumnDataSource, DataTable, Slider
from bokeh.plotting import figure
from bokeh.themes import Theme

from bokeh_share.card.plot_name import format_plot_name, format_plot_names
from bokeh_share.plots.key_chooser import SCRIPT_CODE_NAME
from bokeh_share.plots.page import Page, Plot, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.snapshot import Snapshot


def taken(root: Any) -> Snapshot:
    return capture_plot(root, theme=Theme(json={})).snapshot


def plot(root: Any, key: PlotKey = PlotKey("cell", "c")) -> Plot:  # noqa: B008  # a value
    return Page().put(key, taken(root), now=1).plots[0]


def numbered(key: PlotKey) -> int | None:
    return {"c": 24, "sales": 14}.get(key.identifier)


def test_the_name_comes_before_the_title_and_that_before_kind_and_cell() -> None:
    titled = figure(title="Region 0")
    assert format_plot_name(plot(titled, PlotKey("name", "sales")), numbered) == "'sales'"
    assert format_plot_name(plot(titled), numbered) == "'Region 0'"
    table = DataTable(source=ColumnDataSource({"a": [1]}))
    assert format_plot_name(plot(table), numbered) == "table, cell [24]"


def test_where_no_number_is_known_it_is_called_by_its_variable_or_its_kind() -> None:
    slider = Slider(start=0, end=1, value=0)
    assert format_plot_name(plot(slider, PlotKey("variable", "speed"))) == "slider, variable speed"
    assert format_plot_name(plot(slider, PlotKey("cell", "c", 3))) == "slider"
    scripted = plot(slider, PlotKey("code", SCRIPT_CODE_NAME, 3))
    assert format_plot_name(scripted) == "slider, plot 4 of the script"


def test_several_plots_are_counted_and_the_first_is_named() -> None:
    plots = [plot(figure(title=f"Region {number}"), PlotKey("cell", "c", number)) for number in range(18)]
    assert format_plot_names(plots, numbered) == "18 plots, the first is 'Region 0' in cell [24]"
    assert format_plot_names(plots[:1], numbered) == "'Region 0'"
    assert format_plot_names([plot(figure())] * 2, numbered) == "2 plots, the first is a figure in cell [24]"
    assert format_plot_names([plot(figure())] * 2) == "2 plots, the first is a figure"


def test_a_long_title_is_cut_and_one_that_steers_is_seen() -> None:
    assert format_plot_name(plot(figure(title="x" * 500))) == f"'{'x' * 60}…'"
    assert format_plot_name(plot(figure(title="a\n\x1b[2J"))) == r"'a \x1b[2J'"
