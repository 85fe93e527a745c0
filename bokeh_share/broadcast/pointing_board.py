"""The points that viewers show the author, if the author has allowed it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .. import limits
from ..plots import Page, read_time_ms
from ..server import TokenBucket, log_misuse
from ..wire import Pointing, PointingEnd, read_pointing
from .viewer import Viewer


@dataclass(frozen=True)
class PointingViewer:
    """The points that one viewer shows."""

    pointing: Pointing
    pointed_at: int
    """In milliseconds since 1970, UTC."""


class PointingBoard:
    """The points that viewers show: those of one plot for each viewer, until they take it back or leave.

    Exists as long as the share. Messages come in the viewers' thread; `pointed` may be read, and `update`
    called, in any thread. Unless the author has allowed it, a message has no effect at all.
    """

    def __init__(self, on_change: Callable[[], None] = lambda: None) -> None:
        """`on_change` is called after a viewer has pointed at something, or stopped it."""
        self.is_enabled = False
        self._on_change = on_change
        self._by_viewer: dict[Viewer, PointingViewer] = {}
        self._buckets: dict[Viewer, TokenBucket] = {}
        self.pointed: Sequence[PointingViewer] = ()
        """The points of all viewers, the latest last. It is replaced, since other threads read it."""

    def update(self, is_enabled: bool) -> None:
        """Allow pointing, or forbid it and forget what viewers pointed at."""
        self.is_enabled = is_enabled
        if not is_enabled:
            self._replace({})

    def handle(self, viewer: Viewer, text: bytes, page: Page) -> bool:
        """Handle a message of a viewer. Return False if it is no valid message of this kind, or if pointing
        is not allowed."""
        pointing = read_pointing(text) if self.is_enabled else None
        if pointing is None:
            return False
        bucket = self._buckets.setdefault(viewer, TokenBucket(limits.POINTING_RATE, limits.POINTING_BURST))
        if isinstance(pointing, PointingEnd):
            self.withdraw(viewer)
        elif not bucket.take():
            log_misuse("page points too often")
        elif _is_on_page(pointing, page):
            others = {each: pointed for each, pointed in self._by_viewer.items() if each is not viewer}
            for oldest in [*others][: len(others) + 1 - limits.MAX_POINTING_VIEWERS]:
                del others[oldest]
            self._replace({**others, viewer: PointingViewer(pointing, read_time_ms())})
        return True

    def withdraw(self, viewer: Viewer) -> None:
        """Forget what a viewer points at."""
        if viewer in self._by_viewer:
            self._replace({each: pointed for each, pointed in self._by_viewer.items() if each is not viewer})

    def remove(self, viewer: Viewer) -> None:
        """Forget a viewer who has left."""
        self.withdraw(viewer)
        self._buckets.pop(viewer, None)

    def _replace(self, by_viewer: dict[Viewer, PointingViewer]) -> None:
        self._by_viewer, self.pointed = by_viewer, tuple(by_viewer.values())
        self._on_change()


def _is_on_page(pointing: Pointing, page: Page) -> bool:
    """Return True if the plot has the figure and the data source."""
    plot = next((each for each in page.plots if each.id == pointing.plot), None)
    if plot is None:
        return False
    ids = [id.removeprefix(f"{plot.id}.") for id in (pointing.figure, pointing.source) if id is not None]
    return all(id in plot.snapshot.node_indices for id in ids)
