"""Handles the messages of one viewer's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .. import limits
from ..server import TokenBucket, log_misuse
from ..wire import DrawFailure, read_draw_failure, read_resend_request
from .viewer import Viewer


class ViewerState(Protocol):
    """The hub, as far as messages of a viewer use it. See `Hub`."""

    def handle_pointing(self, viewer: Viewer, text: bytes) -> bool: ...

    def request_whole_plot(self, viewer: Viewer, plot_id: str) -> None: ...

    def add_failure(self, viewer: Viewer, failure: DrawFailure) -> bool: ...


class ViewerMessages:
    """The messages of one viewer: requests for a plot, and reports of plots that could not be drawn.

    Exists as long as the viewer's connection, in the viewers' thread.
    """

    def __init__(
        self,
        hub: ViewerState,
        viewer: Viewer,
        *,
        on_resend_request: Callable[[], None],
        on_failure: Callable[[], None],
    ) -> None:
        """`on_resend_request` is called when the viewer needs a plot again, `on_failure` when one could not
        be drawn."""
        self._hub, self._viewer = hub, viewer
        self._on_resend_request, self._on_failure = on_resend_request, on_failure
        self._resend_bucket = TokenBucket(limits.RESEND_RATE, limits.RESEND_BURST)
        self._pending_resends: set[str] = set()
        """Plots that were requested again, to be sent when the limit allows."""

    def handle(self, text: bytes) -> None:
        """Handle one message; a frame that is no text is empty here."""
        if self._hub.handle_pointing(self._viewer, text):
            return
        plot, failure = read_resend_request(text), read_draw_failure(text)
        if failure is not None and self._hub.add_failure(self._viewer, failure):
            self._on_failure()
        elif plot is None and failure is None:
            log_misuse("unknown message from a page")
        elif plot in self._viewer.generations:
            if self._resend_bucket.take():
                self._resend_plot(plot)
            else:
                log_misuse("page requests too many plots")
                self._pending_resends.add(plot)

    def resend_pending_plot(self) -> None:
        """Send a plot that was requested too often, if the limit allows it now."""
        if self._pending_resends and self._resend_bucket.take():
            self._resend_plot(self._pending_resends.pop())

    def _resend_plot(self, plot: str) -> None:
        self._hub.request_whole_plot(self._viewer, plot)
        self._on_resend_request()
