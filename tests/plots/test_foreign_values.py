"""What the author is told of a value that Bokeh cannot show."""

from __future__ import annotations

import collections
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from bokeh_share.plots.foreign_values import describe_value

SHARE = "share a Bokeh figure, layout, widget or table"


def weekly(days: int) -> None: ...


def of_library(module: str, name: str) -> Any:
    """An object of a library that need not be installed: only the class's module counts."""
    return type(name, (), {"__module__": module})()


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        ("matplotlib.figure", "Figure", "a Figure of Matplotlib: Bokeh cannot show it; draw it"
         " with Bokeh, or share it as an app: share(panel.pane.Matplotlib(fig), name='fig')"),
        ("matplotlib.axes._axes", "Axes", "an Axes of Matplotlib: Bokeh cannot show it; draw it"
         " with Bokeh, or share it as an app: share(panel.pane.Matplotlib(fig.figure), name='fig')"),
        ("seaborn.axisgrid", "FacetGrid", "a FacetGrid of seaborn: Bokeh cannot show it; draw it"
         " with Bokeh, or share it as an app: share(panel.pane.Matplotlib(fig.figure), name='fig')"),
        ("plotly.graph_objs._figure", "Figure", "a Figure of Plotly: Bokeh cannot show it; draw it with"
         " Bokeh"),
        ("altair.vegalite.v6.api", "Chart", "a Chart of Altair: Bokeh cannot show it; draw it with Bokeh"),
        ("PIL.PngImagePlugin", "PngImageFile", "an image of Pillow: Bokeh cannot show it; draw it"
         " with figure().image_rgba(…), or share it as an app: share(panel.pane.Image(fig), name='fig')"),
        ("pandas.core.frame", "DataFrame", "a DataFrame of pandas: make a Bokeh table or plot of it, such as"
         " bokeh.models.DataTable, and share that"),
        ("polars.dataframe.frame", "DataFrame", "a DataFrame of Polars: make a Bokeh table or plot of it,"
         " such as bokeh.models.DataTable, and share that"),
        ("xarray.core.dataset", "Dataset", "a Dataset of xarray: Bokeh cannot show it; draw it with"
         " Bokeh, or with hvPlot: fig.hvplot()"),
        ("ipywidgets.widgets.widget_int", "IntSlider", "an IntSlider of ipywidgets: Bokeh cannot show"
         " it; use a widget of Bokeh, or of Panel"),
    ],
)  # fmt: skip
def test_an_object_of_another_library_is_named_with_what_works(module: str, name: str, expected: str) -> None:
    kind, hint = describe_value(of_library(module, name), "fig")
    assert f"{kind}: {hint}" == expected


def test_an_object_that_derives_from_a_librarys_class_counts_too() -> None:
    class Report(type(of_library("pandas.core.frame", "DataFrame"))):  # type: ignore[misc]
        pass

    assert describe_value(Report()).kind == "a Report of pandas"


def test_a_value_without_a_variable_has_a_placeholder() -> None:
    hint = describe_value(of_library("matplotlib.figure", "Figure")).hint
    assert "share(panel.pane.Matplotlib(…), name='plot')" in hint


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "None: assign the figure itself, as functions such as show(p) return nothing"),
        (weekly, "a function: share(weekly) makes it an app"),
        (len, "a function: share(weekly) makes it an app"),
        (figure, "a class: share a plot that you make with it"),
        (collections, f"a module: {SHARE}"),
        (3, f"of type 'int': {SHARE}"),
        ("p", f"a text: {SHARE}"),
        (Document(), "a Bokeh document: share its roots: share(document.roots[0])"),
        (ColumnDataSource(), "a ColumnDataSource: it is a part of a plot; share the figure that has it"),
        ([], "an empty list: put plots in it"),
        ([figure(), 3], "a list whose item 1 is of type 'int': share a list of figures, layouts, widgets or"
         " tables"),
        ([[figure()]], "a list whose item 0 is another list: share a list of figures, layouts, widgets or"
         " tables"),
        ((ColumnDataSource(),), "a tuple with parts of plots: share a list of whole figures"),
        ({"a": figure()}, "a dictionary: share its plots as a list: share([*plots.values()])"),
        (iter([]), "a list_iterator: share a list of plots: share([…])"),
        (np.zeros(3), "a ndarray of NumPy: draw it with Bokeh, and share the figure"),
    ],
    ids=lambda each: each if isinstance(each, str) else type(each).__name__,
)  # fmt: skip
def test_any_other_value_is_described_in_words(value: Any, expected: str) -> None:
    kind, hint = describe_value(value, "weekly")
    assert f"{kind}: {hint}" == expected


class Plotter:
    __call__: Callable[..., None] = weekly


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        (Plotter(), "plotter", "an object that can be called: share(plotter, name='plotter') makes it"
         " an app"),
        (Plotter(), None, "an object that can be called: share(function, name='plot') makes it an app"),
        (functools.partial(weekly, 7), "seven", "an object that can be called: share(seven, name='seven')"
         " makes it an app"),
        (Plotter().__call__, "plotter", "a function: share(plotter) makes it an app"),
        (np.sin, "wave", "an ufunc of NumPy: draw it with Bokeh, and share the figure"),
    ],
)  # fmt: skip
def test_an_object_that_can_be_called_is_no_function(value: Any, name: str | None, expected: str) -> None:
    kind, hint = describe_value(value, name)
    assert f"{kind}: {hint}" == expected


def test_an_object_of_a_library_is_named_although_it_can_be_called() -> None:
    row = type("Row", (), {"__module__": "panel.layout.base", "__call__": weekly})()
    assert describe_value(row, "row") == ("a Row of Panel", "share(row) makes it an app")
    assert describe_value([row]).kind == "a list whose item 0 is a Row of Panel"


def test_a_class_may_have_no_module() -> None:
    value = type("Odd", (), {"__module__": None})()
    assert describe_value(value).kind.startswith("of type ")


def test_a_list_may_contain_itself() -> None:
    plots: collections.UserList[object] = collections.UserList()
    plots.append(plots)
    assert describe_value(plots).kind == "a UserList whose item 0 is another list"
