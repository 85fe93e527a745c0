"""A page that collects edits until it is first read."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from .page import Page, PlotKey, read_time_ms
from .snapshot import MAX_PENDING_BYTES, Edit

EDIT_OVERHEAD = 200
"""Approximate size in bytes of an edit without its values."""


class LazyPage:
    """A page and its last edits, which become one change of the page when it is first read.

    So an event costs only an entry in a list. A page that was read accepts no more edits, and is the same for
    all readers. Any thread may read it, even one that must not access the author's objects.
    """

    def __init__(self, former: Page | LazyPage, edits: Iterable[tuple[PlotKey, Edit]] = ()) -> None:
        """Build the page `former` with these edits and those added later. Without edits it is `former`, and
        accepts none."""
        self._former: Page | LazyPage = former
        self._edits = [*edits]
        """The edits of the former page, until they are applied."""
        self.has_edits = bool(self._edits)
        """True if it differs from the former page only by edits."""
        self.paused_since: int | None = former.paused_since
        """The time at which the author paused the page, in milliseconds since 1970, UTC."""
        self._page: Page | None = None
        """The page, once it was read."""
        self._is_open = self.has_edits
        self._pending_bytes = sum(edit.size + EDIT_OVERHEAD for _, edit in self._edits)
        self._add_lock = threading.RLock()
        """Locked while an edit is added or adding ends, so that an event never waits for a reader."""
        self._read_lock = threading.RLock()
        """Locked while the edits are applied."""

    @property
    def page(self) -> Page:
        """The page with all edits that were added before it was first read."""
        return self._apply_edits() if self._page is None else self._page

    def add_edit(self, key: PlotKey, edit: Edit) -> bool:
        """Add an edit of a plot. Return False if the page was read already; then a new page is needed.

        If the edits have become large, they are applied here, since the reader is late.
        """
        with self._add_lock:
            if not self._is_open:
                return False
            self._edits.append((key, edit))
            self._pending_bytes += edit.size + EDIT_OVERHEAD
            is_reader_late = self._pending_bytes > MAX_PENDING_BYTES
        if is_reader_late:
            self._apply_edits()
        return True

    def _apply_edits(self) -> Page:
        """Apply the edits. An interrupt at any point neither loses nor repeats one."""
        with self._add_lock:
            self._is_open = False
        with self._read_lock:
            if self._page is None:
                former_page = self._former if isinstance(self._former, Page) else self._former.page
                edits: dict[PlotKey, list[Edit]] = {}
                for key, edit in self._edits:
                    edits.setdefault(key, []).append(edit)
                self._page = (
                    former_page.apply_edits(edits, now=read_time_ms()) if self.has_edits else former_page
                )
                self._former, self._edits = self._page, []
            return self._page
