"""Which models the author showed, and how they look now: the page follows what this knows."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent
from bokeh.io import curdoc
from bokeh.model import Model
from bokeh.models import Column
from bokeh.models.dom import DOMNode
from bokeh.models.ui import UIElement

from .errors import BokehShareError, NotAModel
from .growth import Growth, grown, noted
from .page import Key, Page
from .picture import MAX_BYTES, Picture, take

log = logging.getLogger(__name__)

Shown: TypeAlias = Model | list[Model]
"""What one call of `show` takes: a model, or several to be drawn one below the other."""


@dataclass(frozen=True)
class _Live:
    """What was shown and may still change."""

    shown: Shown
    """Held, not weakly: of `show(row(p, q))` the author keeps `p`, and changes that."""
    picture: Picture
    caption: str | None


class Capture:
    """Keeps the page in step with the author's models.

    Lives as long as the extension is loaded, whether a share runs or not. Holds the author's models for
    as long as they are on the page, and adds one callback to each document that owns one, taken back by
    `close`. May be called from any thread of the author's.
    """

    def __init__(self, *, limit: int = MAX_BYTES) -> None:
        self.page = Page()
        self.problems: dict[Key, str] = {}
        """Why a plot is not, or not as it is now, on the page."""
        self.on_page: Callable[[Page], None] = lambda page: None
        self.rank: Callable[[Key], tuple[int, ...]] = lambda key: ()
        """Where on the page a plot belongs; those that rank alike stay in the order they came in."""
        self.on_dirty: Callable[[], None] = lambda: None
        """Called when an event told of a change, by the thread that made it; `look_again` takes it up."""
        self._limit = limit
        self._live: dict[Key, _Live] = {}
        self._keys: dict[str, tuple[Key, ...]] = {}
        """By the author's ids, as far as events named them since plots came or went."""
        self._dirty: set[Key] = set()
        """What events told of, in whatever way."""
        self._touched: set[Key] = set()
        """Of these, what changed otherwise than by rows streamed and patched."""
        self._growths: dict[str, Growth] = {}
        self._documents: weakref.WeakSet[Document] = weakref.WeakSet()
        self._lock = threading.RLock()

    def put(self, key: Key, shown: Shown, *, caption: str | None = None) -> None:
        """Picture `shown` and put it at `key`; it is looked at again until another takes its place.

        A list is one plot: a column, as Bokeh shows it. What cannot be pictured raises, is noted in
        `problems`, and leaves the last good state there.
        """
        models = shown if isinstance(shown, list) else [shown]
        with self._lock:
            known = self._live.get(key)
            same = known is not None and known.shown is shown
            clean = same and key not in self._dirty and key not in self.problems
            if known and clean and known.caption == caption and self._is_as_pictured(known):
                return
            former = self.page.find(key)
            before = former.snapshot if former is not None else None
            # The column takes any model here: `as_shown` has looked at them.
            root = Column(children=models) if isinstance(shown, list) else shown  # type: ignore[arg-type]
            try:
                picture = take(
                    root, theme=curdoc().theme, before=before, plot=_describe(key), limit=self._limit
                )
            except BokehShareError as error:
                self.problems[key] = str(error)
                self.on_page(self.page)
                raise
            self.problems.pop(key, None)
            self._forget_growth(key, picture)
            self._live[key] = _Live(shown, picture, caption)
            self._keys = {}
            self._listen_to(models)
            self._turn(self.page.put(key, picture.snapshot, now=now(), caption=caption))

    def look_again(self, *, dirty_only: bool = False) -> None:
        """Picture what may have changed since: everything, or what events told of."""
        with self._lock:
            # what another thread changes meanwhile comes next time
            dirty, touched, growths = self._dirty, self._touched, self._growths
            self._dirty, self._touched, self._growths = set(), set(), {}
            try:
                for key, live in list(self._live.items()):
                    grew = key in dirty and key not in touched and self._grow(key, live, growths)
                    if grew and dirty_only:  # what changed in place besides is seen when all is looked at
                        continue
                    if key in dirty or not (dirty_only or self._is_as_pictured(live)):
                        self._put_again(key, live)
            except BaseException:  # an interrupt is the author's, and what they changed still counts
                self._dirty |= dirty
                self._touched |= dirty
                raise

    def remove(self, unwanted: Callable[[Key], bool]) -> None:
        with self._lock:
            self.problems = {key: text for key, text in self.problems.items() if not unwanted(key)}
            self._live = {key: live for key, live in self._live.items() if not unwanted(key)}
            self._keys = {}
            self._turn(self.page.without(unwanted))

    def title(self, title: str) -> None:
        with self._lock:
            self._turn(self.page.titled(title))

    def arrange(self) -> None:
        """Sort the page anew, after what `rank` says has changed."""
        with self._lock:
            self._turn(self.page)

    def pause(self, since: int | None) -> None:
        """Say on the page that it is paused since then, or no longer."""
        with self._lock:
            self._turn(self.page.held(since))

    def calling_back(self) -> list[Key]:
        """The plots whose Python callbacks do nothing for viewers."""
        return [key for key, live in list(self._live.items()) if live.picture.calls_back]

    def models_of(self, keys: Collection[Key]) -> list[Model]:
        """What stands at these keys now."""
        shown = [live.shown for key, live in self._live.items() if key in keys]
        return [each for each in shown if isinstance(each, Model)]

    def keys_of(self, model: Model) -> list[Key]:
        """Where `model` itself is on the page now."""
        return [key for key, live in self._live.items() if live.shown is model]

    def close(self) -> None:
        for document in list(self._documents):
            document.remove_on_change(self._changed)
        self._documents.clear()
        self._live.clear()

    def _put_again(self, key: Key, live: _Live) -> None:
        try:
            self.put(key, live.shown, caption=live.caption)
        except BokehShareError:
            pass  # noted in `problems`
        except Exception as error:  # the other plots are looked at all the same
            said = f"cannot look at {_describe(key)!r} again: {error}"
            if self.problems.get(key) != said:
                log.error("looking at a plot again failed", exc_info=error)
            self.problems[key] = said

    def _is_as_pictured(self, live: _Live) -> bool:
        # an owner that it has only now tells of changes from now on
        self._listen_to(live.shown if isinstance(live.shown, list) else [live.shown])
        return live.picture.theme is curdoc().theme and live.picture.is_still_true()

    def _grow(self, key: Key, live: _Live, growths: Mapping[str, Growth]) -> bool:
        """Take up rows streamed and patched; False when that does not tell all."""
        former = self.page.find(key)
        if former is None:
            return False
        inside = [growth for id, growth in growths.items() if id in live.picture.places]
        picture = grown(replace(live.picture, snapshot=former.snapshot), inside)
        if picture is None or picture.snapshot.size > self._limit:
            return False
        self._live[key] = replace(live, picture=picture)
        self._turn(self.page.put(key, picture.snapshot, now=now(), caption=live.caption))
        return True

    def _forget_growth(self, key: Key, picture: Picture) -> None:
        """What was noted is in the picture; where else it was to be taken up, it has to be looked at."""
        self._dirty.discard(key)
        stale = self._growths.keys() & picture.places.keys()
        for id in stale:
            del self._growths[id]
        for other in self._dirty:
            if other in self._live and stale & self._live[other].picture.places.keys():
                self._touched.add(other)

    def _turn(self, page: Page) -> None:
        page = page.arranged(self.rank)
        if page is not self.page:
            self.page = page
            self.on_page(page)

    def _listen_to(self, models: Sequence[Model]) -> None:
        for document in {curdoc(), *(model.document for model in models)}:
            if document is not None and document not in self._documents:
                document.on_change(self._changed)
                self._documents.add(document)

    def _changed(self, event: DocumentChangedEvent) -> None:
        model = getattr(event, "model", None)
        keys = self._keys_with(model.id) if model is not None else ()
        first = self._live.get(keys[0]) if keys else None
        if first is None:
            return
        if not noted(self._growths, first.picture, event):
            self._touched.update(keys)
        self._dirty.update(keys)
        self.on_dirty()

    def _keys_with(self, id: str) -> tuple[Key, ...]:
        """Which plots have the author's model `id` in them; asked at each event, so it is looked up once."""
        known = self._keys
        if id not in known:
            known[id] = tuple(key for key, live in list(self._live.items()) if id in live.picture.places)
        return known[id]


def as_shown(value: Any, *, name: str | None = None) -> Shown:
    """`value` if Bokeh could show it: an element of a page, or a list of them. Raises `NotAModel`."""
    if isinstance(value, UIElement | DOMNode):
        return value
    if isinstance(value, Sequence) and value and all(isinstance(each, UIElement | DOMNode) for each in value):
        return list(value)
    raise NotAModel(name, value)


def now() -> int:
    """Milliseconds since 1970, UTC."""
    return int(time.time() * 1000)


def _describe(key: Key) -> str:
    return key.name or (key.of if key.kind == "variable" else f"plot {key.position + 1} of the cell")
