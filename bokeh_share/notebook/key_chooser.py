"""Chooses the key under which a plot that a cell shows is on the page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bokeh.model import Model

from ..plots import PlotKey, PlotTracker
from .cell import Area, CellRun
from .named_elements import NamedElements

MAX_UNNAMED_PLOTS = 20
"""How many plots from outside of any cell, without a name, are on the page; more replace the oldest. Also how
many code that runs after its cell, as a widget's does, has in one area of the cell's."""


class KeyChooser:
    """Finds the key of the same plot in a former run of its cell, or else a free one.

    Lives as long as the extension is loaded.
    """

    def __init__(self, tracker: PlotTracker, namespace: Mapping[str, Any], elements: NamedElements) -> None:
        self._tracker = tracker
        self._namespace = namespace
        self._elements = elements
        self._unnamed_count = 0
        """How many plots were shown outside of any cell, without a name."""

    def choose_key(
        self, shown: Any, cell: CellRun | None, area: Area | None, *, names: Collection[str], is_late: bool
    ) -> PlotKey:
        """Choose the author's name, else the cell and the position in it; outside of cells, the variable.

        `names` are those under which the author has shared variables. Late code runs after its cell.
        """
        if area is not None and (existing_key := area.find_key(shown)) is not None:
            return existing_key
        if is_late and area is not None and area.parent is None:
            cell = None  # a task of the cell: it outlives the cell, and may use up its keys
        if cell is not None and cell.name is not None:
            return self._choose_cell_key(PlotKey("name", cell.name), cell, area, is_late=is_late)
        if (name := self._find_name(shown, names)) is not None:
            return PlotKey("name", name)
        keys = self._tracker.plots.list_keys(shown) if isinstance(shown, Model) else []
        if cell is not None:
            other_keys = [key for key in keys if key.identifier != cell.id]
            if other_keys and not cell.has_id:  # as when a line of a console shows it again
                return other_keys[0]
            return self._choose_cell_key(PlotKey("cell", cell.id), cell, area, is_late=is_late)
        if area is not None and (free_key := area.find_free_key(lambda key: True)) is not None:
            return free_key
        for variable, value in list(self._namespace.items()):
            if value is shown and not variable.startswith("_"):
                return PlotKey("variable", variable)
        if keys:
            return keys[0]
        self._unnamed_count += 1  # a callback or thread shows it after its cell
        return PlotKey("code", "", self._unnamed_count % MAX_UNNAMED_PLOTS)

    def _choose_cell_key(
        self, base_key: PlotKey, cell: CellRun, area: Area | None, *, is_late: bool
    ) -> PlotKey:
        """Choose the key of a cleared plot in the area, else the cell's next; late code shares a few."""
        name = base_key.identifier if base_key.kind == "name" else None

        def is_match(key: PlotKey) -> bool:
            return key.kind == "name" and key.identifier == name if name is not None else key.kind == "cell"

        if area is not None:
            if (free_key := area.find_free_key(is_match)) is not None:
                return free_key
            matching_keys = list(filter(is_match, area.plots))
            if is_late and len(matching_keys) >= MAX_UNNAMED_PLOTS:
                return matching_keys[0]
        return base_key._replace(position=sum(map(is_match, cell.plot_keys)))

    def _find_name(self, shown: Any, names: Collection[str]) -> str | None:
        """The name under which the author shared this very object."""
        for name in names:
            if self._namespace.get(name) is shown:
                return name
        for name in self._elements.find_names(shown):
            if self._tracker.page.find(PlotKey("name", name)) is not None:
                return name
        keys = self._tracker.plots.list_keys(shown) if isinstance(shown, Model) else []
        return next((key.identifier for key in keys if key.kind == "name" and key.position == 0), None)
