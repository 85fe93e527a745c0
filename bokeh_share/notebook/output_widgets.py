"""Follows the `Output` widgets of ipywidgets', and which area each belongs to."""

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
    """An `Output` widget that was seen."""

    widget: Any
    area: Area
    entry_number: int
    """Outputs that are entered later collect what is put out before others do, as in the front end."""

    def enter(self, number: int) -> None:
        self.entry_number = number


class OutputWidgets:
    """Finds the area that code writes to: that of an `Output` widget which collects it, else its cell's.

    Lives as long as the extension is loaded, and leaves it to the author to import ipywidgets. Is called by
    the author's code in any thread: front ends may send what a widget does to a subshell.
    """

    def __init__(
        self,
        cells: Cells,
        cleared_areas: ClearedAreas,
        find_cell: Callable[[str], CellRun | None],
        read_request: Callable[[], KernelRequest],
    ) -> None:
        """`find_cell` returns the cell that runs, or ran last, for a request; `read_request` the request that
        this code runs for."""
        self._cells = cells
        self._cleared_areas = cleared_areas
        self._find_cell = find_cell
        self._read_request = read_request
        self._output_widgets: dict[str, _OutputWidget] = {}
        """By the widget's id."""
        self._widget_areas: dict[str, Area] = {}
        """By the id of any widget that is displayed: the area where it stands."""
        self._entry_numbers = count(1)

    def observe_displays(self, formatter: MimeBundleFormatter) -> Callable[[], None]:
        """Notice where widgets are displayed; returns a function that undoes this."""

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
            with suppress(ValueError):  # the author took all observers away
                output.widget.unobserve(self._on_change, OBSERVED_TRAITS)

    @property
    def current_area(self) -> Area | None:
        """The area that the output of this code goes to; None outside of cells and widgets."""
        request = self._read_request()
        self.update(request)
        return self.find_area(request)

    def update(self, request: KernelRequest | None = None) -> None:
        """Take up the `Output` widgets that were made since: they belong where they were made.

        Those that were entered meanwhile count as entered in the order in which they were made.
        """
        request = request or self._read_request()
        with log_errors("looking at the widgets"):
            for id, widget in compat.list_output_widgets().items():
                if id not in self._output_widgets:
                    default_area = self.find_area(request) or self._widget_areas.get(request.comm_id or "")
                    self._output_widgets.setdefault(
                        id, _OutputWidget(widget, Area(default_area), next(self._entry_numbers))
                    )
                    widget.observe(self._on_change, OBSERVED_TRAITS)

    def find_area(self, request: KernelRequest) -> Area | None:
        """Find the area that the output of a request's code goes to."""
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
                output.enter(next(self._entry_numbers))
            elif change["name"] == "outputs" and not change["new"] and self._read_request().comm_id != id:
                # otherwise it is a report of the front end's
                self._cleared_areas.clear(output.area, wait=False)

    def _on_display(self, widget: Any) -> None:
        """The outputs in a widget belong to the area that it is displayed in."""
        with log_errors("noticing that a widget is displayed"):
            if (area := self.current_area) is not None and hasattr(widget, "model_id"):
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
