"""Plots that the author names: variables, cells and `share(p, name=…)`."""

from __future__ import annotations

import pytest
from support.kernel_driver import DRAW_HINT, Kernel
from support.viewer import Viewer


def test_variables_are_shared_by_name_and_followed_whichever_cell_binds_them(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run("p, q = fig('a'), fig('b')", "c1")
    kernel.run("%bokeh_share p q", "c2")
    viewer.shows(["a", "b"], names=["p", "q"])
    kernel.run("q = fig('B')", "c3")
    viewer.shows(["a", "B"])
    kernel.run("p.title.text = 'A'", "c4")
    viewer.shows(["A", "B"], names=["p", "q"])


def test_a_shared_variable_that_is_also_shown_stays_one_plot(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('a')\nshow(p)", "c1")
    kernel.run("%bokeh_share p", "c2")
    viewer.shows(["a"], names=["p"])
    kernel.run("p = fig('A')\nshow(p)", "c1")
    viewer.shows(["A"], names=["p"])


def test_a_variable_bound_to_something_else_keeps_its_last_plot(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('a')\n%bokeh_share p", "c1")
    output = kernel.run("p = 3\nshow(fig('b'))", "c2")
    viewer.shows(["a", "b"])
    assert output.lines == ["bokeh_share: 1 plot on the page", DRAW_HINT]
    kernel.run("del p", "c3")
    kernel.run("p = fig('A')", "c4")
    viewer.shows(["A", "b"])


def test_share_puts_a_plot_there_under_its_name(kernel: Kernel) -> None:
    kernel.run("from bokeh_share import share\np = fig('a')\nlive = share(p, name='sales')", "c1")
    with kernel.watch() as viewer:
        viewer.shows(["a"], names=["sales"])
        kernel.run("share(fig('b'), name='sales');", "c2")
        viewer.shows(["b"])
        kernel.run("assert share(p) is live", "c3")
        viewer.shows(["b", "a"], names=["sales", None])
        kernel.run("p.title.text = 'A'\nshow(p)", "c4")
        viewer.shows(["b", "A", "A"])


def test_what_was_shared_by_name_outlives_its_cell(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("import bokeh_share\nbokeh_share.share(fig('a'), name='sales');\nshow(fig('b'))", "c1")
    viewer.shows(["a", "b"])
    kernel.run("pass", "c1")
    viewer.shows(["a"])


def test_dropping_a_name_takes_its_plot_off_the_page(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("import bokeh_share\nlive = bokeh_share.share()\np = fig('a')", "c1")
    kernel.run("%bokeh_share p", "c2")
    kernel.run("bokeh_share.share(fig('b'), name='sales');", "c3")
    viewer.shows(["a", "b"])
    kernel.run("live.drop('sales')", "c4")
    viewer.shows(["a"])
    kernel.run("live.drop('p')\np = fig('A')\nshow(fig('c'))", "c5")
    viewer.shows(["c"])


def test_a_cell_may_be_named_and_awaits_as_ever(kernel: Kernel, viewer: Viewer) -> None:
    cell = "%%bokeh_share sales\nawait asyncio.sleep(0)\nshow(fig('a'))\nshow(fig('b'))"
    output = kernel.run(cell, "c1")
    viewer.shows(["a", "b"], names=["sales", "sales 2"])
    assert output.lines == ["bokeh_share: 2 plots on the page", DRAW_HINT]
    kernel.run(cell.replace("show(fig('b'))", "7"), "c1")
    viewer.shows(["a"])


def test_a_named_cells_tracebacks_have_the_right_lines(kernel: Kernel, viewer: Viewer) -> None:
    named = kernel.run("%%bokeh_share sales\nshow(fig('a'))\n\n1 / 0", "c1", fails=True)
    assert "----> 4 1 / 0" in named.traceback
    assert "line 4" in named.traceback
    assert "bokeh_share.py" not in named.traceback
    viewer.shows(["a"])
    wrong = kernel.run("%%bokeh_share sales\nx = 1\ndef (", "c1", fails=True)
    assert wrong.error == "SyntaxError"
    assert "line 3" in wrong.traceback


@pytest.mark.parametrize("magics", ["%%bokeh_share sales\n%%time", "%%time\n%%bokeh_share sales"])
def test_a_named_cell_may_have_another_magic(kernel: Kernel, viewer: Viewer, magics: str) -> None:
    for title in ("a", "A"):
        output = kernel.run(f"{magics}\nshow(fig('{title}'))", "c1")
        viewer.shows([title], names=["sales"])
        assert "Wall time" in output.stdout


def test_a_named_cells_last_expression_and_empty_body_are_fine(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("%%bokeh_share 'the sales'\nfig('a')", "c1")
    viewer.shows(["a"], names=["the sales"])
    kernel.run("%%bokeh_share nothing", "c2")
    kernel.run("show(fig('b'))", "c3")
    viewer.shows(["a", "b"], names=["the sales", None])


def test_two_cells_of_the_same_name_replace_each_others_plot(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("%%bokeh_share sales\nshow(fig('a'))", "c1")
    viewer.shows(["a"])
    kernel.run("%%bokeh_share sales\nshow(fig('b'))", "c2")
    viewer.shows(["b"])
    kernel.run("pass", "c1")
    kernel.run("show(fig('c'))", "c3")
    viewer.shows(["b", "c"])


def test_a_deleted_named_cells_plots_go_but_shared_variables_stay(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("%%bokeh_share sales\nshow(fig('a'))", "c1")
    kernel.run("p = fig('b')\n%bokeh_share p\nshow(p)", "c2")
    viewer.shows(["a", "b"])
    kernel.run("pass", "c3", deleted=["c1", "c2"])
    viewer.shows(["b"])
