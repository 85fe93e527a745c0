"""Removes plots from the page that the author's code cleared, unless others soon replace them."""

from __future__ import annotations

import threading

from .cell import Area
from .cells import Cells
from .error_logging import log_errors

REMOVAL_DELAY = 1.0
"""Seconds that cleared plots stay on the page. A plot that replaces one of them keeps the viewers' zoom."""


class ClearedAreas:
    """The areas that were cleared: now, or with their next output.

    Exists as long as the extension is loaded. May be called from any thread.
    """

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._pending_areas: set[Area] = set()
        """The areas to clear with their next output."""
        self._removable_areas: set[Area] = set()
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        """A lock for `_removable_areas` and `_timer`."""

    @property
    def has_pending(self) -> bool:
        """True if the next output may clear an area."""
        return bool(self._pending_areas)

    def clear(self, area: Area, *, wait: bool) -> None:
        """Clear an area: now, or with `wait` at the next output there."""
        self._cells.clear_area(area, wait=wait)
        self._pending_areas = {
            each for each in (*self._pending_areas, area) if each.is_clear_pending and each.cleared_plots
        }
        if area.removable_plots:
            self._schedule_removal(area)

    def handle_show(self, area: Area) -> None:
        """Handle that a plot was shown there."""
        self._pending_areas.discard(area)
        if area.removable_plots:
            self._schedule_removal(area)

    def handle_output(self, area: Area) -> None:
        """Handle an output in this area: the front end has now removed the outputs that were pending to be
        cleared."""
        self._pending_areas.discard(area)
        if area.is_clear_pending:
            area.complete_clear()
            self._schedule_removal(area)

    def close(self) -> None:
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            timer.join()

    def _schedule_removal(self, area: Area) -> None:
        with self._lock:
            self._removable_areas.add(area)
            if self._timer is None:
                self._timer = threading.Timer(REMOVAL_DELAY, self._remove_cleared)
                self._timer.daemon = True
                self._timer.start()

    def _remove_cleared(self) -> None:
        with self._lock:
            areas, self._removable_areas, self._timer = self._removable_areas, set(), None
        for area in areas:
            with log_errors("removing a cleared plot"):
                self._cells.remove_cleared(area)
