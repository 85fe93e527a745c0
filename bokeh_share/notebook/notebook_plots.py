"""Builds the objects that put a notebook's plots on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..plots import PlotKey, PlotTracker, Recognition
from .area_index import AreaIndex
from .cell import CellRun
from .cell_displays import CellDisplays
from .cells import Cells
from .dropped_plots import DroppedPlots
from .locking import ReentrantLock, make_lock, synchronize
from .named_plots import NamedPlots
from .plot_order import PlotOrder


@dataclass(frozen=True)
class NotebookPlots:
    """The plots of one notebook: those of its cells, their other displays, named ones, and their order.

    Exists as long as the extension is loaded.
    """

    cells: Cells
    displays: CellDisplays
    named: NamedPlots
    order: PlotOrder
    _tracker: PlotTracker
    _lock: ReentrantLock

    @classmethod
    def build(
        cls, tracker: PlotTracker, namespace: Mapping[str, Any], path: Path | None = None
    ) -> NotebookPlots:
        """`namespace` has the author's variables; `path` is that of the notebook's file."""
        lock, areas, dropped = make_lock(), AreaIndex(), DroppedPlots()

        order = PlotOrder(tracker, areas.find_cell_id, path, lock)

        def rename_keys(moves: Mapping[PlotKey, PlotKey]) -> None:
            areas.rename_keys(moves)
            dropped.rename_keys(moves)
            order.rename_keys(moves)

        recognition = Recognition(tracker, namespace, rename_keys)
        named = NamedPlots(tracker, namespace, areas, dropped, recognition, lock)
        cells = Cells(tracker, namespace, areas, named, dropped, recognition, lock)
        tracker.capturer.connect_cells(areas.find_cell_number)
        displays = CellDisplays(tracker, cells, areas, dropped, recognition, lock)
        return cls(cells, displays, named, order, tracker, lock)

    @synchronize
    def finish_run(self, cell: CellRun, *, success: bool) -> None:
        """Handle the end of a cell: update its plots, those of variables, and the order of all."""
        self.cells.finish_run(cell, success=success)
        self.named.refresh_variables()
        self.order.sort(force=bool(cell.plot_keys))
        self._tracker.refresh()
