"""Who may join, and who is closed, among connections that only note what happens to them."""

from __future__ import annotations

import asyncio
import socket
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from bokeh_share import limits
from bokeh_share.broadcast.busy_state import BusyState
from bokeh_share.broadcast.connection_registry import ConnectionRegistry
from bokeh_share.broadcast.viewer_limit import ViewerLimit
from bokeh_share.server.standby_listener import StandbyListener
from bokeh_share.wire.close_codes import CloseCode

NUMBERS = count(1)


class Visitor:
    """A connection."""

    def __init__(
        self,
        registry: ConnectionRegistry,
        *,
        session_token: str = "",
        local: str = "a",
        remote: str = "a",
        is_author: bool = False,
    ) -> None:
        self.sock = socket.socket()
        self.dismissal_count = registry.dismissal_count
        self.session_tokens = (session_token,)
        self.local_address, self.remote_address = local, remote
        self.is_author, self.number, self.host, self.opened_at = is_author, next(NUMBERS), "h:1", 5
        self.blocked_since: float | None = None
        self.viewer = SimpleNamespace(has_plots=True)
        self.closed: list[tuple[int, str]] = []
        self.frames: list[bytes] = []
        self.updates = 0
        self.sock.close()

    def send_updates(self) -> None:
        self.updates += 1
        if self.local_address == "broken":
            raise ValueError("odd")

    def send_frame(self, frame: bytes) -> None:
        self.frames.append(frame)

    def close(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))


class Registry:
    """A registry, what it calls, and its visitors."""

    def __init__(self) -> None:
        self.changes: list[int] = []
        self.viewer_limit = ViewerLimit()
        self.loop = asyncio.new_event_loop()
        self.busy_state = BusyState(self.loop, StandbyListener())
        self.real = ConnectionRegistry(
            self.viewer_limit, self.busy_state, lambda: self.changes.append(len(self.real))
        )

    def join(self, **visitor: Any) -> Any:
        made: Any = Visitor(self.real, **visitor)
        assert self.real.add(made)
        return made


@pytest.fixture
def registry() -> Any:
    registry = Registry()
    yield registry
    registry.loop.close()


def test_who_joins_and_leaves_is_counted_and_announced(registry: Registry) -> None:
    one, two = registry.join(), registry.join(remote="b")
    registry.real.discard(one)
    assert registry.changes == [1, 2, 1]
    assert [*registry.real] == [two]
    assert registry.real.has_had_remote_viewers


def test_one_too_many_is_rejected(registry: Registry) -> None:
    registry.viewer_limit.update(1)
    registry.join()
    late: Any = Visitor(registry.real)
    assert not registry.real.add(late)
    assert (len(registry.real), registry.viewer_limit.rejected_count) == (1, 1)


def test_who_was_still_connecting_when_all_were_closed_is_closed_with_the_same_reason(
    registry: Registry,
) -> None:
    one, late = registry.join(), Visitor(registry.real)
    registry.real.close(CloseCode.PASSWORD_REQUIRED, "a password")
    assert not registry.real.add(late)  # type: ignore[arg-type]
    assert one.closed == late.closed == [(CloseCode.PASSWORD_REQUIRED, "a password")]
    assert registry.viewer_limit.rejected_count == 0
    registry.join()


def test_those_of_one_session_are_closed_alone(registry: Registry) -> None:
    one, two = registry.join(session_token="1"), registry.join(session_token="2")
    registry.real.close(CloseCode.PASSWORD_REQUIRED, "logged out", "1")
    assert (len(one.closed), two.closed) == (1, [])
    registry.join()


def test_those_at_one_address_are_sent_to_the_new_one(registry: Registry) -> None:
    one, two = registry.join(local="a"), registry.join(local="b")
    registry.real.redirect(["http://c/"], CloseCode.SHARE_MOVED, "moved", {"a"})
    assert (len(one.frames), one.closed) == (1, [(CloseCode.SHARE_MOVED, "moved")])
    assert b"http://c/" in one.frames[0]
    assert (two.frames, two.closed) == ([], [])


def test_a_viewer_who_fails_does_not_affect_the_others(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    visitors = [registry.join(local=local) for local in ("a", "broken", "b")]
    registry.real.send_updates()
    assert [each.updates for each in visitors] == [1, 1, 1]
    assert [record.message for record in caplog.records] == ["sending to a viewer failed"]


def test_who_joins_while_the_kernel_is_busy_is_told_after_the_page(registry: Registry) -> None:
    registry.busy_state.update(registry.loop.time())
    registry.busy_state.send_notice()
    visitor = registry.join()
    assert visitor.frames == []
    registry.loop.run_until_complete(asyncio.sleep(0))
    assert len(visitor.frames) == 1
    registry.busy_state.update(None)
    assert len(visitor.frames) == 2


def test_the_author_sees_viewers_in_the_order_in_which_they_came(registry: Registry) -> None:
    registry.join(is_author=True)
    first, second = registry.join(), registry.join()
    first.blocked_since, second.blocked_since = 8.5, 9.5
    second.viewer.has_plots = False
    expected = {"since": 5, "host": "h:1"}
    assert registry.real.describe_viewers(now=10.0) == [
        {"viewer": first.number, "slow": True, "app": False, **expected},
        {"viewer": second.number, "slow": False, "app": True, **expected},
    ]


def test_only_a_viewer_is_sent_away(registry: Registry) -> None:
    author, one, two = registry.join(is_author=True), registry.join(), registry.join()
    for number in (author.number, one.number, 10**9):
        registry.real.send_away(number)
    assert (author.closed, two.closed) == ([], [])
    assert one.closed == [(CloseCode.SENT_AWAY, "the author closed this page")]


def test_pages_of_the_author_are_not_counted_and_need_no_password(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_AUTHOR_PAGES", 2)
    registry.viewer_limit.update(1)
    registry.join()
    author = registry.join(is_author=True, remote="b")
    late: Any = Visitor(registry.real, is_author=True)
    assert (len(registry.real), registry.real.has_had_remote_viewers) == (1, False)
    registry.real.close(CloseCode.PASSWORD_REQUIRED, "a password")
    assert author.closed == []
    assert registry.real.add(late), "it was still connecting"
    assert not registry.real.add(Visitor(registry.real, is_author=True))  # type: ignore[arg-type]
    registry.real.close(CloseCode.SHARE_ENDED, "sharing ended")
    assert author.closed == [(CloseCode.SHARE_ENDED, "sharing ended")]
