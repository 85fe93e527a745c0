"""Puts plots that cells show on the page, and removes those that they clear or no longer show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from typing import Any

from bokeh.model import Model

from ..errors import BokehShareError
from ..plots import (
    MAX_UNNAMED_PLOTS,
    CellFacts,
    KeyFacts,
    OutputFacts,
    PlotKey,
    PlotTracker,
    Recognition,
    Showable,
    choose_key,
    find_variable_name,
)
from ..plots.snapshot import CapturedPlot
from .area_index import AreaIndex
from .cell import Area, CellRun, Outcome
from .dropped_plots import DroppedPlots
from .locking import ReentrantLock, synchronize
from .named_plots import NamedPlots


class Cells:
    """Puts plots that cells show on the page, and removes those that they clear or no longer show.

    Exists as long as the extension is loaded. Depends only on its callers, not on IPython or a front end.
    """

    def __init__(
        self,
        tracker: PlotTracker,
        namespace: Mapping[str, Any],
        areas: AreaIndex,
        named: NamedPlots,
        dropped: DroppedPlots,
        recognition: Recognition,
        lock: ReentrantLock,
    ) -> None:
        """`namespace` has the author's variables."""
        self._tracker = tracker
        self._namespace = namespace
        self._areas = areas
        self._named = named
        self._dropped = dropped
        self._recognition = recognition
        self._lock = lock
        self._unnamed_numbers: Iterator[int] = (number % MAX_UNNAMED_PLOTS for number in count(1))

    @synchronize
    def show(
        self,
        shown: Showable,
        cell: CellRun | None,
        *,
        caption: str | None = None,
        area: Area | None = None,
        value: Any = None,
    ) -> Outcome:
        """Put a plot that `cell` shows on the page, unless the author keeps it off.

        The plot is shown in the cell's own area, or in this one. Code that runs after its cell has only an
        `area`. `value` is the author's object from which `shown` was drawn, if it is another one.
        """
        value = shown if value is None else value
        if area is None and cell is not None:
            area = cell.area
        owner = area.cell if area is not None else None
        if cell is not None:
            self._areas.start_run(cell)
        if _is_skipped(cell, owner):
            return Outcome.SKIPPED
        if owner is not None:
            owner.mark_shown()
        if area is not None and area.is_hidden:
            area.hidden_outputs.append((shown, value))
            return Outcome.HIDDEN
        key = choose_key(self._gather_key_facts(value, cell, area), self._unnamed_numbers)
        if key.name is not None and value is not shown:
            self._named.record_element(key.name, value, shown)
        has_own_name = key.kind == "name" and (owner is None or key.identifier != owner.name)
        if caption is None and owner is not None:
            caption = owner.caption
        captured = None
        if area is not None:
            area.complete_clear()
            if not has_own_name:  # a plot with its own name is not an output, and cannot be cleared
                captured = self._match_plot(key, shown, cell, area, caption=caption, value=value)
                self._areas.put(key, shown, area, value=value)
        if self._dropped.is_dropped(key, shown):
            self._dropped.record_latest(key, shown, caption)
            return Outcome.DROPPED
        if caption is None and has_own_name and (plot := self._tracker.page.find(key)) is not None:
            caption = plot.caption
        self._tracker.put(key, shown, caption=caption, captured=captured)
        return Outcome.ON_PAGE

    @synchronize
    def clear_area(self, area: Area, *, wait: bool) -> None:
        """Clear an area, as the author's code did. Its plots stay on the page until `remove_cleared` or the
        end of the cell, so that the plots shown there next can replace them."""
        self._remove_keys(set(self._areas.clear(area, wait=wait)))

    @synchronize
    def remove_cleared(self, area: Area) -> None:
        """Remove cleared plots from the page; their keys can still be used again."""
        if removed_keys := set(area.removable_plots):
            self._tracker.remove(removed_keys.__contains__)

    @synchronize
    def display_area(self, area: Area, parent: Area) -> None:
        """Display a widget's area in another. It then belongs to the cell of that one."""
        for key, plot in self._areas.move(area, parent).items():
            model = plot.model() if plot.model is not None else None
            if model is not None and self._tracker.page.find(key) is None and key not in self._dropped.keys:
                with suppress(BokehShareError):  # recorded as a problem
                    self._tracker.put(key, model, caption=parent.cell.caption if parent.cell else None)
        for each in (area, *area.descendants):
            hidden_outputs = [*each.hidden_outputs]
            each.hidden_outputs.clear()
            for shown, value in hidden_outputs:
                with suppress(BokehShareError):
                    self.show(shown, None, area=each, value=value)

    @synchronize
    def close_area(self, area: Area) -> None:
        """Remove the area of a widget that was closed."""
        self._remove_keys({*area.plots, *area.cleared_plots})

    def find_last_run(self, request_id: str) -> CellRun | None:
        """Find the cell that ran for this request of a front end, and not again since."""
        return self._areas.find_last_run(request_id)

    def find_cell_number(self, key: PlotKey) -> int | None:
        """The number of the cell that a plot belongs to, as the front end shows it; None if it has none."""
        return self._areas.find_cell_number(key)

    @synchronize
    def finish_run(self, cell: CellRun, *, success: bool) -> None:
        """Handle the end of a cell: plots it no longer shows are removed, unless it failed before showing
        them."""
        self._remove_keys(self._areas.finish_run(cell, success=success))
        self._recognition.end_run(cell)

    @synchronize
    def delete_cells(self, ids: Iterable[str]) -> None:
        """Handle that these cells are no longer in the notebook."""
        self._remove_keys(self._areas.delete_cells(set(ids)))

    def _gather_key_facts(self, value: Any, cell: CellRun | None, area: Area | None) -> KeyFacts:
        owner = area.cell if area is not None else None
        output = (
            OutputFacts(
                key=area.find_key(value),
                shown_keys=[*area.plots],
                cleared_keys=area.list_cleared_keys(),
                is_widget=area.parent is not None,
            )
            if area is not None
            else OutputFacts()
        )
        return KeyFacts(
            shared_name=self._named.find_name(value),
            variable=find_variable_name(value, self._namespace),
            known_keys=self._tracker.plots.list_keys(value) if isinstance(value, Model) else (),
            output=output,
            cell=CellFacts(owner.id, owner.has_id, owner.name, owner.plot_keys)
            if owner is not None
            else None,
            is_late=cell is None,
        )

    def _match_plot(
        self,
        key: PlotKey,
        shown: Showable,
        cell: CellRun | None,
        area: Area,
        *,
        caption: str | None,
        value: Any,
    ) -> CapturedPlot | None:
        """Find the plot of the cell's former run that continues at `key`."""
        if cell is None or area.cell is not cell or key in cell.plot_keys:
            return None
        previous_keys = self._areas.list_cell_keys(cell.id) | self._dropped.list_cell_keys(cell.id)
        former_keys = previous_keys - {*cell.plot_keys}
        return self._recognition.match_plot(cell, key, shown, former_keys, caption=caption, value=value)

    def _remove_keys(self, keys: set[PlotKey]) -> None:
        if keys:
            for key in keys:
                self._areas.remove(key)
            self._tracker.remove(keys.__contains__)


def _is_skipped(cell: CellRun | None, owner: CellRun | None) -> bool:
    """Return True if the author keeps the plots of the code's cell, or of the output's, off the page."""
    if any(each is not None and each.is_skipped for each in (cell, owner)):
        return True
    return owner is not None and owner is not cell and owner.is_replaced
