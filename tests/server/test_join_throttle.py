"""How many pages begin to watch in a moment."""

from __future__ import annotations

import pytest

from bokeh_share import limits
from bokeh_share.server.join_throttle import JoinThrottle
from bokeh_share.server.visitor_limits import ServerLimits


def test_one_network_may_not_take_the_turns_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "JOIN_RATE", 0)
    monkeypatch.setattr(limits, "JOIN_BURST", 5)
    monkeypatch.setattr(limits, "CLIENT_JOIN_RATE", 0)
    monkeypatch.setattr(limits, "CLIENT_JOIN_BURST", 2)
    throttle = JoinThrottle()
    assert [throttle.can_join("10.0.0.1") for _ in range(4)] == [True, True, False, False]
    assert [throttle.can_join("10.0.0.2") for _ in range(3)] == [True, True, False]
    assert [throttle.can_join("10.0.0.3") for _ in range(2)] == [True, False], "all together"


def test_on_a_server_for_many_all_viewers_may_come_back_at_once_from_one_proxy() -> None:
    throttle = JoinThrottle(ServerLimits(max_viewers=50, join_rate=0))
    assert [throttle.can_join("10.0.0.1") for _ in range(101)] == [True] * 100 + [False]
