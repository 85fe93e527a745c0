"""Connections of those who do not have what they want yet."""

from __future__ import annotations

import asyncio
import gc

import pytest
from apart import apart
from tornado.ioloop import IOLoop

from bokeh_share import limits
from bokeh_share.door.visits import Visits


class Visit:
    def __init__(self) -> None:
        self.io_loop = IOLoop.current()
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_when_there_are_too_many_the_first_have_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CONNECTIONS", 3)

    async def run() -> None:
        visits, all_ = Visits(), [Visit() for _ in range(5)]
        for each in all_:
            visits.come(each)
        await asyncio.sleep(0)
        assert [each.closed for each in all_] == [True, True, False, False, False]

    apart(run)


def test_a_websocket_is_none_of_them_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CONNECTIONS", 2)

    async def run() -> None:
        visits, all_ = Visits(), [Visit() for _ in range(4)]
        visits.come(all_[0])
        visits.stay(all_[0])
        for each in all_[1:]:
            visits.come(each)
        await asyncio.sleep(0)
        assert [each.closed for each in all_] == [False, True, False, False]

    apart(run)


def test_who_is_gone_is_forgotten() -> None:
    async def run() -> None:
        visits = Visits()
        visits.come(Visit())
        gc.collect()
        assert len(visits) == 0

    apart(run)
