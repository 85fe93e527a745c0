"""How many pages begin to watch in a moment."""

from __future__ import annotations

import pytest

from bokeh_share import limits
from bokeh_share.sharing.join_throttle import JoinThrottle


def test_one_network_may_not_take_the_turns_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "JOIN_RATE", 0)
    monkeypatch.setattr(limits, "JOIN_BURST", 5)
    monkeypatch.setattr(limits, "CLIENT_JOIN_RATE", 0)
    monkeypatch.setattr(limits, "CLIENT_JOIN_BURST", 2)
    throttle = JoinThrottle()
    assert [throttle.can_join("10.0.0.1") for _ in range(4)] == [True, True, False, False]
    assert [throttle.can_join("10.0.0.2") for _ in range(3)] == [True, True, False]
    assert [throttle.can_join("10.0.0.3") for _ in range(2)] == [True, False], "all together"
