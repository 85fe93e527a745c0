"""What viewers of a relay hear of the author's kernel."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from support.relay_viewer import read_message

from bokeh_share.broadcast import busy_state
from bokeh_share.relay import state_notices
from bokeh_share.relay.kernel_watch import KernelState
from bokeh_share.relay.state_notices import StateNotices
from bokeh_share.wire.messages import read_header

pytestmark = pytest.mark.one_pairing


class Recipient:
    def __init__(self) -> None:
        self.messages: list[tuple[str, bool]] = []
        """Kinds, each with True if it names a duration."""

    def send_frame(self, frame: bytes) -> None:
        message: Any = read_header(read_message(frame))
        self.messages.append((message["kind"], message["seconds"] is not None))


def test_viewers_hear_when_the_kernel_is_away_and_back_and_who_comes_later_too() -> None:
    async def run() -> None:
        notices, first, late = StateNotices(asyncio.get_running_loop()), Recipient(), Recipient()
        notices.add_recipient(first)
        notices.update(KernelState(away_since=time.monotonic() - 12))
        notices.update(KernelState(away_since=notices._state.away_since))
        notices.add_recipient(late)
        assert late.messages == [], "after the page"
        await asyncio.sleep(0)
        assert first.messages == late.messages == [("away", True)]
        notices.discard_recipient(late)
        notices.update(KernelState())
        assert first.messages == [("away", True), ("away", False)]
        assert len(late.messages) == 1

    asyncio.run(run())


def test_a_short_cell_is_no_news(monkeypatch: pytest.MonkeyPatch) -> None:
    assert state_notices.BUSY_NOTICE_DELAY == busy_state.BUSY_NOTICE_DELAY

    async def run() -> None:
        notices, viewer = StateNotices(asyncio.get_running_loop()), Recipient()
        notices.add_recipient(viewer)
        notices.update(KernelState(busy_since=time.monotonic()))
        notices.update(KernelState())
        await asyncio.sleep(0.01)
        assert viewer.messages == []
        notices.update(KernelState(busy_since=time.monotonic() - 5))
        await asyncio.sleep(0.01)
        assert viewer.messages == [("busy", True)]
        notices.update(KernelState(away_since=time.monotonic()))
        assert viewer.messages[1:] == [("away", True), ("busy", False)]
        notices.close()

    asyncio.run(run())
