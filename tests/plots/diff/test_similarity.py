"""Which plots are the same to a person, and which axes of a figure: where a zoom is worth keeping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bokeh.layouts import row
from bokeh.models import ColumnDataSource, DataTable, TableColumn
from bokeh.plotting import figure
from bokeh.themes import Theme
from bokeh.transform import cumsum

from bokeh_share.plots.diff.matching import assign_ids
from bokeh_share.plots.diff.outline import Outline
from bokeh_share.plots.diff.similarity import is_unrelated, is_unrelated_axis
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.snapshot import Snapshot

MONTHS = np.arange(1, 13)
GRID = np.linspace(0.0, 10.0, 8)
FIELD = np.add.outer(np.sin(GRID), np.cos(GRID))
FIXED = {"x_range": (0, 10), "y_range": (0, 10)}


def frame(kind: str, title: str | None, x: str, y: str, values: Any) -> Any:
    """A frame of two columns, with the index that pandas makes."""
    p = figure(title=title)
    columns = {"index": np.arange(len(values[0])), x: values[0], y: values[1]}
    getattr(p, kind)(x, y, source=ColumnDataSource(columns))
    return p


def drawn(kind: str, x: Any, y: Any, title: str | None = "Sales", **options: Any) -> Any:
    p = figure(title=title, **options)
    getattr(p, kind)(x, y)
    return p


def sales(kind: str = "line", title: str | None = "Sales") -> Any:
    return frame(kind, title, "month", "sales", (MONTHS, MONTHS * 10.0))


def patients(title: str | None = "Patients") -> Any:
    return frame("scatter", title, "age", "height", (np.arange(20, 80, 5), np.linspace(150, 190, 12)))


def bars(title: str) -> Any:
    p = figure(title=title)
    p.vbar(x=MONTHS, top=MONTHS * 10.0, width=0.8)
    return p


def pie(title: str | None = "Countries", kind: str = "wedge") -> Any:
    angles = np.array([1.0, 2.0, 1.5, 1.7])
    columns = {"country": list("abcd"), "angle": angles, "color": ["red", "green"] * 2}
    source = ColumnDataSource({"index": np.arange(4), **columns})
    radii = {"radius": 0.4} if kind == "wedge" else {"inner_radius": 0.2, "outer_radius": 0.4}
    edges = {"start_angle": cumsum("angle", include_zero=True), "end_angle": cumsum("angle")}
    p = figure(title=title)
    getattr(p, kind)(x=0, y=1, **radii, **edges, fill_color="color", legend_field="country", source=source)
    return p


def image(title: str | None = None, times: float = 1, **options: Any) -> Any:
    p = figure(title=title, **options)
    p.image([FIELD * times], x=0, y=0, dw=10 * times, dh=10)
    return p


def contour(title: str | None = None, **options: Any) -> Any:
    """As Bokeh draws it, by a package that need not be there."""
    low, high = np.array([0.0, 5, 5, 0]), np.array([5.0, 10, 10, 5])
    sides = np.array([0.0, 0, 10, 10])
    columns = {"xs": [[[low]], [[high]]], "ys": [[[sides]], [[sides]]], "color": ["teal", "gold"]}
    p = figure(title=title, **options)
    p.multi_polygons(fill_color="color", source=ColumnDataSource(columns))
    return p


def table(*names: str, start: float = 0.0) -> Any:
    columns = {name: start + number + np.sqrt(MONTHS) for number, name in enumerate(names)}
    return DataTable(source=ColumnDataSource(columns), columns=[TableColumn(field=name) for name in names])


def seen(root: Any) -> Snapshot:
    return capture_plot(root, theme=Theme(json={})).snapshot


def moved_axes(before: Any, after: Any) -> str:
    """The axes of the figures at the roots that measure something else."""
    then, now = (Outline(seen(each).nodes, 0) for each in (before, after))
    return "".join(name for name in "xy" if is_unrelated_axis(then, now, name))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (sales, patients),
        (lambda: sales(title=None), lambda: patients(title=None)),
        (lambda: sales(title="Sales by month"), lambda: patients("Patients by age, 2026")),
        (lambda: sales(title="Sales in 2026"), lambda: patients("Patients in 2026")),
        (lambda: drawn("line", [1, 2, 3], [10, 20, 30]), lambda: drawn("line", [7, 8], [20, 30], "Ages")),
        (sales, pie),
        (lambda: drawn("line", [0, 1, 2], [0, 1, 4], None), lambda: pie(None)),
        (lambda: image("Sales"), lambda: image("Patients", times=3)),
        (lambda: table("cost", "gain"), lambda: table("age", "height", start=40)),
        (lambda: row(sales(), sales()), lambda: row(patients(), patients())),
    ],
)  # fmt: skip
def test_quite_another_plot_is_another(before: Callable[[], Any], after: Callable[[], Any]) -> None:
    assert is_unrelated(seen(before()), seen(after()))
    assert is_unrelated(seen(after()), seen(before()))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (sales, sales),
        (sales, lambda: sales(title="Gains")),
        (sales, lambda: sales("scatter", "Gains")),
        (sales, lambda: drawn("line", MONTHS + 100, MONTHS * 3.5)),
        (lambda: sales(title="Sales, June"), lambda: patients("Sales, July")),
        (lambda: drawn("line", MONTHS, MONTHS * 10), lambda: drawn("line", MONTHS, MONTHS * 10, "Gains")),
        (lambda: drawn("line", MONTHS, MONTHS, None), lambda: drawn("line", MONTHS + 50, -MONTHS, None)),
        (lambda: drawn("line", [], []), patients),
        (lambda: sales(title="Sales"), lambda: pie("Sales")),
        (lambda: image(**FIXED), lambda: contour(**FIXED)),
        (image, contour),
        (lambda: image("Before", **FIXED), lambda: contour("After", **FIXED)),
        (lambda: pie("Sales"), lambda: pie("Gains", "annular_wedge")),
        (lambda: table("cost", "gain"), lambda: table("cost", "loss", start=40)),
    ],
)  # fmt: skip
def test_what_says_draws_or_covers_the_same_is_the_same_plot(
    before: Callable[[], Any], after: Callable[[], Any]
) -> None:
    assert not is_unrelated(seen(before()), seen(after()))
    assert not is_unrelated(seen(after()), seen(before()))


@pytest.mark.parametrize(
    ("before", "after", "axes"),
    [
        (lambda: sales(title="Sales"), lambda: pie("Sales"), "xy"),
        (lambda: bars("Sales"), lambda: pie("Sales"), "xy"),
        (lambda: pie("Sales"), lambda: pie("Sales", "annular_wedge"), ""),
        (sales, lambda: sales("scatter"), ""),
        (sales, lambda: bars("Sales"), ""),
        (sales, lambda: frame("line", "Cold", "month", "degrees", (MONTHS, MONTHS / 10 - 30)), "y"),
        (sales, lambda: frame("line", "Sales", "month", "degrees", (MONTHS, MONTHS / 10 - 30)), ""),
        (sales, lambda: drawn("scatter", MONTHS * 1000.0, MONTHS * 10), "x"),
        (sales, lambda: drawn("line", MONTHS * 1000.0, MONTHS * 10), ""),
        (sales, lambda: drawn("scatter", [], []), ""),
        (lambda: drawn("scatter", [1.0], [np.inf]), lambda: drawn("line", [1.0], [np.nan]), ""),
        (lambda: image("Heat", **FIXED), lambda: contour("Heat", **FIXED), ""),
        (lambda: image("Heat"), lambda: contour("Heat"), ""),
        (lambda: image("Heat"), lambda: drawn("line", GRID, GRID * 99, "Heat"), "y"),
        (lambda: drawn("line", [1, 2], [1, 2], **FIXED), lambda: drawn("scatter", [90], [90], **FIXED), ""),
    ],
)  # fmt: skip
def test_an_axis_is_another_where_a_zoom_along_it_leads_nowhere(
    before: Callable[[], Any], after: Callable[[], Any], axes: str
) -> None:
    assert moved_axes(before(), after()) == axes
    assert moved_axes(after(), before()) == axes


@pytest.mark.parametrize(
    "make", [sales, patients, pie, image, contour, lambda: table("cost"), lambda: drawn("line", [], [])]
)
def test_what_is_shown_again_unchanged_keeps_all_of_its_models(make: Callable[[], Any]) -> None:
    then = assign_ids(seen(make()), None, 1)
    assert assign_ids(seen(make()), then, 2) == then
