"""Holds the newest state of a share until the publisher's thread takes it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType

from ..plots import LazyPage
from .entries import EntryKind

ReadScript = Callable[[], bytes]
"""Returns a script, compressed with gzip."""


class NewestState:
    """The newest state of a share: each part replaces the former one, so nothing is queued.

    The author's threads write it, and never wait; the publisher's thread reads it.
    """

    def __init__(self) -> None:
        self.page: LazyPage | None = None
        self.details: Mapping[EntryKind, bytes] = MappingProxyType({})
        """The data of entries of which one counts, by kind."""
        self.scripts: Mapping[str, ReadScript] = MappingProxyType({})
        """The scripts that relays need, by SHA-256 digest."""
        self.busy_since: int | None = None
        """The time at which the running cell began, in milliseconds since 1970; None if none runs."""
        self.has_news = threading.Event()
        self._lock = threading.Lock()

    def update_busy(self, since: int | None) -> None:
        self.busy_since = since

    def update_scripts(self, scripts: Mapping[str, ReadScript]) -> None:
        self.scripts = scripts

    def update_page(self, page: LazyPage) -> None:
        self.page = page
        self.has_news.set()

    def update_detail(self, kind: EntryKind, data: bytes) -> None:
        with self._lock:  # several threads of the author's write details
            self.details = MappingProxyType({**self.details, kind: data})
        self.has_news.set()
