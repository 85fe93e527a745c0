from __future__ import annotations

import threading

import pytest
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult

from bokeh_share.notebook.cell import CellRun
from bokeh_share.notebook.running_cells import KernelRequest, RunningCells


class Kernel:
    """Runs cells as IPython reports them, each for a request."""

    def __init__(self) -> None:
        self.request = KernelRequest()
        self.busy_changes: list[bool] = []
        self.finished: list[str | None] = []
        self.cells = RunningCells(lambda: self.request, self.busy_changes.append)

    def begin(self, request: str, cell: str | None = None, code: str = "x") -> ExecutionInfo:
        self.request = KernelRequest(request, cell, code)
        info = ExecutionInfo(code, True, False, True, cell)
        self.cells.start_run(info)
        return info

    def end(self, request: str, info: ExecutionInfo | None) -> None:
        self.request = KernelRequest(request)
        self.cells.finish_run(None if info is None else ExecutionResult(info), self._finish)

    def running(self, request: str) -> str | None:
        self.request = KernelRequest(request)
        return self.cells.current.id if self.cells.current is not None else None

    def _finish(self, cell: CellRun) -> None:
        self.finished.append(cell.id)


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


def elsewhere(kernel: Kernel, request: str, cell: str) -> ExecutionInfo:
    """Begin a cell in another thread."""
    infos: list[ExecutionInfo] = []
    thread = threading.Thread(target=lambda: infos.append(kernel.begin(request, cell)))
    thread.start()
    thread.join()
    return infos[0]


@pytest.mark.parametrize("order", [["r1", "r2"], ["r2", "r1"]])
def test_cells_may_end_in_any_order_and_the_kernel_is_busy_until_the_last(
    kernel: Kernel, order: list[str]
) -> None:
    infos = {"r1": kernel.begin("r1", "c1"), "r2": elsewhere(kernel, "r2", "c2")}
    first, second = order
    kernel.end(first, infos[first])
    assert kernel.running(first) is None
    assert kernel.running(second) == second.replace("r", "c")
    assert kernel.busy_changes == [True]
    kernel.end(second, infos[second])
    assert kernel.finished == [each.replace("r", "c") for each in order]
    assert kernel.busy_changes == [True, False]


def test_code_that_a_cell_runs_is_the_cells_and_ends_with_it(kernel: Kernel) -> None:
    outer = kernel.begin("r1", "c1")
    other = elsewhere(kernel, "r2", "c2")
    inner = kernel.begin("r1")
    assert kernel.running("r1") == "c1"
    kernel.end("r1", inner)
    assert kernel.finished == []
    kernel.end("r1", outer)
    kernel.end("r2", other)
    assert kernel.finished == ["c1", "c2"]


def test_a_cell_of_whose_end_there_is_no_result_ends_alone(kernel: Kernel) -> None:
    kernel.begin("r1", "c1")
    elsewhere(kernel, "r2", "c2")
    kernel.end("r1", None)
    assert kernel.finished == ["c1"]
    assert kernel.running("r2") == "c2"
    assert kernel.busy_changes == [True]


def test_the_end_of_an_empty_cell_ends_no_other(kernel: Kernel) -> None:
    info = kernel.begin("r1", "c1")
    kernel.end("r1", ExecutionInfo("", True, False, True, None))
    assert kernel.finished == []
    kernel.end("r1", info)
    assert kernel.finished == ["c1"]


def test_the_cell_that_loads_the_extension_outlives_those_of_other_threads(kernel: Kernel) -> None:
    kernel.request = KernelRequest("r1", "c1", "%load_ext bokeh_share")
    kernel.cells.start_run(None)
    other = elsewhere(kernel, "r2", "c2")
    kernel.end("r2", other)
    assert kernel.running("r1") == "c1"
    kernel.end("r1", ExecutionInfo("%load_ext bokeh_share", True, False, True, "c1"))
    assert kernel.finished == ["c2", "c1"]


@pytest.mark.parametrize("request_id", ["r1", ""])
def test_a_cell_whose_end_is_not_reported_is_over_when_the_next_begins(
    kernel: Kernel, request_id: str
) -> None:
    kernel.request = KernelRequest(request_id, "silent", "%load_ext bokeh_share")
    kernel.cells.start_run(None)
    kernel.begin("r2" if request_id else "", "c2")
    assert kernel.running(request_id) == (None if request_id else "c2")


def test_an_interrupt_while_a_cell_is_finished_leaves_nothing_running(kernel: Kernel) -> None:
    def interrupted(cell: CellRun) -> None:
        raise KeyboardInterrupt

    info = kernel.begin("r1", "c1")
    with pytest.raises(KeyboardInterrupt):
        kernel.cells.finish_run(ExecutionResult(info), interrupted)
    assert kernel.running("r1") is None
    assert kernel.busy_changes == [True, False]


def test_a_request_has_the_cell_and_its_code() -> None:
    message = {
        "header": {"msg_id": "r1"}, "metadata": {"cellId": "c1"}, "content": {"code": "x"},
    }  # fmt: skip
    assert KernelRequest.from_message(message) == KernelRequest("r1", "c1", "x")
    assert KernelRequest.from_message({}) == KernelRequest()


def test_a_cell_has_the_number_that_the_front_end_shows_unless_it_is_not_counted(kernel: Kernel) -> None:
    def begin(**content: bool) -> int | None:
        kernel.request = KernelRequest.from_message({"content": {"code": "x", **content}})
        cells = RunningCells(lambda: kernel.request, kernel.busy_changes.append, lambda: 24)
        cells.start_run(ExecutionInfo("x", True, False, True, "c"))
        assert cells.current is not None
        return cells.current.number

    assert begin() == 24
    assert begin(store_history=True, silent=False) == 24
    assert begin(silent=True) is None
    assert begin(store_history=False) is None
