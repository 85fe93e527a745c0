from __future__ import annotations

import pytest

from bokeh_share import limits
from bokeh_share.apps.protocol.message_throttle import MessageThrottle


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What time it is: the last of these, in seconds."""
    times = [0.0]
    monkeypatch.setattr("bokeh_share.apps.protocol.message_throttle.time.monotonic", lambda: times[-1])
    return times


def test_a_burst_passes_and_then_as_many_as_may_in_a_second(now: list[float]) -> None:
    throttle = MessageThrottle()
    assert all(throttle.consume(1) == 0 for _ in range(limits.APP_MESSAGE_BURST))
    assert throttle.consume(1) == pytest.approx(1 / limits.APP_MESSAGE_RATE)
    assert throttle.consume(limits.APP_MESSAGE_RATE) == pytest.approx(1 + 1 / limits.APP_MESSAGE_RATE)
    now.append(1.1 + 1 / limits.APP_MESSAGE_RATE)
    assert throttle.consume(1) == 0


def test_a_plot_that_is_moved_all_day_long_is_never_slowed(now: list[float]) -> None:
    throttle = MessageThrottle()
    for frame in range(60 * 60):
        now.append(frame / 60)
        assert throttle.consume(1) == throttle.consume(1) == 0


def test_no_more_than_a_burst_is_saved_up(now: list[float]) -> None:
    throttle = MessageThrottle()
    now.append(3600.0)
    assert throttle.consume(limits.APP_MESSAGE_BURST) == 0
    assert throttle.consume(1) > 0
