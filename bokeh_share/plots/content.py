"""The content of a plot: a snapshot of Bokeh's models, or a picture, a table or a text."""

from __future__ import annotations

from typing import TypeAlias

from .diff import PLACE_PREFIX, assign_place_ids
from .media import MediaSnapshot
from .snapshot import Snapshot

PlotContent: TypeAlias = Snapshot | MediaSnapshot
"""The state of a plot."""


def assign_model_ids(
    after: PlotContent, before: PlotContent | None, generation: int, used_ids: frozenset[str]
) -> tuple[PlotContent, frozenset[str]]:
    """Return the new state of a plot, with ids for its models if it has any, and the ids used so far.

    `before` is the former state, from which matched models keep their ids.
    """
    if isinstance(after, MediaSnapshot):
        return after, used_ids
    former = None if isinstance(before, MediaSnapshot) else before
    content = assign_place_ids(after, former, generation, used_ids)
    used = {id for id in content.ids if id.startswith(PLACE_PREFIX) and "." not in id}
    return content, used_ids if used <= used_ids else used_ids | used
