"""What turns one snapshot of a plot into another, for a page that shows the first."""

from __future__ import annotations

from dataclasses import dataclass

from .snapshot import Snapshot


@dataclass(frozen=True)
class Patch:
    """Bokeh document events, as JSON and arrays, for the document that shows a plot."""

    whole: bool
    """True when the events build the plot in a new document, false when they change the one before."""
    events: str
    arrays: tuple[bytes, ...]
    defs: str
    parts: frozenset[str]


def reconcile(before: Snapshot | None, after: Snapshot) -> Patch | None:
    """The least that turns `before` into `after`; None when they are the same.

    A plot that differs at all is replaced whole. Pure: the same snapshots give the same patch.
    """
    if before == after:
        return None
    events = f'[{{"kind":"RootAdded","model":{after.models}}}]'
    return Patch(True, events, after.arrays, after.defs, after.parts)
