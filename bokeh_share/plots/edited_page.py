"""The newest page, with pending edits that are applied when the page is read."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from itertools import count

from .page import Page, PlotKey, read_time_ms
from .snapshot import MAX_PENDING_BYTES, Edit


class EditedPage:
    """Holds the newest page, and the edits that were recorded since it was last read.

    So an event costs no more than an entry in a list, and many become one change. Any thread may call.
    """

    def __init__(self, on_change: Callable[[Page], None]) -> None:
        """`on_change` is called with each page that is published."""
        self._on_change = on_change
        self._page = Page(), 0
        """The newest page, and the serial number of the last edit in it."""
        self._published_page = self._page[0]
        self._pending_edits: deque[tuple[int, PlotKey, Edit]] = deque()
        """Recorded edits with serial numbers, until they are on the page."""
        self._serials = count(1)
        self._pending_bytes = 0
        """Size of the edits that were added since `add_edit` last applied them."""
        self._lock = threading.RLock()
        """Locked while the page is replaced, which takes little time."""

    @property
    def page(self) -> Page:
        """The newest page. Any thread may read it, also one that must not touch the author's objects."""
        if self._pending_edits:
            with self._lock:
                self._apply_edits()
        return self._page[0]

    def update(self, change: Callable[[Page], Page]) -> None:
        """Apply the edits, then `change`, to the page. If `change` returns the same page, nothing changes."""
        with self._lock:
            self._apply_edits()
            page, last_serial = self._page
            self._page = change(page), last_serial

    def add_edit(self, key: PlotKey, edit: Edit) -> None:
        """Add an edit of a plot; one thread at a time. Publishes when the edits have become large."""
        self._pending_edits.append((next(self._serials), key, edit))
        self._pending_bytes += edit.size
        if self._pending_bytes > MAX_PENDING_BYTES:  # the reader is late
            self._pending_bytes = 0
            self.publish()

    def publish(self) -> None:
        if (page := self.page) is not self._published_page:
            self._on_change(page)
            self._published_page = page

    def _apply_edits(self) -> None:
        """Apply the pending edits. An interrupt at any point neither loses nor repeats an edit."""
        page, last_serial = self._page
        edits: dict[PlotKey, list[Edit]] = {}
        for serial, key, edit in self._pending_edits.copy():
            if serial > last_serial:
                edits.setdefault(key, []).append(edit)
                last_serial = serial
        if edits:
            self._page = page.apply_edits(edits, now=read_time_ms()), last_serial
        while self._pending_edits and self._pending_edits[0][0] <= last_serial:
            self._pending_edits.popleft()
