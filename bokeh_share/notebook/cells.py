"""Which plots each cell showed, and under which keys: what a re-run replaces, lets go and keeps."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from bokeh.model import Model

from ..errors import BokehShareError, UnknownName
from ..plots.holoviews import is_element, rendered_apart
from ..plots.page import PlotKey
from ..plots.recognition import Recognition
from ..plots.tracker import PlotTracker, Showable, as_shown
from .areas import Area, Areas
from .cell import Cell, Outcome
from .notebook_file import NotebookFile

P = ParamSpec("P")
R = TypeVar("R")

LOOSE = 20
"""How many plots from outside of any cell, without a name, are on the page; more replace the oldest. Also how
many code that runs after its cell, as a widget's does, has in one area of the cell's."""


def _locked(method: Callable[Concatenate[Cells, P], R]) -> Callable[Concatenate[Cells, P], R]:
    """One thread at a time: subshells run cells side by side."""

    @wraps(method)
    def alone(self: Cells, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock:
            return method(self, *args, **kwargs)

    return alone


class Cells:
    """Finds the key for what is shown, and knows which cell a key belongs to.

    Lives as long as the extension is loaded. Knows cells by what it is told; neither IPython nor a front end.
    """

    def __init__(self, tracker: PlotTracker, namespace: Mapping[str, Any], file: Path | None = None) -> None:
        self.variables: set[str] = set()
        """Names of variables whose values are on the page, whichever cell binds them."""
        self.order: list[str] = []
        """Names that the author wants on top, in this order."""
        self._tracker = tracker
        self._namespace = namespace
        self._file = NotebookFile(file)
        self._areas = Areas()
        self._dropped: set[PlotKey] = set()
        self._dropped_models: weakref.WeakSet[Model] = weakref.WeakSet()
        self._rendered: dict[str, tuple[Any, Showable]] = {}
        """By the name on the page: an object of HoloViews, and what it was drawn as."""
        self._recognition = Recognition(tracker, namespace, self._on_move)
        self._lock = threading.RLock()
        self._loose = 0
        """How many plots were shown outside of any cell, without a name."""
        tracker.rank = self.rank

    @property
    def saved(self) -> Collection[str]:
        """The ids of the cells that the notebook's file has, as far as it was read."""
        return self._file.ids

    def are_saved_in(self, notebook: Path) -> None:
        """The file may have been renamed since."""
        self._file.path = notebook

    @_locked
    def show(
        self,
        shown: Showable,
        cell: Cell | None,
        *,
        caption: str | None = None,
        area: Area | None = None,
        value: Any = None,
    ) -> Outcome:
        """Put what `cell` shows on the page, unless the author keeps it off.

        It is shown in the cell's own area, or in this one. Code that runs after its cell has an `area` only.
        `value` is what `shown` was drawn of, where it was not shown itself: the author has that.
        """
        value = shown if value is None else value
        if area is None and cell is not None:
            area = cell.area
        owner = area.cell if area is not None else None
        if cell is not None:
            self._areas.begin(cell)
        if any(each is not None and each.skipped for each in (cell, owner)):
            return Outcome.SKIPPED
        if owner is not None and owner is not cell and owner.is_replaced:
            return Outcome.SKIPPED
        if area is not None and area.is_hidden:
            area.held = [*area.held, (shown, value)][-LOOSE:]
            return Outcome.HELD
        key = self._key(value, owner, area, is_late=cell is None)
        if key.name is not None and value is not shown:
            self._rendered[key.name] = value, shown
        explicit = key.kind == "name" and (owner is None or key.of != owner.name)
        if caption is None and owner is not None:
            caption = owner.caption
        captured = None
        if area is not None:
            area.waits = False
            if not explicit:  # what has a name of its own is no output, and cannot be cleared
                if owner is not None and owner is cell and key not in cell.shown:
                    former = self._former(cell)
                    captured = self._recognition.settle(
                        cell, key, shown, former, caption=caption, value=value
                    )
                self._areas.put(key, shown, area, value=value)
        if key in self._dropped or (isinstance(shown, Model) and shown in self._dropped_models):
            return Outcome.DROPPED
        if caption is None and explicit and (plot := self._tracker.page.find(key)) is not None:
            caption = plot.caption
        self._tracker.put(key, shown, caption=caption, captured=captured)
        return Outcome.ON_PAGE

    def has(self, model: Model) -> bool:
        """Whether `model` itself is on the page."""
        return bool(self._tracker.keys_of(model))

    @_locked
    def clear(self, area: Area, *, wait: bool) -> None:
        """The author's code cleared an area. Its plots stay on the page until `settle` or the cell's end:
        those that are shown there next take their places."""
        self._let_go(set(self._areas.clear(area, wait=wait)))

    @_locked
    def settle(self, area: Area) -> None:
        """Take what was cleared off the page; its places may still be taken."""
        if gone := set(area.going):
            self._tracker.remove(gone.__contains__)

    @_locked
    def display(self, area: Area, parent: Area) -> None:
        """A widget's area is displayed in another, and belongs to that one's cell from now on."""
        for key, place in self._areas.move(area, parent).items():
            model = place.model() if place.model is not None else None
            if model is not None and self._tracker.page.find(key) is None and key not in self._dropped:
                with suppress(BokehShareError):  # noted as a problem
                    self._tracker.put(key, model, caption=parent.cell.caption if parent.cell else None)
        for each in (area, *area.all_inside):
            held, each.held = each.held, []
            for shown, value in held:
                with suppress(BokehShareError):
                    self.show(shown, None, area=each, value=value)

    @_locked
    def close(self, area: Area) -> None:
        """A widget is no more."""
        self._let_go({*area.shown, *area.cleared})

    def last_run(self, request: str) -> Cell | None:
        """The cell that ran for this request of a front end's, and not again since."""
        return self._areas.last_run(request)

    @_locked
    def share(self, shown: Showable, name: str, caption: str | None = None, *, value: Any = None) -> None:
        """Put `shown` on the page under `name`, instead of where a cell has put it. `value` as for `show`."""
        key = PlotKey("name", name)
        if value is not None:
            self._rendered[name] = value, shown
        before = self._tracker.keys_of(shown) if isinstance(shown, Model) else []
        self._tracker.put(key, shown, caption=caption)
        self._let_go({each for each in before if each.kind != "name"})
        self._areas.forget(key)
        self._dropped = {each for each in self._dropped if each.of != name}
        self._recognition.keep_dropped(self._dropped)
        if isinstance(shown, Model):
            self._dropped_models.discard(shown)

    @_locked
    def share_variable(self, name: str) -> None:
        """Keep the value of the author's variable `name` on the page, whatever it is bound to later."""
        self._rendered.pop(name, None)
        self.share(self._value_of(name), name)
        self.variables.add(name)

    @_locked
    def drop(self, keys: Iterable[PlotKey]) -> None:
        """Take these off the page, for as long as they are not shared by name again."""
        keys = set(keys)
        self._recognition.note_dropped(filter(self._areas.owner, keys))
        self._dropped |= keys
        self._dropped_models.update(self._tracker.models_of(keys))
        self.variables -= {key.of for key in keys if key.kind == "name"}
        self._tracker.remove(self._dropped.__contains__)

    @_locked
    def finish(self, cell: Cell, *, success: bool) -> None:
        """The cell has ended: plots it no longer shows go, unless it failed before it reached them."""
        self._let_go(self._areas.end(cell, success=success))
        self._recognition.end(cell)
        for name in self.variables:
            with suppress(BokehShareError):  # another value, or noted as a problem: the last state stays
                plot = self._tracker.page.find(PlotKey("name", name))
                value = self._value_of(name)
                self._tracker.put(PlotKey("name", name), value, caption=plot.caption if plot else None)
        self.sort(anyway=bool(cell.shown))
        self._tracker.look_again()

    @_locked
    def sort(self, *, anyway: bool = False) -> None:
        """Put the plots in the order of the notebook's cells, if its file was saved since, or `anyway`."""
        if self._file.look() or anyway:
            self._tracker.turn(lambda page: page)

    @_locked
    def delete(self, ids: Iterable[str]) -> None:
        """These cells are no longer in the notebook."""
        self._let_go(self._areas.delete(set(ids)))

    def rank(self, key: PlotKey) -> tuple[int, ...]:
        """Where a plot belongs: what the author ordered, then the order of the notebook's cells."""
        chosen = self.order.index(key.name) if key.name in self.order else len(self.order)
        index = self._file.index(self._areas.owner(key))
        return (chosen, index, key.position) if index is not None else (chosen, 1_000_000, 0)

    def arrange(self, names: list[str]) -> None:
        """Put the plots called `names` on top, in this order. Raises `UnknownName`."""
        known = [plot.name for plot in self._tracker.page.plots if plot.name is not None]
        for name in names:
            if name not in known:
                raise UnknownName.among(name, known)
        self.order = names
        self._tracker.turn(lambda page: page)

    def _value_of(self, name: str) -> Showable:
        """What a variable shows; HoloViews draws an object once, until it is shared again."""
        value = self._namespace.get(name)
        if not is_element(value):
            return as_shown(value, name=name)
        known = self._rendered.get(name)
        if known is None or known[0] is not value:
            known = self._rendered[name] = value, as_shown(rendered_apart(value, name=name), name=name)
        return known[1]

    def _former(self, cell: Cell) -> set[PlotKey]:
        """Where the cell's plots were that this run has not come to, those that were dropped among them."""
        dropped = {key for key in self._dropped if (key.kind, key.of) == ("cell", cell.id)}
        return (self._areas.of(cell.id) | dropped) - {*cell.shown}

    def _on_move(self, moves: Mapping[PlotKey, PlotKey]) -> None:
        self._areas.rename(moves)
        self._dropped = {moves.get(key, key) for key in self._dropped}

    def _let_go(self, keys: set[PlotKey]) -> None:
        if keys:
            for key in keys:
                self._areas.forget(key)
            self._tracker.remove(keys.__contains__)

    def _key(self, shown: Any, cell: Cell | None, area: Area | None, *, is_late: bool) -> PlotKey:
        """The name an author gave, else the cell and the place in it; outside of cells the variable's."""
        if area is not None and (again := area.key_of(shown)) is not None:
            return again
        if is_late and area is not None and area.parent is None:
            cell = None  # a task of the cell's: it may show more than there are places for, and outlives it
        if cell is not None and cell.name is not None:
            return self._position(PlotKey("name", cell.name), cell, area, is_late=is_late)
        if (name := self._name_of(shown)) is not None:
            return PlotKey("name", name)
        keys = self._tracker.keys_of(shown) if isinstance(shown, Model) else []
        if cell is not None:
            elsewhere = [key for key in keys if key.of != cell.id]
            if elsewhere and not cell.has_id:  # as when a line of a console shows it again
                return elsewhere[0]
            return self._position(PlotKey("cell", cell.id), cell, area, is_late=is_late)
        if area is not None and (free := area.free(lambda key: True)) is not None:
            return free
        for variable, value in list(self._namespace.items()):
            if value is shown and not variable.startswith("_"):
                return PlotKey("variable", variable)
        if keys:
            return keys[0]
        self._loose += 1  # a callback or thread shows it after its cell
        return PlotKey("code", "", self._loose % LOOSE)

    def _position(self, first: PlotKey, cell: Cell, area: Area | None, *, is_late: bool) -> PlotKey:
        """The place of what was cleared in the area, else the cell's next; late code has LOOSE of them."""
        named = first.of if first.kind == "name" else None

        def fits(key: PlotKey) -> bool:
            return key.kind == "name" and key.of == named if named is not None else key.kind == "cell"

        if area is not None:
            if (free := area.free(fits)) is not None:
                return free
            oldest = list(filter(fits, area.shown))
            if is_late and len(oldest) >= LOOSE:
                return oldest[0]
        return first._replace(position=sum(map(fits, cell.shown)))

    def _name_of(self, shown: Any) -> str | None:
        """The name under which the author shared this very object."""
        for name in self.variables | {key.of for key in self._dropped if key.kind == "name"}:
            if self._namespace.get(name) is shown:
                return name
        for name, (value, _) in self._rendered.items():
            if value is shown and self._tracker.page.find(PlotKey("name", name)) is not None:
                return name
        keys = self._tracker.keys_of(shown) if isinstance(shown, Model) else []
        return next((key.of for key in keys if key.kind == "name" and key.position == 0), None)
