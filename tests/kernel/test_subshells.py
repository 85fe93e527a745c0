"""Cells that run side by side, in subshells of one kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kernel_driver import Kernel, Output
from support.viewer import Viewer

BUSY_SINCE = "__import__('bokeh_share.sharing.current').sharing.current._process_state.notebook.busy_since"


@pytest.fixture
def subshell(kernel: Kernel) -> Iterator[str]:
    with kernel.subshell() as id:
        yield id


class Long:
    """A cell that shows a plot, goes on until it may end, and shows another."""

    def __init__(self, kernel: Kernel, folder: Path, cell: str, subshell: str | None = None) -> None:
        self.kernel = kernel
        self.end, begun = folder / f"{cell} may end", folder / f"{cell} has begun"
        self.output: Output = kernel.begin(
            f"import os, time\nshow(fig('{cell} 1'))\nopen({str(begun)!r}, 'w').close()\n"
            f"while not os.path.exists({str(self.end)!r}): time.sleep(0.01)\nshow(fig('{cell} 2'))",
            cell,
            subshell=subshell,
        )
        kernel.wait(begun.exists)

    def finish(self) -> None:
        self.end.touch()
        self.kernel.finish(self.output)


@pytest.mark.parametrize("first_to_begin", ["main", "subshell"])
@pytest.mark.parametrize("first_to_end", ["main", "subshell"])
def test_cells_that_overlap_keep_their_plots_and_the_kernel_is_busy_until_the_last_has_ended(
    kernel: Kernel, viewer: Viewer, subshell: str, tmp_path: Path, first_to_begin: str, first_to_end: str
) -> None:
    shells = {"main": None, "subshell": subshell}
    cells = {
        name: Long(kernel, tmp_path, name, shells[name])
        for name in sorted(shells, key=lambda name: name != first_to_begin)
    }
    cells.pop(first_to_end).finish()
    (other,) = cells
    # whichever shell is free is the one to ask, and the kernel goes on
    kernel.run(f"busy = {BUSY_SINCE} is not None", subshell=shells[first_to_end])
    cells[other].finish()
    assert kernel.ask("busy")
    assert kernel.ask(BUSY_SINCE) is None
    titles = {f"{name} {number}" for name in shells for number in (1, 2)}
    viewer.until(lambda: viewer.titles is not None and set(viewer.titles) == titles)
    kernel.run("show(fig('again'))", "main")
    kernel.run("pass", "subshell", subshell=subshell)
    viewer.shows(["again"])
