"""Tracks the models that the author showed, and keeps the page up to date with them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence

from bokeh.document import Document
from bokeh.io import curdoc
from bokeh.model import Model
from bokeh.models import Column

from ..errors import BokehShareError
from ..text import sanitize_for_log
from .custom_models import CustomModels
from .document_listener import DocumentListener
from .edited_page import EditedPage
from .page import Page, Plot, PlotKey, read_time_ms
from .showable import Showable
from .snapshot import (
    MAX_PLOT_BYTES,
    CapturedPlot,
    EventRecorder,
    Snapshot,
    capture_plot,
    list_documents,
    list_ready_scripts,
)
from .tracked_plots import TrackedPlot, TrackedPlots

log = logging.getLogger(__name__)


class PlotTracker:
    """Keeps the page in step with the author's models.

    Lives as long as the extension is loaded, whether a share runs or not. Holds the author's models for
    as long as they are on the page, and adds one callback to each document that owns one; `close` removes
    it. May be called from any thread of the author's.
    """

    def __init__(self, *, limit: int = MAX_PLOT_BYTES) -> None:
        self.on_page_change: Callable[[Page], None] = lambda page: None
        self.custom_models = CustomModels()
        """The author's own models, of plots and of apps."""
        self.custom_models.on_change = lambda: self.update_page(
            lambda page: page.update_bundles(self.custom_models.bundles)
        )
        self.rank: Callable[[PlotKey], tuple[int, ...]] = lambda key: ()
        """Returns the sort key of a plot on the page; plots of equal rank keep the order they came in."""
        self.list_scripts: Callable[[Document], list[Model]] = list_ready_scripts
        """Lists a document's callbacks for when it is drawn."""
        self.on_dirty: Callable[[], None] = lambda: None
        """Called when an event marked a plot as dirty, by the thread that made the change; `refresh` then
        captures the plot."""
        self.on_edit: Callable[[], None] | None = None
        """Called when an event was recorded as an edit, by the thread that made the change. While it is None,
        events are not recorded, and mark their plots as dirty."""
        self._limit = limit
        self._lock = threading.RLock()
        """For the author's threads, one of which may hold it for as long as a capture takes."""
        self._plots = TrackedPlots()
        self._edited_page = EditedPage(lambda page: self.on_page_change(page))
        self._listener = DocumentListener(
            self._plots,
            self._edited_page,
            is_recording=lambda: self.on_edit is not None,
            on_event=self._on_event,
        )

    @property
    def page(self) -> Page:
        """The newest page. Any thread may read it, also one that must not touch the author's objects."""
        return self._edited_page.page

    @property
    def problems(self) -> Mapping[PlotKey, str]:
        """Why a plot, or its current state, is not on the page."""
        return self._plots.problems

    def put(
        self,
        key: PlotKey,
        shown: Showable,
        *,
        caption: str | None = None,
        captured: CapturedPlot | None = None,
    ) -> None:
        """Take a snapshot of `shown` and put it at `key`; it is tracked until another plot replaces it.

        A list is one plot: a column, as Bokeh shows it. If the capture fails, the error is raised and
        recorded in `problems`, and the last good state stays. `captured` is the capture, if there is one.
        """
        models = shown if isinstance(shown, list) else [shown]
        with self._lock:
            tracked = self._plots.by_key.get(key)
            is_same = tracked is not None and tracked.shown is shown
            is_clean = is_same and self._plots.is_current(key)
            if tracked and is_clean and tracked.caption == caption and self._is_unchanged(tracked):
                return
            # It stays marked when this is interrupted, or when another thread marks it again.
            with self._plots.lock:
                mark = self._plots.mark_dirty([key])
            former = self.page.find(key)
            before = former.snapshot if former is not None else None
            try:
                captured = captured or self.capture(key, shown, before=before)
            except BokehShareError as error:
                self._plots.problems[key] = str(error)
                self._plots.clear_dirty(key, mark)
                self.on_page_change(self.page)
                raise
            self.custom_models.start_compile(captured.custom_classes)
            recorder = EventRecorder(captured, _describe_key(key), self._limit)
            self._plots.put(key, TrackedPlot(shown, captured, caption, recorder))
            self._listener.add_owners(models)
            self._update_page(
                lambda page: page.put(key, captured.snapshot, now=read_time_ms(), caption=caption)
            )
            self._plots.clear_dirty(key, mark)

    def capture(self, key: PlotKey, shown: Showable, *, before: Snapshot | None = None) -> CapturedPlot:
        """Take a snapshot of `shown` without changing the page. Raises what `put` raises."""
        # The column takes any model here: `as_showable` has looked at them.
        root = Column(children=shown) if isinstance(shown, list) else shown  # type: ignore[arg-type]
        scripts = self._list_plot_scripts(shown if isinstance(shown, list) else [shown])
        theme, plot_name = curdoc().theme, _describe_key(key)
        return capture_plot(
            root, theme=theme, scripts=scripts, before=before, plot_name=plot_name, limit=self._limit
        )

    def refresh(self, *, dirty_only: bool = False) -> None:
        """Update the plots that have changed, or with `dirty_only` those that events marked."""
        with self._lock:
            for key, tracked in list(self._plots.by_key.items()):
                if key in self._plots.dirty or not (dirty_only or self._is_unchanged(tracked)):
                    self._refresh_plot(key, tracked)
            self._edited_page.publish()  # in case an interrupt prevented that before

    def remove(self, is_unwanted: Callable[[PlotKey], bool]) -> None:
        with self._lock:
            self._plots.remove(is_unwanted)
            self._update_page(lambda page: page.remove(is_unwanted))

    def move(self, keys: Mapping[PlotKey, PlotKey]) -> None:
        """Move plots from some keys to others, unchanged, so that no viewer has to draw them again."""
        with self._lock:
            with self._plots.lock:  # no edit is added for a former key from now on
                self._plots.move(keys)
                self._edited_page.update(lambda page: page.move(keys).sort(self.rank))
            self._edited_page.publish()

    def restore(self, key: PlotKey, plot: Plot) -> None:
        """Restore a plot's former state on the page, until something is put there."""
        self.update_page(lambda page: page.restore(key, plot))

    def update_page(self, change: Callable[[Page], Page]) -> None:
        """Apply `change` to the page, and sort it by `rank`. The same page again changes nothing."""
        with self._lock:
            self._update_page(change)

    def list_callback_keys(self) -> list[PlotKey]:
        """List the plots whose Python callbacks do nothing for viewers."""
        return [
            key for key, tracked in list(self._plots.by_key.items()) if tracked.captured.has_python_callbacks
        ]

    def list_models(self, keys: Collection[PlotKey]) -> list[Model]:
        """List the models that are shown at these keys now."""
        shown = [tracked.shown for key, tracked in self._plots.by_key.items() if key in keys]
        return [each for each in shown if isinstance(each, Model)]

    def find_shown(self, key: PlotKey) -> Showable | None:
        tracked = self._plots.by_key.get(key)
        return tracked.shown if tracked is not None else None

    def list_keys(self, model: Model) -> list[PlotKey]:
        """List the keys at which `model` itself is shown now."""
        return [key for key, tracked in self._plots.by_key.items() if tracked.shown is model]

    def close(self) -> None:
        self._listener.close()
        self._plots.by_key.clear()
        self.custom_models.close()

    def _refresh_plot(self, key: PlotKey, tracked: TrackedPlot) -> None:
        try:
            self.put(key, tracked.shown, caption=tracked.caption)
        except BokehShareError:
            pass  # recorded in `problems`
        except Exception as error:  # the other plots are still refreshed
            problem = f"cannot look at {_describe_key(key)!r} again: {error}"
            if self.problems.get(key) != problem:
                log.error("looking at a plot again failed", exc_info=sanitize_for_log(error))
            self._plots.problems[key] = problem

    def _is_unchanged(self, tracked: TrackedPlot) -> bool:
        # a document that owns it only since now is listened to from now on
        models = tracked.shown if isinstance(tracked.shown, list) else [tracked.shown]
        self._listener.add_owners(models)
        is_current = not tracked.is_edited and tracked.captured.theme is curdoc().theme
        return is_current and tracked.captured.is_unchanged(self._list_plot_scripts(models))

    def _list_plot_scripts(self, models: Sequence[Model]) -> list[Model]:
        return [script for document in list_documents(models) for script in self.list_scripts(document)]

    def _update_page(self, change: Callable[[Page], Page]) -> None:
        self._edited_page.update(lambda page: change(page).sort(self.rank))
        self._edited_page.publish()

    def _on_event(self, is_recorded: bool) -> None:
        if not is_recorded:
            self.on_dirty()
        elif self.on_edit is not None:
            self.on_edit()


def _describe_key(key: PlotKey) -> str:
    return key.name or (key.identifier if key.kind == "variable" else f"plot {key.position + 1} of the cell")
