"""Puts plots on the page under names that the author gives, and removes them by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from bokeh.model import Model

from ..errors import BokehShareError
from ..plots import PlotKey, PlotTracker, Recognition, Showable
from .area_index import AreaIndex
from .dropped_plots import DroppedPlots
from .locking import ReentrantLock, synchronize
from .named_elements import NamedElements


class NamedPlots:
    """The plots that the author shares by name, from any cell.

    Exists as long as the extension is loaded.
    """

    def __init__(
        self,
        tracker: PlotTracker,
        namespace: Mapping[str, Any],
        areas: AreaIndex,
        dropped: DroppedPlots,
        recognition: Recognition,
        lock: ReentrantLock,
    ) -> None:
        """`namespace` has the author's variables."""
        self._tracker = tracker
        self._namespace = namespace
        self._areas = areas
        self._dropped = dropped
        self._recognition = recognition
        self._lock = lock
        self._elements = NamedElements(namespace)
        self._variables: set[str] = set()
        """Names of variables whose values are on the page, also after other cells assign them."""
        self._dropped_variables: set[str] = set()
        """Names of variables that were on the page until the author dropped them."""

    @synchronize
    def share(self, shown: Showable, name: str, caption: str | None = None, *, value: Any = None) -> None:
        """Put `shown` on the page under `name`, instead of at the place where a cell put it.

        `value` is the author's object from which `shown` was drawn, if it is another one.
        """
        key = PlotKey("name", name)
        if value is not None:
            self._elements.put(name, value, shown)
        previous_keys = self._tracker.plots.list_keys(shown) if isinstance(shown, Model) else []
        self._tracker.put(key, shown, caption=caption)
        replaced_keys = {each for each in previous_keys if each.kind != "name"}
        for each in (*replaced_keys, key):
            self._areas.remove(each)
        if replaced_keys:
            self._tracker.remove(replaced_keys.__contains__)
        self._dropped.readmit(name, shown)
        self._recognition.keep_dropped(self._dropped.keys)

    @synchronize
    def share_variable(self, name: str) -> None:
        """Keep the value of the author's variable `name` on the page, also after later assignments."""
        self._elements.remove(name)
        self.share(self._elements.read_variable(name), name)
        self._variables.add(name)

    @synchronize
    def drop(self, keys: Iterable[PlotKey]) -> None:
        """Take these plots off the page until they are shared by name again."""
        keys = set(keys)
        self._recognition.record_dropped(filter(self._areas.find_cell_id, keys))
        self._dropped.add(keys, self._tracker.plots.list_models(keys))
        dropped_names = {key.identifier for key in keys if key.kind == "name"}
        self._dropped_variables |= self._variables & dropped_names
        self._variables -= dropped_names
        self._tracker.remove(self._dropped.keys.__contains__)

    @synchronize
    def restore(self, key: PlotKey, shown: Showable, caption: str | None) -> None:
        """Put a plot that was dropped on the page again, where it follows its cell or variable. If its cell
        showed it anew since, this is what comes."""
        shown, caption = self._dropped.find_latest(key) or (shown, caption)
        self._dropped.readmit_key(key, shown)
        self._recognition.keep_dropped(self._dropped.keys)
        if key.kind == "name" and key.identifier in self._dropped_variables:
            self._variables.add(key.identifier)
        self._tracker.put(key, shown, caption=caption)

    @synchronize
    def refresh_variables(self) -> None:
        """Put the current values of the shared variables on the page."""
        for name in self._variables:
            with suppress(BokehShareError):  # invalid, or recorded as a problem: the last state stays
                plot = self._tracker.page.find(PlotKey("name", name))
                value = self._elements.read_variable(name)
                self._tracker.put(PlotKey("name", name), value, caption=plot.caption if plot else None)

    def find_name(self, value: Any) -> str | None:
        """Find the name under which the author shared this same object, also if it was dropped since."""
        for name in self._variables | self._dropped.names:
            if self._namespace.get(name) is value:
                return name
        for name in self._elements.find_names(value):
            if self._tracker.page.find(PlotKey("name", name)) is not None:
                return name
        keys = self._tracker.plots.list_keys(value) if isinstance(value, Model) else []
        return next((key.identifier for key in keys if key.kind == "name" and key.position == 0), None)

    def record_element(self, name: str, element: Any, shown: Showable) -> None:
        """Record that a cell shows a HoloViews object under this name, drawn as `shown`."""
        self._elements.put(name, element, shown)
