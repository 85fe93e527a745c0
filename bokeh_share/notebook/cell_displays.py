"""Updates the displays of cells on the page, and shares those that were withheld."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from ..errors import BokehShareError
from ..plots import PlotTracker, Recognition, WithheldDisplay
from ..plots.media import Display
from .area_index import AreaIndex
from .cell import Area
from .cells import Cells
from .dropped_plots import DroppedPlots
from .locking import ReentrantLock, synchronize


class CellDisplays:
    """The displays in the output areas of cells, on the page or withheld.

    Exists as long as the extension is loaded.
    """

    def __init__(
        self,
        tracker: PlotTracker,
        cells: Cells,
        areas: AreaIndex,
        dropped: DroppedPlots,
        recognition: Recognition,
        lock: ReentrantLock,
    ) -> None:
        self._tracker = tracker
        self._cells = cells
        self._areas = areas
        self._dropped = dropped
        self._recognition = recognition
        self._lock = lock

    @synchronize
    def update(
        self, area: Area, former: Display | None, display: Display | None, *, are_shared: bool
    ) -> None:
        """Replace a display in an area by another one, or by nothing that can be shared.

        Raises as `PlotTracker.put` does.
        """
        if former is not None and area.withheld.replace(former, display):
            return
        key = area.find_key(former) if former is not None else None
        if key is not None and display is not None:
            plot = self._tracker.page.find(key)
            self._areas.put(key, display, area)
            if not self._dropped.is_dropped(key, display):
                self._tracker.put(key, display, caption=plot.caption if plot is not None else None)
        elif key is not None:
            self._areas.remove(key)
            self._tracker.remove(key.__eq__)
        elif former is None and display is not None:
            is_shared_by_cell = area.cell is not None and area.cell.are_displays_shared
            if are_shared or is_shared_by_cell:
                self._cells.show(display, area.cell, area=area)

    @synchronize
    def share_withheld(self) -> None:
        """Put the displays on the page that were withheld until now, as if their cells showed them."""
        for area in self._areas.list_areas():
            for display in area.withheld.take_all():
                with suppress(BokehShareError):  # recorded as a problem
                    if not display.is_released:
                        self._cells.show(display, area.cell, area=area)
            if area.cell is not None:
                self._recognition.end_run(area.cell)

    @synchronize
    def withhold_shared(self) -> None:
        """Take the displays off the page that only `--all` has put there, and keep them as withheld."""
        for area in self._areas.list_areas():
            if area.cell is not None and area.cell.are_displays_shared:
                continue
            for key, plot in [*area.plots.items()]:
                display = plot.model() if plot.model is not None else None
                if not isinstance(display, Display) or plot.value is None:
                    continue
                is_from_cell = plot.value() is display  # else the author gave the object to `share`
                if is_from_cell:
                    self._areas.remove(key)
                    self._tracker.remove(key.__eq__)
                    area.withheld.add(display)
        late_keys = {plot.key for plot in self._tracker.page.plots if plot.media and plot.key.kind == "code"}
        if late_keys:
            self._tracker.remove(late_keys.__contains__)

    def list_withheld(self) -> Iterator[WithheldDisplay]:
        """List the displays that are not shared, with the numbers of their cells."""
        for area in self._areas.list_areas():
            number = area.cell.number if area.cell is not None else None
            yield from (WithheldDisplay(display, number) for display in area.withheld)
