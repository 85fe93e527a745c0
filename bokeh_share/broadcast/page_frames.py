"""Encodes the page message, once for all viewers who need the same."""

from __future__ import annotations

from typing import NamedTuple

from ..plots import Page, encode_page_message, list_plot_entries, read_time_ms
from ..wire import PlotEntries, frame_message
from .viewer import Viewer

MAX_PAGE_FRAME_AGE = 10_000
"""Milliseconds for which a page message is sent to further viewers, since it contains the time."""


class _PageFrameKey(NamedTuple):
    """Identifies a frame of the newest version: the version that its receivers have (None for none), if they
    show plots, and compression."""

    base_version: int | None
    has_plots: bool
    is_compressed: bool


class _PageFrame(NamedTuple):
    """A page message, as it is sent."""

    encoded_at: int
    """In milliseconds since 1970, UTC."""
    frame: bytes


class PageFrames:
    """The frames of the page message of the newest version. Exists as long as its hub."""

    def __init__(
        self, epoch: str, *, ping_interval: float | None = None, page_build: str | None = None
    ) -> None:
        self._epoch = epoch
        self._ping_interval = ping_interval
        self._page_build = page_build
        self._entries: PlotEntries | None = None
        self._frames: dict[_PageFrameKey, _PageFrame] = {}

    def take_frame(self, page: Page, viewer: Viewer) -> bytes:
        """Return a frame with what `viewer` lacks of the page message, which counts as sent.

        The page of an app shows no plots, so it is sent none.
        """
        entries = self._list_entries(page)
        base = viewer.entries if viewer.has_plots else None
        key = _PageFrameKey(None if base is None else base.version, viewer.has_plots, viewer.can_decompress)
        now, former = read_time_ms(), self._frames.get(key)
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
            former = _PageFrame(now, frame_message(message, compress=viewer.can_decompress))
            self._frames[key] = former
        viewer.update_page(entries)
        return former.frame

    def _list_entries(self, page: Page) -> PlotEntries:
        """List the plots of the newest page; the frames of an older one are dropped."""
        if self._entries is None or self._entries.version != page.version:
            self._entries, self._frames = list_plot_entries(page, self._entries), {}
        return self._entries
