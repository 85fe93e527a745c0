"""Starts the browser in which pages are measured, and counts the bytes that come to a page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright

ARGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        with playwright.chromium.launch(
            executable_path=os.environ["BOKEH_SHARE_CHROMIUM"], args=ARGS
        ) as chromium:
            yield chromium


class Traffic:
    """Counts the bytes that come over the network to a page, as long as its CDP session."""

    def __init__(self, session: CDPSession) -> None:
        self._came: list[float] = []
        session.on("Network.loadingFinished", lambda event: self._came.append(event["encodedDataLength"]))
        session.on(
            "Network.webSocketFrameReceived", lambda event: self._came.append(_size(event["response"]))
        )
        session.send("Network.enable")

    @property
    def bytes(self) -> int:
        return round(sum(self._came))


def _size(frame: dict[str, Any]) -> float:
    """The size of a websocket frame's payload, which is base64 unless it is text."""
    return len(frame["payloadData"]) * (1 if frame["opcode"] == 1 else 0.75)
