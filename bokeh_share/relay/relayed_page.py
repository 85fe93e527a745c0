"""A page as the broker has it: messages that the author's kernel has encoded, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from ..broker import ShareInfo
from ..server.auth import PasswordHash
from ..wire import FramedMessage, PlotEntries

NO_ENTRIES = PlotEntries(0, MappingProxyType({}))


@dataclass(frozen=True, eq=False)
class PlotMessage:
    """The message with a whole plot, or with a step from one generation to another one."""

    framed: FramedMessage = field(repr=False)
    size: int
    base: int | None
    """The generation that it changes; None for a whole plot."""
    generation: int


@dataclass(frozen=True)
class RelayedPlot:
    """A plot: the newest whole state that was written, and the steps before and after it.

    The steps follow each other without a gap, and the last one leads to the newest generation. Those before
    the whole state are kept for slow viewers, as long as they are together no larger than it is.
    """

    whole: PlotMessage
    steps: tuple[PlotMessage, ...] = ()

    @property
    def generation(self) -> int:
        return self.steps[-1].generation if self.steps else self.whole.generation

    def add_step(self, step: PlotMessage) -> RelayedPlot:
        return RelayedPlot(self.whole, (*self.steps, step))

    def replace_whole(self, whole: PlotMessage) -> RelayedPlot:
        """Replace the whole state. If it is the newest state already, the steps that led there are kept."""
        if whole.generation != self.generation:
            return RelayedPlot(whole)
        kept, size = list[PlotMessage](), 0
        for step in reversed(self.steps):
            size += step.size
            if size > whole.size:
                break
            kept.insert(0, step)
        return RelayedPlot(whole, tuple(kept))

    def find_next(self, generation: int | None) -> PlotMessage | None:
        """Return the next message for a viewer who has this generation (None: nothing); None if it is the
        newest one.

        Of the two ways to the newest state, the steps from the viewer's state, and the whole state with the
        steps after it, the shorter one is taken.
        """
        if generation == self.generation:
            return None
        if self.steps and self.steps[-1].base == generation:  # as for nearly all viewers
            return self.steps[-1]
        following = self._list_steps(generation)
        whole_size = self.whole.size + sum(
            step.size for step in self._list_steps(self.whole.generation) or ()
        )
        if following is None or sum(step.size for step in following) > whole_size:
            return self.whole
        return following[0]

    def _list_steps(self, generation: int | None) -> tuple[PlotMessage, ...] | None:
        """List the steps from this generation to the newest one; None if they are not known."""
        if generation == self.generation:
            return ()
        bases = [step.base for step in self.steps]
        return self.steps[bases.index(generation) :] if generation in bases else None


@dataclass(frozen=True)
class RelayedPage:
    """The page of a share. Exists until a newer one is complete."""

    epoch: str = ""
    """Identifies the kernel whose generations these are; empty before there is a page."""
    header: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """The header of its `page` message."""
    entries: PlotEntries = NO_ENTRIES
    plots: Mapping[str, RelayedPlot] = field(default_factory=lambda: MappingProxyType({}))
    """The plots that can be drawn, by id."""
    share: ShareInfo | None = None
    """The facts about the share; None if the kernel has published none."""
    presented: bytes = b""
    """The message with the view that the author presents; empty if nobody presents."""
    pins: bytes = b""
    """The message with the author's pins; empty without pins."""

    def copy_details(self, details: RelayedPage) -> RelayedPage:
        """Return the page with the facts, the presented view and the pins of `details`; the same one if it
        has them."""
        share, presented, pins = details.share, details.presented, details.pins
        if (share, presented, pins) == (self.share, self.presented, self.pins):
            return self
        return replace(self, share=share, presented=presented, pins=pins)

    def replace_password(self, password: PasswordHash | None) -> RelayedPage:
        """Return the page with another password; the same one if it has this one, or no facts."""
        if self.share is None or self.share.password == password:
            return self
        return replace(self, share=replace(self.share, password=password))

    @property
    def version(self) -> int:
        return self.entries.version
