"""Which models the author showed, and how they look now: the page follows what this knows."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

from bokeh.core.validation import check_integrity, process_validation_issues
from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent
from bokeh.io import curdoc
from bokeh.model import Model
from bokeh.models import Column
from bokeh.models.dom import DOMNode
from bokeh.models.ui import UIElement

from ..errors import BokehShareError, NotAModel
from ..text import sanitize_for_log
from .custom_models import CustomModels
from .page import Page, Plot, PlotKey
from .snapshot.capture import MAX_PLOT_BYTES, CapturedPlot, capture_plot
from .snapshot.document_ready import list_documents, list_ready_scripts
from .snapshot.edits import Edit
from .snapshot.event_recorder import EventRecorder
from .snapshot.lazy_snapshot import MAX_PENDING_BYTES
from .snapshot.snapshot import Snapshot

log = logging.getLogger(__name__)

Showable: TypeAlias = Model | list[Model]
"""What one call of `show` takes: a model, or several to be drawn one below the other."""


@dataclass
class _TrackedPlot:
    """What was shown and may still change."""

    shown: Showable
    """Held, not weakly: of `show(row(p, q))` the author keeps `p`, and changes that."""
    captured: CapturedPlot
    caption: str | None
    recorder: EventRecorder
    is_edited: bool = False
    """Whether events told of changes since the picture was taken, which are on the page."""


class PlotTracker:
    """Keeps the page in step with the author's models.

    Lives as long as the extension is loaded, whether a share runs or not. Holds the author's models for
    as long as they are on the page, and adds one callback to each document that owns one, taken back by
    `close`. May be called from any thread of the author's.
    """

    def __init__(self, *, limit: int = MAX_PLOT_BYTES) -> None:
        self._page = Page(), 0
        """The newest, and the serial number of the last edit that is in it."""
        self._published_page = self._page[0]
        self.problems: dict[PlotKey, str] = {}
        """Why a plot is not, or not as it is now, on the page."""
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
        self._tracked: dict[PlotKey, _TrackedPlot] = {}
        self._keys_by_model: dict[str, tuple[PlotKey, ...]] = {}
        """By the author's ids, as far as events named them since plots came or went."""
        self._dirty: dict[PlotKey, object] = {}
        """What has to be looked at, since events did not tell all; each mark is another object."""
        self._pending_edits: deque[tuple[int, PlotKey, Edit]] = deque()
        """What events told of, with serial numbers, as long as it may not be on the page."""
        self._serials = count(1)
        self._pending_bytes = 0
        """Bytes in the edits that were noted since they were last put on the page from here."""
        self._documents: weakref.WeakSet[Document] = weakref.WeakSet()
        self._lock = threading.RLock()
        """For the author's threads, one of which may be picturing for a while."""
        self._record_lock = threading.RLock()
        """For who notes an event, which takes no time; by `with`, which an interrupt does not get into."""
        self._page_lock = threading.RLock()
        """For whoever turns the page, which takes no time."""

    @property
    def page(self) -> Page:
        """The newest; may be asked for by any thread, also where the author's objects must not be touched."""
        if self._pending_edits:
            with self._page_lock:
                self._apply_edits()
        return self._page[0]

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
        `problems`, and leaves the last good state there. A `picture` is one that was taken just now.
        """
        models = shown if isinstance(shown, list) else [shown]
        with self._lock:
            tracked = self._tracked.get(key)
            is_same = tracked is not None and tracked.shown is shown
            is_clean = is_same and key not in self._dirty and key not in self.problems
            if tracked and is_clean and tracked.caption == caption and self._is_unchanged(tracked):
                return
            # It stays marked when this is interrupted, or when another thread marks it anew.
            with self._record_lock:
                mark = self._dirty[key] = object()
            former = self.page.find(key)
            before = former.snapshot if former is not None else None
            try:
                captured = captured or self.capture(key, shown, before=before)
            except BokehShareError as error:
                self.problems[key] = str(error)
                self._clear_dirty(key, mark)
                self.on_page_change(self.page)
                raise
            self.custom_models.start_compile(captured.custom_classes)
            self.problems.pop(key, None)
            self._tracked[key] = _TrackedPlot(
                shown, captured, caption, EventRecorder(captured, _describe_key(key), self._limit)
            )
            self._keys_by_model = {}
            self._add_listeners(models)
            self._update_page(
                lambda page: page.put(key, captured.snapshot, now=read_time_ms(), caption=caption)
            )
            self._clear_dirty(key, mark)

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
            for key, tracked in list(self._tracked.items()):
                if key in self._dirty or not (dirty_only or self._is_unchanged(tracked)):
                    self._refresh_plot(key, tracked)
            self._publish_page()  # if an interrupt kept it from being told

    def remove(self, is_unwanted: Callable[[PlotKey], bool]) -> None:
        with self._lock:
            self.problems = {key: text for key, text in self.problems.items() if not is_unwanted(key)}
            self._tracked = {key: tracked for key, tracked in self._tracked.items() if not is_unwanted(key)}
            for key in filter(is_unwanted, [*self._dirty]):
                del self._dirty[key]
            self._keys_by_model = {}
            self._update_page(lambda page: page.remove(is_unwanted))

    def move(self, keys: Mapping[PlotKey, PlotKey]) -> None:
        """Bring plots from some keys to others, as they are: nobody has to draw them again."""
        with self._lock:
            with self._record_lock, self._page_lock:
                self._apply_edits()
                self._tracked = {keys.get(key, key): tracked for key, tracked in self._tracked.items()}
                self._dirty = {keys.get(key, key): mark for key, mark in self._dirty.items()}
                self.problems = {keys.get(key, key): text for key, text in self.problems.items()}
                self._keys_by_model = {}
                page, last_serial = self._page
                self._page = page.move(keys).sort(self.rank), last_serial
            self._publish_page()

    def restore(self, key: PlotKey, plot: Plot) -> None:
        """Have a plot on the page as it was, until something is put there."""
        self.update_page(lambda page: page.restore(key, plot))

    def update_page(self, change: Callable[[Page], Page]) -> None:
        """Make another page of what there is, sorted by `rank`; the same one changes nothing."""
        with self._lock:
            self._update_page(change)

    def list_callback_keys(self) -> list[PlotKey]:
        """The plots whose Python callbacks do nothing for viewers."""
        return [key for key, tracked in list(self._tracked.items()) if tracked.captured.has_python_callbacks]

    def list_models(self, keys: Collection[PlotKey]) -> list[Model]:
        """What stands at these keys now."""
        shown = [tracked.shown for key, tracked in self._tracked.items() if key in keys]
        return [each for each in shown if isinstance(each, Model)]

    def find_shown(self, key: PlotKey) -> Showable | None:
        tracked = self._tracked.get(key)
        return tracked.shown if tracked is not None else None

    def list_keys(self, model: Model) -> list[PlotKey]:
        """Where `model` itself is on the page now."""
        return [key for key, tracked in self._tracked.items() if tracked.shown is model]

    def close(self) -> None:
        for document in list(self._documents):
            document.remove_on_change(self._on_document_change)
        self._documents.clear()
        self._tracked.clear()
        self.custom_models.close()

    def _refresh_plot(self, key: PlotKey, tracked: _TrackedPlot) -> None:
        try:
            self.put(key, tracked.shown, caption=tracked.caption)
        except BokehShareError:
            pass  # noted in `problems`
        except Exception as error:  # the other plots are looked at all the same
            problem = f"cannot look at {_describe_key(key)!r} again: {error}"
            if self.problems.get(key) != problem:
                log.error("looking at a plot again failed", exc_info=sanitize_for_log(error))
            self.problems[key] = problem

    def _is_unchanged(self, tracked: _TrackedPlot) -> bool:
        # an owner that it has only now tells of changes from now on
        models = tracked.shown if isinstance(tracked.shown, list) else [tracked.shown]
        self._add_listeners(models)
        is_current = not tracked.is_edited and tracked.captured.theme is curdoc().theme
        return is_current and tracked.captured.is_unchanged(self._list_plot_scripts(models))

    def _list_plot_scripts(self, models: Sequence[Model]) -> list[Model]:
        return [script for document in list_documents(models) for script in self.list_scripts(document)]

    def _update_page(self, change: Callable[[Page], Page]) -> None:
        with self._page_lock:
            self._apply_edits()
            page, last_serial = self._page
            self._page = change(page).sort(self.rank), last_serial
        self._publish_page()

    def _apply_edits(self) -> None:
        """Put on the page what was noted; wherever an interrupt comes, nothing is lost or done twice."""
        page, last_serial = self._page
        edits: dict[PlotKey, list[Edit]] = {}
        for serial, key, edit in self._pending_edits.copy():
            if serial > last_serial:
                edits.setdefault(key, []).append(edit)
                last_serial = serial
        if edits:
            self._page = page.apply_edits(edits, now=read_time_ms()), last_serial
        while self._pending_edits and self._pending_edits[0][0] <= last_serial:
            self._pending_edits.popleft()

    def _publish_page(self) -> None:
        if (page := self.page) is not self._published_page:
            self.on_page_change(page)
            self._published_page = page

    def _clear_dirty(self, key: PlotKey, mark: object) -> None:
        if self._dirty.get(key) is mark:
            del self._dirty[key]

    def _add_listeners(self, models: Sequence[Model]) -> None:
        for document in list_documents(models):
            if document not in self._documents:
                document.on_change(self._on_document_change)
                self._documents.add(document)

    def _on_document_change(self, event: DocumentChangedEvent) -> None:
        """A loop may come here tens of thousands of times a second."""
        model = getattr(event, "model", None)
        if model is None or not (keys := self._list_model_keys(model.id)):
            return
        unrecorded = [*keys]
        try:
            if self.on_edit is not None:
                with self._record_lock:
                    unrecorded = [key for key in keys if not self._record_edit(key, event)]
        finally:  # an interrupt is the author's, and what they changed still counts
            if unrecorded:
                self._dirty.update(dict.fromkeys(unrecorded, object()))
        if unrecorded:
            self.on_dirty()
        elif self.on_edit is not None:
            self.on_edit()

    def _record_edit(self, key: PlotKey, event: DocumentChangedEvent) -> bool:
        """Note for the page what an event tells; whether that is all."""
        if (self._dirty and key in self._dirty) or (self.problems and key in self.problems):
            return False
        tracked = self._tracked.get(key)
        if tracked is None:  # another thread has just taken it off the page
            return True
        node_indices = tracked.recorder.node_indices
        try:
            edit = tracked.recorder.record(event)
        except Exception:  # what it is, is said when the plot is looked at
            return False
        if edit is None:
            return False
        tracked.is_edited = True
        self._pending_edits.append((next(self._serials), key, edit))
        if tracked.recorder.node_indices is not node_indices:
            self._keys_by_model = {}
        self._pending_bytes += edit.size
        if self._pending_bytes > MAX_PENDING_BYTES:  # who is to look is late
            self._pending_bytes = 0
            self._publish_page()
        return True

    def _list_model_keys(self, model_id: str) -> tuple[PlotKey, ...]:
        """Which plots have the author's model `model_id` in them; asked at each event, so it is looked up
        once."""
        keys_by_model = self._keys_by_model
        if model_id not in keys_by_model:
            keys_by_model[model_id] = tuple(
                key
                for key, tracked in list(self._tracked.items())
                if model_id in tracked.recorder.node_indices
            )
        return keys_by_model[model_id]


def log_issues(shown: Any) -> None:
    """Let Bokeh log its own remarks, such as of a misspelt column, as its `show()` does."""
    for model in shown if isinstance(shown, list) else [shown]:
        process_validation_issues(check_integrity(model.references()))


def as_showable(value: Any, *, name: str | None = None) -> Showable:
    """`value` if Bokeh could show it: an element of a page, or a list of them. Raises `NotAModel`."""
    if isinstance(value, UIElement | DOMNode):
        return value
    if isinstance(value, Sequence) and value and all(isinstance(each, UIElement | DOMNode) for each in value):
        return list(value)
    raise NotAModel(name, value)


def read_time_ms() -> int:
    """Milliseconds since 1970, UTC."""
    return int(time.time() * 1000)


def _describe_key(key: PlotKey) -> str:
    return key.name or (key.identifier if key.kind == "variable" else f"plot {key.position + 1} of the cell")
