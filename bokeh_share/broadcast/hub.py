"""Tracks the viewers and the updates that each of them needs."""

from __future__ import annotations

import logging
import secrets
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from ..plots import Page, Plot, encode_plot_change
from ..wire import DRAW_FAILURE_REASONS, DrawFailure, FramedMessage
from .page_frames import PageFrames
from .pin_board import PinBoard
from .pointing_board import PointingBoard
from .presentation import Presentation
from .viewer import Viewer

log = logging.getLogger(__name__)

MAX_FORMER_STATES = 2
"""Maximum number of former states of a plot kept for viewers who are behind."""
MAX_KNOWN_VERSIONS = 256
"""Maximum number of recent page versions that are known when a viewer reconnects."""


class _MessageKey(NamedTuple):
    """Identifies a message: plot, base generation (None for a whole plot) and generation."""

    plot_id: str
    base_generation: int | None
    generation: int


class Hub:
    """Updates each viewer from its state to the newest, and encodes each frame once for all who need it.

    Exists from start to stop of a share, in one thread, and has no sockets: a connection that can send calls
    `take_next_frame`. So a blocked viewer is skipped without a queue, and later gets one patch from its state
    to the newest. Besides the page it holds the encoded frames that viewers needed, and at most
    `MAX_FORMER_STATES` former states of each plot.
    """

    def __init__(
        self,
        page: Page,
        *,
        ping_interval: float | None = None,
        page_build: str | None = None,
        pointing_board: PointingBoard | None = None,
        presentation: Presentation | None = None,
        pin_board: PinBoard | None = None,
    ) -> None:
        self.epoch = secrets.token_hex(4)
        self.viewers: set[Viewer] = set()
        self.failures: Mapping[str, DrawFailure] = {}
        """The first report that a page could not draw the newest generation, by plot id. Replaced and never
        changed, since other threads read it."""
        self._logged_failures: set[tuple[str, str]] = set()
        """The plots and reasons that were logged."""
        self.presentation = presentation or Presentation()
        """The view that the author presents."""
        self.pin_board = pin_board or PinBoard()
        """The author's pins."""
        self.pointing_board = pointing_board or PointingBoard()
        """The points that viewers show the author, if the author has allowed it."""
        self._page = page
        self._page_frames = PageFrames(self.epoch, ping_interval=ping_interval, page_build=page_build)
        self._messages: dict[_MessageKey, FramedMessage] = {}
        self._former_states: dict[str, list[Plot]] = {}
        """The former states that patches can start from, by plot id, oldest first."""
        self._departed_generations: dict[str, int] = {}
        """The generation that the last viewer who left had, by plot id; they may reconnect soon."""
        self._known_versions: OrderedDict[int, dict[str, int]] = OrderedDict()
        """The generations of the plots that pages could draw, by version of the page. A viewer who reconnects
        names a version that arrived completely, but for the others."""
        self._add_version(page)

    @property
    def page(self) -> Page:
        return self._page

    def publish(self, page: Page) -> None:
        newest = {plot.id: plot for plot in page.plots}
        for plot in self._page.plots:
            if plot.id in newest and newest[plot.id].generation != plot.generation:
                self._add_former_state(plot)
        self._page = page
        self._add_version(page)
        self.presentation.prune(newest.keys())
        self.pin_board.prune(page)
        self._former_states = {id: plots for id, plots in self._former_states.items() if id in newest}
        self._departed_generations = {
            id: generation for id, generation in self._departed_generations.items() if id in newest
        }
        self.failures = {id: each for id, each in self.failures.items() if _is_current(each, newest.get(id))}
        self._logged_failures = {(id, reason) for id, reason in self._logged_failures if id in newest}
        self._messages = {
            key: message
            for key, message in self._messages.items()
            if key.plot_id in newest and newest[key.plot_id].generation == key.generation
        }

    @contextmanager
    def add_viewer(
        self,
        epoch: str | None = None,
        version: int | None = None,
        *,
        can_decompress: bool = False,
        has_plots: bool = True,
        first: str | None = None,
        is_author: bool = False,
    ) -> Iterator[Viewer]:
        """Add a viewer while the block runs. A viewer who reconnects names the version that they had last.

        They receive the page again, which confirms the connection, but no plot that they have. The plot whose
        id, name or anchor is `first` is sent before the others, if there is one.
        """
        generations = {}
        if epoch == self.epoch and version is not None:
            generations = dict(self._known_versions.get(version, {}))
        viewer = Viewer(
            generations=generations,
            can_decompress=can_decompress,
            has_plots=has_plots,
            first=first,
            is_author=is_author,
        )
        self.viewers.add(viewer)
        try:
            yield viewer
        finally:
            self.viewers.discard(viewer)
            self.pointing_board.remove(viewer)
            self._departed_generations |= viewer.generations

    def take_next_frame(self, viewer: Viewer) -> bytes | None:
        """Return the next frame that `viewer` needs, which counts as sent; None if it is up to date."""
        page = self._page
        if viewer.version != page.version:
            return self._page_frames.take_frame(page, viewer)
        if not viewer.has_plots:
            return None
        for channel in (self.presentation, self.pin_board):
            if channel.needs_frame(viewer):
                return channel.take_frame(viewer)
        plot = self._find_next_plot(viewer)
        if plot is None:
            viewer.end_catching_up()
            return None
        frame = self._encode_plot(page, plot, viewer.generations.get(plot.id), viewer.can_decompress)
        viewer.generations[plot.id] = plot.generation
        return frame

    def is_whole_plot_next(self, viewer: Viewer) -> bool:
        """Return True if the next frame is a whole plot, since `viewer` has none or too old a state of it."""
        if viewer.version != self._page.version or not viewer.has_plots:
            return False
        if self.presentation.needs_frame(viewer) or self.pin_board.needs_frame(viewer):
            return False
        next_plot = self._find_next_plot(viewer)
        if next_plot is None:
            return False
        generation = viewer.generations.get(next_plot.id)
        if next_plot.media is not None:  # a change of a picture has all of it
            return generation is None
        return self._find_former_state(next_plot, generation) is None

    def is_outdated(self, frame: bytes) -> bool:
        """Return True if the frame is not kept for other viewers, since there is a newer state."""
        return not any(each.has_frame(frame) for each in self._messages.values())

    def request_whole_plot(self, viewer: Viewer, plot_id: str) -> None:
        """Send the whole of `plot_id` to `viewer` next, since they could not patch it."""
        viewer.forget_plot(plot_id)

    def add_failure(self, viewer: Viewer, failure: DrawFailure) -> bool:
        """Record that `viewer` could not draw a plot. Return True if the report is new.

        It is new if the viewer was sent this generation, which is the newest, and it is the first report.
        """
        plot = next((each for each in self._page.plots if each.id == failure.plot), None)
        was_given = viewer.generations.get(failure.plot) == failure.generation
        is_known = failure.plot in self.failures
        if plot is None or not was_given or not _is_current(failure, plot) or is_known:
            return False
        self.failures = {**self.failures, failure.plot: failure}
        if (failure.plot, failure.reason) not in self._logged_failures:
            self._logged_failures.add((failure.plot, failure.reason))
            # not a warning: an unhandled one would be printed into the author's cell
            log.info(
                "a viewer's page could not draw plot %s: %s",
                plot.short_id,
                DRAW_FAILURE_REASONS[failure.reason],
            )
        return True

    def handle_pointing(self, viewer: Viewer, text: bytes) -> bool:
        """Handle a message by which `viewer` points at something. Return False if it is no such message, or
        if the author has not allowed it."""
        return self.pointing_board.handle(viewer, text, self._page)

    def _find_next_plot(self, viewer: Viewer) -> Plot | None:
        """Return the next plot that `viewer` needs: the wanted one, or else the nearest to it. None if it is
        up to date."""
        if viewer.complete_version == self._page.version:
            return None
        plots = self._page.plots
        outdated = (
            (index, plot)
            for index, plot in enumerate(plots)
            if viewer.generations.get(plot.id) != plot.generation
            and self._page.find_missing_reason(plot) is None
        )
        if viewer.first is None:
            found = next((plot for _, plot in outdated), None)
        else:
            wanted = _find_index(plots, viewer.first)
            found = min(outdated, key=lambda pair: abs(pair[0] - wanted), default=(0, None))[1]
        if found is None:
            viewer.record_complete(self._page.version)
        return found

    def _add_version(self, page: Page) -> None:
        self._known_versions[page.version] = {
            plot.id: plot.generation for plot in page.plots if page.find_missing_reason(plot) is None
        }
        while len(self._known_versions) > MAX_KNOWN_VERSIONS:
            self._known_versions.popitem(last=False)

    def _add_former_state(self, plot: Plot) -> None:
        """Add `plot` to the former states, and keep of the older ones only those that viewers have."""
        if plot.media is not None:  # no patch starts from a picture
            return
        viewer_generations = {viewer.generations.get(plot.id) for viewer in self.viewers} | {
            self._departed_generations.get(plot.id)
        }
        former_states = [
            each for each in self._former_states.get(plot.id, ()) if each.generation in viewer_generations
        ]
        self._former_states[plot.id] = [*former_states, plot][-MAX_FORMER_STATES:]

    def _find_former_state(self, plot: Plot, generation: int | None) -> Plot | None:
        """Return the former state of this generation, from which a patch can start."""
        return next(
            (each for each in self._former_states.get(plot.id, ()) if each.generation == generation), None
        )

    def _encode_plot(self, page: Page, plot: Plot, base_generation: int | None, compress: bool) -> bytes:
        media = plot.media
        former = self._find_former_state(plot, base_generation) if media is None else None
        key = _MessageKey(plot.id, None if former is None else base_generation, plot.generation)
        if key not in self._messages:
            message, _ = encode_plot_change(self.epoch, page.version, plot, former)
            is_compressed = media is not None and media.kind == "image"
            self._messages[key] = FramedMessage(message, can_compress=not is_compressed)
        return self._messages[key].get_frame(compress=compress)


def _find_index(plots: Sequence[Plot], wanted: str) -> int:
    """Return the index of the plot with this id, or else with this name or anchor; 0 if there is none."""
    by_id = (index for index, plot in enumerate(plots) if plot.id == wanted)
    by_name = (index for index, plot in enumerate(plots) if wanted in (plot.name, plot.key.anchor))
    return next(by_id, next(by_name, 0))


def _is_current(failure: DrawFailure, plot: Plot | None) -> bool:
    """Return True if the failure is about the current state of this plot."""
    return plot is not None and plot.generation == failure.generation
