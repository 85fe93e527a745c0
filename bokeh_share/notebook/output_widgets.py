"""Follows the `Output` widgets of ipywidgets, and finds the area of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from .. import compat
from .cell import Area, CellRun
from .cells import Cells
from .cleared_areas import ClearedAreas
from .error_logging import log_errors
from .formatters import Formatter, replace_formatter
from .running_cells import KernelRequest

if TYPE_CHECKING:
    from IPython.core.formatters import MimeBundleFormatter

WIDGET_TYPE = ("ipywidgets.widgets.widget", "Widget")
OBSERVED_TRAITS = ["msg_id", "outputs", "comm"]


@dataclass(eq=False)
class _OutputWidget:
    """A known `Output` widget."""

    widget: Any
    area: Area
    entry_number: int
    """The order of entering: the widget that was entered last collects output, as in the front end."""

    def enter(self, number: int) -> None:
        self.entry_number = number


class OutputWidgets:
    """Finds the area to which code writes: that of an `Output` widget that collects it, else its cell's.

    Exists as long as the extension is loaded, and does not import ipywidgets. The author's code calls it in
    any thread: front ends may send widget events to a subshell.
    """

    def __init__(
        self,
        cells: Cells,
        cleared_areas: ClearedAreas,
        find_cell: Callable[[str], CellRun | None],
        read_request: Callable[[], KernelRequest],
    ) -> None:
        """`find_cell` returns the cell that runs, or ran last, for a request; `read_request` returns the
        request for which this code runs."""
        self._cells = cells
        self._cleared_areas = cleared_areas
        self._find_cell = find_cell
        self._read_request = read_request
        self._output_widgets: dict[str, _OutputWidget] = {}
        """The `Output` widgets by id."""
        self._widget_areas: dict[str, Area] = {}
        """The areas of all displayed widgets, by widget id."""
        self._entry_numbers = count(1)

    def observe_displays(self, formatter: MimeBundleFormatter) -> Callable[[], None]:
        """Observe where widgets are displayed. Return a function that undoes this."""

        def format_widget(widget: Any, previous_formatter: Formatter | None) -> Any:
            __tracebackhide__ = True
            self._on_display(widget)
            if previous_formatter is not None:
                return previous_formatter(widget)
            method = getattr(widget, "_repr_mimebundle_", None)
            return method(include=None, exclude=None) if callable(method) else None

        return replace_formatter(formatter, WIDGET_TYPE, format_widget)

    def close(self) -> None:
        for output in self._output_widgets.values():
            with suppress(ValueError):  # the author removed all observers
                output.widget.unobserve(self._on_change, OBSERVED_TRAITS)

    @property
    def current_area(self) -> Area | None:
        """The area to which the output of this code goes; None outside of cells and widgets."""
        request = self._read_request()
        self.update(request)
        return self.find_area(request)

    def update(self, request: KernelRequest | None = None) -> None:
        """Add the `Output` widgets that were made since: they belong to the area where they were made.

        Widgets that were entered meanwhile count as entered in the order in which they were made.
        """
        request = request or self._read_request()
        with log_errors("reading the widgets"):
            for id, widget in compat.list_output_widgets().items():
                if id not in self._output_widgets:
                    default_area = self.find_area(request) or self._widget_areas.get(request.comm_id or "")
                    self._output_widgets.setdefault(
                        id, _OutputWidget(widget, Area(default_area), next(self._entry_numbers))
                    )
                    widget.observe(self._on_change, OBSERVED_TRAITS)

    def find_area(self, request: KernelRequest) -> Area | None:
        """Find the area to which the output of a request's code goes."""
        cell = self._find_cell(request.id)
        default_area = cell.area if cell is not None else self._widget_areas.get(request.comm_id or "")
        outputs = [
            each for each in list(self._output_widgets.values()) if request.id == each.widget.msg_id != ""
        ]
        if outputs:
            area = max(outputs, key=lambda output: output.entry_number).area
            area.ensure_parent(default_area)
            return area
        return cell.area if cell is not None else None

    def _on_change(self, change: Any) -> None:
        """Handle that an `Output` is entered or left, or that the author clears or closes it."""
        with log_errors("following a widget"):
            if change["name"] == "comm":
                if change["new"] is None and (
                    output := self._output_widgets.pop(change["old"].comm_id, None)
                ):
                    self._cells.close_area(output.area)
                return
            output = self._output_widgets[id := change["owner"].model_id]
            if change["name"] == "msg_id" and change["new"]:
                output.enter(next(self._entry_numbers))
            elif change["name"] == "outputs" and not change["new"] and self._read_request().comm_id != id:
                # otherwise the front end reports its own change
                self._cleared_areas.clear(output.area, wait=False)

    def _on_display(self, widget: Any) -> None:
        """Move the outputs in a widget to the area in which it is displayed."""
        with log_errors("handling a displayed widget"):
            if (area := self.current_area) is not None and hasattr(widget, "model_id"):
                for each in _walk_widgets(widget):
                    if (output := self._output_widgets.get(each.model_id)) is not None:
                        self._cells.display_area(output.area, area)
                    self._widget_areas[each.model_id] = area


def _walk_widgets(widget: Any) -> Iterator[Any]:
    """Iterate over a widget and the widgets in it, each once."""
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
