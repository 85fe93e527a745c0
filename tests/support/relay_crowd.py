"""Many viewers of a relay: they follow plots with one text each, and come back when they are cut off."""

from __future__ import annotations

import asyncio
import json
import random
import re
import threading
from collections import Counter
from typing import Any

from support.page_messages import merge_page
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

TEXT = re.compile(r'"(?:text|new)":"([^"]*)"')
RECONNECT_DELAYS = 0.5, 1.5
"""Seconds after which a viewer comes back, at random; pages wait from 0.5 to 1 s the first time."""


class CrowdViewer:
    """One page: it keeps the generation and the text of each plot."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.page: dict[str, Any] = {}
        self.plots: dict[str, tuple[int, str]] = {}
        """The generation and the text of each plot, by id."""
        self.is_away = False
        """True while the page says that the author's kernel is away."""
        self.gap_count = self.connection_count = 0
        self.close_codes: Counter[int] = Counter()
        self.is_open = False

    async def run(self) -> None:
        while True:
            try:
                async with connect(self._build_url(), max_size=None, proxy=None, compression=None) as socket:
                    self.connection_count += 1
                    async for message in socket:
                        self._take(bytes(message))
                        self.is_open = True
                self.close_codes[socket.close_code or 0] += 1
            except WebSocketException as error:
                received = getattr(error, "rcvd", None)
                self.close_codes[received.code if received else 0] += 1
            except (OSError, TimeoutError):
                pass
            self.is_open = False
            await asyncio.sleep(random.uniform(*RECONNECT_DELAYS))

    @property
    def texts(self) -> list[str] | None:
        """The texts of all plots in their order; None if one has not arrived."""
        found = []
        for plot in self.page.get("plots", ()):
            generation, text = self.plots.get(plot["id"], (None, ""))
            if generation != plot["generation"]:
                return None
            found.append(text)
        return found

    def _build_url(self) -> str:
        if self.page and self.texts is not None:
            return f"{self.url}?epoch={self.page['epoch']}&version={self.page['version']}"
        return self.url

    def _take(self, message: bytes) -> None:
        header_text = message[4 : 4 + int.from_bytes(message[:4])].decode()
        header = json.loads(header_text)
        if header["kind"] == "page":
            if header["epoch"] != self.page.get("epoch"):
                self.plots = {}
            self.page = merge_page(self.page, header)
            listed = {plot["id"] for plot in self.page["plots"]}
            self.plots = {id: each for id, each in self.plots.items() if id in listed}
        elif header["kind"] == "plot":
            generation, _ = self.plots.get(header["plot"], (None, ""))
            if header["base"] is not None and header["base"] != generation:
                self.gap_count += 1
            match = TEXT.search(header_text)
            assert match is not None, header_text
            self.plots[header["plot"]] = header["generation"], match[1]
        elif header["kind"] == "away":
            self.is_away = header["seconds"] is not None


class RelayCrowd:
    """So many viewers, in a thread of their own, until `stop`."""

    def __init__(self, url: str, count: int) -> None:
        self.viewers = [CrowdViewer(url) for _ in range(count)]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_until_complete, args=(self._run(),), daemon=True
        )
        self._stopping = asyncio.Event()
        self._thread.start()

    async def _run(self) -> None:
        tasks = [asyncio.create_task(viewer.run()) for viewer in self.viewers]
        await self._stopping.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(30)
        self._loop.close()

    def have(self, *texts: str) -> bool:
        """Return True if all viewers are connected and see exactly these plots."""
        return all(viewer.is_open and viewer.texts == [*texts] for viewer in self.viewers)

    def describe(self) -> str:
        """Describe the viewers by the texts that they see."""
        return str(Counter((viewer.is_open, str(viewer.texts)) for viewer in self.viewers))

    def count_connections(self) -> list[int]:
        """Return how often each viewer has connected so far."""
        return [viewer.connection_count for viewer in self.viewers]

    @property
    def gap_count(self) -> int:
        return sum(viewer.gap_count for viewer in self.viewers)
