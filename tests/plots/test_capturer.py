"""Errors about plots call them as the card does."""

from __future__ import annotations

from typing import Any

import pytest
from bokeh.models import ColumnDataSource, DataTable, Div, TeX, Title
from bokeh.plotting import figure

from bokeh_share.errors import CannotSerialize
from bokeh_share.plots.capturer import MAX_NAME_LENGTH, PlotCapturer
from bokeh_share.plots.key_chooser import SCRIPT_CODE_NAME
from bokeh_share.plots.page import PlotKey

CELL = PlotKey("cell", "c", 1)


@pytest.fixture
def capturer() -> PlotCapturer:
    capturer = PlotCapturer(10**6)
    capturer.connect_cells(lambda key: 14 if key.kind == "cell" else None)
    return capturer


@pytest.mark.parametrize(
    ("models", "key", "expected"),
    [
        ([figure(title="Sales")], CELL, "'Sales' in cell [14]"),
        ([figure(title="Sales")], PlotKey("name", "costs"), "'costs'"),
        ([figure(title=Title(text=TeX(text="x^2")))], CELL, "'x^2' in cell [14]"),
        ([figure(title="x" * 500)], CELL, f"'{'x' * MAX_NAME_LENGTH}…' in cell [14]"),
        ([figure()], CELL, "figure, cell [14]"),
        ([DataTable(source=ColumnDataSource({"a": [1]}))], CELL, "table, cell [14]"),
        ([Div(text="a"), Div(text="b")], CELL, "layout, cell [14]"),
        ([Div(text="a")], PlotKey("variable", "speed"), "text, variable speed"),
        ([Div(text="a")], PlotKey("code", SCRIPT_CODE_NAME, 2), "text, plot 3 of the script"),
    ],
)
def test_a_plot_is_called_by_its_name_else_its_title_else_its_kind_and_place(
    capturer: PlotCapturer, models: list[Any], key: PlotKey, expected: str
) -> None:
    assert capturer.describe_plot(key, models) == expected


def test_the_error_of_a_plot_without_a_title_names_its_kind_and_its_cell(capturer: PlotCapturer) -> None:
    bad = figure()
    bad.line("x", "y", source=ColumnDataSource({"x": [1], "y": [object()]}))
    with pytest.raises(CannotSerialize, match=r"cannot share figure, cell \[14\]: "):
        capturer.capture(CELL, bad)
