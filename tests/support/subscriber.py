"""One who is handed pages, as a share is."""

from __future__ import annotations

from bokeh_share.plots.lazy_page import LazyPage
from bokeh_share.plots.page import Page
from bokeh_share.plots.tracker import PlotTracker


class Subscriber:
    """Keeps what it is handed, and reads it only when a test does; never refreshes by itself."""

    def __init__(self, tracker: PlotTracker | None = None) -> None:
        self.lazy_pages: list[LazyPage] = []
        self.calls: list[str] = []
        """What was called: an "edit" for a page with edits, else a "page"."""
        if tracker is not None:
            tracker.subscribe(self, self)

    @property
    def pages(self) -> list[Page]:
        return [each.page for each in self.lazy_pages]

    def publish(self, page: LazyPage) -> None:
        self.lazy_pages.append(page)
        self.calls.append("edit" if page.has_edits else "page")

    def on_problem(self) -> None:
        self.calls.append("problem")

    def request_refresh(self) -> None:
        self.calls.append("dirty")
