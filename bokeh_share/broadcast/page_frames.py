"""Encodes the page message, once for all viewers who need the same."""

from __future__ import annotations

from typing import NamedTuple

from ..plots import Page, encode_page_message, list_plot_entries, read_time_ms
from ..wire import FramedMessage, PlotEntries
from .viewer import Viewer

MAX_PAGE_FRAME_AGE = 10_000
"""Milliseconds for which a page message is sent to further viewers, since it contains the time."""


class _PageMessageKey(NamedTuple):
    """Identifies a message of the newest version: the version that its receivers have (None for none), and if
    they show plots."""

    base_version: int | None
    has_plots: bool


class _PageMessage(NamedTuple):
    """A page message, as it is sent."""

    encoded_at: int
    """In milliseconds since 1970, UTC."""
    framed: FramedMessage


class PageFrames:
    """The frames of the page message of the newest version. Exists as long as its hub."""

    def __init__(
        self, epoch: str, *, ping_interval: float | None = None, page_build: str | None = None
    ) -> None:
        self._epoch = epoch
        self._ping_interval = ping_interval
        self._page_build = page_build
        self._entries: PlotEntries | None = None
        self._messages: dict[_PageMessageKey, _PageMessage] = {}

    def take_frame(self, page: Page, viewer: Viewer) -> bytes:
        """Return a frame with what `viewer` lacks of the page message, which counts as sent.

        The page of an app shows no plots, so it is sent none.
        """
        entries = self._list_entries(page)
        base = viewer.entries if viewer.has_plots else None
        key = _PageMessageKey(None if base is None else base.version, viewer.has_plots)
        now, former = read_time_ms(), self._messages.get(key)
        if former is None or abs(now - former.encoded_at) > MAX_PAGE_FRAME_AGE:
            message = encode_page_message(
                self._epoch,
                page,
                entries if viewer.has_plots else PlotEntries(page.version, {}),
                base=base,
                ping_interval=self._ping_interval,
                page_build=self._page_build,
                now=now,
            )
            former = _PageMessage(now, FramedMessage(message))
            self._messages[key] = former
        viewer.update_page(entries)
        return former.framed.get_frame(compress=viewer.can_decompress)

    def _list_entries(self, page: Page) -> PlotEntries:
        """List the plots of the newest page; the messages of an older one are dropped."""
        if self._entries is None or self._entries.version != page.version:
            self._entries, self._messages = list_plot_entries(page, self._entries), {}
        return self._entries
