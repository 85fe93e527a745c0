"""What BokehJS has to say of a plot stands in the console once, whether the page saw a former plot or not."""

from __future__ import annotations

from collections.abc import Callable

import bokeh
import numpy as np
import pytest
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure
from support.colleague import Author, Two, all_caught_up

Make = Callable[[str, str], figure]


def plot(title: str, kind: str) -> figure:
    """With another title each time; where `kind` is not "patch", in a size that BokehJS redraws wrongly."""
    p = figure(title=title, width=400, height=300, tools="pan,reset")
    p.title.text_font_size = "13px" if title == "before" or kind == "patch" else "20px"
    return p


def labelled(column: str) -> Make:
    def make(title: str, kind: str) -> figure:
        p = plot(title, kind)
        source = ColumnDataSource({"x": [1, 2, 3], "y": [3, 1, 2], "fruit": ["figs", "plums", "pears"]})
        p.scatter("x", "y", source=source, size=12, legend_field=column)
        return p

    return make


def line(count: int) -> Make:
    def make(title: str, kind: str) -> figure:
        p = plot(title, kind)
        p.line(np.arange(count), np.arange(count) * 2.0)
        return p

    return make


BAD = f"error: [bokeh {bokeh.__version__}] Bad column name on label: [object Object]"
RIGHT, MISSPELT, EMPTY = labelled("fruit"), labelled("fruits"), line(0)
CHANGES = {
    "a label's column is misspelt": (RIGHT, MISSPELT, "Bad column name"),
    "a label's column is corrected": (MISSPELT, RIGHT, ""),
    "a label's column stays misspelt": (MISSPELT, MISSPELT, "Bad column name"),
    "a plot stays empty": (EMPTY, EMPTY, "could not set initial ranges"),
    "a plot gets data": (EMPTY, line(9), ""),
    "a line becomes dots with labels": (line(9), RIGHT, ""),
    "a line becomes dots with a misspelt label": (line(9), MISSPELT, "Bad column name"),
}


@pytest.mark.parametrize("kind", ["patch", "redraw", "whole"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_page_that_saw_another_plot_logs_what_a_fresh_one_does(
    colleagues: Two, change: str, kind: str
) -> None:
    here, late = colleagues
    before, after, complaint = CHANGES[change]
    author = Author()
    author.show(before("before", kind))
    with here.watching(author):
        here.until_drawn()
        here.settled()  # BokehJS says at each painting that a plot has no ranges yet
        logged = len(here.console)
        if kind == "whole":
            here.fall_behind()
        author.show(after("after", kind))
        with late.watching(author):
            all_caught_up(here, late)
            late.settled()
            since = here.console[logged:]
            assert set(since) <= set(late.console)
            assert set(late.console) <= set(here.console)
            assert len(set(late.console)) == bool(complaint)
            assert all(complaint in each for each in late.console)
            assert since.count(BAD) <= late.console.count(BAD) <= 1
            assert here.resend_count == late.resend_count == 0
