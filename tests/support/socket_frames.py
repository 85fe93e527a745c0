"""Reads the frames of a page's websockets."""

from __future__ import annotations

import re

from playwright.sync_api import WebSocket
from support.notebook_pages import Viewer


class Frames:
    """The frames of the page's websockets, as far as tests need them."""

    def __init__(self, viewer: Viewer) -> None:
        self.urls: list[str] = []
        self.received: list[list[str]] = []
        """The ids of plots in the order in which they came, for each connection."""
        self.sent: list[str] = []
        viewer.page.on("websocket", self._on_websocket)

    def _on_websocket(self, socket: WebSocket) -> None:
        self.urls.append(socket.url)
        received: list[str] = []
        self.received.append(received)
        socket.on("framereceived", lambda data: received.extend(find_plot(data)))
        socket.on("framesent", lambda data: self.sent.append(str(data)))


def find_plot(data: str | bytes) -> list[str]:
    text = data if isinstance(data, str) else data.decode("latin-1")
    return re.findall(r'"kind":"plot".*?"plot":"(\w+)"', text[:300])
