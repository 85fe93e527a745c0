"""The cells that run now, and the one that a piece of code runs for."""

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
    """A front end's request to the kernel; in a terminal there are none, and all code has the empty one."""

    id: str = ""
    cell_id: str | None = None
    code: str = ""
    comm_id: str | None = None
    """The id of the widget that it is for."""
    is_counted: bool = True
    """Whether the kernel counts it, and the front end shows its number."""

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
    """IPython's; None for the cell that loads the extension, for whose start IPython calls no hook."""
    cell: CellRun
    request_id: str
    code: str
    thread_id: int


class RunningCells:
    """Follows IPython's hooks, and finds the cell that code runs for by the request that it runs for.

    Cells overlap in any way: subshells run theirs in threads, and code of a cell may run others. Output
    appears below the cell of the request as well, also that of tasks and threads.
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
        """Called when a cell begins and none ran, with True, and when none runs any more, with False."""
        self._executions: list[_Execution] = []
        self._lock = threading.Lock()

    @property
    def current(self) -> CellRun | None:
        """The cell that this code runs for, if that cell runs."""
        return self.find_run(self._read_request().id)

    def find_run(self, request_id: str) -> CellRun | None:
        """The cell that runs for a request."""
        return next(
            (
                execution.cell
                for execution in reversed(self._executions)
                if execution.request_id == request_id
            ),
            None,
        )

    def start_run(self, info: ExecutionInfo | None) -> None:
        """A cell begins, or code of a cell that runs; without `info` it has begun already."""
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
        """What ended with this result is over; `on_finish` is called for the cell, unless it goes on."""
        with self._lock:
            ended = self._list_ended(result)
            remaining = [execution for execution in self._executions if execution not in ended]
        try:
            if ended and all(execution.cell is not ended[0].cell for execution in remaining):
                on_finish(ended[0].cell)
        finally:  # an interrupt is the author's, and the cell has ended all the same
            with self._lock:
                was_busy = self._is_busy
                self._executions = [execution for execution in self._executions if execution not in ended]
                if was_busy and not self._is_busy:
                    self._on_busy(False)

    @property
    def _is_busy(self) -> bool:
        return any(execution.info is not None for execution in self._executions)

    def _list_ended(self, result: ExecutionResult | None) -> list[_Execution]:
        """The runs that are over, the outermost first, among those of this request."""
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
        """Remove earlier runs in this thread whose end IPython did not report: a silent cell that loaded the
        extension."""
        thread_id = threading.get_ident()
        self._executions = [
            execution
            for execution in self._executions
            if execution.thread_id != thread_id
            or (execution.request_id == request_id and (request_id or execution.info is not None))
        ]
