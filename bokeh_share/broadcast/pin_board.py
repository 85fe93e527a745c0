"""The pins that the author put on plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import limits
from ..plots import Page, Plot
from ..wire import Spot, encode_pins, frame_message
from .viewer import Viewer


@dataclass(frozen=True)
class Pin:
    """A text at a point of a figure, in the coordinates of its data."""

    number: int
    spot: Spot
    text: str

    def to_dict(self) -> Mapping[str, Any]:
        return {"pin": self.number, "text": self.text, **self.spot.to_dict()}


class PinBoard:
    """The pins of all plots, and the frame of them for viewers.

    A pin stays until it is taken away, or until its figure is gone: a re-run keeps it as long as its figure
    is the same to `diff`, which keeps the figure's id then. Exists in the viewers' thread, and has no
    sockets.
    """

    def __init__(self, on_change: Callable[[bytes], None] = lambda message: None) -> None:
        """`on_change` is called after each change, with the message of all pins; empty if there are none."""
        self._on_change = on_change
        self.pins: Sequence[Pin] = ()
        self._count = 0
        self._step = 0
        self._frames: dict[bool, bytes] = {}

    def add(self, spot: Spot, text: str, page: Page) -> str:
        """Add a pin. Return the reason if that is not possible, else the empty text."""
        plot = next((each for each in page.plots if each.id == spot.plot), None)
        if plot is None or not _has_model(plot, spot.model):
            return "this plot is not on the page any more"
        if len(self.pins) >= limits.MAX_PINS:
            return f"there are {limits.MAX_PINS} pins already: take one away first"
        self._count += 1
        self._replace((*self.pins, Pin(self._count, spot, text)))
        return ""

    def remove(self, number: int) -> None:
        """Take a pin away; nothing happens if it is gone already."""
        self._replace([pin for pin in self.pins if pin.number != number])

    def prune(self, page: Page) -> None:
        """Take away the pins of plots and figures that are gone."""
        if self.pins:
            plots = {plot.id: plot for plot in page.plots}
            self._replace(
                [
                    pin
                    for pin in self.pins
                    if (plot := plots.get(pin.spot.plot)) is not None and _has_model(plot, pin.spot.model)
                ]
            )

    def needs_frame(self, viewer: Viewer) -> bool:
        """Return True if a viewer lacks the newest pins."""
        return viewer.pin_step != self._step

    def take_frame(self, viewer: Viewer) -> bytes:
        """Return the frame with all pins, which counts as sent."""
        viewer.record_pin_step(self._step)
        if viewer.can_decompress not in self._frames:
            message = self._encode()
            self._frames[viewer.can_decompress] = frame_message(message, compress=viewer.can_decompress)
        return self._frames[viewer.can_decompress]

    def _replace(self, pins: Sequence[Pin]) -> None:
        if len(pins) != len(self.pins):
            self.pins, self._frames = tuple(pins), {}
            self._step += 1
            self._on_change(self._encode() if self.pins else b"")

    def _encode(self) -> bytes:
        return encode_pins([pin.to_dict() for pin in self.pins])


def _has_model(plot: Plot, model_id: str) -> bool:
    """Return True if a plot has the model with this id, which begins with the plot's own id on pages."""
    return model_id.removeprefix(f"{plot.id}.") in plot.snapshot.node_indices
