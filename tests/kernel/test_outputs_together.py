"""Ways to put out plots, in one cell: HoloViews' beside Bokeh's, in widgets, cleared, and in other orders."""

from __future__ import annotations

import pytest
from support.kernel_driver import Kernel
from support.plot_ids import id_of
from support.viewer import Viewer

CURVES = """
import holoviews as hv
from IPython.display import clear_output, display
from ipywidgets import interact
hv.extension('bokeh', logo=False)
def curve(title, *values):
    return hv.Curve(list(values), label=title)
"""


def ids(viewer: Viewer) -> dict[str, str]:
    """By title."""
    return dict(zip(viewer.titles, [plot["id"] for plot in viewer.plots], strict=True))


@pytest.fixture
def curves(kernel: Kernel, viewer: Viewer) -> Kernel:
    kernel.run(CURVES, "c0")
    return kernel


def test_a_curve_that_interact_displays_changes_in_place_and_ends_with_its_cell(
    curves: Kernel, viewer: Viewer
) -> None:
    code = "interact(lambda x: display(curve(f'a {x}', 1, 2, x)), x=(0, 9));"
    curves.run(code, "c1")
    viewer.shows(["a 4"])
    before = [*ids(viewer).values()]
    for value in (5, 6):
        curves.move(curves.widget("IntSliderModel"), value=value)
        viewer.shows([f"a {value}"])
    curves.run(code, "c1")
    viewer.shows(["a 4"])
    assert [*ids(viewer).values()] == before
    curves.run("pass", "c1")
    viewer.shows([])


def test_curves_that_are_displayed_in_another_order_stay_themselves(curves: Kernel, viewer: Viewer) -> None:
    curves.run("display(curve('a', 1, 2)); display(curve('b', 30, 20, 10))", "c1")
    viewer.shows(["a", "b"])
    before = ids(viewer)
    curves.run("display(curve('b', 30, 20, 10)); display(curve('a', 1, 2))", "c1")
    viewer.shows(["b", "a"])
    assert ids(viewer) == before
    curves.run("display(curve('a', 1, 2))", "c1")
    viewer.shows(["a"])
    assert ids(viewer) == {"a": before["a"]}


def test_a_loop_that_clears_and_displays_a_curve_is_one_plot(curves: Kernel, viewer: Viewer) -> None:
    curves.run("for n in range(4):\n    clear_output(wait=True)\n    display(curve(f'a {n}', 1, n))", "c1")
    viewer.shows(["a 3"])
    assert [plot["id"] for plot in viewer.plots] == [id_of("c1", "cell")]


def test_a_plot_before_or_behind_what_interact_shows_stays_itself(curves: Kernel, viewer: Viewer) -> None:
    moved = "interact(lambda x: show(fig(f'm {x}')), x=(0, 9));"
    curves.run(f"show(fig('a'))\n{moved}", "c1")
    viewer.shows(["a", "m 4"])
    before = ids(viewer)
    curves.run(f"{moved}\nshow(fig('a'))", "c1")
    viewer.shows(["m 4", "a"])
    assert ids(viewer) == before
    curves.move(curves.widget("IntSliderModel"), value=7)
    viewer.shows(["m 7", "a"])
    assert [*ids(viewer).values()] == [before["m 4"], before["a"]]
    curves.run("show(fig('a'))", "c1")
    viewer.shows(["a"])
    assert ids(viewer) == {"a": before["a"]}


def test_plots_that_are_cleared_and_shown_in_another_order_are_there_once(
    curves: Kernel, viewer: Viewer
) -> None:
    shown = "show(fig('a')); show(fig('b')); clear_output(wait=True); "
    curves.run(shown + "show(fig('a')); show(fig('b'))", "c1")
    viewer.shows(["a", "b"])
    curves.run(shown + "show(fig('b')); show(fig('a'))", "c1")
    viewer.shows(["b", "a"])
    curves.run("show(fig('b')); show(fig('a'))", "c1")
    viewer.shows(["b", "a"])
    curves.run("pass", "c1")
    viewer.shows([])
