"""The features by which a plot is recognised: its object, its outline and what the author calls it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from .diff import Outline, is_unrelated_outline
from .showable import Showable
from .snapshot import Snapshot

Score: TypeAlias = tuple[float, ...]
"""What speaks for two plots being one, the surest first: that the object or all of it is the same, the name
that the author gave it, its titles and labels, its data, the variable, and words."""
DECISIVE_SCORES = 4
"""So many of these tell plots apart for sure."""
ZERO_SCORE: Score = (0, 0, 0, 0, 0, 0)
IDENTICAL_SCORE: Score = (1, 0, 0, 0, 0, 0)


@dataclass(eq=False)
class PlotFeatures:
    """What is compared of a plot."""

    snapshot: Snapshot | None
    """None when it has left the page."""
    shown: Showable | None
    """The author's object, as long as it is known."""
    variables: frozenset[str]
    """What the author called it when it was shown."""

    @cached_property
    def outline(self) -> Outline:
        return Outline(self.snapshot.nodes if self.snapshot is not None else ())

    def is_same_object(self, shown: Showable | None) -> bool:
        """Whether it is of this very object, or of a list of the same ones."""
        if isinstance(shown, list) and isinstance(self.shown, list):
            return [*map(id, shown)] == [*map(id, self.shown)]
        return shown is not None and self.shown is shown

    def has_same_snapshot(self, other: PlotFeatures) -> bool:
        return self.snapshot is not None and self.snapshot == other.snapshot

    def release(self) -> None:
        """Hold nothing of the author's and no arrays from now on."""
        self.outline.drop_models()
        self.snapshot = self.shown = None

    def compute_score(self, other: PlotFeatures) -> Score | None:
        """What speaks for the other being the same plot; None when it is quite another."""
        if self.is_same_object(other.shown) or self.has_same_snapshot(other):
            return IDENTICAL_SCORE
        former_outline, new_outline = self.outline, other.outline
        has_same_name = former_outline.name is not None and former_outline.name == new_outline.name
        if not has_same_name and is_unrelated_outline(former_outline, new_outline):
            return None
        data = sum(
            any(each.is_same(another) for another in former_outline.samples[role])
            for role, samples in new_outline.samples.items()
            for each in samples
        )
        has_same_variable = bool(self.variables & other.variables)
        return (
            0,
            has_same_name,
            _measure_overlap(former_outline.texts, new_outline.texts),
            data,
            has_same_variable,
            _measure_overlap(former_outline.words, new_outline.words),
        )


def _measure_overlap(one: Collection[str], other: Collection[str]) -> float:
    """How much of all there is both have, from 0 to 1."""
    union = {*one, *other}
    return len({*one} & {*other}) / len(union) if union else 0
