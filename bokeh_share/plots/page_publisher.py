"""Holds the newest page, and passes each newer one to its subscribers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from .lazy_page import LazyPage
from .page import Page, PlotKey
from .snapshot import Edit


class PageSink(Protocol):
    """A receiver of pages, such as the viewers of a share."""

    def publish(self, page: LazyPage) -> None:
        """Take the newest page. The thread that changed it calls this, in the order of the changes. Must
        return soon, and must not read `page` there, so that further edits can be added to it."""


class PagePublisher:
    """Holds the newest page, changes it, and passes it to each sink. Any thread may call it.

    An event costs an entry in a list of edits: the sinks have a page that collects them until a sink reads
    it, and get another page only after that.
    """

    def __init__(self) -> None:
        self._newest_page = LazyPage(Page())
        self._published_page = self._newest_page
        """The page that every sink has."""
        self._sinks: tuple[PageSink, ...] = ()
        self._lock = threading.RLock()
        """Locked while the page is replaced and passed on, which takes little time. Reading a page does not
        need the lock, so that no sink waits for the author."""

    @property
    def page(self) -> Page:
        """The newest page. Any thread may read it, even one that must not access the author's objects."""
        return self._newest_page.page

    @property
    def has_sinks(self) -> bool:
        return bool(self._sinks)

    def subscribe(self, sink: PageSink) -> None:
        """Pass the newest page to `sink` now, and each newer one until `unsubscribe`."""
        with self._lock:
            self._sinks = (*self._sinks, sink)
            sink.publish(self._newest_page)

    def unsubscribe(self, sink: PageSink) -> None:
        """Pass the newest page to `sink` if it does not have it, and no page from now on."""
        with self._lock:
            self.publish()
            self._sinks = tuple(each for each in self._sinks if each is not sink)

    def update(self, change: Callable[[Page], Page]) -> None:
        """Replace the page by the result of `change`. If that is the same page, nothing changes."""
        with self._lock:
            former_page = self._newest_page.page
            page = change(former_page)
            if page is not former_page:
                self._newest_page = LazyPage(page)
            self.publish()

    def add_edit(self, key: PlotKey, edit: Edit) -> None:
        """Add an edit of a plot to the page. A loop may call this tens of thousands of times per second."""
        with self._lock:
            if not self._newest_page.add_edit(key, edit):
                self._newest_page = LazyPage(self._newest_page, [(key, edit)])
            if self._newest_page is not self._published_page:
                self.publish()

    def publish(self) -> None:
        """Pass the newest page to the sinks that do not have it, for example after an interrupt."""
        with self._lock:
            if (newest_page := self._newest_page) is not self._published_page:
                for sink in self._sinks:
                    sink.publish(newest_page)
                self._published_page = newest_page
