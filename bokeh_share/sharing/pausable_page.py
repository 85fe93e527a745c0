"""Selects the page that viewers see: the newest, or the one from when the author paused."""

from __future__ import annotations

from ..plots.page import Page
from ..plots.tracker import PlotTracker, read_time_ms


class PausablePage:
    """Holds changes back from `pause` to `resume`. Lives as long as a share."""

    def __init__(self, tracker: PlotTracker) -> None:
        self._tracker = tracker
        self._paused_page: Page | None = None
        """What viewers see meanwhile."""

    @property
    def is_paused(self) -> bool:
        return self._tracker.page.paused_since is not None

    def pause(self) -> None:
        if not self.is_paused:
            self._paused_page = self._tracker.page
            since = read_time_ms()
            self._tracker.update_page(lambda page: page.update_paused(since))

    def resume(self) -> None:
        if self.is_paused:
            self._tracker.update_page(lambda page: page.update_paused(None))
            self._paused_page = None

    def select(self) -> Page:
        """The page for viewers, which their thread asks for as well."""
        page, paused = self._tracker.page, self._paused_page
        return (
            page if page.paused_since is None or paused is None else paused.update_paused(page.paused_since)
        )
