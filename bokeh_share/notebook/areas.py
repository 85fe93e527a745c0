"""Where outputs stand, and what was cleared there: below a cell, or in a widget that collects them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from bokeh.model import Model

from ..plots.page import PlotKey

RUNS = 1_000
"""Of how many cells the last run is remembered."""

if TYPE_CHECKING:
    from ..plots.tracker import Showable
    from .cell import Cell


class Place(NamedTuple):
    """A plot in an area: its model, while there is one, and the area that it was shown in."""

    model: weakref.ref[Model] | None
    area: Area
    value: weakref.ref[Any] | None = None
    """What the author showed: the model, or what that was drawn of."""


class Area:
    """A place where outputs appear, in the order in which code shows them.

    Each run of a cell has one. The area of an `Output` widget has a parent: the area where the widget was
    displayed last or, before that, made. What is displayed in an area is cleared with it.
    """

    def __init__(self, parent: Area | None = None, cell: Cell | None = None) -> None:
        self.parent = parent
        self.shown: dict[PlotKey, Place] = {}
        self.cleared: dict[PlotKey, Place] = {}
        """Plots that were cleared, as long as no other takes their place."""
        self.waits = False
        """Whether the author sees `cleared` until the next output."""
        self.held: list[tuple[Showable, Any]] = []
        """What was shown while this area was hidden, and what it was drawn of."""
        self._cell = cell
        self._inside: list[Area] = []
        """The areas that are displayed in this one."""
        self._hidden_in: Area | None = None
        """The area that was cleared with this one in it."""

    @property
    def cell(self) -> Cell | None:
        """The run of a cell that the area belongs to."""
        return self._cell if self.parent is None else self.parent.cell

    @property
    def going(self) -> dict[PlotKey, Place]:
        """Plots that were cleared and that the author no longer sees."""
        return {} if self.waits else self.cleared

    @property
    def is_hidden(self) -> bool:
        """Whether the area around it was cleared, and it was not displayed again."""
        if self._hidden_in is not None or self.parent is None:
            return self._hidden_in is not None
        return self in self.parent._inside and self.parent.is_hidden

    @property
    def all_inside(self) -> list[Area]:
        """The areas that are displayed in this one, at any depth."""
        return [each for area in self._inside for each in (area, *area.all_inside)]

    def stands(self, key: PlotKey) -> bool:
        """Whether the author sees the plot here."""
        return key in self.shown or (self.waits and key in self.cleared)

    def put(self, key: PlotKey, shown: Showable, *, value: Any = None) -> None:
        self.forget(key)
        model, ref = weakref.ref(shown) if isinstance(shown, Model) else None, None
        with suppress(TypeError):  # a list: it is another each time
            ref = weakref.ref(shown if value is None else value)
        self.shown[key] = Place(model, self, ref)

    def forget(self, key: PlotKey) -> None:
        self.shown.pop(key, None)
        self.cleared.pop(key, None)

    def key_of(self, value: Any) -> PlotKey | None:
        """Where this very object is, or was before it was cleared."""
        places = [*self.shown.items(), *self.cleared.items()]
        return next((key for key, (*_, ref) in places if ref is not None and ref() is value), None)

    def free(self, fits: Callable[[PlotKey], bool]) -> PlotKey | None:
        """The first place that `fits` of what was cleared, here or else in the area around."""
        found = next(filter(fits, self.cleared), None)
        return self.parent.free(fits) if found is None and self.parent is not None else found

    def clear(self, *, wait: bool) -> list[PlotKey]:
        """Clear it, now or with the next output.

        Returns what nobody can take the place of any more: what was cleared before something else was shown.
        """
        self.held = []
        if self._hidden_in is not None:
            for key, place in self._hidden_in.cleared.items():
                if place.area is self:  # it is not to be seen again
                    self._hidden_in.cleared[key] = place._replace(area=self._hidden_in)
        cleared = dict(self._taken_out())
        for area in self._inside:
            area._hidden_in = self
        self._inside = []
        if not cleared:
            self.waits = self.waits and wait
            return []
        former, self.cleared, self.waits = self.cleared, cleared, wait
        return [key for key in former if key not in cleared]

    def move_to(self, parent: Area) -> dict[PlotKey, Place]:
        """Display it in `parent`. Returns what was hidden and can be seen again."""
        if parent is self or parent in self.all_inside:
            return {}
        if self.parent is not None and self in self.parent._inside:
            self.parent._inside.remove(self)
        self.parent = parent
        parent._inside.append(self)
        hidden_in, self._hidden_in = self._hidden_in, None
        if hidden_in is None:
            return {}
        ours = [self, *self.all_inside]
        again = {key: place for key, place in hidden_in.cleared.items() if place.area in ours}
        for key, place in again.items():
            del hidden_in.cleared[key]
            place.area.shown[key] = place
        return again

    def _taken_out(self) -> Iterator[tuple[PlotKey, Place]]:
        """Take the plots out of this area, and all out of those that are displayed in it."""
        yield from self.shown.items()
        self.shown = {}
        for area in self._inside:
            yield from area.cleared.items()
            area.cleared = {}
            yield from area._taken_out()


class Areas:
    """Knows the area that each plot was shown in last, and by that the cell that it belongs to."""

    def __init__(self) -> None:
        self._areas: dict[PlotKey, Area] = {}
        self._runs: dict[str, Cell] = {}
        """The last run of each cell."""

    def put(self, key: PlotKey, shown: Showable, area: Area, *, value: Any = None) -> None:
        self.forget(key)
        area.put(key, shown, value=value)
        self._areas[key] = area
        if area.cell is not None and key not in area.cell.shown:
            area.cell.shown.append(key)

    def forget(self, key: PlotKey) -> None:
        if (area := self._areas.pop(key, None)) is not None:
            area.forget(key)

    def clear(self, area: Area, *, wait: bool) -> list[PlotKey]:
        given_up = area.clear(wait=wait)
        self._areas.update(dict.fromkeys(area.cleared, area))
        return given_up

    def move(self, area: Area, parent: Area) -> dict[PlotKey, Place]:
        again = area.move_to(parent)
        self._areas.update({key: place.area for key, place in again.items()})
        return again

    def rename(self, moves: Mapping[PlotKey, PlotKey]) -> None:
        """Plots of former runs are at other keys from now on; what this run has shown keeps its own."""
        former = {}
        for key, to in moves.items():
            area = self._areas.get(key)
            if area is None or (area.cell and not area.cell.is_replaced and key in area.cell.shown):
                continue
            former[to] = area, area.shown.pop(key, None), area.cleared.pop(key, None)
            del self._areas[key]
        for to, (area, shown, cleared) in former.items():
            if to in self._areas:
                continue  # of this run
            self._areas[to] = area
            if shown is not None:
                area.shown[to] = shown
            if cleared is not None:
                area.cleared[to] = cleared

    def of(self, cell: str) -> set[PlotKey]:
        """The plots that belong to this cell."""
        return {key for key in self._areas if self.owner(key) == cell}

    def owner(self, key: PlotKey) -> str | None:
        """The cell that a plot belongs to; none for variables of code that runs after its cell."""
        area = self._areas.get(key)
        owner = area.cell if area is not None and key.kind in ("cell", "name") else None
        return owner.id if owner is not None else None

    def begin(self, run: Cell) -> None:
        """A cell runs: its former run is replaced."""
        former = self._runs.get(run.id)
        if former is not run and not run.is_replaced:
            self._replace({run.id})
            self._runs[run.id] = run
            if len(self._runs) > RUNS:
                del self._runs[next(iter(self._runs))]

    def end(self, run: Cell, *, success: bool) -> set[PlotKey]:
        """A run has ended. Returns the plots that go with it."""
        self.begin(run)
        gone = set()
        for key, area in self._areas.items():
            if area.cell is run and (key in area.going or area.stands(key)):
                is_over = key in area.going
            else:
                is_over = success and not run.is_replaced and self.owner(key) == run.id
            if is_over:
                gone.add(key)
        return gone

    def delete(self, ids: set[str]) -> set[PlotKey]:
        """Some cells are no more. Returns the plots that go with them."""
        self._replace(ids)
        return {key for key in self._areas if self.owner(key) in ids}

    def last_run(self, request: str) -> Cell | None:
        runs = list(self._runs.values())
        return next((run for run in runs if request and run.request == request), None)

    def _replace(self, ids: set[str]) -> None:
        for id in ids & self._runs.keys():
            self._runs.pop(id).is_replaced = True
