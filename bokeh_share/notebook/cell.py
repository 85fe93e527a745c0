"""One run of a cell, the areas where its outputs appear, and the outcome of showing a plot."""

from __future__ import annotations

import hashlib
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

from bokeh.model import Model

from ..plots import MAX_UNNAMED_PLOTS, PlotKey, Showable
from ..plots.media import Display
from .withheld_outputs import WithheldOutputs


class Outcome(Enum):
    """The outcome of showing a plot, with the text that the cell prints."""

    ON_PAGE = "on the page"
    SKIPPED = "not shared"
    HIDDEN = "on the page as soon as its output is displayed again"
    DROPPED = "not shared, since you took it off the page: share it by name to put it there again"


@dataclass(eq=False)
class CellRun:
    """One run of a cell."""

    id: str
    """The cell's id, the same in each run."""
    has_id: bool = True
    """True if `id` comes from the front end; otherwise it is a digest of the code."""
    request_id: str = ""
    """The id of the front end's request that it runs for."""
    number: int | None = None
    """The number that the front end shows beside the cell; None if this run is not counted."""
    name: str | None = None
    """The name of its plots, from `%%bokeh_share NAME`."""
    caption: str | None = None
    is_skipped: bool = False
    """True if the author keeps this cell's plots off the page."""
    are_displays_shared: bool = False
    """True if the author shares the pictures, tables and texts of this cell too."""
    plot_keys: list[PlotKey] = field(default_factory=list)
    """The keys of its plots, including those that were cleared."""
    has_shown_plots: bool = False
    """True if it has shown plots, also those that have names of their own or are hidden."""
    is_replaced: bool = False
    """True if the cell was run again, or deleted."""
    area: Area = field(init=False, repr=False)
    """The area of outputs that no widget collects."""

    def __post_init__(self) -> None:
        self.area = Area(cell=self)

    @classmethod
    def from_code(
        cls, id: str | None, code: str, *, request_id: str = "", number: int | None = None
    ) -> CellRun:
        """Use a digest of the code as id where a front end gives none; changed code is another cell."""
        digest = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return cls(id or digest, has_id=bool(id), request_id=request_id, number=number)

    def set_options(
        self,
        *,
        name: str | None = None,
        caption: str | None = None,
        is_skipped: bool = False,
        are_displays_shared: bool = False,
    ) -> None:
        """Set the options of all plots that the cell shows from here on."""
        self.name, self.caption, self.is_skipped = name, caption, is_skipped
        self.are_displays_shared = are_displays_shared

    def mark_shown(self) -> None:
        self.has_shown_plots = True

    def mark_replaced(self) -> None:
        self.is_replaced = True


class AreaPlot(NamedTuple):
    """A plot in an area: its model, if it still exists, or its display; and the area where it was shown."""

    model: Callable[[], Showable | None] | None
    area: Area
    value: weakref.ref[Any] | None = None
    """The object that the author showed: the model, or the object from which it was drawn."""


class Area:
    """A place for outputs, in the order in which code shows them.

    Each run of a cell has one. The area of an `Output` widget has a parent: the area where the widget was
    displayed last or, before that, made. Areas that are displayed in an area are cleared with it.
    """

    def __init__(self, parent: Area | None = None, cell: CellRun | None = None) -> None:
        self.parent = parent
        self.plots: dict[PlotKey, AreaPlot] = {}
        self.cleared_plots: dict[PlotKey, AreaPlot] = {}
        """Plots that were cleared and not yet replaced by another."""
        self.is_clear_pending = False
        """True if the author sees `cleared_plots` until the next output."""
        self.clear_count = 0
        """The number of times that the author's code cleared it."""
        self.hidden_outputs: deque[tuple[Showable, Any]] = deque(maxlen=MAX_UNNAMED_PLOTS)
        """Plots that were shown while this area was hidden, and the objects from which they were drawn."""
        self.withheld = WithheldOutputs()
        """The displays here that are not shared."""
        self._cell = cell
        self._children: list[Area] = []
        """The areas that are displayed in this one."""
        self._cleared_parent: Area | None = None
        """The area that was cleared while it contained this one."""

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
        """True if the area around it was cleared, and it was not displayed again."""
        if self._cleared_parent is not None or self.parent is None:
            return self._cleared_parent is not None
        return self in self.parent._children and self.parent.is_hidden

    @property
    def descendants(self) -> list[Area]:
        """The areas that are displayed in this one, at any depth."""
        return [each for area in self._children for each in (area, *area.descendants)]

    def put(self, key: PlotKey, shown: Showable, *, value: Any = None) -> None:
        self.remove(key)
        model: Callable[[], Showable | None] | None = None
        if isinstance(shown, Model):
            model = weakref.ref(shown)
        elif isinstance(shown, Display):  # nobody else keeps it
            model = partial(_return_display, shown)
        ref = None
        with suppress(TypeError):  # a list cannot be referenced weakly
            ref = weakref.ref(shown if value is None else value)
        self.plots[key] = AreaPlot(model, self, ref)

    def remove(self, key: PlotKey) -> None:
        self.plots.pop(key, None)
        self.cleared_plots.pop(key, None)

    def find_key(self, value: Any) -> PlotKey | None:
        """Find the key of this same object, also if it was cleared."""
        plots = [*self.plots.items(), *self.cleared_plots.items()]
        return next((key for key, (*_, ref) in plots if ref is not None and ref() is value), None)

    def list_cleared_keys(self) -> list[PlotKey]:
        """List the keys that were cleared here, then those in the areas around it."""
        return [*self.cleared_plots, *(self.parent.list_cleared_keys() if self.parent is not None else ())]

    def clear(self, *, wait: bool) -> list[PlotKey]:
        """Clear the area, now or with the next output.

        Returns the keys that no plot can replace any more: those cleared before another plot was shown.
        """
        for area in (self, *self.descendants):
            area.withheld.take_all()
        self.hidden_outputs.clear()
        self.clear_count += 1
        if self._cleared_parent is not None:
            for key, plot in self._cleared_parent.cleared_plots.items():
                if plot.area is self:  # it will not be visible again
                    self._cleared_parent.cleared_plots[key] = plot._replace(area=self._cleared_parent)
        cleared = dict(self._pop_plots())
        for area in self._children:
            area._hide_in(self)
        self._children = []
        if not cleared:
            self.is_clear_pending = self.is_clear_pending and wait
            return []
        previous, self.cleared_plots, self.is_clear_pending = self.cleared_plots, cleared, wait
        return [key for key in previous if key not in cleared]

    def complete_clear(self) -> None:
        """Record an output, with which `cleared_plots` become invisible to the author."""
        self.is_clear_pending = False

    def ensure_parent(self, parent: Area | None) -> None:
        """Set the parent if the area was made outside of cells."""
        if self.parent is None:
            self.parent = parent

    def move_to(self, parent: Area) -> dict[PlotKey, AreaPlot]:
        """Display the area in `parent`. Return the plots that were hidden and are visible again."""
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

    def _hide_in(self, cleared_parent: Area) -> None:
        """Hide the area, since the one around it was cleared."""
        self._cleared_parent = cleared_parent

    def _pop_plots(self, *, with_cleared: bool = False) -> Iterator[tuple[PlotKey, AreaPlot]]:
        """Remove the plots of this area, and all plots of the areas that are displayed in it."""
        if with_cleared:
            yield from self.cleared_plots.items()
            self.cleared_plots = {}
        yield from self.plots.items()
        self.plots = {}
        for area in self._children:
            yield from area._pop_plots(with_cleared=True)


def _return_display(display: Display) -> Display:
    return display
