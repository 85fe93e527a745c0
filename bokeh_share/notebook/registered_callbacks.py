"""Selects the current callbacks of a document if cells that register them are run again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import count
from weakref import WeakKeyDictionary

from bokeh.document import Document
from bokeh.model import Model

from ..compat import find_current_document
from ..plots.snapshot import list_ready_scripts
from .cell import CellRun


class RegisteredCallbacks:
    """Records which run of a cell registered each callback; callbacks of a later run replace them.

    Exists as long as the extension is loaded. Bokeh raises no event for a callback, and keeps all of them.
    """

    def __init__(self, find_cell: Callable[[], CellRun | None]) -> None:
        """`find_cell` returns the running cell."""
        self._find_cell = find_cell
        self._callback_runs: WeakKeyDictionary[Model, tuple[str, int]] = WeakKeyDictionary()
        """The cell of each callback, and the number of its run."""
        self._callback_counts: WeakKeyDictionary[Model, int] = WeakKeyDictionary()
        """The number of times that each callback was registered."""
        self._run_numbers = count(1)
        self._number_by_run: WeakKeyDictionary[CellRun, int] = WeakKeyDictionary()
        self._newest_runs: dict[str, int] = {}
        """The number of the current run of each cell."""
        self.update()

    def update(self) -> None:
        """Record the callbacks of the current document, so that no later cell counts as their origin."""
        self.list_callbacks(find_current_document())

    def list_callbacks(self, document: Document) -> list[Model]:
        """List the document's callbacks for when it is drawn, without those of former runs."""
        callbacks = list_ready_scripts(document)
        cell = self._find_cell()
        for callback, registrations in Counter(callbacks).items():
            if registrations > self._callback_counts.get(callback, 0) and cell is not None:
                self._newest_runs[cell.id] = self._assign_number(cell)
                self._callback_runs[callback] = cell.id, self._assign_number(cell)
            self._callback_counts[callback] = registrations
        return [callback for callback in callbacks if not self._is_outdated(callback)]

    def finish_run(self, cell: CellRun, *, success: bool) -> None:
        """Handle the end of a cell: it has registered all its callbacks, unless it failed before."""
        self.update()
        if success and cell.id in self._newest_runs:
            self._newest_runs[cell.id] = self._assign_number(cell)

    def _is_outdated(self, callback: Model) -> bool:
        cell_id, run = self._callback_runs.get(callback, ("", 0))
        return run != self._newest_runs.get(cell_id, 0)

    def _assign_number(self, cell: CellRun) -> int:
        if cell not in self._number_by_run:
            self._number_by_run[cell] = next(self._run_numbers)
        return self._number_by_run[cell]
