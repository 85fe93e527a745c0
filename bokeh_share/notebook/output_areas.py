"""Puts plots into the area to which their code writes, and detects when an area is cleared."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from .. import compat
from ..plots import Showable
from .cell import Area, CellRun, Outcome
from .cells import Cells
from .cleared_areas import ClearedAreas
from .error_logging import log_errors
from .output_widgets import OutputWidgets
from .running_cells import KernelRequest, RunningCells

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class DisplayHandler(Protocol):
    """Handles what code displays. See `DisplayCollector`."""

    def handle_display(
        self, data: Mapping[str, Any], metadata: Mapping[str, Any], *, display_id: str | None, is_update: bool
    ) -> None: ...

    def handle_result(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None: ...


class OutputAreas:
    """The areas below cells and in widgets in which the author's code shows plots, and which it clears.

    Exists as long as the extension is loaded. The author's code calls it in any thread.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        cells: Cells,
        running_cells: RunningCells,
        read_request: Callable[[], KernelRequest],
    ) -> None:
        """`read_request` returns the request for which this code runs."""
        self._shell = shell
        self._cells = cells
        self._running_cells = running_cells
        self._cleared_areas = ClearedAreas(cells)
        self._widgets = OutputWidgets(
            cells,
            self._cleared_areas,
            lambda request_id: running_cells.find_run(request_id) or cells.find_last_run(request_id),
            read_request,
        )
        self._undo: list[Callable[[], object]] = []

    def load(self, collector: DisplayHandler) -> None:
        """Follow outputs until `unload`. `collector` gets those of `display` and of last expressions."""

        def handle_display(
            data: Mapping[str, Any], metadata: Mapping[str, Any], display_id: str | None, is_update: bool
        ) -> None:
            if not is_update:
                self._on_publish()
            with log_errors("handling a display"):
                collector.handle_display(data, metadata, display_id=display_id, is_update=is_update)

        def handle_result(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
            with log_errors("handling the value of a cell"):
                collector.handle_result(data, metadata)

        self._undo.append(compat.follow_publisher(self._shell.display_pub, self._on_clear, handle_display))
        self._undo.append(compat.follow_display_hook(self._shell.displayhook, handle_result))
        for stream in (sys.stdout, sys.stderr):
            if (undo := compat.follow_stream(stream, self._on_print)) is not None:
                self._undo.append(undo)
        assert self._shell.display_formatter is not None
        self._undo.append(self._widgets.observe_displays(self._shell.display_formatter.mimebundle_formatter))

    def unload(self) -> None:
        while self._undo:
            self._undo.pop()()
        self._widgets.close()
        self._cleared_areas.close()

    @property
    def current_area(self) -> Area | None:
        """The area that the output of this code goes to; None outside of cells and widgets."""
        return self._widgets.current_area

    @property
    def is_outside_output(self) -> bool:
        """True if this code runs outside of cells, and no widget collects its output."""
        return self._running_cells.current is None and self._widgets.current_area is None

    def show(self, shown: Showable, *, caption: str | None = None, value: Any = None) -> Outcome:
        """Put a plot of the running cell on the page, unless the author keeps it off. `value` is as for
        `Cells.show`."""
        area = self._widgets.current_area
        try:
            return self._cells.show(
                shown, self._running_cells.current, caption=caption, area=area, value=value
            )
        finally:
            if area is not None:
                self._cleared_areas.handle_show(area)

    def update_widgets(self) -> None:
        """Add the `Output` widgets that were made since: they belong to the area where they were made."""
        self._widgets.update()

    def finish_run(self, cell: CellRun, *, has_result: bool) -> None:
        """Handle the end of a cell. The value of its last expression, if any, is another output."""
        self._widgets.update()
        if has_result:
            self._cleared_areas.handle_output(cell.area)
        elif cell.area.is_clear_pending:
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError):
                    stream.flush()  # sends its buffered text

    def _on_clear(self, wait: bool) -> None:
        with log_errors("clearing the plots of an output"):
            if (area := self._widgets.current_area) is not None:
                self._cleared_areas.clear(area, wait=wait)

    def _on_publish(self) -> None:
        if self._cleared_areas.has_pending:
            with log_errors("handling an output"):
                self._handle_output(self._widgets.current_area)

    def _on_print(self, request_id: str) -> None:
        """Handle printed text. The thread that sends the text calls this, and must not wait."""
        if self._cleared_areas.has_pending:
            with log_errors("handling printed text"):
                self._handle_output(self._widgets.find_area(KernelRequest(request_id)))

    def _handle_output(self, area: Area | None) -> None:
        if area is not None:
            self._cleared_areas.handle_output(area)
