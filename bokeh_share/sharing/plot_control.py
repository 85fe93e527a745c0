"""Changes the plots of the page as the author says: by the magic, from Python or on the author's own page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..apps import App, AppRegistry
from ..errors import UnknownName
from ..plots import Plot, PlotFinder, PlotKey, PlotTracker, Showable, find_title, replace_caption
from .notebook_side import NotebookSide

MAX_DROPPED = 10
"""Maximum number of dropped plots and apps that can be brought back; each keeps its models."""
APP_PREFIX = "app/"
"""Begins the name of an app among items; ids of plots have no slash."""


@dataclass(frozen=True)
class DroppedItem:
    """A plot or an app that the author took off the page."""

    item: str
    """The plot's id, or the app's name after `APP_PREFIX`."""
    label: str
    """The name or title that the author knows it by."""
    key: PlotKey | None = None
    shown: Showable | None = None
    caption: str | None = None
    app: App | None = None


class PlotControl:
    """Drops plots and apps, brings them back, orders plots and edits captions. Exists as long as the share.

    All its methods run in a thread of the author's, except for `dropped`, which any thread may read.
    """

    def __init__(
        self,
        tracker: PlotTracker,
        apps: AppRegistry,
        get_notebook: Callable[[], NotebookSide | None],
    ) -> None:
        self._tracker, self._apps, self._get_notebook = tracker, apps, get_notebook
        self._dropped: tuple[DroppedItem, ...] = ()

    @property
    def dropped(self) -> tuple[DroppedItem, ...]:
        """The plots and apps that can be brought back, the latest last."""
        present = {plot.key for plot in self._tracker.page.plots}
        return tuple(
            each
            for each in self._dropped
            if each.key not in present and (each.app is None or each.app.name not in self._apps.names)
        )

    def drop(self, name: str) -> None:
        """Take a plot off the page, by its name, its title or its id; or an app, by its name. Raises
        `UnknownName`."""
        if self._apps.find(name) is not None:
            self._drop_app(name)
        else:
            self._drop_plots(PlotFinder(self._tracker.page.plots, self._apps.names).find(name))

    def drop_item(self, item: str) -> None:
        """Take a plot or an app off the page; nothing happens if it is gone already."""
        if item.startswith(APP_PREFIX):
            if self._apps.find(item.removeprefix(APP_PREFIX)) is not None:
                self._drop_app(item.removeprefix(APP_PREFIX))
        elif (plot := self._find(item)) is not None:
            self._drop_plots([plot.key])

    def restore_item(self, item: str) -> None:
        """Bring back a plot or an app that was dropped. Raises `UnknownName` if that is not possible any
        more."""
        found = next((each for each in self.dropped if each.item == item), None)
        if found is None:
            hint = "run its cell again, or share it by name"
            raise UnknownName(item, kind="dropped plot or app", hint=hint)
        self._dropped = tuple(each for each in self._dropped if each is not found)
        if found.app is not None:
            self._apps.add(found.app)
        elif found.key is not None and found.shown is not None:
            notebook = self._get_notebook()
            if notebook is not None:
                notebook.restore(found.key, found.shown, found.caption)
            else:
                self._tracker.put(found.key, found.shown, caption=found.caption)

    def arrange(self, plot_ids: Sequence[str]) -> None:
        """Put these plots first, in this order; ids of plots that are gone are ignored."""
        keys = [plot.key for id in plot_ids if (plot := self._find(id)) is not None]
        notebook = self._get_notebook()
        if notebook is not None:
            notebook.arrange(keys)
        else:
            ranks = {key: (index,) for index, key in enumerate(keys)}
            self._tracker.sort(lambda key: ranks.get(key, (len(ranks),)))

    def set_caption(self, plot_id: str, caption: str) -> None:
        """Set the caption of a plot; the empty text takes it away. It stays until the plot's code gives
        another one. Nothing happens if the plot is gone."""
        plot, text = self._find(plot_id), caption.strip() or None
        if plot is None:
            return
        found = self._tracker.find_shown_object(plot.key)
        code_caption = plot.caption if found is None else found.caption
        self._tracker.captions.edit(plot.key, text, code_caption=code_caption)
        self._tracker.update_page(lambda page: replace_caption(page, plot.key, text))

    def _find(self, plot_id: str) -> Plot | None:
        return next((plot for plot in self._tracker.page.plots if plot.id == plot_id), None)

    def _drop_app(self, name: str) -> None:
        app = self._apps.find(name)
        self._apps.remove(name)
        self._record(DroppedItem(f"{APP_PREFIX}{name}", name, app=app))

    def _drop_plots(self, keys: Sequence[PlotKey]) -> None:
        page, notebook = self._tracker.page, self._get_notebook()
        for key in keys:
            plot, found = page.find(key), self._tracker.find_shown_object(key)
            if plot is not None and found is not None:
                label = plot.name or find_title(plot.snapshot) or plot.short_id
                self._record(DroppedItem(plot.id, label, key, found.shown, found.caption))
        if notebook is not None:
            notebook.drop(keys)
        self._tracker.remove(keys.__contains__)

    def _record(self, dropped: DroppedItem) -> None:
        self._dropped = (*self._dropped, dropped)[-MAX_DROPPED:]

    def describe_dropped(self) -> list[dict[str, Any]]:
        """Return the dropped plots and apps as data for JSON."""
        return [{"item": each.item, "label": each.label} for each in self.dropped]
