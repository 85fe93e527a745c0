"""Where outputs stand, and what was cleared there: below a cell, or in a widget that collects them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from bokeh.model import Model

from ..plots.page import PlotKey

MAX_REMEMBERED_RUNS = 1_000
"""Of how many cells the last run is remembered."""

if TYPE_CHECKING:
    from ..plots.showable import Showable
    from .cell import CellRun


class AreaPlot(NamedTuple):
    """A plot in an area: its model, while there is one, and the area that it was shown in."""

    model: weakref.ref[Model] | None
    area: Area
    value: weakref.ref[Any] | None = None
    """What the author showed: the model, or what that was drawn of."""


class Area:
    """A place where outputs appear, in the order in which code shows them.

    Each run of a cell has one. The area of an `Output` widget has a parent: the area where the widget was
    displayed last or, before that, made. What is displayed in an area is cleared with it.
    """

    def __init__(self, parent: Area | None = None, cell: CellRun | None = None) -> None:
        self.parent = parent
        self.plots: dict[PlotKey, AreaPlot] = {}
        self.cleared_plots: dict[PlotKey, AreaPlot] = {}
        """Plots that were cleared, as long as no other takes their place."""
        self.is_clear_pending = False
        """Whether the author sees `cleared_plots` until the next output."""
        self.hidden_outputs: list[tuple[Showable, Any]] = []
        """What was shown while this area was hidden, and what it was drawn of."""
        self._cell = cell
        self._children: list[Area] = []
        """The areas that are displayed in this one."""
        self._cleared_parent: Area | None = None
        """The area that was cleared with this one in it."""

    @property
    def cell(self) -> CellRun | None:
        """The run of a cell that the area belongs to."""
        return self._cell if self.parent is None else self.parent.cell

    @property
    def removable_plots(self) -> dict[PlotKey, AreaPlot]:
        """Plots that were cleared and that the author no longer sees."""
        return {} if self.is_clear_pending else self.cleared_plots

    @property
    def is_hidden(self) -> bool:
        """Whether the area around it was cleared, and it was not displayed again."""
        if self._cleared_parent is not None or self.parent is None:
            return self._cleared_parent is not None
        return self in self.parent._children and self.parent.is_hidden

    @property
    def descendants(self) -> list[Area]:
        """The areas that are displayed in this one, at any depth."""
        return [each for area in self._children for each in (area, *area.descendants)]

    def has_visible(self, key: PlotKey) -> bool:
        """Whether the author sees the plot here."""
        return key in self.plots or (self.is_clear_pending and key in self.cleared_plots)

    def put(self, key: PlotKey, shown: Showable, *, value: Any = None) -> None:
        self.remove(key)
        model, ref = weakref.ref(shown) if isinstance(shown, Model) else None, None
        with suppress(TypeError):  # a list: it is another each time
            ref = weakref.ref(shown if value is None else value)
        self.plots[key] = AreaPlot(model, self, ref)

    def remove(self, key: PlotKey) -> None:
        self.plots.pop(key, None)
        self.cleared_plots.pop(key, None)

    def find_key(self, value: Any) -> PlotKey | None:
        """Where this very object is, or was before it was cleared."""
        plots = [*self.plots.items(), *self.cleared_plots.items()]
        return next((key for key, (*_, ref) in plots if ref is not None and ref() is value), None)

    def find_free_key(self, matches: Callable[[PlotKey], bool]) -> PlotKey | None:
        """The first place that `matches` of what was cleared, here or else in the area around."""
        free_key = next(filter(matches, self.cleared_plots), None)
        return (
            self.parent.find_free_key(matches) if free_key is None and self.parent is not None else free_key
        )

    def clear(self, *, wait: bool) -> list[PlotKey]:
        """Clear it, now or with the next output.

        Returns what nobody can take the place of any more: what was cleared before something else was shown.
        """
        self.hidden_outputs = []
        if self._cleared_parent is not None:
            for key, plot in self._cleared_parent.cleared_plots.items():
                if plot.area is self:  # it is not to be seen again
                    self._cleared_parent.cleared_plots[key] = plot._replace(area=self._cleared_parent)
        cleared = dict(self._pop_plots())
        for area in self._children:
            area._cleared_parent = self
        self._children = []
        if not cleared:
            self.is_clear_pending = self.is_clear_pending and wait
            return []
        previous, self.cleared_plots, self.is_clear_pending = self.cleared_plots, cleared, wait
        return [key for key in previous if key not in cleared]

    def move_to(self, parent: Area) -> dict[PlotKey, AreaPlot]:
        """Display it in `parent`. Returns what was hidden and can be seen again."""
        if parent is self or parent in self.descendants:
            return {}
        if self.parent is not None and self in self.parent._children:
            self.parent._children.remove(self)
        self.parent = parent
        parent._children.append(self)
        cleared_parent, self._cleared_parent = self._cleared_parent, None
        if cleared_parent is None:
            return {}
        areas = [self, *self.descendants]
        restored = {key: plot for key, plot in cleared_parent.cleared_plots.items() if plot.area in areas}
        for key, plot in restored.items():
            del cleared_parent.cleared_plots[key]
            plot.area.plots[key] = plot
        return restored

    def _pop_plots(self) -> Iterator[tuple[PlotKey, AreaPlot]]:
        """Take the plots out of this area, and all out of those that are displayed in it."""
        yield from self.plots.items()
        self.plots = {}
        for area in self._children:
            yield from area.cleared_plots.items()
            area.cleared_plots = {}
            yield from area._pop_plots()


class AreaIndex:
    """Knows the area that each plot was shown in last, and by that the cell that it belongs to."""

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
        """Plots of former runs are at other keys from now on; what this run has shown keeps its own."""
        moved = {}
        for key, new_key in moves.items():
            area = self._areas.get(key)
            if area is None or (area.cell and not area.cell.is_replaced and key in area.cell.plot_keys):
                continue
            moved[new_key] = area, area.plots.pop(key, None), area.cleared_plots.pop(key, None)
            del self._areas[key]
        for new_key, (area, shown, cleared) in moved.items():
            if new_key in self._areas:
                continue  # of this run
            self._areas[new_key] = area
            if shown is not None:
                area.plots[new_key] = shown
            if cleared is not None:
                area.cleared_plots[new_key] = cleared

    def list_cell_keys(self, cell_id: str) -> set[PlotKey]:
        """The plots that belong to this cell."""
        return {key for key in self._areas if self.find_cell_id(key) == cell_id}

    def find_cell_id(self, key: PlotKey) -> str | None:
        """The cell that a plot belongs to; none for variables of code that runs after its cell."""
        area = self._areas.get(key)
        owner = area.cell if area is not None and key.kind in ("cell", "name") else None
        return owner.id if owner is not None else None

    def start_run(self, run: CellRun) -> None:
        """A cell runs: its former run is replaced."""
        previous = self._runs.get(run.id)
        if previous is not run and not run.is_replaced:
            self._mark_replaced({run.id})
            self._runs[run.id] = run
            if len(self._runs) > MAX_REMEMBERED_RUNS:
                del self._runs[next(iter(self._runs))]

    def finish_run(self, run: CellRun, *, success: bool) -> set[PlotKey]:
        """A run has ended. Returns the plots that go with it."""
        self.start_run(run)
        removed_keys = set()
        for key, area in self._areas.items():
            if area.cell is run and (key in area.removable_plots or area.has_visible(key)):
                is_over = key in area.removable_plots
            else:
                is_over = success and not run.is_replaced and self.find_cell_id(key) == run.id
            if is_over:
                removed_keys.add(key)
        return removed_keys

    def delete_cells(self, ids: set[str]) -> set[PlotKey]:
        """Some cells are no more. Returns the plots that go with them."""
        self._mark_replaced(ids)
        return {key for key in self._areas if self.find_cell_id(key) in ids}

    def find_last_run(self, request_id: str) -> CellRun | None:
        runs = list(self._runs.values())
        return next((run for run in runs if request_id and run.request_id == request_id), None)

    def _mark_replaced(self, ids: set[str]) -> None:
        for id in ids & self._runs.keys():
            self._runs.pop(id).is_replaced = True
