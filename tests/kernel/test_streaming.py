"""A cell that streams without a pause: what viewers have meanwhile, and what when it ends or is stopped."""

from __future__ import annotations

from collections import Counter

import pytest
from support.kernel_driver import Kernel, Output
from support.looks import describe_models
from support.viewer import Viewer

PLOT = """
import pathlib, time
source = ColumnDataSource({"x": np.arange(1000.0), "y": np.zeros(1000)})
p = figure(title="a", width=200, height=200)
p.line("x", "y", source=source)
curdoc().add_root(p)
show(p)
n = 1000
"""
ROW = "source.stream({'x': [float(n)], 'y': [n / 2]})"
SLID = "source.stream({'x': [float(n)], 'y': [n / 2]}, rollover=1000)"
PATCHED = "source.patch({'y': [(n % 1000, n / 2)], 'x': [(999, float(n))]})"


def streaming(kernel: Kernel, step: str) -> Output:
    """A cell that is busy, and takes one step after the other until the file `go` is there."""
    kernel.run(PLOT, "c1")
    loop = f"while not pathlib.Path('go').exists():\n    {step}\n    n += 1\n    time.sleep(0.001)"
    return kernel.begin(loop, "c2")


def last(viewer: Viewer) -> float:
    return float(viewer.column("x")[-1]) if viewer.in_step and viewer.plots else 0


def kinds(viewer: Viewer) -> Counter[str]:
    """What the plot's patches were made of."""
    patches = [frame["patch"]["events"] for frame in viewer.frames if frame["kind"] == "plot"]
    return Counter(event["kind"] for events in patches for event in events)


@pytest.mark.parametrize("step", [ROW, SLID, PATCHED], ids=["appended", "slid", "patched"])
def test_viewers_follow_a_cell_that_is_busy_and_end_up_with_its_last_state(
    kernel: Kernel, viewer: Viewer, step: str
) -> None:
    cell = streaming(kernel, step)
    go = kernel.folder / "go"
    try:
        seen = 1000.0
        for _ in range(3):  # each time later than what there was
            viewer.until(lambda seen=seen: last(viewer) > seen)
            seen = last(viewer)
        assert not cell.ended
    finally:
        go.touch()
        kernel.finish(cell)
        go.unlink()
    viewer.until(lambda: last(viewer) == kernel.ask("n") - 1)
    with kernel.watch() as other:
        assert describe_models(other.roots[0]) == describe_models(viewer.roots[0])
    if step == ROW:
        assert kinds(viewer).keys() == {"RootAdded", "ColumnsStreamed"}


def test_rows_are_streamed_and_not_the_whole_again(kernel: Kernel, viewer: Viewer) -> None:
    cell = streaming(kernel, ROW)
    go = kernel.folder / "go"
    try:
        viewer.until(lambda: last(viewer) > 1020)
    finally:
        go.touch()
        kernel.finish(cell)
        go.unlink()
    end = kernel.ask("n")
    viewer.until(lambda: last(viewer) == end - 1)
    assert viewer.column("x") == [float(row) for row in range(end)]
    patches = [frame for frame in viewer.frames if frame["kind"] == "plot"]
    assert sum(size for frame in patches for _, size in frame["buffers"]) == 16 * end


def test_a_streaming_cell_that_is_interrupted_leaves_viewers_with_its_last_state(
    kernel: Kernel, viewer: Viewer
) -> None:
    cell = streaming(kernel, ROW)
    viewer.until(lambda: last(viewer) > 1020)
    kernel.manager.interrupt_kernel()
    assert kernel.finish(cell, fails=True).error == "KeyboardInterrupt"
    end = kernel.ask("float(source.data['x'][-1])")
    viewer.until(lambda: last(viewer) == end)
    assert viewer.column("x") == kernel.ask("source.data['x'].tolist()")
    kernel.run("source.stream({'x': [-1.0], 'y': [0.0]})", "c3")
    viewer.until(lambda: last(viewer) == -1)
