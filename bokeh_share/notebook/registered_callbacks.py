"""Which of a document's callbacks count, as cells that register them are run again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import count
from weakref import WeakKeyDictionary

from bokeh.document import Document
from bokeh.io import curdoc
from bokeh.model import Model

from ..plots.snapshot.document_ready import scripts_of
from .cell import Cell


class RegisteredCallbacks:
    """Which run of a cell registered a callback: another run of it takes the place of the former.

    Lives as long as the extension is loaded. Bokeh tells nobody of callbacks, and keeps them all.
    """

    def __init__(self, cell: Callable[[], Cell | None]) -> None:
        """`cell` gives the one that runs."""
        self._cell = cell
        self._by: WeakKeyDictionary[Model, tuple[str, int]] = WeakKeyDictionary()
        """The cell, and the number of its run."""
        self._times: WeakKeyDictionary[Model, int] = WeakKeyDictionary()
        """How often each was registered."""
        self._numbers = count(1)
        self._runs: WeakKeyDictionary[Cell, int] = WeakKeyDictionary()
        self._newest: dict[str, int] = {}
        """By cell: the run that counts."""
        self.look()

    def look(self) -> None:
        """What the current document has now is no cell's that begins later."""
        self.of(curdoc())

    def of(self, document: Document) -> list[Model]:
        """The document's callbacks for when it is drawn, without those of former runs."""
        found = scripts_of(document)
        cell = self._cell()
        for script, times in Counter(found).items():
            if times > self._times.get(script, 0) and cell is not None:
                self._newest[cell.id] = self._number(cell)
                self._by[script] = cell.id, self._number(cell)
            self._times[script] = times
        return [script for script in found if not self._is_former(script)]

    def end(self, cell: Cell, *, success: bool) -> None:
        """The cell has ended: it has registered what it registers, unless it has failed before."""
        self.look()
        if success and cell.id in self._newest:
            self._newest[cell.id] = self._number(cell)

    def _is_former(self, script: Model) -> bool:
        cell, run = self._by.get(script, ("", 0))
        return run != self._newest.get(cell, 0)

    def _number(self, cell: Cell) -> int:
        if cell not in self._runs:
            self._runs[cell] = next(self._numbers)
        return self._runs[cell]
