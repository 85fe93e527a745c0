"""Holds the newest page, and hands each newer one to its subscribers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from .lazy_page import LazyPage
from .page import Page, PlotKey
from .snapshot import Edit


class PageSink(Protocol):
    """A place that pages are handed to: the viewers of a share, for example."""

    def publish(self, page: LazyPage) -> None:
        """Take the newest page. Called by the thread that changed it, in the order of the changes: returns
        soon, and does not read `page` there, so that further edits can be added to it."""


class PagePublisher:
    """Holds the newest page, changes it, and hands it to each sink. Any thread may call.

    An event costs an entry in a list of edits: the sinks are handed a page that takes them up until one of
    the sinks reads it, and another page only after that.
    """

    def __init__(self) -> None:
        self._newest_page = LazyPage(Page())
        self._published_page = self._newest_page
        """The page that every sink has."""
        self._sinks: tuple[PageSink, ...] = ()
        self._lock = threading.RLock()
        """Locked while the page is replaced and handed over, which takes little time. Whoever reads a page
        does not need it, so that no sink waits for the author."""

    @property
    def page(self) -> Page:
        """The newest page. Any thread may read it, also one that must not touch the author's objects."""
        return self._newest_page.page

    @property
    def has_sinks(self) -> bool:
        return bool(self._sinks)

    def subscribe(self, sink: PageSink) -> None:
        """Hand the newest page to `sink` now, and each newer one until `unsubscribe`."""
        with self._lock:
            self._sinks = (*self._sinks, sink)
            sink.publish(self._newest_page)

    def unsubscribe(self, sink: PageSink) -> None:
        """Hand the newest page to `sink` if it does not have it, and no other page from now on."""
        with self._lock:
            self.publish()
            self._sinks = tuple(each for each in self._sinks if each is not sink)

    def update(self, change: Callable[[Page], Page]) -> None:
        """Replace the page by what `change` makes of it. If that is the same page, nothing changes."""
        with self._lock:
            former_page = self._newest_page.page
            page = change(former_page)
            if page is not former_page:
                self._newest_page = LazyPage(page)
            self.publish()

    def add_edit(self, key: PlotKey, edit: Edit) -> None:
        """Add an edit of a plot to the page. A loop may call this tens of thousands of times a second."""
        with self._lock:
            if not self._newest_page.add_edit(key, edit):
                self._newest_page = LazyPage(self._newest_page, [(key, edit)])
            if self._newest_page is not self._published_page:
                self.publish()

    def publish(self) -> None:
        """Hand the newest page to the sinks that do not have it, as after an interrupt."""
        with self._lock:
            if (newest_page := self._newest_page) is not self._published_page:
                for sink in self._sinks:
                    sink.publish(newest_page)
                self._published_page = newest_page
