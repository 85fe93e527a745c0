"""Messages of which viewers need the newest one only: the presented view, and the pins."""

from __future__ import annotations

from ..broadcast import Viewer
from ..wire import FramedMessage, encode_end_of_presentation, encode_message, encode_pins, read_header


class LatestView:
    """The view that the author presents, as the kernel has encoded it, as a whole.

    A viewer who has the view before gets what has changed, any other the whole view. Exists as long as its
    hub.
    """

    def __init__(self) -> None:
        self._data = b""
        self._step = 0
        self._whole = FramedMessage(b"")
        self._change = FramedMessage(b"")

    def update(self, data: bytes) -> None:
        """Set the message with the whole view; empty data if nobody presents."""
        if data == self._data:
            return
        former, self._data = self._data, data
        self._step += 1
        self._whole = FramedMessage(data or encode_end_of_presentation())
        change = _encode_change(former, data) if former and data else None
        self._change = self._whole if change is None else FramedMessage(change)

    def needs_frame(self, viewer: Viewer) -> bool:
        return viewer.presented_step != self._step

    def take_frame(self, viewer: Viewer) -> bytes:
        """Return what a viewer lacks, which counts as sent."""
        message = self._change if viewer.presented_step == self._step - 1 else self._whole
        viewer.record_presented_step(self._step)
        return message.get_frame(compress=viewer.can_decompress)


class LatestPins:
    """The author's pins, as the kernel has encoded them. Exists as long as its hub."""

    def __init__(self) -> None:
        self._data = b""
        self._step = 0
        self._framed = FramedMessage(b"")

    def update(self, data: bytes) -> None:
        """Set the message with all pins; empty data without pins."""
        if data != self._data:
            self._data = data
            self._step += 1
            self._framed = FramedMessage(data or encode_pins([]))

    def needs_frame(self, viewer: Viewer) -> bool:
        return viewer.pin_step != self._step

    def take_frame(self, viewer: Viewer) -> bytes:
        """Return the frame with all pins, which counts as sent."""
        viewer.record_pin_step(self._step)
        return self._framed.get_frame(compress=viewer.can_decompress)


def _encode_change(former: bytes, data: bytes) -> bytes | None:
    """Encode the change from one presented view to the next; None if another presentation has begun."""
    before, after = read_header(former), read_header(data)
    if not before["plots"].keys() <= after["plots"].keys():
        return None
    plots = {id: fields for id, fields in after["plots"].items() if before["plots"].get(id) != fields}
    in_view = None if after["in_view"] == before["in_view"] else after["in_view"]
    return encode_message({**after, "whole": False, "in_view": in_view, "plots": plots})
