"""Which cell a plot belongs to: what a re-run, a failure, a deletion and a missing id do to the page."""

from __future__ import annotations

import pytest
from support.kernel_driver import Kernel
from support.viewer import Viewer


def test_a_rerun_replaces_its_plots_by_position(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("show(fig('a')); show(fig('b'))", "c1")
    viewer.shows(["a", "b"])
    before = viewer.plots
    kernel.run("show(fig('a')); show(fig('B'))", "c1")
    viewer.shows(["a", "B"])
    assert [plot["id"] for plot in viewer.plots] == [plot["id"] for plot in before]
    assert [plot["generation"] for plot in viewer.plots] == [1, 2]


@pytest.mark.parametrize(
    ("titles", "kept"), [("ba", [1, 0]), ("b", [1]), ("nab", [None, 0, 1]), ("anb", [0, None, 1])]
)
def test_plots_that_stand_elsewhere_in_their_cell_are_the_same_and_are_not_sent_again(
    kernel: Kernel, viewer: Viewer, titles: str, kept: list[int | None]
) -> None:
    kernel.run("show(fig('a')); show(fig('b'))", "c1")
    kernel.run("show(fig('after'))", "c2")
    viewer.shows(["a", "b", "after"])
    before, frames = viewer.plots, len(viewer.frames)
    kernel.run("; ".join(f"show(fig('{title}'))" for title in titles), "c1")
    viewer.shows([*titles, "after"])
    for plot, place in zip(viewer.plots, kept, strict=False):
        former = before[place] if place is not None else None
        assert former is None or (plot["id"], plot["changed"]) == (former["id"], former["changed"])
    if "n" not in titles:
        assert {frame["kind"] for frame in viewer.frames[frames:]} == {"page"}


def test_the_plots_of_a_loop_are_each_the_same_as_before(kernel: Kernel, viewer: Viewer) -> None:
    loop = "for i in range(4):\n    p = fig(f'loop {i}')\n    show(p)"
    kernel.run(loop, "c1")
    viewer.shows([f"loop {number}" for number in range(4)])
    before, frames = viewer.plots, len(viewer.frames)
    kernel.run(loop, "c1")
    kernel.run(loop.replace("range(4)", "range(3, 0, -1)"), "c1")
    viewer.shows(["loop 3", "loop 2", "loop 1"])
    assert [plot["id"] for plot in viewer.plots] == [plot["id"] for plot in before[:0:-1]]
    assert {frame["kind"] for frame in viewer.frames[frames:]} == {"page"}


def test_what_was_dropped_stays_away_where_it_is_shown_now(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("show(fig('a')); show(fig('b'))", "c1")
    viewer.shows(["a", "b"])
    kernel.run(f"%bokeh_share --drop {viewer.plots[0]['id']}", "c2")
    viewer.shows(["b"])
    kernel.run("show(fig('b')); show(fig('a')); show(fig('c'))", "c1")
    viewer.shows(["b", "c"])


def test_a_rerun_with_fewer_plots_takes_the_others_off_the_page(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("show(fig('a')); show(fig('b')); show(fig('c'))", "c1")
    viewer.shows(["a", "b", "c"])
    kernel.run("show(fig('A'))", "c1")
    viewer.shows(["A"])
    kernel.run("pass", "c1")
    viewer.shows([])


def test_a_cell_that_fails_keeps_what_it_had_not_reached(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("show(fig('a')); show(fig('b'))", "c1")
    kernel.run("show(fig('A')); 1 / 0; show(fig('B'))", "c1", fails=True)
    viewer.shows(["A", "b"])
    kernel.run("this is no Python", "c1", fails=True)
    kernel.run("show(fig('c'))", "c2")
    viewer.shows(["A", "b", "c"])


def test_a_deleted_cells_plots_go(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("show(fig('a'))", "c1")
    kernel.run("show(fig('b'))", "c2")
    viewer.shows(["a", "b"])
    kernel.run("pass", "c3", deleted=["c1", "never run"])
    viewer.shows(["b"])


def test_two_cells_that_use_the_same_variable_do_not_collide(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('a')\nshow(p)", "c1")
    kernel.run("p = fig('b')\nshow(p)", "c2")
    viewer.shows(["a", "b"])
    kernel.run("p = fig('A')\nshow(p)", "c1")
    viewer.shows(["A", "b"])


def test_a_figure_shown_by_two_cells_is_there_twice(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('a')\nshow(p)", "c1")
    kernel.run("show(p)", "c2")
    viewer.shows(["a", "a"])
    kernel.run("p.title.text = 'b'", "c3")
    viewer.shows(["b", "b"])
    kernel.run("pass", "c1")
    viewer.shows(["b"])


def test_a_figure_shown_twice_by_one_cell_is_there_once(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('a')\nshow(p)\np.title.text = 'b'\nshow(p)\nshow(fig('c'))", "c1")
    viewer.shows(["b", "c"])


def test_without_a_cell_id_each_plot_of_a_run_has_a_place(kernel: Kernel, viewer: Viewer) -> None:
    loop = "for i in range(4):\n    p = fig(f'loop {i}')\n    show(p)"
    kernel.run(loop)
    viewer.shows(["loop 0", "loop 1", "loop 2", "loop 3"])
    kernel.run("p = fig('another cell')\nshow(p)")
    kernel.run(loop)
    viewer.shows(["loop 0", "loop 1", "loop 2", "loop 3", "another cell"])


def test_without_a_cell_id_the_same_code_again_replaces_its_plot(kernel: Kernel, viewer: Viewer) -> None:
    cell = "n = globals().get('n', 0) + 1\nshow(fig(f'run {n}'))"
    kernel.run(cell)
    viewer.shows(["run 1"])
    kernel.run(cell)
    viewer.shows(["run 2"])


def test_a_cell_without_history_is_shared_too(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('a')\nshow(p)", "c1", history=False)
    viewer.shows(["a"])
    kernel.run("p = fig('A')\nshow(p)", "c1", history=False)
    kernel.run("show(fig('b'))", "c2")
    viewer.shows(["A", "b"])


def test_a_silent_cell_is_shared_too(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('a')\nshow(p)", silent=True)
    viewer.shows(["a"])
    kernel.run("p = fig('A')\nshow(p)", silent=True)
    viewer.shows(["A"])


def test_code_that_a_cell_runs_belongs_to_the_cell(kernel: Kernel, viewer: Viewer) -> None:
    cell = "show(fig('a'))\nget_ipython().run_cell(\"show(fig('b'))\")\nshow(fig('c'))"
    kernel.run(cell, "c1")
    viewer.shows(["a", "b", "c"])
    kernel.run(cell.replace("'b'", "'B'"), "c1")
    viewer.shows(["a", "B", "c"])
    kernel.run("show(fig('A'))", "c1")
    viewer.shows(["A"])


def test_code_run_by_a_cell_that_has_no_id_does_not_confuse(kernel: Kernel, viewer: Viewer) -> None:
    cell = "get_ipython().run_cell('p = fig(\"a\"); show(p)')\nq = fig('b')\nshow(q)"
    kernel.run(cell)
    viewer.shows(["a", "b"])
    before = viewer.plots
    kernel.run(cell)
    kernel.run("show(fig('c'))")
    viewer.shows(["a", "b", "c"])
    assert [plot["id"] for plot in viewer.plots[:2]] == [plot["id"] for plot in before]


@pytest.mark.parametrize("magic", ["", "%bokeh_share\n"])
def test_the_cell_that_loads_us_and_shows_a_plot_has_one_plot_however_often_it_runs(
    kernel: Kernel, magic: str
) -> None:
    cell = f"%load_ext bokeh_share\n{magic}show(fig('a'))"
    kernel.run(cell, "c1")
    kernel.run(cell.replace("'a'", "'A'"), "c1")
    kernel.run("show(fig('b'))", "c2")
    with kernel.watch(kernel.share()) as viewer:
        viewer.shows(["A", "b"])


def test_the_extension_can_be_loaded_by_code_that_a_cell_runs(kernel: Kernel) -> None:
    cell = "import bokeh_share\nlive = bokeh_share.share()\nshow(fig('a'))"
    kernel.run(cell, "c1")
    kernel.run(cell.replace("'a'", "'A'"), "c1")
    with kernel.watch() as viewer:
        viewer.shows(["A"])


def test_many_reruns_leave_one_plot(kernel: Kernel, viewer: Viewer) -> None:
    for number in range(20):
        kernel.run(f"show(fig('run {number}'))", "c1")
    viewer.shows(["run 19"])
    assert [plot["generation"] for plot in viewer.plots] == [20]
