"""Stores the area in which each plot was shown last. The area leads to the plot's cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..plots import PlotKey, Showable
from .cell import Area, AreaPlot, CellRun

MAX_REMEMBERED_RUNS = 1_000
"""Maximum number of cells whose last run is stored."""


class AreaIndex:
    """Stores the area in which each plot was shown last. The area leads to the plot's cell."""

    def __init__(self) -> None:
        self._areas: dict[PlotKey, Area] = {}
        self._runs: dict[str, CellRun] = {}
        """The last run of each cell."""

    def put(self, key: PlotKey, shown: Showable, area: Area, *, value: Any = None) -> None:
        self.remove(key)
        area.put(key, shown, value=value)
        self._areas[key] = area
        if area.cell is not None and key not in area.cell.plot_keys:
            area.cell.plot_keys.append(key)

    def remove(self, key: PlotKey) -> None:
        if (area := self._areas.pop(key, None)) is not None:
            area.remove(key)

    def clear(self, area: Area, *, wait: bool) -> list[PlotKey]:
        discarded = area.clear(wait=wait)
        self._areas.update(dict.fromkeys(area.cleared_plots, area))
        return discarded

    def move(self, area: Area, parent: Area) -> dict[PlotKey, AreaPlot]:
        restored = area.move_to(parent)
        self._areas.update({key: plot.area for key, plot in restored.items()})
        return restored

    def rename_keys(self, moves: Mapping[PlotKey, PlotKey]) -> None:
        """Move plots of former runs to other keys; plots that this run has shown keep theirs."""
        moved = {}
        for key, new_key in moves.items():
            area = self._areas.get(key)
            if area is None or (area.cell and not area.cell.is_replaced and key in area.cell.plot_keys):
                continue
            moved[new_key] = area, area.plots.pop(key, None), area.cleared_plots.pop(key, None)
            del self._areas[key]
        for new_key, (area, shown, cleared) in moved.items():
            if new_key in self._areas:
                continue  # shown by this run
            self._areas[new_key] = area
            if shown is not None:
                area.plots[new_key] = shown
            if cleared is not None:
                area.cleared_plots[new_key] = cleared

    def list_cell_keys(self, cell_id: str) -> set[PlotKey]:
        """List the plots that belong to this cell."""
        return {key for key in self._areas if self.find_cell_id(key) == cell_id}

    def find_cell_id(self, key: PlotKey) -> str | None:
        """Find the cell of a plot; None for variables of code that runs after its cell."""
        area = self._areas.get(key)
        owner = area.cell if area is not None and key.kind in ("cell", "name") else None
        return owner.id if owner is not None else None

    def find_cell_number(self, key: PlotKey) -> int | None:
        """Find the number that the front end shows beside the cell of a plot: that of the cell's last run."""
        area = self._areas.get(key)
        owner = area.cell if area is not None else None
        return self._runs.get(owner.id, owner).number if owner is not None else None

    def start_run(self, run: CellRun) -> None:
        """Record a run of a cell, which replaces its former run."""
        previous = self._runs.get(run.id)
        if previous is not run and not run.is_replaced:
            self._mark_replaced({run.id})
            self._runs[run.id] = run
            if len(self._runs) > MAX_REMEMBERED_RUNS:
                del self._runs[next(iter(self._runs))]

    def finish_run(self, run: CellRun, *, success: bool) -> set[PlotKey]:
        """Record the end of a run. Return the plots to remove with it."""
        self.start_run(run)
        removed_keys = set()
        for key, area in self._areas.items():
            if area.cell is run and (key in area.plots or key in area.cleared_plots):
                is_over = key in area.removable_plots
            else:
                is_over = success and not run.is_replaced and self.find_cell_id(key) == run.id
            if is_over:
                removed_keys.add(key)
        return removed_keys

    def list_areas(self) -> list[Area]:
        """List the areas of all cells that have run, each with those in it."""
        return [each for run in [*self._runs.values()] for each in (run.area, *run.area.descendants)]

    def delete_cells(self, ids: set[str]) -> set[PlotKey]:
        """Record that cells were deleted. Return their plots."""
        self._mark_replaced(ids)
        return {key for key in self._areas if self.find_cell_id(key) in ids}

    def find_last_run(self, request_id: str) -> CellRun | None:
        runs = list(self._runs.values())
        return next((run for run in runs if request_id and run.request_id == request_id), None)

    def _mark_replaced(self, ids: set[str]) -> None:
        for id in ids & self._runs.keys():
            self._runs.pop(id).mark_replaced()
