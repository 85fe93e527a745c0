"""The features by which a plot is recognised: its object, its outline and its variables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from .content import PlotContent
from .diff import Outline, is_unrelated_outline
from .media import MediaSnapshot
from .showable import Showable
from .snapshot import Snapshot

Score: TypeAlias = tuple[float, ...]
"""The evidence that two plots are the same, strongest first: same object or snapshot, the author's name,
titles and labels, data, variable, and words."""
DECISIVE_SCORES = 4
"""The number of these criteria, from the first, that are sure evidence."""
ZERO_SCORE: Score = (0, 0, 0, 0, 0, 0)
IDENTICAL_SCORE: Score = (1, 0, 0, 0, 0, 0)


@dataclass(eq=False)
class PlotFeatures:
    """The features of one plot."""

    snapshot: PlotContent | None
    """The snapshot; None if the plot has left the page."""
    shown: Showable | None
    """The author's object, if known."""
    variables: frozenset[str]
    """The variables that held the plot when it was shown."""

    @cached_property
    def outline(self) -> Outline:
        return Outline(self.snapshot.nodes if isinstance(self.snapshot, Snapshot) else ())

    @cached_property
    def media_noun(self) -> str | None:
        """The kind of a picture, a table or a text; None for a plot of Bokeh's models."""
        return self.snapshot.noun if isinstance(self.snapshot, MediaSnapshot) else None

    @cached_property
    def media_title(self) -> str:
        return self.snapshot.title if isinstance(self.snapshot, MediaSnapshot) else ""

    def is_same_object(self, shown: Showable | None) -> bool:
        """Return True if the plot shows this same object, or a list of the same objects."""
        if isinstance(shown, list) and isinstance(self.shown, list):
            return [*map(id, shown)] == [*map(id, self.shown)]
        return shown is not None and self.shown is shown

    def has_same_snapshot(self, other: PlotFeatures) -> bool:
        return self.snapshot is not None and self.snapshot == other.snapshot

    def release(self) -> None:
        """Drop all references to the author's objects and to arrays."""
        if self.media_noun is None:
            self.outline.drop_models()
        _ = self.media_title  # cached from here on
        self.snapshot = self.shown = None

    def compute_score(self, other: PlotFeatures) -> Score | None:
        """Return the evidence that the other is the same plot; None if it is unrelated."""
        if self.is_same_object(other.shown) or self.has_same_snapshot(other):
            return IDENTICAL_SCORE
        if self.media_noun is not None or other.media_noun is not None:
            return self._compare_media(other)
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

    def _compare_media(self, other: PlotFeatures) -> Score | None:
        """Return the evidence that two pictures, tables or texts are the same; None for different kinds."""
        if self.media_noun != other.media_noun:
            return None
        has_same_title = bool(self.media_title) and self.media_title == other.media_title
        return (0, 0, has_same_title, 0, bool(self.variables & other.variables), 0)


def _measure_overlap(one: Collection[str], other: Collection[str]) -> float:
    """Return the share of all items that both have, from 0 to 1."""
    union = {*one, *other}
    return len({*one} & {*other}) / len(union) if union else 0
