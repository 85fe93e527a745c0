"""Finds the area that the author's code writes to, below a cell or in an `Output` of ipywidgets', and notices
when an area is cleared."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from .. import compat
from .cell import Area, CellRun
from .cells import Cells
from .error_logging import log_errors
from .running_cells import KernelRequest, RunningCells

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

REMOVAL_DELAY = 1.0
"""Seconds that cleared plots stay on the page; a plot that replaces one of them keeps the viewers' zoom."""
WIDGET_TYPE = ("ipywidgets.widgets.widget", "Widget")


@dataclass(eq=False)
class _OutputWidget:
    """An `Output` widget that was seen."""

    widget: Any
    area: Area
    entry_number: int
    """Outputs that are entered later collect what is put out before others do, as in the front end."""


class OutputAreas:
    """Lives as long as the extension is loaded, and leaves it to the author to import ipywidgets.

    Is called by the author's code in any thread: front ends may send what a widget does to a subshell.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        cells: Cells,
        running_cells: RunningCells,
        read_request: Callable[[], KernelRequest],
    ) -> None:
        self._shell = shell
        self._cells = cells
        self._running_cells = running_cells
        self._read_request = read_request
        self._output_widgets: dict[str, _OutputWidget] = {}
        """By the widget's id."""
        self._widget_areas: dict[str, Area] = {}
        """By the id of any widget that is displayed: the area where it stands."""
        self._entry_numbers = count(1)
        self._pending_areas: set[Area] = set()
        """What is cleared with its next output."""
        self._removable_areas: set[Area] = set()
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        """For `_removable_areas` and `_timer`."""
        self._undo: list[Callable[[], object]] = []

    def load(self) -> None:
        self._undo.append(compat.follow_publisher(self._shell.display_pub, self._on_clear, self._on_publish))
        for stream in (sys.stdout, sys.stderr):
            if (undo := compat.follow_stream(stream, self._on_print)) is not None:
                self._undo.append(undo)
        self._observe_displayed_widgets()

    def unload(self) -> None:
        while self._undo:
            self._undo.pop()()
        for output in self._output_widgets.values():
            with suppress(ValueError):  # the author took all observers away
                output.widget.unobserve(self._on_widget_change, ["msg_id", "outputs", "comm"])
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            timer.join()

    @property
    def current(self) -> Area | None:
        """The area that the output of this code goes to; None outside of cells and widgets."""
        request = self._read_request()
        self.update_widgets(request)
        return self._find_area(request)

    def update_widgets(self, request: KernelRequest | None = None) -> None:
        """Take up the `Output` widgets that were made since: they belong where they were made.

        Those that were entered meanwhile count as entered in the order in which they were made.
        """
        request = request or self._read_request()
        with log_errors("looking at the widgets"):
            for id, widget in compat.list_output_widgets().items():
                if id not in self._output_widgets:
                    default_area = self._find_area(request) or self._widget_areas.get(request.comm_id or "")
                    self._output_widgets.setdefault(
                        id, _OutputWidget(widget, Area(default_area), next(self._entry_numbers))
                    )
                    widget.observe(self._on_widget_change, ["msg_id", "outputs", "comm"])

    def handle_show(self, area: Area | None) -> None:
        """Something was shown there."""
        if area is not None:
            self._pending_areas.discard(area)
            if area.removable_plots:
                self._schedule_removal(area)

    def finish_run(self, cell: CellRun, *, has_result: bool) -> None:
        """The cell has ended, with the value of its last expression as another output, or without."""
        self.update_widgets()
        if has_result:
            self._handle_output(cell.area)
        elif cell.area.is_clear_pending:
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError):
                    stream.flush()  # publishes its buffer

    def _find_area(self, request: KernelRequest) -> Area | None:
        cell = self._running_cells.find_run(request.id) or self._cells.find_last_run(request.id)
        default_area = cell.area if cell is not None else self._widget_areas.get(request.comm_id or "")
        outputs = [
            each for each in list(self._output_widgets.values()) if request.id == each.widget.msg_id != ""
        ]
        if outputs:
            area = max(outputs, key=lambda output: output.entry_number).area
            if area.parent is None:  # made where no cell ran
                area.parent = default_area
            return area
        return cell.area if cell is not None else None

    def _on_clear(self, wait: bool) -> None:
        with log_errors("clearing the plots of an output"):
            if (area := self.current) is not None:
                self._clear_area(area, wait=wait)

    def _clear_area(self, area: Area, *, wait: bool) -> None:
        self._cells.clear_area(area, wait=wait)
        self._pending_areas = {
            each for each in (*self._pending_areas, area) if each.is_clear_pending and each.cleared_plots
        }
        if area.removable_plots:
            self._schedule_removal(area)

    def _on_publish(self) -> None:
        if self._pending_areas:
            with log_errors("noticing an output"):
                self._handle_output(self.current)

    def _on_print(self, request_id: str) -> None:
        """Called by the thread that sends what was printed, and must not wait."""
        if self._pending_areas:
            with log_errors("noticing what was printed"):
                self._handle_output(self._find_area(KernelRequest(request_id)))

    def _handle_output(self, area: Area | None) -> None:
        """An output came to this area, so the front end has now removed the pending cleared outputs."""
        if area is not None:
            self._pending_areas.discard(area)
            if area.is_clear_pending:
                area.is_clear_pending = False
                self._schedule_removal(area)

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
            with log_errors("taking a plot off the page"):
                self._cells.remove_cleared(area)

    def _on_widget_change(self, change: Any) -> None:
        """An `Output` is entered or left, or the author empties or closes it."""
        with log_errors("following a widget"):
            if change["name"] == "comm":
                if change["new"] is None and (
                    output := self._output_widgets.pop(change["old"].comm_id, None)
                ):
                    self._cells.close_area(output.area)
                return
            output = self._output_widgets[id := change["owner"].model_id]
            if change["name"] == "msg_id" and change["new"]:
                output.entry_number = next(self._entry_numbers)
            elif change["name"] == "outputs" and not change["new"] and self._read_request().comm_id != id:
                self._clear_area(output.area, wait=False)  # otherwise it is a report of the front end's

    def _observe_displayed_widgets(self) -> None:
        assert self._shell.display_formatter is not None
        formatter, name = self._shell.display_formatter.mimebundle_formatter, ".".join(WIDGET_TYPE)
        previous_formatter = formatter.for_type_by_name(*WIDGET_TYPE)
        formatter.pop(name, None)  # or it goes before ours where the class is known already

        def format_widget(widget: Any) -> Any:
            self._on_widget_display(widget)
            if previous_formatter is not None:
                return previous_formatter(widget)
            method = getattr(widget, "_repr_mimebundle_", None)
            return method(include=None, exclude=None) if callable(method) else None

        def restore_formatter() -> None:
            if formatter.for_type_by_name(*WIDGET_TYPE) is format_widget:
                formatter.pop(name)
                if previous_formatter is not None:
                    formatter.for_type_by_name(*WIDGET_TYPE, previous_formatter)

        formatter.for_type_by_name(*WIDGET_TYPE, format_widget)
        self._undo.append(restore_formatter)

    def _on_widget_display(self, widget: Any) -> None:
        """The outputs in a widget belong to the area that it is displayed in."""
        with log_errors("noticing that a widget is displayed"):
            if (area := self.current) is not None and hasattr(widget, "model_id"):
                for each in _walk_widgets(widget):
                    if (output := self._output_widgets.get(each.model_id)) is not None:
                        self._cells.display_area(output.area, area)
                    self._widget_areas[each.model_id] = area


def _walk_widgets(widget: Any) -> Iterator[Any]:
    """A widget and what is in it, each once."""
    widgets = {id(widget): widget}
    stack = [widget]
    while stack:
        current = stack.pop()
        yield current
        children = getattr(current, "children", None)
        for child in children if isinstance(children, list | tuple) else ():
            if id(child) not in widgets and hasattr(child, "model_id"):
                widgets[id(child)] = child
                stack.append(child)
