"""The cells that run now, and the one that a piece of code runs for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .cell import Cell

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult


@dataclass(frozen=True)
class Request:
    """A front end's request to the kernel; in a terminal there are none, and all code has the empty one."""

    id: str = ""
    cell_id: str | None = None
    code: str = ""
    comm: str | None = None
    """The id of the widget that it is for."""

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Request:
        content = message.get("content") or {}
        return cls(
            (message.get("header") or {}).get("msg_id") or "",
            (message.get("metadata") or {}).get("cellId"),
            content.get("code") or "",
            content.get("comm_id"),
        )


@dataclass(frozen=True)
class _Run:
    info: ExecutionInfo | None
    """IPython's; None for the cell that loads the extension, of whose beginning it tells nothing."""
    cell: Cell
    request: str
    code: str
    thread: int


class RunningCells:
    """Follows IPython's hooks, and finds the cell that code runs for by the request that it runs for.

    Cells overlap in any way: subshells run theirs in threads, and code of a cell may run others. Output
    appears below the cell of the request as well, also that of tasks and threads.
    """

    def __init__(self, request: Callable[[], Request], on_busy: Callable[[bool], None]) -> None:
        self._request = request
        self._on_busy = on_busy
        """Called when a cell begins and none ran, with True, and when none runs any more, with False."""
        self._runs: list[_Run] = []
        self._lock = threading.Lock()

    @property
    def current(self) -> Cell | None:
        """The cell that this code runs for, if that cell runs."""
        return self.run_for(self._request().id)

    def run_for(self, request: str) -> Cell | None:
        """The cell that runs for a request."""
        return next((run.cell for run in reversed(self._runs) if run.request == request), None)

    def begin(self, info: ExecutionInfo | None) -> None:
        """A cell begins, or code of a cell that runs; without `info` it has begun already."""
        request = self._request()
        with self._lock:
            self._forget_untold(request.id)
            cell, id = self.current, getattr(info, "cell_id", None)
            code = request.code if info is None else info.raw_cell or ""
            if cell is None or id not in (None, cell.id):
                cell = Cell.of(id or request.cell_id, code)
                cell.request = request.id
            was_busy = self._is_busy
            self._runs.append(_Run(info, cell, request.id, code, threading.get_ident()))
            if self._is_busy and not was_busy:
                self._on_busy(True)

    def end(self, result: ExecutionResult | None, finish: Callable[[Cell], None]) -> None:
        """What ended with this result is over; `finish` is called for the cell, unless it goes on."""
        with self._lock:
            ended = self._ended_with(result)
            going_on = [run for run in self._runs if run not in ended]
        try:
            if ended and all(run.cell is not ended[0].cell for run in going_on):
                finish(ended[0].cell)
        finally:  # an interrupt is the author's, and the cell has ended all the same
            with self._lock:
                was_busy = self._is_busy
                self._runs = [run for run in self._runs if run not in ended]
                if was_busy and not self._is_busy:
                    self._on_busy(False)

    @property
    def _is_busy(self) -> bool:
        return any(run.info is not None for run in self._runs)

    def _ended_with(self, result: ExecutionResult | None) -> list[_Run]:
        """The runs that are over, the outermost first, among those of this request."""
        request = self._request().id
        runs = [run for run in self._runs if run.request == request]
        if result is None:  # the cell was interrupted while it waited
            return runs
        for at, run in enumerate(runs):
            if run.info is result.info or (
                run.info is None and run.code in ("", result.info and result.info.raw_cell)
            ):
                return runs[at:]
        return []  # IPython tells of the end of an empty cell, and not of its beginning

    def _forget_untold(self, request: str) -> None:
        """Let go of what ran in this thread before, of whose end IPython told nothing: a silent cell that
        loaded the extension."""
        thread = threading.get_ident()
        self._runs = [
            run
            for run in self._runs
            if run.thread != thread or (run.request == request and (request or run.info is not None))
        ]
