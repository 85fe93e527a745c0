"""Records which plots the author took off the page, so that no cell puts them there again."""

from __future__ import annotations

import weakref
from collections.abc import Collection, Iterable, Mapping

from bokeh.model import Model

from ..plots import PlotKey, Showable

MAX_LATEST = 10
"""Maximum number of dropped plots whose latest state is kept, as many as can be brought back."""


class DroppedPlots:
    """The keys and models of plots that stay off the page until they are shared by name.

    Exists as long as the extension is loaded.
    """

    def __init__(self) -> None:
        self._keys: set[PlotKey] = set()
        self._models: weakref.WeakSet[Model] = weakref.WeakSet()
        self._latest: dict[PlotKey, tuple[Showable, str | None]] = {}
        """The objects that cells showed at a key after it was dropped, with captions, the latest last."""

    @property
    def keys(self) -> Collection[PlotKey]:
        return self._keys

    @property
    def names(self) -> set[str]:
        """The names of dropped plots that had one."""
        return {each.identifier for each in self._keys if each.kind == "name"}

    def list_cell_keys(self, cell_id: str) -> set[PlotKey]:
        return {key for key in self._keys if (key.kind, key.identifier) == ("cell", cell_id)}

    def is_dropped(self, key: PlotKey, shown: Showable) -> bool:
        return key in self._keys or (isinstance(shown, Model) and shown in self._models)

    def record_latest(self, key: PlotKey, shown: Showable, caption: str | None) -> None:
        """Record that a cell shows a dropped plot again, which stays off the page."""
        self._latest.pop(key, None)
        self._latest[key] = shown, caption
        for oldest in [*self._latest][:-MAX_LATEST]:
            del self._latest[oldest]

    def find_latest(self, key: PlotKey) -> tuple[Showable, str | None] | None:
        """Return what a cell showed last at this key, with its caption, since the plot was dropped."""
        return self._latest.get(key)

    def add(self, keys: Collection[PlotKey], models: Iterable[Model]) -> None:
        self._keys |= {*keys}
        self._models.update(models)

    def readmit(self, name: str, shown: Showable) -> None:
        """Handle that the author shares `shown` under `name`."""
        self._keys = {each for each in self._keys if each.identifier != name}
        self._latest = {key: each for key, each in self._latest.items() if key.identifier != name}
        if isinstance(shown, Model):
            self._models.discard(shown)

    def readmit_key(self, key: PlotKey, shown: Showable) -> None:
        """Handle that the author brings the plot at this key back."""
        self._keys.discard(key)
        self._latest.pop(key, None)
        if isinstance(shown, Model):
            self._models.discard(shown)

    def rename_keys(self, moves: Mapping[PlotKey, PlotKey]) -> None:
        self._keys = {moves.get(key, key) for key in self._keys}
        self._latest = {moves.get(key, key): each for key, each in self._latest.items()}
