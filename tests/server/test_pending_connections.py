"""Connections that wait for a request or for its answer."""

from __future__ import annotations

import asyncio
import gc

import pytest
from support.apart import apart
from tornado.ioloop import IOLoop

from bokeh_share import limits
from bokeh_share.server.pending_connections import PendingConnections


class Connection:
    def __init__(self) -> None:
        self.io_loop = IOLoop.current()
        self._is_closed = False

    def closed(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        self._is_closed = True


def test_when_there_are_too_many_the_first_have_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PENDING_CONNECTIONS", 3)

    async def run() -> None:
        pending, all_ = PendingConnections(), [Connection() for _ in range(5)]
        for each in all_:
            pending.add(each)
        await asyncio.sleep(0)
        assert [each.closed() for each in all_] == [True, True, False, False, False]

    apart(run)


def test_a_websocket_no_longer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PENDING_CONNECTIONS", 2)

    async def run() -> None:
        pending, all_ = PendingConnections(), [Connection() for _ in range(4)]
        pending.add(all_[0])
        pending.remove(all_[0])
        for each in all_[1:]:
            pending.add(each)
        await asyncio.sleep(0)
        assert [each.closed() for each in all_] == [False, True, False, False]

    apart(run)


def test_who_is_gone_is_forgotten() -> None:
    async def run() -> None:
        pending = PendingConnections()
        pending.add(Connection())
        gc.collect()
        assert len(pending) == 0

    apart(run)


def test_strangers_do_not_push_out_who_knows_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PENDING_CONNECTIONS", 2)
    monkeypatch.setattr(limits, "MAX_RESPONSES", 2)

    async def run() -> None:
        pending, guests, strangers = (
            PendingConnections(),
            [Connection() for _ in range(3)],
            [Connection() for _ in range(4)],
        )
        for each in guests:
            pending.add(each)
            pending.mark_known(each)
        for each in strangers:
            pending.add(each)
        await asyncio.sleep(0)
        assert [each.closed() for each in guests] == [True, False, False]
        assert [each.closed() for each in strangers] == [True, True, False, False]

    apart(run)


def test_who_has_left_by_themselves_make_room_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PENDING_CONNECTIONS", 2)

    async def run() -> None:
        pending, all_ = PendingConnections(), [Connection() for _ in range(3)]
        pending.add(all_[0])
        pending.add(all_[1])
        all_[1].close()
        pending.add(all_[2])
        await asyncio.sleep(0)
        assert [each.closed() for each in all_] == [False, True, False]

    apart(run)


def test_a_websocket_is_not_closed_although_it_was_about_to_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MAX_PENDING_CONNECTIONS", 1)

    async def run() -> None:
        pending, first, second = PendingConnections(), Connection(), Connection()
        pending.add(first)
        pending.add(second)
        pending.remove(first)  # before its loop ran
        await asyncio.sleep(0)
        assert not first.closed()

    apart(run)
