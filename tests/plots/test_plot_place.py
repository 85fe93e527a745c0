"""Plots without a name and a title are called by their kind and their place."""

from __future__ import annotations

from typing import Any

import pytest
from bokeh.layouts import column, gridplot, row
from bokeh.models import ColumnDataSource, DataTable, Div, MultiSelect, Tabs
from bokeh.plotting import figure
from bokeh.themes import Theme

from bokeh_share.plots.key_chooser import SCRIPT_CODE_NAME
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.plot_place import describe_kind, describe_place, describe_unnamed_plot
from bokeh_share.plots.snapshot.capture import capture_plot


@pytest.mark.parametrize(
    ("root", "kind"),
    [
        (figure(), "figure"),
        (row(figure(), figure()), "layout"),
        (column(figure()), "layout"),
        (gridplot([[figure()]]), "layout"),
        (DataTable(source=ColumnDataSource({"a": [1]})), "table"),
        (Div(text="a"), "text"),
        (MultiSelect(), "multi select"),
        (Tabs(tabs=[]), "tabs"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_kind_is_a_word_that_authors_know(root: Any, kind: str) -> None:
    snapshot = capture_plot(root, theme=Theme(json={})).snapshot
    assert describe_kind(snapshot.nodes[0].model_type) == kind
    assert describe_kind(type(root).__name__) == kind, "before it is captured"


def test_a_place_is_the_cell_else_the_variable_else_the_number_in_the_script() -> None:
    assert describe_place(PlotKey("variable", "speed"), 24) == "cell [24]"
    assert describe_place(PlotKey("variable", "speed"), None) == "variable speed"
    assert describe_place(PlotKey("code", SCRIPT_CODE_NAME, 2), None) == "plot 3 of the script"
    assert describe_place(PlotKey("code", "", 2), None) == "", "of a task in a notebook"
    assert describe_place(PlotKey("cell", "c", 2), None) == ""


def test_an_unnamed_plot_has_its_kind_and_its_place() -> None:
    assert describe_unnamed_plot("table", PlotKey("cell", "c"), 24) == "table, cell [24]"
    assert describe_unnamed_plot("table", PlotKey("cell", "c"), None) == "table"
