"""Tracks the running cells, and finds the cell for which code runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .cell import CellRun

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult


@dataclass(frozen=True)
class KernelRequest:
    """A front end's request to the kernel. A terminal has none; there all code has the empty request."""

    id: str = ""
    cell_id: str | None = None
    code: str = ""
    comm_id: str | None = None
    """The id of the widget that it is for."""
    is_counted: bool = True
    """True if the kernel counts it, so that the front end shows its number."""

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> KernelRequest:
        content = message.get("content") or {}
        return cls(
            (message.get("header") or {}).get("msg_id") or "",
            (message.get("metadata") or {}).get("cellId"),
            content.get("code") or "",
            content.get("comm_id"),
            bool(content.get("store_history", True)) and not content.get("silent"),
        )


@dataclass(frozen=True)
class _Execution:
    info: ExecutionInfo | None
    """IPython's execution info; None for the cell that loads the extension: IPython calls no hook at its
    start."""
    cell: CellRun
    request_id: str
    code: str
    thread_id: int


class RunningCells:
    """Follows IPython's hooks, and finds the cell for which code runs by the code's request.

    Cells overlap in any way: subshells run their cells in threads, and code of a cell may run other cells.
    Output of a request, also from tasks and threads, appears below its cell.
    """

    def __init__(
        self,
        read_request: Callable[[], KernelRequest],
        on_busy: Callable[[bool], None],
        read_count: Callable[[], int] = lambda: 0,
    ) -> None:
        """`read_count` returns the number of the cell that begins, if that is counted."""
        self._read_request = read_request
        self._read_count = read_count
        self._on_busy = on_busy
        """Called with True when the first cell begins, and with False when no cell runs any more."""
        self._executions: list[_Execution] = []
        self._lock = threading.Lock()

    @property
    def current(self) -> CellRun | None:
        """The cell for which this code runs, if that cell is running."""
        return self.find_run(self._read_request().id)

    def find_run(self, request_id: str) -> CellRun | None:
        """Return the cell that runs for a request."""
        return next(
            (
                execution.cell
                for execution in reversed(self._executions)
                if execution.request_id == request_id
            ),
            None,
        )

    def start_run(self, info: ExecutionInfo | None) -> None:
        """Record the start of a cell, or of code in a running cell; without `info` it has started already."""
        request = self._read_request()
        with self._lock:
            self._remove_stale(request.id)
            cell, id = self.current, getattr(info, "cell_id", None)
            code = request.code if info is None else info.raw_cell or ""
            if cell is None or id not in (None, cell.id):
                number = self._read_count() or None if request.is_counted else None
                cell = CellRun.from_code(id or request.cell_id, code, request_id=request.id, number=number)
            was_busy = self._is_busy
            self._executions.append(_Execution(info, cell, request.id, code, threading.get_ident()))
            if self._is_busy and not was_busy:
                self._on_busy(True)

    def finish_run(self, result: ExecutionResult | None, on_finish: Callable[[CellRun], None]) -> None:
        """Record the end of the execution with this result; `on_finish` is called with the cell, unless it
        continues."""
        with self._lock:
            ended = self._list_ended(result)
            remaining = [execution for execution in self._executions if execution not in ended]
        try:
            if ended and all(execution.cell is not ended[0].cell for execution in remaining):
                on_finish(ended[0].cell)
        finally:  # an interrupt is for the author's code, and the cell has still ended
            with self._lock:
                was_busy = self._is_busy
                self._executions = [execution for execution in self._executions if execution not in ended]
                if was_busy and not self._is_busy:
                    self._on_busy(False)

    @property
    def _is_busy(self) -> bool:
        return any(execution.info is not None for execution in self._executions)

    def _list_ended(self, result: ExecutionResult | None) -> list[_Execution]:
        """List the runs of this request that have ended, the outermost first."""
        request_id = self._read_request().id
        executions = [execution for execution in self._executions if execution.request_id == request_id]
        if result is None:  # the cell was interrupted while it waited
            return executions
        for index, execution in enumerate(executions):
            if execution.info is result.info or (
                execution.info is None and execution.code in ("", result.info and result.info.raw_cell)
            ):
                return executions[index:]
        return []  # IPython calls the hook at the end of an empty cell, but not the one at its start

    def _remove_stale(self, request_id: str) -> None:
        """Remove earlier runs in this thread whose end IPython did not report, such as a silent cell that
        loaded the extension."""
        thread_id = threading.get_ident()
        self._executions = [
            execution
            for execution in self._executions
            if execution.thread_id != thread_id
            or (execution.request_id == request_id and (request_id or execution.info is not None))
        ]
