"""Reads a share's stream as a relay does: the whole plots, and the steps after them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bokeh.model import Model
from support.looks import Screen, opened

from bokeh_share.broker.entries import Entry, EntryId


class StreamReader:
    """The page of a stream after the entries that it was given. The last `page` entry completes it."""

    def __init__(self) -> None:
        self.page: dict[str, Any] = {}
        """The last page message; empty before the first one."""
        self.last_id: EntryId | None = None
        self.has_ended = False
        self.details: dict[str, bytes] = {}
        self._screens: dict[str, tuple[int, Screen]] = {}

    def take(self, entries: Iterable[tuple[EntryId, Entry]]) -> None:
        for id, entry in entries:
            assert self.last_id is None or id > self.last_id, "an entry came twice, or too late"
            if self.last_id is not None and id.term != self.last_id.term:
                self._screens, self.details = {}, {}
            self.last_id = id
            if entry.kind == "page":
                (self.page, _) = opened(entry.data)
            elif entry.kind == "end":
                self.has_ended = True
            elif entry.kind in ("whole", "step"):
                self._take_plot(entry)
            else:
                self.details[entry.kind] = entry.data

    def _take_plot(self, entry: Entry) -> None:
        generation, screen = self._screens.get(entry.plot, (None, Screen()))
        if entry.kind == "step":
            assert generation == entry.base, f"a gap: a step from {entry.base} for what has {generation}"
        screen.take(entry.data)
        self._screens[entry.plot] = entry.generation, screen

    def roots(self, plot_id: str) -> list[Model]:
        """The models that a plot shows."""
        return list(self._screens[plot_id][1].document.roots)

    @property
    def texts(self) -> list[str]:
        """The text of each plot of the page, in order. Each is in the generation that the page lists."""
        found = []
        for plot in self.page["plots"]:
            generation, screen = self._screens[plot["id"]]
            assert generation == plot["generation"], "the page does not complete its plots"
            (root,) = screen.document.roots
            found.append(root.text)  # type: ignore[attr-defined]
        return found
