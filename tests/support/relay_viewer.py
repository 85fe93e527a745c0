"""A viewer of a relay's hub, without a network: applies what the hub gives, as a page does."""

from __future__ import annotations

import json
from typing import Any

from support.looks import Screen
from support.page_messages import merge_page

from bokeh_share.relay.relay_hub import RelayHub


def read_message(frame: bytes) -> bytes:
    """Return the message in a frame that is not compressed."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


class RelayViewer:
    """One open page, which may lose its relay and continue at another one."""

    def __init__(self) -> None:
        self.page: dict[str, Any] = {}
        self.pins: list[Any] = []
        self.view: dict[str, Any] = {}
        """The presented view; empty if nobody presents."""
        self.kinds: list[str] = []
        """The messages about plots so far: `whole` or `step`."""
        self._screens: dict[str, tuple[int, Screen]] = {}
        self._closing: Any = None
        self._viewer: Any = None
        self._hub: RelayHub | None = None

    def connect(self, hub: RelayHub) -> None:
        """Connect to a relay, with the state that this page has completely, if it has one."""
        self.disconnect()
        epoch, version = (self.page["epoch"], self.page["version"]) if self.is_complete else (None, None)
        self._hub, self._closing = hub, hub.add_viewer(epoch, version)
        self._viewer = self._closing.__enter__()

    def disconnect(self) -> None:
        if self._closing is not None:
            self._closing.__exit__(None, None, None)
        self._closing = self._hub = None

    @property
    def is_complete(self) -> bool:
        """True if all plots that the page lists have arrived."""
        return bool(self.page) and all(
            self._screens.get(plot["id"], (None,))[0] == plot["generation"]
            for plot in self.page["plots"]
            if plot["missing"] is None
        )

    def receive(self, count: int = 10_000) -> None:
        """Take at most so many messages."""
        for _ in range(count):
            frame = None if self._hub is None else self._hub.take_next_frame(self._viewer)
            if frame is None:
                return
            self._take(read_message(frame))

    def _take(self, message: bytes) -> None:
        header = json.loads(message[4 : 4 + int.from_bytes(message[:4])])
        if header["kind"] == "page":
            if header["epoch"] != self.page.get("epoch"):
                self._screens = {}
            self.page = merge_page(self.page, header)
            listed = {plot["id"] for plot in self.page["plots"]}
            self._screens = {id: each for id, each in self._screens.items() if id in listed}
            return
        if header["kind"] == "pins":
            self.pins = header["pins"]
            return
        if header["kind"] == "present":
            self._take_view(header)
            return
        assert header["epoch"] == self.page["epoch"], "a message of another kernel"
        generation, screen = self._screens.get(header["plot"], (None, Screen()))
        assert header["base"] in (None, generation), "a gap"
        self.kinds.append("whole" if header["base"] is None else "step")
        screen.take(message)
        self._screens[header["plot"]] = header["generation"], screen

    def _take_view(self, header: dict[str, Any]) -> None:
        if not header["presenting"] or header["whole"]:
            self.view = {}
        if header["presenting"]:
            self.view = {**self.view, **header["plots"]}

    @property
    def texts(self) -> list[str]:
        """The text of each plot, in the page's order."""
        assert self.is_complete
        return [self._screens[plot["id"]][1].document.roots[0].text for plot in self.page["plots"]]  # type: ignore[attr-defined]
