"""Tracks the viewers of one share on a relay, and the messages that each of them needs."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ..broadcast import Viewer
from ..wire import DrawFailure, FramedMessage, PlotEntries, encode_message
from .latest_messages import LatestPins, LatestView
from .relayed_page import PlotMessage, RelayedPage

MAX_STATES = 256
"""Maximum number of recent pages that are known when a viewer reconnects."""
MAX_PAGE_AGE = 10.0
"""Seconds for which a page message is sent to further viewers, since it contains the time."""


class _PageKey(NamedTuple):
    """Identifies a page message of the newest page: the version that its receivers have, and if they show
    plots."""

    base_version: int | None
    has_plots: bool


class RelayHub:
    """Gives each viewer the messages from their state to the newest, as the author's kernel has encoded them.

    It does what `broadcast.Hub` does in the kernel, without a diff: a viewer who is behind gets the steps in
    between, or the whole plot if that is shorter. A frame is built once for all who need it. Exists as long
    as a relay serves the share, in one thread, and has no sockets.
    """

    def __init__(
        self,
        *,
        ping_interval: float,
        build_page_version: Callable[[str], str],
        on_resend: Callable[[Viewer, str, int], None] = lambda viewer, plot_id, generation: None,
    ) -> None:
        """`build_page_version` returns the version of the page's scripts that this relay serves, for the
        version of Bokeh. `on_resend` is called when a viewer requests a plot that they could not patch, with
        the generation that they were sent last."""
        self.page = RelayedPage()
        self.viewers: set[Viewer] = set()
        self._view, self._pins = LatestView(), LatestPins()
        self._ping_interval, self._build_page_version = ping_interval, build_page_version
        self._on_resend = on_resend
        self._page_messages: dict[_PageKey, tuple[float, FramedMessage]] = {}
        """The page messages of the newest page, each with the time at which it was encoded."""
        self._known_states: OrderedDict[tuple[str, int], dict[str, int]] = OrderedDict()
        """The generations of the plots, by epoch and version of the page. All relays know the same ones, so a
        viewer may continue on another relay."""

    def publish(self, page: RelayedPage) -> None:
        is_restarted = page.epoch != self.page.epoch
        if page.entries is not self.page.entries or page.share != self.page.share or is_restarted:
            self._page_messages = {}
        self.page = page
        self._view.update(page.presented)
        self._pins.update(page.pins)
        self._known_states[page.epoch, page.version] = {
            id: plot.generation for id, plot in page.plots.items()
        }
        while len(self._known_states) > MAX_STATES:
            self._known_states.popitem(last=False)
        if is_restarted:  # generations of another kernel have another meaning
            for viewer in self.viewers:
                viewer.forget_page()

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
        """Add a viewer while the block runs. A viewer who reconnects, perhaps from another relay, names the
        state that they had last, and receives what has changed since."""
        generations = {}
        if epoch == self.page.epoch and version is not None:
            generations = dict(self._known_states.get((epoch, version), {}))
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

    def take_next_frame(self, viewer: Viewer) -> bytes | None:
        """Return the next frame that `viewer` needs, which counts as sent; None if it is up to date, or if
        there is no page yet."""
        if not self.page.epoch:
            return None
        if viewer.version != self.page.version:
            return self._take_page_frame(viewer)
        if not viewer.has_plots:
            return None
        for messages in (self._view, self._pins):
            if messages.needs_frame(viewer):
                return messages.take_frame(viewer)
        found = self._find_next(viewer)
        if found is None:
            viewer.end_catching_up()
            return None
        plot_id, message = found
        viewer.generations[plot_id] = message.generation
        return message.framed.get_frame(compress=viewer.can_decompress)

    def is_whole_plot_next(self, viewer: Viewer) -> bool:
        """Return True if the next frame is a whole plot."""
        if not viewer.has_plots or viewer.version != self.page.version:
            return False
        if self._view.needs_frame(viewer) or self._pins.needs_frame(viewer):
            return False
        found = self._find_next(viewer)
        return found is not None and found[1].base is None

    def is_outdated(self, frame: bytes) -> bool:
        """Return True if the frame is not kept for other viewers, since there is a newer state."""
        return not any(
            message.framed.has_frame(frame)
            for plot in self.page.plots.values()
            for message in (plot.whole, *plot.steps)
        )

    def request_whole_plot(self, viewer: Viewer, plot_id: str) -> None:
        """Send the whole of `plot_id` to `viewer` next, since they could not patch it."""
        generation = viewer.generations.pop(plot_id, None)
        if generation is not None:
            self._on_resend(viewer, plot_id, generation)

    def add_failure(self, viewer: Viewer, failure: DrawFailure) -> bool:
        """Ignore that a viewer could not draw a plot: the author's kernel hears of its own viewers only."""
        return False

    def handle_pointing(self, viewer: Viewer, text: bytes) -> bool:
        """Ignore what a viewer points at, which only the author's kernel shows."""
        return False

    def _find_next(self, viewer: Viewer) -> tuple[str, PlotMessage] | None:
        """Find the next message about a plot for `viewer`: of the wanted plot, or else the nearest to it."""
        outdated = (
            (index, id)
            for index, id in enumerate(self.page.entries.by_id)
            if (plot := self.page.plots.get(id)) is not None and plot.generation != viewer.generations.get(id)
        )
        if viewer.first is None:
            chosen = next(outdated, None)
        else:
            wanted = _find_entry_index(self.page.entries, viewer.first)
            chosen = min(outdated, key=lambda pair: abs(pair[0] - wanted), default=None)
        if chosen is None:
            return None
        message = self.page.plots[chosen[1]].find_next(viewer.generations.get(chosen[1]))
        return None if message is None else (chosen[1], message)

    def _take_page_frame(self, viewer: Viewer) -> bytes:
        base = viewer.entries if viewer.has_plots else None
        key = _PageKey(None if base is None else base.version, viewer.has_plots)
        now, former = time.monotonic(), self._page_messages.get(key)
        if former is None or now - former[0] > MAX_PAGE_AGE:
            entries = self.page.entries if viewer.has_plots else PlotEntries(self.page.version, {})
            former = now, FramedMessage(self._encode_page(entries, base))
            self._page_messages[key] = former
        viewer.update_page(self.page.entries)
        return former[1].get_frame(compress=viewer.can_decompress)

    def _encode_page(self, entries: PlotEntries, base: PlotEntries | None) -> bytes:
        share = self.page.share
        header = {
            **self.page.header,
            "base": None if base is None else base.version,
            "relayed": True,
            "pointing": False,  # needs the author's kernel
            "heartbeat": self._ping_interval,
            "build": self._build_page_version("" if share is None else share.bokeh_version),
            "now": int(time.time() * 1000),
            "plots": entries.list_changed(base),
            "order": entries.list_order(base),
        }
        return encode_message(header)


def _find_entry_index(entries: PlotEntries, wanted: str) -> int:
    """Return the index of the plot with this id, or else with this name or anchor; 0 if there is none."""
    if wanted in entries.by_id:
        return [*entries.by_id].index(wanted)
    names = ((each["name"], each["anchor"]) for each in entries.by_id.values())
    return next((index for index, each in enumerate(names) if wanted in each), 0)
