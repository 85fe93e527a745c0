"""From the author's kernel over a real server to a relay's viewers, while things go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from support.looks import look_with_bytes
from support.redis_server import RedisServer
from support.relay_viewer import RelayViewer

from bokeh_share.broker.broker_url import BrokerUrl
from bokeh_share.broker.page_stream import PageStream
from bokeh_share.broker.publisher import Publisher
from bokeh_share.broker.stream_keys import StreamKeys
from bokeh_share.broker.stream_reader import StreamReader
from bokeh_share.plots.lazy_page import LazyPage
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.relay import kernel_watch
from bokeh_share.relay.kernel_watch import KernelState
from bokeh_share.relay.relay_hub import RelayHub
from bokeh_share.relay.relayed_page import RelayedPage
from bokeh_share.relay.share_follower import ShareFollower

pytestmark = pytest.mark.one_pairing

KEYS = StreamKeys.from_secret("secret")
P = PlotKey("name", "p")
DEADLINE = 20.0


class Desk:
    """An author's kernel, a broker, and a relay with one viewer."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.url = BrokerUrl.parse(server.url)
        self.hub = RelayHub(ping_interval=20, build_page_version=lambda version: "b")
        self.viewer = RelayViewer()
        self.viewer.connect(self.hub)
        self.states: list[KernelState] = []
        self.has_ended = False
        self.page = Page()
        self.publisher = self.start_kernel()
        self.follower = ShareFollower(lambda: StreamReader(self.url, KEYS), self, poll_interval=0.2)

    def start_kernel(self) -> Publisher:
        publisher = Publisher(lambda: PageStream(self.url, KEYS))
        publisher.start()
        return publisher

    def show(self, text: str) -> None:
        self.page = self.page.put(P, look_with_bytes(text, 500), now=1)
        self.publisher.publish(LazyPage(self.page))

    def publish(self, page: RelayedPage) -> None:
        self.hub.publish(page)
        self.viewer.receive()

    def update_kernel(self, state: KernelState) -> None:
        self.states.append(state)

    def end(self) -> None:
        self.has_ended = True

    async def until(self, condition: Callable[[], object], what: str) -> None:
        try:
            async with asyncio.timeout(DEADLINE):
                while not condition():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"never came: {what}") from None

    async def until_shown(self, text: str) -> None:
        await self.until(
            lambda: self.viewer.is_complete and self.viewer.texts == [text], f"the text {text!r}"
        )


def follow(tmp_path: Path, act: Callable[[Desk], Coroutine[Any, Any, None]]) -> None:
    """Run `act` while a relay follows the share."""

    async def run() -> None:
        task = asyncio.create_task(desk.follower.run())
        try:
            await act(desk)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    server = RedisServer(tmp_path)
    desk = Desk(server)
    try:
        asyncio.run(run())
    finally:
        desk.publisher.stop()
        server.stop()


def test_viewers_see_what_the_author_shows_and_the_end(tmp_path: Path) -> None:
    async def act(desk: Desk) -> None:
        desk.show("a")
        await desk.until_shown("a")
        desk.show("b")
        await desk.until_shown("b")
        assert desk.viewer.kinds == ["whole", "step"]
        await asyncio.to_thread(desk.publisher.stop)
        await desk.until(lambda: desk.has_ended, "the end")
        assert desk.viewer.texts == ["b"], "the last state stays"

    follow(tmp_path, act)


def test_a_broker_that_is_killed_or_flushed_takes_nothing_away(tmp_path: Path) -> None:
    async def act(desk: Desk) -> None:
        desk.show("a")
        await desk.until_shown("a")
        desk.server.kill()
        desk.show("b")
        late = RelayViewer()
        late.connect(desk.hub)
        late.receive()
        assert late.texts == ["a"], "from the relay's memory"
        await asyncio.to_thread(desk.server.start)
        await desk.until_shown("b")
        desk.server.client().flushall()
        desk.show("c")
        await desk.until_shown("c")

    follow(tmp_path, act)


def test_another_kernel_goes_on_at_the_same_place(tmp_path: Path) -> None:
    async def act(desk: Desk) -> None:
        desk.show("a")
        await desk.until_shown("a")
        former, desk.publisher = desk.publisher, desk.start_kernel()
        plot_id = desk.viewer.page["plots"][0]["id"]
        desk.page = Page()
        desk.show("another")
        await desk.until_shown("another")
        assert desk.viewer.page["plots"][0]["id"] == plot_id
        await desk.until(lambda: former.status.state == "fenced", "the former kernel's end")

    follow(tmp_path, act)


def test_the_kernel_is_away_while_the_broker_is_and_back_with_its_next_sign_of_life(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_watch, "AWAY_DELAY", 3.0)

    async def act(desk: Desk) -> None:
        desk.show("a")
        await desk.until_shown("a")
        desk.server.kill()
        await desk.until(lambda: desk.states and desk.states[-1].away_since, "the notice")
        await asyncio.to_thread(desk.server.start)
        await desk.until(lambda: desk.states[-1].away_since is None, "the end of the notice")

    follow(tmp_path, act)
