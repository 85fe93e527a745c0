"""Plots that change in place: when the page has it, and that nothing else is sent."""

from __future__ import annotations

import pytest
from support.kernel_driver import Kernel, until
from support.looks import describe_models
from support.viewer import Viewer

PLOT = """
source = ColumnDataSource({"x": np.arange(10.0), "y": np.zeros(10)})
p = figure(title="a", width=200, height=200)
p.line("x", "y", source=source)
show(p)
"""
CHANGES = {
    "p.title.text = 'b'": lambda viewer: viewer.titles == ["b"],
    "source.stream({'x': [10.0], 'y': [1.0]})": lambda viewer: viewer.column("x")[-1] == 10,
    "source.patch({'y': [(2, 5.0)]})": lambda viewer: viewer.column("y")[2] == 5,
    "source.data['y'] = np.ones_like(source.data['y'])": lambda viewer: set(viewer.column("y")) == {1},
    "source.data['y'][3] = 7": lambda viewer: viewer.column("y")[3] == 7,
    "p.scatter([1], [2]);": lambda viewer: len(viewer.roots[0].renderers) == 2,
    "p.tools = []": lambda viewer: viewer.roots[0].toolbar.tools == [],
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("owned", [False, True], ids=["unowned", "owned"])
def test_a_later_cells_change_is_there_when_it_ends(
    kernel: Kernel, viewer: Viewer, change: str, owned: bool
) -> None:
    kernel.run(PLOT, "c1")
    if owned:
        kernel.run("curdoc().add_root(p)", "c2")
    viewer.shows(["a"])
    output = kernel.run(change, "c3")
    viewer.until(lambda: viewer.in_step and CHANGES[change](viewer))
    assert (output.stdout, output.displays) == ("", [])


def test_a_change_by_a_cell_that_fails_is_there_too(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(PLOT, "c1")
    kernel.run("p.title.text = 'b'\n1 / 0", "c2", fails=True)
    viewer.shows(["b"])


def test_while_an_async_cell_runs_what_a_document_owns_is_up_to_date(kernel: Kernel, viewer: Viewer) -> None:
    """And what none owns when the cell ends."""
    kernel.run(PLOT + "curdoc().add_root(p)\nq = fig('unowned')\nshow(q)", "c1")
    viewer.shows(["a", "unowned"])
    go = kernel.folder / "go"
    cell = kernel.begin(
        "import pathlib\np.title.text, q.title.text = 'b', 'B'\n"
        "while not pathlib.Path('go').exists():\n    await asyncio.sleep(0.01)",
        "c2",
    )
    try:
        viewer.shows(["b", "unowned"])
        assert not cell.ended
    finally:
        go.touch()
        kernel.finish(cell)
        go.unlink()
    viewer.shows(["b", "B"])


def test_a_callback_on_the_loop_is_up_to_date_without_a_cell(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(PLOT + "curdoc().add_root(p)", "c1")
    viewer.shows(["a"])
    kernel.run(
        "def later():\n    p.title.text = 'b'\n    source.stream({'x': [10.0], 'y': [1.0]})\n"
        "handle = asyncio.get_event_loop().call_later(0.05, later)",
        "c2",
    )
    viewer.shows(["b"])
    viewer.until(lambda: viewer.in_step and len(viewer.column("x")) == 11)


def test_a_thread_of_the_authors_may_change_what_a_document_owns(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(PLOT + "curdoc().add_root(p)", "c1")
    kernel.run(
        "import threading\nthreading.Timer(0.05, lambda: setattr(p.title, 'text', 'b')).start()",
        "c2",
    )
    viewer.shows(["b"])


def test_nothing_is_sent_for_a_rerun_that_changes_nothing(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(PLOT, "c1")
    kernel.run("marker = fig('marker')\nshow(marker)", "c2")
    viewer.shows(["a", "marker"])
    before = len(viewer.frames)
    kernel.run(PLOT, "c1")
    kernel.run("pass", "c3")
    kernel.run("marker.title.text = 'end'", "c4")
    viewer.shows(["a", "end"])
    sent = [(frame["kind"], frame.get("plot")) for frame in viewer.frames[before:]]
    assert sent == [("page", None), ("plot", viewer.plots[1]["id"])]


def test_a_new_viewer_has_what_a_patched_one_has(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(PLOT, "c1")
    for change in CHANGES:
        kernel.run(change, "c2")
    viewer.until(lambda: viewer.in_step and viewer.titles == ["b"] and not viewer.roots[0].toolbar.tools)
    with kernel.watch() as other:
        assert {**other.page, "now": None} == {**viewer.page, "now": None}
        assert describe_models(other.roots[0]) == describe_models(viewer.roots[0])
    plots = [frame for frame in viewer.frames if frame["kind"] == "plot"]
    assert all(frame["base"] for frame in plots[1:])


def test_plots_that_left_the_authors_document_are_not_kept_there(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("import gc, weakref\nplots = []", "c1")
    own = "p = fig('{}'); curdoc().clear(); curdoc().add_root(p); show(p); plots.append(weakref.ref(p))"
    for number in range(4):
        kernel.run(own.format(number), "c2")
    viewer.shows(["3"])
    assert kernel.ask("(gc.collect(), sum(plot() is not None for plot in plots))[1]") == 1


def test_a_plot_that_left_the_page_is_not_kept_in_memory(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("import gc, weakref\np = fig('a')\nalive = weakref.ref(p)\nshow(p)", "c1")
    viewer.shows(["a"])
    kernel.run("del p\nshow(fig('b'))", "c1")
    viewer.shows(["b"])
    until(lambda: kernel.ask("[gc.collect(), alive() is None][1]"), what="the figure's end")
