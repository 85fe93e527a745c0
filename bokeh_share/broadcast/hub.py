"""Who is watching, and what each still needs."""

from __future__ import annotations

import logging
import secrets
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from ..plots.diff.diff import diff
from ..plots.page import Page, Plot
from ..wire.messages import REASONS, DrawFailure, framed, page_message, plot_message

log = logging.getLogger(__name__)

OLD = 2
"""How many older states of a plot are held for viewers who are behind."""
VERSIONS = 256
"""How many versions of the page a viewer may name who comes back."""


class _Step(NamedTuple):
    """From which generation of a plot, None for from nothing, to which, and how it is framed."""

    plot: str
    base: int | None
    to: int
    packed: bool


@dataclass(eq=False)
class Viewer:
    """One open browser page, as far as the hub knows it."""

    version: int | None = None
    generations: dict[str, int] = field(default_factory=dict)
    """By plot id: what this viewer was given last."""
    unpacks: bool = False
    """Whether frames may be packed."""
    draws: bool = True
    """Whether the plots are looked at, and not an app."""


class Hub:
    """Gives each viewer what turns its state into the newest, encoded once for all who need the same.

    Lives from start to stop of a share, in one thread, and knows no socket: whoever can send asks
    `next_frame`. So a viewer who cannot take anything is skipped without a queue, and one who can gets
    one patch from where it is to the newest. Besides the page it holds the encoded frames that viewers
    asked for, and of each plot at most `OLD` older states.
    """

    def __init__(self, page: Page, *, ping_interval: float | None = None, made: str | None = None) -> None:
        self.epoch = secrets.token_hex(4)
        self.viewers: set[Viewer] = set()
        self.failures: Mapping[str, DrawFailure] = {}
        """By plot id: the first report of a page that it could not draw the newest generation. Replaced and
        never changed, since other threads read it."""
        self._logged: set[tuple[str, str]] = set()
        """Plots and reasons that stand in the log."""
        self._page = page
        self._ping_interval = ping_interval
        self._made = made
        self._page_frame: tuple[int, bytes] | None = None
        self._frames: dict[_Step, bytes] = {}
        self._former: dict[str, list[Plot]] = {}
        """By plot id, oldest first: the states from which there can be a patch."""
        self._gone: dict[str, int] = {}
        """By plot id: what the viewer had who left last, and may be back in a moment."""
        self._versions: OrderedDict[int, dict[str, int]] = OrderedDict()
        """The generations of recent versions of the page, by which a viewer who is back names its state."""
        self._remember(page)

    @property
    def page(self) -> Page:
        return self._page

    def publish(self, page: Page) -> None:
        newest = {plot.id: plot for plot in page.plots}
        for plot in self._page.plots:
            if plot.id in newest and newest[plot.id].generation != plot.generation:
                self._keep(plot)
        self._page = page
        self._remember(page)
        self._former = {id: plots for id, plots in self._former.items() if id in newest}
        self._gone = {id: generation for id, generation in self._gone.items() if id in newest}
        self.failures = {id: each for id, each in self.failures.items() if _is_of(each, newest.get(id))}
        self._logged = {(id, reason) for id, reason in self._logged if id in newest}
        self._frames = {
            step: frame
            for step, frame in self._frames.items()
            if step.plot in newest and newest[step.plot].generation == step.to
        }

    @contextmanager
    def watching(self, epoch: str | None = None, version: int | None = None) -> Iterator[Viewer]:
        """A viewer for as long as the block runs; one who comes back names what it saw last.

        That one gets the page again, by which it knows that it is back, and no plot that it has.
        """
        viewer = Viewer()
        if epoch == self.epoch and version is not None and version in self._versions:
            viewer.generations = dict(self._versions[version])
        self.viewers.add(viewer)
        try:
            yield viewer
        finally:
            self.viewers.discard(viewer)
            self._gone |= viewer.generations

    def next_frame(self, viewer: Viewer) -> bytes | None:
        """The next frame that `viewer` needs, or None when it is in step. Counts as given."""
        page = self._page
        if viewer.version != page.version:
            viewer.version = page.version
            alive = {plot.id for plot in page.plots}
            viewer.generations = {id: n for id, n in viewer.generations.items() if id in alive}
            return self._encoded_page(page)
        if not viewer.draws:
            return None
        for plot in page.plots:
            base = viewer.generations.get(plot.id)
            if base != plot.generation and page.lack(plot) is None:
                frame = self._encoded_plot(page, plot, base, viewer.unpacks)
                viewer.generations[plot.id] = plot.generation
                return frame
        return None

    def needs_whole(self, viewer: Viewer) -> bool:
        """Whether the next frame is a plot that `viewer` has nothing of, or too old a state."""
        if viewer.version != self._page.version or not viewer.draws:
            return False
        behind = (
            plot
            for plot in self._page.plots
            if viewer.generations.get(plot.id) != plot.generation and self._page.lack(plot) is None
        )
        following = next(behind, None)
        return following is not None and self._had(following, viewer.generations.get(following.id)) is None

    def is_outdated(self, frame: bytes) -> bool:
        """Whether this is kept for nobody else who comes: there is a newer state."""
        return not any(frame is each for each in self._frames.values())

    def forget(self, viewer: Viewer, plot: str) -> None:
        """`viewer` could not show `plot` and asks for it whole."""
        viewer.generations.pop(plot, None)

    def note_failure(self, viewer: Viewer, failure: DrawFailure) -> bool:
        """Take note that `viewer` could not draw a plot; whether that is news.

        It is when the viewer was given this generation, which is the newest, and nobody reported it before.
        """
        plot = next((each for each in self._page.plots if each.id == failure.plot), None)
        was_given = viewer.generations.get(failure.plot) == failure.generation
        if not was_given or not _is_of(failure, plot) or failure.plot in self.failures:
            return False
        self.failures = {**self.failures, failure.plot: failure}
        if (failure.plot, failure.reason) not in self._logged:
            self._logged.add((failure.plot, failure.reason))
            # a warning that nobody handles would be printed into the author's cell
            log.info("a viewer's page could not draw plot %s: %s", failure.plot, REASONS[failure.reason])
        return True

    def _remember(self, page: Page) -> None:
        self._versions[page.version] = {plot.id: plot.generation for plot in page.plots}
        while len(self._versions) > VERSIONS:
            self._versions.popitem(last=False)

    def _keep(self, plot: Plot) -> None:
        """`plot` is about to be an old state: keep it, and of the older ones those that somebody has."""
        had = {viewer.generations.get(plot.id) for viewer in self.viewers} | {self._gone.get(plot.id)}
        older = [each for each in self._former.get(plot.id, ()) if each.generation in had]
        self._former[plot.id] = [*older, plot][-OLD:]

    def _had(self, plot: Plot, generation: int | None) -> Plot | None:
        """The state from which there can be a patch for who has this generation."""
        return next((each for each in self._former.get(plot.id, ()) if each.generation == generation), None)

    def _encoded_page(self, page: Page) -> bytes:
        if self._page_frame is None or self._page_frame[0] != page.version:
            self._page_frame = (
                page.version,
                framed(page_message(self.epoch, page, ping_interval=self._ping_interval, made=self._made)),
            )
        return self._page_frame[1]

    def _encoded_plot(self, page: Page, plot: Plot, base: int | None, packed: bool) -> bytes:
        former = self._had(plot, base)
        step = _Step(plot.id, None if former is None else base, plot.generation, packed)
        if step not in self._frames:
            patch = diff(None if former is None else former.snapshot, plot.snapshot)
            message = plot_message(self.epoch, page.version, plot, patch, step.base)
            self._frames[step] = framed(message, packed=packed)
        return self._frames[step]


def _is_of(failure: DrawFailure, plot: Plot | None) -> bool:
    """Whether it is about what this plot is now."""
    return plot is not None and plot.generation == failure.generation
