"""The newest page, with the pending edits that are put on it when somebody asks for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from itertools import count

from .page import Page, PlotKey, read_time_ms
from .snapshot import MAX_PENDING_BYTES, Edit


class EditedPage:
    """Holds the newest page, and the edits that events told of since it was asked for.

    So an event costs no more than a line in a list, and many become one change. May be used from any thread.
    """

    def __init__(self, on_change: Callable[[Page], None]) -> None:
        """`on_change` is called with each page that is published."""
        self._on_change = on_change
        self._page = Page(), 0
        """The newest, and the serial number of the last edit that is in it."""
        self._published_page = self._page[0]
        self._pending_edits: deque[tuple[int, PlotKey, Edit]] = deque()
        """What events told of, with serial numbers, as long as it may not be on the page."""
        self._serials = count(1)
        self._pending_bytes = 0
        """Bytes in the edits that were noted since they were last put on the page from here."""
        self._lock = threading.RLock()
        """For whoever turns the page, which takes no time."""

    @property
    def page(self) -> Page:
        """The newest; may be asked for by any thread, also where the author's objects must not be touched."""
        if self._pending_edits:
            with self._lock:
                self._apply_edits()
        return self._page[0]

    def update(self, change: Callable[[Page], Page]) -> None:
        """Make another page of what there is, and of the edits until now; the same one changes nothing."""
        with self._lock:
            self._apply_edits()
            page, last_serial = self._page
            self._page = change(page), last_serial

    def add_edit(self, key: PlotKey, edit: Edit) -> None:
        """Note what an event told of a plot; one thread at a time. Publishes what has become many."""
        self._pending_edits.append((next(self._serials), key, edit))
        self._pending_bytes += edit.size
        if self._pending_bytes > MAX_PENDING_BYTES:  # who is to look is late
            self._pending_bytes = 0
            self.publish()

    def publish(self) -> None:
        if (page := self.page) is not self._published_page:
            self._on_change(page)
            self._published_page = page

    def _apply_edits(self) -> None:
        """Put on the page what was noted; wherever an interrupt comes, nothing is lost or done twice."""
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
