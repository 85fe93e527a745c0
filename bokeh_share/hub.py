"""Who is watching, and what each still needs."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .message import framed, page_message, plot_message
from .page import Page, Plot
from .reconcile import reconcile


@dataclass(eq=False)
class Viewer:
    """One open browser page, as far as the hub knows it."""

    version: int | None = None
    generations: dict[str, int] = field(default_factory=dict)
    """By plot id: what this viewer was given last."""


class Hub:
    """Gives each viewer what turns its state into the newest, encoded once for all who need the same.

    Lives from start to stop of a share, in one thread, and knows no socket: whoever can send asks
    `next_frame`. So a viewer who cannot take anything is skipped without a queue, and one who can gets
    the newest state. Holds one encoded frame per plot besides the page itself.
    """

    def __init__(self, page: Page, *, pulse: float | None = None) -> None:
        self.epoch = secrets.token_hex(4)
        self.viewers: set[Viewer] = set()
        self._page = page
        self._pulse = pulse
        self._page_frame: tuple[int, bytes] | None = None
        self._plot_frames: dict[str, tuple[int, bytes]] = {}

    @property
    def page(self) -> Page:
        return self._page

    def publish(self, page: Page) -> None:
        self._page = page
        alive = {plot.id for plot in page.plots}
        self._plot_frames = {id: frame for id, frame in self._plot_frames.items() if id in alive}

    @contextmanager
    def watching(self, epoch: str | None = None, version: int | None = None) -> Iterator[Viewer]:
        """A viewer for as long as the block runs; one who comes back names what it saw last."""
        viewer = Viewer()
        if epoch == self.epoch and version == self._page.version:
            viewer.version = version
            viewer.generations = {plot.id: plot.generation for plot in self._page.plots}
        self.viewers.add(viewer)
        try:
            yield viewer
        finally:
            self.viewers.discard(viewer)

    def next_frame(self, viewer: Viewer) -> bytes | None:
        """The next frame that `viewer` needs, or None when it is in step. Counts as given."""
        page = self._page
        if viewer.version != page.version:
            viewer.version = page.version
            alive = {plot.id for plot in page.plots}
            viewer.generations = {id: n for id, n in viewer.generations.items() if id in alive}
            return self._encoded_page(page)
        for plot in page.plots:
            if viewer.generations.get(plot.id) != plot.generation:
                viewer.generations[plot.id] = plot.generation
                return self._encoded_plot(page, plot)
        return None

    def forget(self, viewer: Viewer, plot: str) -> None:
        """`viewer` could not show `plot` and asks for it whole."""
        viewer.generations.pop(plot, None)

    def _encoded_page(self, page: Page) -> bytes:
        if self._page_frame is None or self._page_frame[0] != page.version:
            self._page_frame = page.version, framed(page_message(self.epoch, page, pulse=self._pulse))
        return self._page_frame[1]

    def _encoded_plot(self, page: Page, plot: Plot) -> bytes:
        known = self._plot_frames.get(plot.id)
        if known is None or known[0] != plot.generation:
            patch = reconcile(None, plot.snapshot)
            assert patch is not None, "from nothing to something is always a patch"
            known = plot.generation, framed(plot_message(self.epoch, page.version, plot, patch, None))
            self._plot_frames[plot.id] = known
        return known[1]
