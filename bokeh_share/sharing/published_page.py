"""Publishes the tracker's newest page or, while the author has paused, the page at that time."""

from __future__ import annotations

from collections.abc import Callable

from ..plots import Page, PlotTracker, RefreshThrottle, read_time_ms


class PublishedPage:
    """Follows the tracker from `start` to `stop`, and holds changes back from `pause` to `resume`."""

    def __init__(self, tracker: PlotTracker, schedule: Callable[[float, Callable[[], None]], None]) -> None:
        """`schedule` calls a function on the kernel's loop, some seconds from now."""
        self._tracker = tracker
        self._refresh_throttle = RefreshThrottle(lambda: tracker.refresh(dirty_only=True), schedule)
        self._paused_page: Page | None = None
        """What viewers see meanwhile."""

    def start(self, publish: Callable[[], None], on_page_change: Callable[[], None]) -> None:
        """`publish` hands changes to viewers; `on_page_change` is called after there is another page."""

        def publish_page(page: Page) -> None:
            publish()
            on_page_change()

        self._tracker.on_page_change = publish_page
        self._tracker.on_dirty = self._refresh_throttle.request_refresh
        self._tracker.on_edit = publish
        publish()  # the changes since the broadcaster was made

    def stop(self) -> None:
        self._tracker.on_page_change = lambda page: None
        self._tracker.on_dirty, self._tracker.on_edit = lambda: None, None
        self.resume()

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
