"""A message, and the websocket frames in which viewers are sent it."""

from __future__ import annotations

from .frames import MAX_COMPRESSED_BYTES, frame_message


class FramedMessage:
    """One message for many viewers, with or without compression: each frame is built once, when it is needed.

    A message that is too long to be compressed has one frame for all.
    """

    def __init__(self, message: bytes, *, can_compress: bool = True) -> None:
        """`can_compress` is false for data that are compressed already."""
        self._plain = frame_message(message)
        self._length = len(message)
        self._compressed: bytes | None = None
        if not can_compress or self._length > MAX_COMPRESSED_BYTES:
            self._compressed = self._plain

    @property
    def message(self) -> bytes:
        """The message without its frame, such as for a broker; a copy."""
        return self._plain[len(self._plain) - self._length :]

    def get_frame(self, *, compress: bool) -> bytes:
        """Return the frame, compressed if `compress` and if that saves time. The same object each time."""
        if not compress:
            return self._plain
        if self._compressed is None:
            self._compressed = frame_message(self.message, compress=True)
        return self._compressed

    def has_frame(self, frame: bytes) -> bool:
        """Return True if `frame` is one of this message's frames, the same object."""
        return frame is self._plain or frame is self._compressed
