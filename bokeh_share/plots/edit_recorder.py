"""Records the changes of tracked plots as edits of the page."""

from __future__ import annotations

import logging

from bokeh.document.events import DocumentChangedEvent

from .page import PlotKey
from .page_publisher import PagePublisher
from .snapshot import Edit
from .tracked_plots import TrackedPlot, TrackedPlots

log = logging.getLogger(__name__)


class EditRecorder:
    """Adds edits to the page for changes that are cheap to find, instead of a new capture of the plot.

    Exists as long as its tracker. Called in the author's threads.
    """

    def __init__(self, plots: TrackedPlots, publisher: PagePublisher) -> None:
        self._plots = plots
        self._publisher = publisher

    def record_event(self, key: PlotKey, event: DocumentChangedEvent) -> bool:
        """Record an event; return True if the page then has the whole change. `plots.lock` is held."""
        if not self._plots.is_current(key):
            return False
        tracked = self._plots.by_key.get(key)
        if tracked is None:  # another thread has just removed it from the page
            return True
        node_indices = tracked.recorder.node_indices
        try:
            edit = tracked.record(event)
        except Exception:  # the error is reported when the plot is captured again
            return False
        if edit is None:
            return False
        if tracked.recorder.node_indices is not node_indices:
            self._plots.forget_model_keys()
        self._publisher.add_edit(key, edit)
        return True

    def record_changes(self, key: PlotKey, tracked: TrackedPlot) -> None:
        """Record the changed properties of a plot, if no event was about them.

        The plot is marked as dirty if the edits do not contain every change.
        """
        if tracked.is_edited:
            return
        with self._plots.lock:
            if not self._plots.is_current(key) or tracked.captured.fingerprint.is_unchanged():
                return
            edits: list[Edit] | None = None
            try:
                edits = tracked.record_changes()
            except Exception:  # the error is reported when the plot is captured again
                log.debug("recording the changes of a plot failed", exc_info=True)
            finally:
                if edits is None:  # the recorder may know of changes that the page does not have
                    self._plots.mark_dirty([key])
            for edit in edits or ():
                self._publisher.add_edit(key, edit)
