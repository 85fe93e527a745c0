"""The tracked plots: the shown object at each key, and the plots that have to be captured again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from bokeh.document.events import DocumentChangedEvent
from bokeh.model import Model

from ..errors import BokehShareError
from .page import PlotKey
from .showable import BokehObject, Showable
from .snapshot import AttributeEdit, CapturedPlot, Edit, EventRecorder, has_effect

MAX_RECORDED_CHANGES = 100
"""Maximum number of changed properties that are recorded as edits, before the plot is captured again."""
MAX_ITEMS = 10_000
"""Maximum number of rows, if they are encoded item by item, for which recording takes little time."""


@dataclass
class TrackedPlot:
    """A shown object, which may still change."""

    shown: BokehObject
    """The object, kept alive: after `show(row(p, q))` the author keeps only `p`, and changes it."""
    captured: CapturedPlot
    caption: str | None
    recorder: EventRecorder
    is_edited: bool = False
    """True if edits were recorded since the plot was captured; they are on the page."""

    @property
    def models(self) -> list[Model]:
        """The shown models: several if the author showed a list."""
        return self.shown if isinstance(self.shown, list) else [self.shown]

    def record(self, event: DocumentChangedEvent) -> Edit | None:
        """Return the edit for an event; None if there is none. Then the plot has to be captured again."""
        edit = self.recorder.record(event)
        self.is_edited = self.is_edited or edit is not None
        return edit

    def record_changes(self) -> list[Edit] | None:
        """Return the edits for all properties that differ from the capture, and that no event was about.

        Returns None if they do not contain every change, add models, or cost much. Arrays are not compared.
        """
        changes = self.captured.list_changed_properties()
        if changes is None or len(changes) > MAX_RECORDED_CHANGES:
            return None
        self.is_edited = True
        edits: list[Edit] = []
        for model, name in changes:
            if _is_expensive(model, name) or (edit := self.recorder.record_property(model, name)) is None:
                return None
            if isinstance(edit, AttributeEdit) and edit.nodes:
                return None
            if has_effect(edit, self.captured.snapshot):
                edits.append(edit)
        return edits


def _is_expensive(model: Model, name: str) -> bool:
    """Return True if a column or list is encoded item by item, and long."""
    value = getattr(model, name)
    columns = value.values() if isinstance(value, dict) else [value]
    return any(
        len(each) > MAX_ITEMS
        for each in columns
        if isinstance(each, Sized) and not (isinstance(each, np.ndarray) and each.dtype.kind in "fiubM")
    )


class TrackedPlots:
    """The tracked plots by key, the dirty ones, and the problems of those that could not be captured.

    Exists as long as its tracker. Plots are added and removed in one thread at a time, while events in other
    threads look up keys and mark plots.
    """

    def __init__(self, on_problem: Callable[[], None] = lambda: None) -> None:
        """`on_problem` is called after a problem was recorded by `record_problem`."""
        self._on_problem = on_problem
        self.by_key: dict[PlotKey, TrackedPlot] = {}
        self.problems: dict[PlotKey, str] = {}
        """Reasons why plots, or their current states, are not on the page."""
        self.dirty: dict[PlotKey, object] = {}
        """Plots to capture again, since events did not contain every change; each mark is a new object."""
        self.lock = threading.RLock()
        """Locked while an event is recorded, for a short time. Used by `with`, which an interrupt cannot
        break."""
        self._keys_by_model: dict[str, tuple[PlotKey, ...]] = {}
        """The keys of models that events named since plots were last added or removed, by the author's
        ids."""

    def put(self, key: PlotKey, tracked: TrackedPlot) -> None:
        self.problems.pop(key, None)
        self.by_key[key] = tracked
        self.forget_model_keys()

    def add_problem(self, key: PlotKey, problem: str) -> None:
        self.problems[key] = problem

    @contextmanager
    def record_problem(self, key: PlotKey) -> Iterator[None]:
        """Record the error that the block raises, if any, as the reason why the plot is not on the page."""
        try:
            yield
        except BokehShareError as error:
            self.add_problem(key, str(error))
            self._on_problem()
            raise

    def remove(self, is_unwanted: Callable[[PlotKey], bool]) -> None:
        self.problems = {key: text for key, text in self.problems.items() if not is_unwanted(key)}
        self.by_key = {key: tracked for key, tracked in self.by_key.items() if not is_unwanted(key)}
        for key in filter(is_unwanted, [*self.dirty]):
            del self.dirty[key]
        self.forget_model_keys()

    def move(self, keys: Mapping[PlotKey, PlotKey]) -> None:
        self.by_key = {keys.get(key, key): tracked for key, tracked in self.by_key.items()}
        self.dirty = {keys.get(key, key): mark for key, mark in self.dirty.items()}
        self.problems = {keys.get(key, key): text for key, text in self.problems.items()}
        self.forget_model_keys()

    def mark_dirty(self, keys: Iterable[PlotKey]) -> object:
        """Mark plots to be captured again. Returns the mark, for `clear_dirty`."""
        mark = object()
        self.dirty.update(dict.fromkeys(keys, mark))
        return mark

    def clear_dirty(self, key: PlotKey, mark: object) -> None:
        if self.dirty.get(key) is mark:
            del self.dirty[key]

    def is_current(self, key: PlotKey) -> bool:
        """Return True if the plot on the page is correct, apart from pending edits."""
        return not ((self.dirty and key in self.dirty) or (self.problems and key in self.problems))

    def forget_model_keys(self) -> None:
        """Clear the cache after models were added to a plot or removed from it."""
        self._keys_by_model = {}

    def list_model_keys(self, model_id: str) -> tuple[PlotKey, ...]:
        """List the keys of the plots that contain the author's model `model_id`. Cached, since each event
        needs them."""
        keys_by_model = self._keys_by_model
        if model_id not in keys_by_model:
            keys_by_model[model_id] = tuple(
                key for key, tracked in list(self.by_key.items()) if model_id in tracked.recorder.node_indices
            )
        return keys_by_model[model_id]

    def find_shown(self, key: PlotKey) -> Showable | None:
        tracked = self.by_key.get(key)
        return tracked.shown if tracked is not None else None

    def list_keys(self, model: Showable) -> list[PlotKey]:
        """List the keys at which `model` itself is shown now."""
        return [key for key, tracked in self.by_key.items() if tracked.shown is model]

    def list_models(self, keys: Collection[PlotKey]) -> list[Model]:
        """List the models that are shown at these keys now."""
        shown = [tracked.shown for key, tracked in self.by_key.items() if key in keys]
        return [each for each in shown if isinstance(each, Model)]

    def list_callback_keys(self) -> list[PlotKey]:
        """List the plots with Python callbacks, which do nothing for viewers."""
        return [key for key, tracked in list(self.by_key.items()) if tracked.captured.has_python_callbacks]
