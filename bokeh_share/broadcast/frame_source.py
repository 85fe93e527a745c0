"""Declares the hub and the author's own pages as a connection uses them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from .viewer import Viewer
from .viewer_messages import ViewerState


class FrameSource(ViewerState, Protocol):
    """The hub, as far as a connection uses it. See `Hub`."""

    def add_viewer(
        self,
        epoch: str | None = None,
        version: int | None = None,
        *,
        can_decompress: bool = False,
        has_plots: bool = True,
        first: str | None = None,
        is_author: bool = False,
    ) -> AbstractContextManager[Viewer]: ...

    def take_next_frame(self, viewer: Viewer) -> bytes | None: ...

    def is_whole_plot_next(self, viewer: Viewer) -> bool: ...


class FrameReceiver(Protocol):
    """A connection that can be sent a frame."""

    def send_frame(self, frame: bytes) -> None: ...


class AuthorSide(Protocol):
    """The author's own pages. See `AuthorPages`."""

    def add(self, page: FrameReceiver) -> None: ...

    def discard(self, page: FrameReceiver) -> None: ...

    def handle(self, page: FrameReceiver, text: bytes) -> None: ...
