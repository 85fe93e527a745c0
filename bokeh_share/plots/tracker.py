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
from ..text import for_log
from .custom_models import CustomModels
from .page import Page, Plot, PlotKey
from .snapshot.capture import MAX_PLOT_BYTES, CapturedPlot, capture_plot
from .snapshot.document_ready import documents_of, scripts_of
from .snapshot.edits import MAX_PENDING_BYTES, Edit
from .snapshot.event_recorder import EventRecorder
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
    edited: bool = False
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
        self._announced = self._page[0]
        self.problems: dict[PlotKey, str] = {}
        """Why a plot is not, or not as it is now, on the page."""
        self.on_page: Callable[[Page], None] = lambda page: None
        self.custom = CustomModels()
        """The author's own models, of plots and of apps."""
        self.custom.on_change = lambda: self.turn(lambda page: page.bundled(self.custom.bundles))
        self.rank: Callable[[PlotKey], tuple[int, ...]] = lambda key: ()
        """Where on the page a plot belongs; those that rank alike stay in the order they came in."""
        self.scripts_of: Callable[[Document], list[Model]] = scripts_of
        """What a document does once it is drawn."""
        self.on_dirty: Callable[[], None] = lambda: None
        """Called when an event told of a change that has to be looked at, by the thread that made it;
        `look_again` takes it up."""
        self.on_edit: Callable[[], None] | None = None
        """Called when an event told of a change that is on the page now, by the thread that made it. Without,
        all changes have to be looked at."""
        self._limit = limit
        self._live: dict[PlotKey, _TrackedPlot] = {}
        self._keys: dict[str, tuple[PlotKey, ...]] = {}
        """By the author's ids, as far as events named them since plots came or went."""
        self._dirty: dict[PlotKey, object] = {}
        """What has to be looked at, since events did not tell all; each mark is another object."""
        self._edits: deque[tuple[int, PlotKey, Edit]] = deque()
        """What events told of, with serial numbers, as long as it may not be on the page."""
        self._serials = count(1)
        self._weight = 0
        """Bytes in the edits that were noted since they were last put on the page from here."""
        self._documents: weakref.WeakSet[Document] = weakref.WeakSet()
        self._lock = threading.RLock()
        """For the author's threads, one of which may be picturing for a while."""
        self._recording = threading.RLock()
        """For who notes an event, which takes no time; by `with`, which an interrupt does not get into."""
        self._turning = threading.RLock()
        """For whoever turns the page, which takes no time."""

    @property
    def page(self) -> Page:
        """The newest; may be asked for by any thread, also where the author's objects must not be touched."""
        if self._edits:
            with self._turning:
                self._settle()
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
            known = self._live.get(key)
            same = known is not None and known.shown is shown
            clean = same and key not in self._dirty and key not in self.problems
            if known and clean and known.caption == caption and self._is_as_pictured(known):
                return
            # It stays marked when this is interrupted, or when another thread marks it anew.
            with self._recording:
                mark = self._dirty[key] = object()
            former = self.page.find(key)
            before = former.snapshot if former is not None else None
            try:
                captured = captured or self.captured(key, shown, before=before)
            except BokehShareError as error:
                self.problems[key] = str(error)
                self._clear(key, mark)
                self.on_page(self.page)
                raise
            self.custom.note(captured.custom)
            self.problems.pop(key, None)
            self._live[key] = _TrackedPlot(
                shown, captured, caption, EventRecorder(captured, _describe(key), self._limit)
            )
            self._keys = {}
            self._listen_to(models)
            self._turn(lambda page: page.put(key, captured.snapshot, now=now(), caption=caption))
            self._clear(key, mark)

    def captured(self, key: PlotKey, shown: Showable, *, before: Snapshot | None = None) -> CapturedPlot:
        """Picture `shown`, and leave the page as it is. Raises what `put` does."""
        # The column takes any model here: `as_shown` has looked at them.
        root = Column(children=shown) if isinstance(shown, list) else shown  # type: ignore[arg-type]
        scripts = self._scripts(shown if isinstance(shown, list) else [shown])
        theme, named = curdoc().theme, _describe(key)
        return capture_plot(root, theme=theme, scripts=scripts, before=before, plot=named, limit=self._limit)

    def look_again(self, *, dirty_only: bool = False) -> None:
        """Picture what may have changed since: everything, or what events told of."""
        with self._lock:
            for key, live in list(self._live.items()):
                if key in self._dirty or not (dirty_only or self._is_as_pictured(live)):
                    self._put_again(key, live)
            self._announce()  # if an interrupt kept it from being told

    def remove(self, unwanted: Callable[[PlotKey], bool]) -> None:
        with self._lock:
            self.problems = {key: text for key, text in self.problems.items() if not unwanted(key)}
            self._live = {key: live for key, live in self._live.items() if not unwanted(key)}
            for key in filter(unwanted, [*self._dirty]):
                del self._dirty[key]
            self._keys = {}
            self._turn(lambda page: page.without(unwanted))

    def move(self, keys: Mapping[PlotKey, PlotKey]) -> None:
        """Bring plots from some keys to others, as they are: nobody has to draw them again."""
        with self._lock:
            with self._recording, self._turning:
                self._settle()
                self._live = {keys.get(key, key): live for key, live in self._live.items()}
                self._dirty = {keys.get(key, key): mark for key, mark in self._dirty.items()}
                self.problems = {keys.get(key, key): text for key, text in self.problems.items()}
                self._keys = {}
                page, last = self._page
                self._page = page.moved(keys).arranged(self.rank), last
            self._announce()

    def restore(self, key: PlotKey, plot: Plot) -> None:
        """Have a plot on the page as it was, until something is put there."""
        self.turn(lambda page: page.restored(key, plot))

    def turn(self, change: Callable[[Page], Page]) -> None:
        """Make another page of what there is, sorted by `rank`; the same one changes nothing."""
        with self._lock:
            self._turn(change)

    def calling_back(self) -> list[PlotKey]:
        """The plots whose Python callbacks do nothing for viewers."""
        return [key for key, live in list(self._live.items()) if live.captured.calls_back]

    def models_of(self, keys: Collection[PlotKey]) -> list[Model]:
        """What stands at these keys now."""
        shown = [live.shown for key, live in self._live.items() if key in keys]
        return [each for each in shown if isinstance(each, Model)]

    def shown_at(self, key: PlotKey) -> Showable | None:
        live = self._live.get(key)
        return live.shown if live is not None else None

    def keys_of(self, model: Model) -> list[PlotKey]:
        """Where `model` itself is on the page now."""
        return [key for key, live in self._live.items() if live.shown is model]

    def close(self) -> None:
        for document in list(self._documents):
            document.remove_on_change(self._changed)
        self._documents.clear()
        self._live.clear()
        self.custom.close()

    def _put_again(self, key: PlotKey, live: _TrackedPlot) -> None:
        try:
            self.put(key, live.shown, caption=live.caption)
        except BokehShareError:
            pass  # noted in `problems`
        except Exception as error:  # the other plots are looked at all the same
            said = f"cannot look at {_describe(key)!r} again: {error}"
            if self.problems.get(key) != said:
                log.error("looking at a plot again failed", exc_info=for_log(error))
            self.problems[key] = said

    def _is_as_pictured(self, live: _TrackedPlot) -> bool:
        # an owner that it has only now tells of changes from now on
        models = live.shown if isinstance(live.shown, list) else [live.shown]
        self._listen_to(models)
        as_told = not live.edited and live.captured.theme is curdoc().theme
        return as_told and live.captured.is_unchanged(self._scripts(models))

    def _scripts(self, models: Sequence[Model]) -> list[Model]:
        return [script for document in documents_of(models) for script in self.scripts_of(document)]

    def _turn(self, change: Callable[[Page], Page]) -> None:
        with self._turning:
            self._settle()
            page, last = self._page
            self._page = change(page).arranged(self.rank), last
        self._announce()

    def _settle(self) -> None:
        """Put on the page what was noted; wherever an interrupt comes, nothing is lost or done twice."""
        page, last = self._page
        edits: dict[PlotKey, list[Edit]] = {}
        for serial, key, edit in self._edits.copy():
            if serial > last:
                edits.setdefault(key, []).append(edit)
                last = serial
        if edits:
            self._page = page.edited(edits, now=now()), last
        while self._edits and self._edits[0][0] <= last:
            self._edits.popleft()

    def _announce(self) -> None:
        if (page := self.page) is not self._announced:
            self.on_page(page)
            self._announced = page

    def _clear(self, key: PlotKey, mark: object) -> None:
        if self._dirty.get(key) is mark:
            del self._dirty[key]

    def _listen_to(self, models: Sequence[Model]) -> None:
        for document in documents_of(models):
            if document not in self._documents:
                document.on_change(self._changed)
                self._documents.add(document)

    def _changed(self, event: DocumentChangedEvent) -> None:
        """A loop may come here tens of thousands of times a second."""
        model = getattr(event, "model", None)
        if model is None or not (keys := self._keys_with(model.id)):
            return
        untold = [*keys]
        try:
            if self.on_edit is not None:
                with self._recording:
                    untold = [key for key in keys if not self._tell(key, event)]
        finally:  # an interrupt is the author's, and what they changed still counts
            if untold:
                self._dirty.update(dict.fromkeys(untold, object()))
        if untold:
            self.on_dirty()
        elif self.on_edit is not None:
            self.on_edit()

    def _tell(self, key: PlotKey, event: DocumentChangedEvent) -> bool:
        """Note for the page what an event tells; whether that is all."""
        if (self._dirty and key in self._dirty) or (self.problems and key in self.problems):
            return False
        live = self._live.get(key)
        if live is None:  # another thread has just taken it off the page
            return True
        node_indices = live.recorder.node_indices
        try:
            edit = live.recorder.record(event)
        except Exception:  # what it is, is said when the plot is looked at
            return False
        if edit is None:
            return False
        live.edited = True
        self._edits.append((next(self._serials), key, edit))
        if live.recorder.node_indices is not node_indices:
            self._keys = {}
        self._weight += edit.weight
        if self._weight > MAX_PENDING_BYTES:  # who is to look is late
            self._weight = 0
            self._announce()
        return True

    def _keys_with(self, id: str) -> tuple[PlotKey, ...]:
        """Which plots have the author's model `id` in them; asked at each event, so it is looked up once."""
        known = self._keys
        if id not in known:
            known[id] = tuple(
                key for key, live in list(self._live.items()) if id in live.recorder.node_indices
            )
        return known[id]


def log_issues(shown: Any) -> None:
    """Let Bokeh log its own remarks, such as of a misspelt column, as its `show()` does."""
    for model in shown if isinstance(shown, list) else [shown]:
        process_validation_issues(check_integrity(model.references()))


def as_shown(value: Any, *, name: str | None = None) -> Showable:
    """`value` if Bokeh could show it: an element of a page, or a list of them. Raises `NotAModel`."""
    if isinstance(value, UIElement | DOMNode):
        return value
    if isinstance(value, Sequence) and value and all(isinstance(each, UIElement | DOMNode) for each in value):
        return list(value)
    raise NotAModel(name, value)


def now() -> int:
    """Milliseconds since 1970, UTC."""
    return int(time.time() * 1000)


def _describe(key: PlotKey) -> str:
    return key.name or (key.of if key.kind == "variable" else f"plot {key.position + 1} of the cell")
