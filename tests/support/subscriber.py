"""A subscriber that receives pages, as a share does."""

from __future__ import annotations

from bokeh_share.plots.lazy_page import LazyPage
from bokeh_share.plots.page import Page
from bokeh_share.plots.tracker import PlotTracker


class Subscriber:
    """Stores received pages, and reads them only when a test does; never refreshes by itself."""

    def __init__(self, tracker: PlotTracker | None = None) -> None:
        self.lazy_pages: list[LazyPage] = []
        self.calls: list[str] = []
        """The calls: "edit" for a page with edits, else "page"."""
        self.flush_count = 0
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

    def flush(self) -> None:
        self.flush_count += 1

    def request_refresh(self) -> None:
        self.calls.append("dirty")
