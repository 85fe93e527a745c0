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
from .areas import Area
from .cell import Cell
from .cells import Cells
from .reported import reported
from .running_cells import Request, RunningCells

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

GRACE = 1.0
"""Seconds that what was cleared stays on the page, where another may take its place and viewers keep their
zoom."""
WIDGET = ("ipywidgets.widgets.widget", "Widget")


@dataclass(eq=False)
class _Output:
    """An `Output` widget that was seen."""

    widget: Any
    area: Area
    entered: int
    """Outputs that are entered later collect what is put out before others do, as in the front end."""


class OutputAreas:
    """Lives as long as the extension is loaded, and leaves it to the author to import ipywidgets.

    Is called by the author's code in any thread: front ends may send what a widget does to a subshell.
    """

    def __init__(
        self, shell: InteractiveShell, cells: Cells, running: RunningCells, request: Callable[[], Request]
    ) -> None:
        self._shell = shell
        self._cells = cells
        self._running = running
        self._request = request
        self._outputs: dict[str, _Output] = {}
        """By the widget's id."""
        self._places: dict[str, Area] = {}
        """By the id of any widget that is displayed: the area where it stands."""
        self._serials = count(1)
        self._waiting: set[Area] = set()
        """What is cleared with its next output."""
        self._going: set[Area] = set()
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        """For `_going` and `_timer`."""
        self._undo: list[Callable[[], object]] = []

    def load(self) -> None:
        self._undo.append(compat.follow_publisher(self._shell.display_pub, self._cleared, self._published))
        for stream in (sys.stdout, sys.stderr):
            if (end := compat.follow_stream(stream, self._printed)) is not None:
                self._undo.append(end)
        self._follow_displayed_widgets()

    def unload(self) -> None:
        while self._undo:
            self._undo.pop()()
        for output in self._outputs.values():
            with suppress(ValueError):  # the author took all observers away
                output.widget.unobserve(self._changed, ["msg_id", "outputs", "comm"])
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            timer.join()

    @property
    def current(self) -> Area | None:
        """The area that the output of this code goes to; None outside of cells and widgets."""
        request = self._request()
        self.look(request)
        return self._area_of(request)

    def look(self, request: Request | None = None) -> None:
        """Take up the `Output` widgets that were made since: they belong where they were made.

        Those that were entered meanwhile count as entered in the order in which they were made.
        """
        request = request or self._request()
        with reported("looking at the widgets"):
            for id, widget in compat.output_widgets().items():
                if id not in self._outputs:
                    around = self._area_of(request) or self._places.get(request.comm or "")
                    self._outputs.setdefault(id, _Output(widget, Area(around), next(self._serials)))
                    widget.observe(self._changed, ["msg_id", "outputs", "comm"])

    def shown(self, area: Area | None) -> None:
        """Something was shown there."""
        if area is not None:
            self._waiting.discard(area)
            if area.going:
                self._settle_soon(area)

    def end(self, cell: Cell, *, has_result: bool) -> None:
        """The cell has ended, with the value of its last expression as another output, or without."""
        self.look()
        if has_result:
            self._came(cell.area)
        elif cell.area.waits:
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError):
                    stream.flush()  # tells of what is in there

    def _area_of(self, request: Request) -> Area | None:
        cell = self._running.run_for(request.id) or self._cells.last_run(request.id)
        around = cell.area if cell is not None else self._places.get(request.comm or "")
        outputs = [each for each in list(self._outputs.values()) if request.id == each.widget.msg_id != ""]
        if outputs:
            area = max(outputs, key=lambda output: output.entered).area
            if area.parent is None:  # made where no cell ran
                area.parent = around
            return area
        return cell.area if cell is not None else None

    def _cleared(self, wait: bool) -> None:
        with reported("clearing the plots of an output"):
            if (area := self.current) is not None:
                self._clear(area, wait=wait)

    def _clear(self, area: Area, *, wait: bool) -> None:
        self._cells.clear(area, wait=wait)
        self._waiting = {each for each in (*self._waiting, area) if each.waits and each.cleared}
        if area.going:
            self._settle_soon(area)

    def _published(self) -> None:
        if self._waiting:
            with reported("noticing an output"):
                self._came(self.current)

    def _printed(self, request: str) -> None:
        """Called by the thread that sends what was printed, and must not wait."""
        if self._waiting:
            with reported("noticing what was printed"):
                self._came(self._area_of(Request(request)))

    def _came(self, area: Area | None) -> None:
        """An output came to this area: what waited for it is gone from the author's screen."""
        if area is not None:
            self._waiting.discard(area)
            if area.waits:
                area.waits = False
                self._settle_soon(area)

    def _settle_soon(self, area: Area) -> None:
        with self._lock:
            self._going.add(area)
            if self._timer is None:
                self._timer = threading.Timer(GRACE, self._settle)
                self._timer.daemon = True
                self._timer.start()

    def _settle(self) -> None:
        with self._lock:
            areas, self._going, self._timer = self._going, set(), None
        for area in areas:
            with reported("taking a plot off the page"):
                self._cells.settle(area)

    def _changed(self, change: Any) -> None:
        """An `Output` is entered or left, or the author empties or closes it."""
        with reported("following a widget"):
            if change["name"] == "comm":
                if change["new"] is None and (output := self._outputs.pop(change["old"].comm_id, None)):
                    self._cells.close(output.area)
                return
            output = self._outputs[id := change["owner"].model_id]
            if change["name"] == "msg_id" and change["new"]:
                output.entered = next(self._serials)
            elif change["name"] == "outputs" and not change["new"] and self._request().comm != id:
                self._clear(output.area, wait=False)  # otherwise the front end tells of what it did

    def _follow_displayed_widgets(self) -> None:
        assert self._shell.display_formatter is not None
        formatter, name = self._shell.display_formatter.mimebundle_formatter, ".".join(WIDGET)
        former = formatter.for_type_by_name(*WIDGET)
        formatter.pop(name, None)  # or it goes before ours where the class is known already

        def bundle_of(widget: Any) -> Any:
            self._displayed(widget)
            if former is not None:
                return former(widget)
            method = getattr(widget, "_repr_mimebundle_", None)
            return method(include=None, exclude=None) if callable(method) else None

        def undo() -> None:
            if formatter.for_type_by_name(*WIDGET) is bundle_of:
                formatter.pop(name)
                if former is not None:
                    formatter.for_type_by_name(*WIDGET, former)

        formatter.for_type_by_name(*WIDGET, bundle_of)
        self._undo.append(undo)

    def _displayed(self, widget: Any) -> None:
        """The outputs in a widget belong to the area that it is displayed in."""
        with reported("noticing that a widget is displayed"):
            if (area := self.current) is not None and hasattr(widget, "model_id"):
                for each in _with_children(widget):
                    if (output := self._outputs.get(each.model_id)) is not None:
                        self._cells.display(output.area, area)
                    self._places[each.model_id] = area


def _with_children(widget: Any) -> Iterator[Any]:
    """A widget and what is in it, each once."""
    found = {id(widget): widget}
    todo = [widget]
    while todo:
        each = todo.pop()
        yield each
        children = getattr(each, "children", None)
        for child in children if isinstance(children, list | tuple) else ():
            if id(child) not in found and hasattr(child, "model_id"):
                found[id(child)] = child
                todo.append(child)
