"""Tracks the models that the author showed, and keeps the page up to date with them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from ..errors import BokehShareError
from ..text import sanitize_for_log, shorten
from .capturer import PlotCapturer
from .compiler import Implementation
from .custom_models import CustomModels
from .document_listener import DocumentListener
from .edit_recorder import EditRecorder
from .edited_captions import EditedCaptions
from .page import Page, PlotKey, PlotRank, read_time_ms
from .page_publisher import PagePublisher, PageSink
from .showable import Showable
from .snapshot import MAX_PLOT_BYTES, CapturedPlot
from .tracked_plots import TrackedPlot, TrackedPlots

log = logging.getLogger(__name__)


class PageSubscriber(PageSink, Protocol):
    """Receives the pages, as a share does, and is notified of plots that are not on them."""

    def on_problem(self) -> None:
        """Handle that a plot, or its current state, could not be put on the page."""

    def flush(self) -> None:
        """Send the newest page now, and return when it is sent, or after some milliseconds."""


class Refresher(Protocol):
    """Calls `refresh` at a suitable time, as `RefreshThrottle` does."""

    def request_refresh(self) -> None:
        """Request a refresh after an event marked a plot as dirty, in the thread that made the change."""


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
    ) -> None:
        """`limit` is the maximum size of a plot in bytes. `compile_script` compiles the author's own models,
        instead of Bokeh's compiler."""
        self.plots = TrackedPlots()
        """The shown objects by key."""
        self.capturer = PlotCapturer(limit)
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
        self._subscriptions: dict[PageSubscriber, Refresher] = {}
        """Replaced and never changed, since events in other threads read it."""
        self._publisher = PagePublisher()
        self._recorder = EditRecorder(self.plots, self._publisher)
        self._listener = DocumentListener(
            self.plots, self._publisher, self._recorder, on_dirty=self._request_refresh
        )

    @property
    def page(self) -> Page:
        """The newest page. Any thread may read it, even one that must not access the author's objects."""
        return self._publisher.page

    def subscribe(self, subscriber: PageSubscriber, refresher: Refresher) -> None:
        """Pass the newest page to `subscriber` now, and each newer one until `unsubscribe`.

        Without subscribers, events are not recorded, and only mark their plots as dirty.
        """
        self._subscriptions = {**self._subscriptions, subscriber: refresher}
        self._publisher.subscribe(subscriber)

    def unsubscribe(self, subscriber: PageSubscriber) -> None:
        self._publisher.unsubscribe(subscriber)
        self._subscriptions = {
            each: refresher for each, refresher in self._subscriptions.items() if each is not subscriber
        }

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
        """
        with self._lock:
            tracked = self.plots.by_key.get(key)
            is_clean = tracked is not None and tracked.shown is shown and self.plots.is_current(key)
            if tracked and is_clean and tracked.caption == caption and self._is_unchanged(tracked):
                return
            # The plot stays marked if this is interrupted, or if another thread marks it again.
            with self.plots.lock:
                mark = self.plots.mark_dirty([key])
            try:
                captured = captured or self._capture(key, shown)
            except BokehShareError as error:
                self.plots.add_problem(key, str(error))
                self.plots.clear_dirty(key, mark)
                for subscriber in self._subscriptions:
                    subscriber.on_problem()
                raise
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
                for subscriber in self._subscriptions:
                    subscriber.flush()
            for key, tracked in list(self.plots.by_key.items()):
                if key in self.plots.dirty or not (dirty_only or self._is_unchanged(tracked)):
                    self._refresh_plot(key, tracked)
            self._publisher.publish()  # in case an interrupt prevented it earlier

    def remove(self, is_unwanted: Callable[[PlotKey], bool]) -> None:
        with self._lock:
            self.plots.remove(is_unwanted)
            self.captions.remove(is_unwanted)
            self.update_page(lambda page: page.remove(is_unwanted))

    def move(self, keys: Mapping[PlotKey, PlotKey]) -> None:
        """Move plots from some keys to others, unchanged, so that no viewer has to draw them again."""
        with self._lock, self.plots.lock:  # no edit is added for a former key from now on
            self.plots.move(keys)
            self.captions.move(keys)
            self.update_page(lambda page: page.move(keys))

    def sort(self, rank: PlotRank) -> None:
        """Sort the plots on the page by `rank`, now and after each later change."""
        self._rank = rank
        self.update_page(lambda page: page)

    def update_page(self, change: Callable[[Page], Page]) -> None:
        """Apply `change` to the page, and sort it. If it returns the same page, nothing changes.

        Does not wait for a capture in another thread, so that the viewers' thread can pause the page.
        """
        self._publisher.update(lambda page: change(page).sort(self._rank))

    def close(self) -> None:
        self._listener.close()
        self.plots.by_key.clear()
        self.custom_models.close()

    def _capture(self, key: PlotKey, shown: Showable) -> CapturedPlot:
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

    def _request_refresh(self) -> None:
        for refresher in self._subscriptions.values():
            refresher.request_refresh()
