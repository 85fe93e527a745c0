"""The view that the author presents, and the frames of it for the viewers who follow."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from types import MappingProxyType

from .. import limits
from ..wire import PresentedView, encode_end_of_presentation, encode_presented_view, frame_message
from .viewer import Viewer

NOTHING = PresentedView()


class Presentation:
    """The author's view, from `start` to `end`; no plot contains it.

    Changes are collected until `publish`, which makes one step of them. A viewer who has the step before gets
    the change, any other the whole view. Each frame is encoded once for all who need it. Exists in the
    viewers' thread, and has no sockets.
    """

    def __init__(self, on_publish: Callable[[bytes], None] = lambda message: None) -> None:
        """`on_publish` is called after each step, with the message of the whole view; empty if nobody
        presents."""
        self._on_publish = on_publish
        self.presenter: object | None = None
        """The author's page that presents; None if none does."""
        self.changed_at = 0.0
        """The time of the last change of the view."""
        self._view = NOTHING
        """The whole view."""
        self._change = NOTHING
        """The changes of the last step."""
        self._pending = NOTHING
        self._has_pending = False
        self._is_restarted = False
        """True if the pending changes replace the view of a former presentation."""
        self._first_step = 1
        """The first step of this presentation. A viewer who has an earlier one gets the whole view."""
        self._step = 0
        self._frames: dict[tuple[bool, bool], bytes] = {}

    @property
    def is_due(self) -> bool:
        """True if there are changes for `publish`."""
        return self._has_pending

    def start(self, presenter: object, now: float) -> None:
        """Present the view of this page from now on; another page does not present any more."""
        self.presenter, self.changed_at = presenter, now
        self._view = self._pending = NOTHING
        self._has_pending = self._is_restarted = True

    def end(self) -> None:
        self.presenter = None
        self._view = self._pending = NOTHING
        self._has_pending = True

    def update(self, presenter: object, view: PresentedView, now: float) -> bool:
        """Add a change of the view. Return False if this page does not present."""
        if presenter is not self.presenter:
            return False
        self._pending = _merge(self._pending, view)
        self._has_pending, self.changed_at = True, now
        return True

    def publish(self) -> None:
        """Make a step of the changes since the last one."""
        self._view, self._change = _merge(self._view, self._pending), self._pending
        self._pending, self._has_pending, self._frames = NOTHING, False, {}
        self._step += 1
        if self._is_restarted:
            self._first_step, self._is_restarted = self._step, False
        is_presented = self.presenter is not None
        self._on_publish(encode_presented_view(self._view, is_whole=True) if is_presented else b"")

    def prune(self, plot_ids: Collection[str]) -> None:
        """Forget the views of plots that are not on the page any more."""
        if not self._view.plots.keys() <= set(plot_ids):
            plots = {id: fields for id, fields in self._view.plots.items() if id in plot_ids}
            self._view = replace(self._view, plots=MappingProxyType(plots))

    def needs_frame(self, viewer: Viewer) -> bool:
        """Return True if a viewer lacks the newest step. Pages of the author do not follow."""
        return not viewer.is_author and viewer.presented_step != self._step

    def take_frame(self, viewer: Viewer) -> bytes:
        """Return what a viewer lacks, which counts as sent."""
        is_whole = viewer.presented_step != self._step - 1 or self._step == self._first_step
        viewer.record_presented_step(self._step)
        key = (is_whole, viewer.can_decompress)
        if key not in self._frames:
            view = self._view if is_whole else self._change
            message = (
                encode_end_of_presentation()
                if self.presenter is None
                else encode_presented_view(view, is_whole=is_whole)
            )
            self._frames[key] = frame_message(message, compress=viewer.can_decompress)
        return self._frames[key]


def _merge(view: PresentedView, change: PresentedView) -> PresentedView:
    """Return a view with a later change. Plots whose view changed last are last; older ones are forgotten if
    there are very many."""
    plots = {id: fields for id, fields in view.plots.items() if id not in change.plots}
    plots.update(change.plots)
    for id in [*plots][: -limits.MAX_PRESENTED_VIEWS]:
        del plots[id]
    in_view = view.in_view if change.in_view is None else change.in_view
    return PresentedView(in_view, MappingProxyType(plots), change.pointer)
