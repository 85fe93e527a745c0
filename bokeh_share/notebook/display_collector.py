"""Puts pictures, tables and texts that cells display on the page, or counts them if they are not shared."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from ..errors import BokehShareError
from ..plots import WithheldDisplays
from ..plots.media import Display, read_display
from .cell import Area, CellRun, Outcome
from .cell_displays import CellDisplays
from .output_areas import OutputAreas

MAX_DISPLAY_IDS = 200
"""Maximum number of display ids that are known; an update of an older one changes nothing on the page."""
MAX_OUTPUTS_PER_ID = 20
"""Maximum number of outputs with one display id that are known."""


class _ShownDisplay(NamedTuple):
    """A display in an output area, which another one with the same display id replaces."""

    area: Area
    display: Display | None
    """None if the output shows nothing of the kind now."""


class DisplayCollector:
    """Follows what cells display without Bokeh: by `display`, as the value of their last expression, and by
    updates of both.

    Exists as long as the extension is loaded.
    """

    def __init__(
        self,
        output_areas: OutputAreas,
        displays: CellDisplays,
        withheld: WithheldDisplays,
        find_cell: Callable[[], CellRun | None],
        print_once: Callable[[str], None],
    ) -> None:
        """`find_cell` returns the running cell, and `print_once` prints a text once below it."""
        self._output_areas = output_areas
        self._displays = displays
        self._withheld = withheld
        self._find_cell = find_cell
        self._print_once = print_once
        self._shown: OrderedDict[str, list[_ShownDisplay]] = OrderedDict()
        """The displays by display id, the id used last at the end."""
        withheld.connect_notebook(displays.list_withheld, displays.share_withheld, displays.withhold_shared)

    def handle_display(
        self, data: Mapping[str, Any], metadata: Mapping[str, Any], *, display_id: str | None, is_update: bool
    ) -> None:
        """Handle that code has displayed these representations of an object."""
        if is_update and display_id not in self._shown:
            return
        display = read_display(data, metadata)
        if is_update and display_id is not None:
            self._update(display_id, display)
        elif display is not None:
            area = self._show(display)
            if display_id is not None and area is not None:
                self._record(display_id, _ShownDisplay(area, display))

    def handle_result(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Handle that the value of a cell's last expression was displayed so."""
        self.handle_display(data, metadata, display_id=None, is_update=False)

    def _show(self, display: Display) -> Area | None:
        """Put a display on the page or withhold it. Return the area of its output, if that is known."""
        area, cell = self._output_areas.current_area, self._find_cell()
        owner = area.cell if area is not None else cell
        if any(each is not None and each.is_skipped for each in (cell, owner)):
            return None
        if not (self._withheld.are_shared or (owner is not None and owner.are_displays_shared)):
            if area is not None:
                area.withheld.add(display)
                self._withheld.add(display)
            return area
        try:
            outcome = self._output_areas.show(display)
        except BokehShareError:
            return area  # recorded as a problem, which the card has
        if outcome is Outcome.DROPPED:
            self._print_once(outcome.value)
        return area

    def _record(self, display_id: str, shown: _ShownDisplay) -> None:
        self._shown[display_id] = [*self._shown.pop(display_id, ()), shown][-MAX_OUTPUTS_PER_ID:]
        if len(self._shown) > MAX_DISPLAY_IDS:
            self._shown.popitem(last=False)

    def _update(self, display_id: str, display: Display | None) -> None:
        """Replace the outputs with a display id, wherever they are."""
        updated = []
        for shown in self._shown[display_id]:
            with suppress(BokehShareError):  # recorded as a problem
                self._displays.update(
                    shown.area, shown.display, display, are_shared=self._withheld.are_shared
                )
            updated.append(shown._replace(display=display))
        self._shown[display_id] = updated
