"""Which models the author showed, and how they look now: the page follows what this knows."""

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
    as long as they are on the page, and adds one callback to each document that owns one, taken back by
    `close`. May be called from any thread of the author's.
    """

    def __init__(self, *, limit: int = MAX_PLOT_BYTES) -> None:
        self.on_page_change: Callable[[Page], None] = lambda page: None
        self.custom_models = CustomModels()
        """The author's own models, of plots and of apps."""
        self.custom_models.on_change = lambda: self.update_page(
            lambda page: page.update_bundles(self.custom_models.bundles)
        )
        self.rank: Callable[[PlotKey], tuple[int, ...]] = lambda key: ()
        """Where on the page a plot belongs; those that rank alike stay in the order they came in."""
        self.list_scripts: Callable[[Document], list[Model]] = list_ready_scripts
        """What a document does once it is drawn."""
        self.on_dirty: Callable[[], None] = lambda: None
        """Called when an event told of a change that has to be looked at, by the thread that made it;
        `refresh` takes it up."""
        self.on_edit: Callable[[], None] | None = None
        """Called when an event told of a change that is on the page now, by the thread that made it. Without,
        all changes have to be looked at."""
        self._limit = limit
        self._lock = threading.RLock()
        """For the author's threads, one of which may be picturing for a while."""
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
        """The newest; may be asked for by any thread, also where the author's objects must not be touched."""
        return self._edited_page.page

    @property
    def problems(self) -> Mapping[PlotKey, str]:
        """Why a plot is not, or not as it is now, on the page."""
        return self._plots.problems

    def put(
        self,
        key: PlotKey,
        shown: Showable,
        *,
        caption: str | None = None,
        captured: CapturedPlot | None = None,
    ) -> None:
        """Picture `shown` and put it at `key`; it is looked at again until another takes its place.

        A list is one plot: a column, as Bokeh shows it. What cannot be pictured raises, is noted in
        `problems`, and leaves the last good state there. A `captured` plot is one that was captured just now.
        """
        models = shown if isinstance(shown, list) else [shown]
        with self._lock:
            tracked = self._plots.by_key.get(key)
            is_same = tracked is not None and tracked.shown is shown
            is_clean = is_same and self._plots.is_current(key)
            if tracked and is_clean and tracked.caption == caption and self._is_unchanged(tracked):
                return
            # It stays marked when this is interrupted, or when another thread marks it anew.
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
        """Picture `shown`, and leave the page as it is. Raises what `put` does."""
        # The column takes any model here: `as_showable` has looked at them.
        root = Column(children=shown) if isinstance(shown, list) else shown  # type: ignore[arg-type]
        scripts = self._list_plot_scripts(shown if isinstance(shown, list) else [shown])
        theme, plot_name = curdoc().theme, _describe_key(key)
        return capture_plot(
            root, theme=theme, scripts=scripts, before=before, plot_name=plot_name, limit=self._limit
        )

    def refresh(self, *, dirty_only: bool = False) -> None:
        """Picture what may have changed since: everything, or what events told of."""
        with self._lock:
            for key, tracked in list(self._plots.by_key.items()):
                if key in self._plots.dirty or not (dirty_only or self._is_unchanged(tracked)):
                    self._refresh_plot(key, tracked)
            self._edited_page.publish()  # if an interrupt kept it from being told

    def remove(self, is_unwanted: Callable[[PlotKey], bool]) -> None:
        with self._lock:
            self._plots.remove(is_unwanted)
            self._update_page(lambda page: page.remove(is_unwanted))

    def move(self, keys: Mapping[PlotKey, PlotKey]) -> None:
        """Bring plots from some keys to others, as they are: nobody has to draw them again."""
        with self._lock:
            with self._plots.lock:  # no edit is noted for a former key from now on
                self._plots.move(keys)
                self._edited_page.update(lambda page: page.move(keys).sort(self.rank))
            self._edited_page.publish()

    def restore(self, key: PlotKey, plot: Plot) -> None:
        """Have a plot on the page as it was, until something is put there."""
        self.update_page(lambda page: page.restore(key, plot))

    def update_page(self, change: Callable[[Page], Page]) -> None:
        """Make another page of what there is, sorted by `rank`; the same one changes nothing."""
        with self._lock:
            self._update_page(change)

    def list_callback_keys(self) -> list[PlotKey]:
        """The plots whose Python callbacks do nothing for viewers."""
        return [
            key for key, tracked in list(self._plots.by_key.items()) if tracked.captured.has_python_callbacks
        ]

    def list_models(self, keys: Collection[PlotKey]) -> list[Model]:
        """What stands at these keys now."""
        shown = [tracked.shown for key, tracked in self._plots.by_key.items() if key in keys]
        return [each for each in shown if isinstance(each, Model)]

    def find_shown(self, key: PlotKey) -> Showable | None:
        tracked = self._plots.by_key.get(key)
        return tracked.shown if tracked is not None else None

    def list_keys(self, model: Model) -> list[PlotKey]:
        """Where `model` itself is on the page now."""
        return [key for key, tracked in self._plots.by_key.items() if tracked.shown is model]

    def close(self) -> None:
        self._listener.close()
        self._plots.by_key.clear()
        self.custom_models.close()

    def _refresh_plot(self, key: PlotKey, tracked: TrackedPlot) -> None:
        try:
            self.put(key, tracked.shown, caption=tracked.caption)
        except BokehShareError:
            pass  # noted in `problems`
        except Exception as error:  # the other plots are looked at all the same
            problem = f"cannot look at {_describe_key(key)!r} again: {error}"
            if self.problems.get(key) != problem:
                log.error("looking at a plot again failed", exc_info=sanitize_for_log(error))
            self._plots.problems[key] = problem

    def _is_unchanged(self, tracked: TrackedPlot) -> bool:
        # an owner that it has only now tells of changes from now on
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
