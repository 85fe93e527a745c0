"""Tracks the plots that each cell showed and their keys, which a re-run replaces, removes or keeps."""

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
from ..plots import PlotKey, PlotTracker, Recognition, Showable
from .area_index import AreaIndex
from .cell import Area, CellRun, Outcome
from .key_chooser import MAX_UNNAMED_PLOTS, KeyChooser
from .named_elements import NamedElements
from .notebook_file import NotebookFile

P = ParamSpec("P")
R = TypeVar("R")


def _synchronize(method: Callable[Concatenate[Cells, P], R]) -> Callable[Concatenate[Cells, P], R]:
    """Let one thread at a time run the method, since subshells run cells in parallel."""

    @wraps(method)
    def run_locked(self: Cells, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock:
            return method(self, *args, **kwargs)

    return run_locked


class Cells:
    """Puts the plots of cells on the page, and records which cell a key belongs to.

    Lives as long as the extension is loaded. Depends on its callers only, not on IPython or a front end.
    """

    def __init__(self, tracker: PlotTracker, namespace: Mapping[str, Any], file: Path | None = None) -> None:
        self.variables: set[str] = set()
        """Names of variables whose values are on the page, whichever cell binds them."""
        self.order: list[str] = []
        """Names that the author has put on top, in this order."""
        self._tracker = tracker
        self._namespace = namespace
        self._file = NotebookFile(file)
        self._areas = AreaIndex()
        self._dropped_keys: set[PlotKey] = set()
        self._dropped_models: weakref.WeakSet[Model] = weakref.WeakSet()
        self._elements = NamedElements(namespace)
        self._recognition = Recognition(tracker, namespace, self._on_move)
        self._key_chooser = KeyChooser(tracker, namespace, self._elements)
        self._lock = threading.RLock()
        tracker.sort(self.rank)

    @property
    def saved_ids(self) -> Collection[str]:
        """The ids of the cells that the notebook's file has, as far as it was read."""
        return self._file.ids

    def set_notebook_path(self, notebook: Path) -> None:
        """The file may have been renamed since."""
        self._file.path = notebook

    @_synchronize
    def show(
        self,
        shown: Showable,
        cell: CellRun | None,
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
            self._areas.start_run(cell)
        if any(each is not None and each.is_skipped for each in (cell, owner)):
            return Outcome.SKIPPED
        if owner is not None and owner is not cell and owner.is_replaced:
            return Outcome.SKIPPED
        if area is not None and area.is_hidden:
            area.hidden_outputs = [*area.hidden_outputs, (shown, value)][-MAX_UNNAMED_PLOTS:]
            return Outcome.HIDDEN
        names = self.variables | {each.identifier for each in self._dropped_keys if each.kind == "name"}
        key = self._key_chooser.choose_key(value, owner, area, names=names, is_late=cell is None)
        if key.name is not None and value is not shown:
            self._elements.put(key.name, value, shown)
        explicit = key.kind == "name" and (owner is None or key.identifier != owner.name)
        if caption is None and owner is not None:
            caption = owner.caption
        captured = None
        if area is not None:
            area.is_clear_pending = False
            if not explicit:  # what has a name of its own is no output, and cannot be cleared
                if owner is not None and owner is cell and key not in cell.plot_keys:
                    previous_keys = self._list_previous_keys(cell)
                    captured = self._recognition.match_plot(
                        cell, key, shown, previous_keys, caption=caption, value=value
                    )
                self._areas.put(key, shown, area, value=value)
        if key in self._dropped_keys or (isinstance(shown, Model) and shown in self._dropped_models):
            return Outcome.DROPPED
        if caption is None and explicit and (plot := self._tracker.page.find(key)) is not None:
            caption = plot.caption
        self._tracker.put(key, shown, caption=caption, captured=captured)
        return Outcome.ON_PAGE

    def has_model(self, model: Model) -> bool:
        """Whether `model` itself is on the page."""
        return bool(self._tracker.plots.list_keys(model))

    @_synchronize
    def clear_area(self, area: Area, *, wait: bool) -> None:
        """The author's code cleared an area. Its plots stay on the page until `remove_cleared` or the cell's
        end, so that the plots shown there next can replace them."""
        self._remove_keys(set(self._areas.clear(area, wait=wait)))

    @_synchronize
    def remove_cleared(self, area: Area) -> None:
        """Remove cleared plots from the page; their keys can still be used again."""
        if removed_keys := set(area.removable_plots):
            self._tracker.remove(removed_keys.__contains__)

    @_synchronize
    def display_area(self, area: Area, parent: Area) -> None:
        """A widget's area is displayed in another, and belongs to that one's cell from now on."""
        for key, plot in self._areas.move(area, parent).items():
            model = plot.model() if plot.model is not None else None
            if model is not None and self._tracker.page.find(key) is None and key not in self._dropped_keys:
                with suppress(BokehShareError):  # noted as a problem
                    self._tracker.put(key, model, caption=parent.cell.caption if parent.cell else None)
        for each in (area, *area.descendants):
            hidden_outputs, each.hidden_outputs = each.hidden_outputs, []
            for shown, value in hidden_outputs:
                with suppress(BokehShareError):
                    self.show(shown, None, area=each, value=value)

    @_synchronize
    def close_area(self, area: Area) -> None:
        """A widget is no more."""
        self._remove_keys({*area.plots, *area.cleared_plots})

    def find_last_run(self, request_id: str) -> CellRun | None:
        """The cell that ran for this request of a front end's, and not again since."""
        return self._areas.find_last_run(request_id)

    @_synchronize
    def share(self, shown: Showable, name: str, caption: str | None = None, *, value: Any = None) -> None:
        """Put `shown` on the page under `name`, instead of where a cell has put it. `value` as for `show`."""
        key = PlotKey("name", name)
        if value is not None:
            self._elements.put(name, value, shown)
        previous_keys = self._tracker.plots.list_keys(shown) if isinstance(shown, Model) else []
        self._tracker.put(key, shown, caption=caption)
        self._remove_keys({each for each in previous_keys if each.kind != "name"})
        self._areas.remove(key)
        self._dropped_keys = {each for each in self._dropped_keys if each.identifier != name}
        self._recognition.keep_dropped(self._dropped_keys)
        if isinstance(shown, Model):
            self._dropped_models.discard(shown)

    @_synchronize
    def share_variable(self, name: str) -> None:
        """Keep the value of the author's variable `name` on the page, whatever it is bound to later."""
        self._elements.remove(name)
        self.share(self._elements.read_variable(name), name)
        self.variables.add(name)

    @_synchronize
    def drop(self, keys: Iterable[PlotKey]) -> None:
        """Take these off the page, for as long as they are not shared by name again."""
        keys = set(keys)
        self._recognition.record_dropped(filter(self._areas.find_cell_id, keys))
        self._dropped_keys |= keys
        self._dropped_models.update(self._tracker.plots.list_models(keys))
        self.variables -= {key.identifier for key in keys if key.kind == "name"}
        self._tracker.remove(self._dropped_keys.__contains__)

    @_synchronize
    def finish_run(self, cell: CellRun, *, success: bool) -> None:
        """The cell has ended: plots it no longer shows go, unless it failed before it reached them."""
        self._remove_keys(self._areas.finish_run(cell, success=success))
        self._recognition.end_run(cell)
        for name in self.variables:
            with suppress(BokehShareError):  # another value, or noted as a problem: the last state stays
                plot = self._tracker.page.find(PlotKey("name", name))
                value = self._elements.read_variable(name)
                self._tracker.put(PlotKey("name", name), value, caption=plot.caption if plot else None)
        self.sort(force=bool(cell.plot_keys))
        self._tracker.refresh()

    @_synchronize
    def sort(self, *, force: bool = False) -> None:
        """Put the plots in the order of the notebook's cells, if its file was saved since, or `force`."""
        if self._file.update_order() or force:
            self._tracker.sort(self.rank)

    @_synchronize
    def delete_cells(self, ids: Iterable[str]) -> None:
        """These cells are no longer in the notebook."""
        self._remove_keys(self._areas.delete_cells(set(ids)))

    def rank(self, key: PlotKey) -> tuple[int, ...]:
        """The sort key of a plot: the author's order, then the order of the notebook's cells."""
        chosen = self.order.index(key.name) if key.name in self.order else len(self.order)
        index = self._file.find_index(self._areas.find_cell_id(key))
        return (chosen, index, key.position) if index is not None else (chosen, 1_000_000, 0)

    def arrange(self, names: list[str]) -> None:
        """Put the plots called `names` on top, in this order. Raises `UnknownName`."""
        known = [plot.name for plot in self._tracker.page.plots if plot.name is not None]
        for name in names:
            if name not in known:
                raise UnknownName.from_known_names(name, known)
        self.order = names
        self._tracker.sort(self.rank)

    def _list_previous_keys(self, cell: CellRun) -> set[PlotKey]:
        """List the keys of the cell's plots that this run has not shown again, including dropped ones."""
        dropped = {key for key in self._dropped_keys if (key.kind, key.identifier) == ("cell", cell.id)}
        return (self._areas.list_cell_keys(cell.id) | dropped) - {*cell.plot_keys}

    def _on_move(self, moves: Mapping[PlotKey, PlotKey]) -> None:
        self._areas.rename_keys(moves)
        self._dropped_keys = {moves.get(key, key) for key in self._dropped_keys}

    def _remove_keys(self, keys: set[PlotKey]) -> None:
        if keys:
            for key in keys:
                self._areas.remove(key)
            self._tracker.remove(keys.__contains__)
