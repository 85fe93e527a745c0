"""Tracks the models that the author showed, and keeps the page up to date with them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from ..errors import BokehShareError
from ..text import sanitize_for_log, shorten
from .capturer import PlotCapturer
from .compiler import Implementation
from .custom_models import CustomModels
from .display_plots import DisplayPlots, ShownDisplay
from .document_listener import DocumentListener
from .edit_recorder import EditRecorder
from .edited_captions import EditedCaptions
from .media import Display, FigureExporter
from .page import Page, PlotKey, PlotRank, read_time_ms
from .page_publisher import PagePublisher
from .sections import Sections
from .showable import BokehObject, Showable
from .snapshot import MAX_PLOT_BYTES, CapturedPlot
from .subscriptions import PageSubscriber, Refresher, Subscriptions
from .tracked_plots import TrackedPlot, TrackedPlots
from .withheld_displays import WithheldDisplays

log = logging.getLogger(__name__)


class PlotTracker:
    """Keeps the page in step with the author's models.

    Exists as long as the extension is loaded, with or without a running share. Holds the author's models as
    long as they are on the page, and adds one callback to each document that owns one; `close` removes it.
    Any thread of the author's may call it.
    """

    def __init__(
        self,
        *,
        limit: int = MAX_PLOT_BYTES,
        compile_script: Callable[[tuple[Implementation, ...]], bytes] | None = None,
        exporter: FigureExporter | None = None,
    ) -> None:
        """`limit` is the maximum size of a plot in bytes. `compile_script` compiles the author's own models,
        instead of Bokeh's compiler. `exporter` makes pictures of figures of other libraries."""
        self._publisher = PagePublisher()
        self._subscriptions = Subscriptions(self._publisher)
        self.plots = TrackedPlots(self._subscriptions.notify_problem)
        """The shown objects by key."""
        self.capturer = PlotCapturer(limit)
        self.withheld = WithheldDisplays()
        """The displays of cells that are not shared."""
        self.sections = Sections(on_change=lambda: self.update_page(lambda page: page))
        """The headings above the plots."""
        self.captions = EditedCaptions()
        """The captions that the author edited on the page."""
        self.custom_models = CustomModels(
            compile_script,
            on_change=lambda: self.update_page(lambda page: page.update_bundles(self.custom_models.bundles)),
        )
        """The author's own models, of plots and of apps."""
        self._rank: PlotRank = lambda key: ()
        self._lock = threading.RLock()
        """A lock for the author's threads, one of which may hold it as long as a capture takes."""
        self._displays = DisplayPlots(
            self.plots, self.capturer, self.update_page, self._lock, self.captions.choose, exporter
        )
        self._recorder = EditRecorder(self.plots, self._publisher)
        self._listener = DocumentListener(
            self.plots, self._publisher, self._recorder, on_dirty=self._subscriptions.request_refresh
        )

    @property
    def page(self) -> Page:
        """The newest page. Any thread may read it, even one that must not access the author's objects."""
        return self._publisher.page

    def find_shown_object(self, key: PlotKey) -> TrackedPlot | ShownDisplay | None:
        """Find the object at `key`, with the caption that its code gave."""
        return self.plots.by_key.get(key) or self._displays.find(key)

    def subscribe(self, subscriber: PageSubscriber, refresher: Refresher) -> None:
        """Pass the newest page to `subscriber` now, and each newer one until `unsubscribe`.

        Without subscribers, events are not recorded, and only mark their plots as dirty.
        """
        self._subscriptions.add(subscriber, refresher)

    def unsubscribe(self, subscriber: PageSubscriber) -> None:
        self._subscriptions.discard(subscriber)

    def put(
        self,
        key: PlotKey,
        shown: Showable,
        *,
        caption: str | None = None,
        captured: CapturedPlot | None = None,
    ) -> None:
        """Take a snapshot of `shown` and put it at `key`. It is tracked until another plot replaces it.

        A list is one plot: a column, as Bokeh shows it. If the capture fails, the error is raised and
        recorded in `plots.problems`, and the last good state stays. `captured` is an existing capture.
        A display of a cell is put there as it is, or when its picture was exported.
        """
        with self._lock:
            if isinstance(shown, Display):
                self._displays.put(key, shown, caption)
                return
            tracked = self.plots.by_key.get(key)
            is_clean = tracked is not None and tracked.shown is shown and self.plots.is_current(key)
            if tracked and is_clean and tracked.caption == caption and self._is_unchanged(tracked):
                return
            # The plot stays marked if this is interrupted, or if another thread marks it again.
            with self.plots.lock:
                mark = self.plots.mark_dirty([key])
            try:
                with self.plots.record_problem(key):
                    captured = captured or self._capture(key, shown)
            except BokehShareError:
                self.plots.clear_dirty(key, mark)
                raise
            self._displays.cancel(key)
            self.custom_models.start_compile(captured.custom_classes)
            recorder = self.capturer.create_recorder(captured)
            tracked = TrackedPlot(shown, captured, caption, recorder)
            self.plots.put(key, tracked)
            self._listener.add_owners(tracked.models)
            snapshot, now = captured.snapshot, read_time_ms()
            shown_caption = self.captions.choose(key, caption)
            self.update_page(lambda page: page.put(key, snapshot, now=now, caption=shown_caption))
            self.plots.clear_dirty(key, mark)

    def refresh(self, *, dirty_only: bool = False) -> None:
        """Update the plots that have changed, or with `dirty_only` those that events marked.

        Subscribers first get the changed properties, which are found soon, and send them; then the changed
        plots are captured again, which takes milliseconds for each.
        """
        with self._lock:
            if not dirty_only and self._publisher.has_sinks:
                for key, tracked in list(self.plots.by_key.items()):
                    if self.capturer.is_current_theme(tracked):
                        self._recorder.record_changes(key, tracked)
                self._subscriptions.flush()
            for key, tracked in list(self.plots.by_key.items()):
                if key in self.plots.dirty or not (dirty_only or self._is_unchanged(tracked)):
                    self._refresh_plot(key, tracked)
            self._publisher.publish()  # in case an interrupt prevented it earlier

    def remove(self, is_unwanted: Callable[[PlotKey], bool]) -> None:
        with self._lock:
            self.plots.remove(is_unwanted)
            self._displays.remove(is_unwanted)
            self.captions.remove(is_unwanted)
            self.update_page(lambda page: page.remove(is_unwanted))

    def move(self, keys: Mapping[PlotKey, PlotKey]) -> None:
        """Move plots from some keys to others, unchanged, so that no viewer has to draw them again."""
        with self._lock, self.plots.lock:  # no edit is added for a former key from now on
            self.plots.move(keys)
            self._displays.move(keys)
            self.captions.move(keys)
            self.update_page(lambda page: page.move(keys))

    def sort(self, rank: PlotRank) -> None:
        """Sort the plots on the page by `rank`, now and after each later change."""
        self._rank = rank
        self.update_page(lambda page: page)

    def update_page(self, change: Callable[[Page], Page]) -> None:
        """Apply `change` to the page, sort it, and set its headings. If it returns the same page, nothing
        changes.

        Does not wait for a capture in another thread, so that the viewers' thread can pause the page.
        """
        self._publisher.update(lambda page: change(page).sort(self._rank).update_sections(self.sections.find))

    def close(self) -> None:
        self._listener.close()
        self.plots.by_key.clear()
        self._displays.close()
        self.custom_models.close()

    def _capture(self, key: PlotKey, shown: BokehObject) -> CapturedPlot:
        former = self.page.find(key)
        return self.capturer.capture(key, shown, before=former.snapshot if former is not None else None)

    def _refresh_plot(self, key: PlotKey, tracked: TrackedPlot) -> None:
        try:
            self.put(key, tracked.shown, caption=tracked.caption)
        except BokehShareError:
            pass  # recorded in `plots.problems`
        except Exception as error:  # the other plots are still refreshed
            name = self.capturer.describe_plot(key, tracked.models)
            problem = f"cannot update {name}: {shorten(f'{type(error).__name__}: {error}')}"
            if self.plots.problems.get(key) != problem:
                log.error("refreshing a plot failed", exc_info=sanitize_for_log(error))
            self.plots.add_problem(key, problem)

    def _is_unchanged(self, tracked: TrackedPlot) -> bool:
        # the documents that own it may be new
        self._listener.add_owners(tracked.models)
        return self.capturer.is_unchanged(tracked)
