"""How the sentences of errors call a plot."""

from __future__ import annotations

import pytest
from bokeh.plotting import figure

from bokeh_share.plots.capturer import PlotCapturer
from bokeh_share.plots.key_chooser import SCRIPT_CODE_NAME
from bokeh_share.plots.page import PlotKey


@pytest.mark.parametrize(
    ("key", "title", "cell_number", "expected"),
    [
        (PlotKey("cell", "c1"), "Region 0", 14, "'Region 0' in cell [14]"),
        (PlotKey("name", "sales"), "Region 0", None, "'sales'"),
        (PlotKey("variable", "p"), None, None, "'p'"),
        (PlotKey("cell", "c1", 1), None, 14, "plot 2 in cell [14]"),
        (PlotKey("cell", "c1", 1), None, None, "plot 2 of the cell"),
        (PlotKey("code", SCRIPT_CODE_NAME, 1), None, None, "plot 2 of the script"),
        (PlotKey("code", "", 1), None, None, "plot 2"),
    ],
)
def test_a_plot_has_its_name_or_title_or_else_its_place(
    key: PlotKey, title: str | None, cell_number: int | None, expected: str
) -> None:
    capturer = PlotCapturer(1_000_000)
    capturer.connect_cells(lambda key: cell_number)
    assert capturer.describe_plot(key, [figure(title=title)]) == expected
