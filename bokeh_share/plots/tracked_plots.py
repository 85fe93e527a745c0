"""The plots that are tracked: what was shown at each key, and what of it has to be looked at again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .page import PlotKey
from .showable import Showable
from .snapshot import CapturedPlot, EventRecorder


@dataclass
class TrackedPlot:
    """What was shown and may still change."""

    shown: Showable
    """Held, not weakly: of `show(row(p, q))` the author keeps `p`, and changes that."""
    captured: CapturedPlot
    caption: str | None
    recorder: EventRecorder
    is_edited: bool = False
    """Whether events told of changes since the picture was taken, which are on the page."""


class TrackedPlots:
    """The tracked plots by key, those that are dirty, and the problems of those that could not be pictured.

    Lives as long as its tracker. Plots come and go in one thread at a time, while events in others look up
    keys and mark them.
    """

    def __init__(self) -> None:
        self.by_key: dict[PlotKey, TrackedPlot] = {}
        self.problems: dict[PlotKey, str] = {}
        """Why a plot is not, or not as it is now, on the page."""
        self.dirty: dict[PlotKey, object] = {}
        """What has to be looked at, since events did not tell all; each mark is another object."""
        self.lock = threading.RLock()
        """For who notes an event, which takes no time; by `with`, which an interrupt does not get into."""
        self._keys_by_model: dict[str, tuple[PlotKey, ...]] = {}
        """By the author's ids, as far as events named them since plots came or went."""

    def put(self, key: PlotKey, tracked: TrackedPlot) -> None:
        self.problems.pop(key, None)
        self.by_key[key] = tracked
        self.forget_model_keys()

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
        """Have these looked at again. Returns the mark, for `clear_dirty`."""
        mark = object()
        self.dirty.update(dict.fromkeys(keys, mark))
        return mark

    def clear_dirty(self, key: PlotKey, mark: object) -> None:
        if self.dirty.get(key) is mark:
            del self.dirty[key]

    def is_current(self, key: PlotKey) -> bool:
        """Whether what is on the page is right but for what events tell."""
        return not ((self.dirty and key in self.dirty) or (self.problems and key in self.problems))

    def forget_model_keys(self) -> None:
        """Models came to a plot, or left it."""
        self._keys_by_model = {}

    def list_model_keys(self, model_id: str) -> tuple[PlotKey, ...]:
        """Which plots have the author's model `model_id` in them; asked at each event, so it is looked up
        once."""
        keys_by_model = self._keys_by_model
        if model_id not in keys_by_model:
            keys_by_model[model_id] = tuple(
                key for key, tracked in list(self.by_key.items()) if model_id in tracked.recorder.node_indices
            )
        return keys_by_model[model_id]
