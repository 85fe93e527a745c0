from __future__ import annotations

import pytest

from bokeh_share import limits
from bokeh_share.apps.protocol.pace import Pace


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What time it is: the last of these, in seconds."""
    times = [0.0]
    monkeypatch.setattr("bokeh_share.apps.protocol.pace.time.monotonic", lambda: times[-1])
    return times


def test_a_burst_passes_and_then_as_many_as_may_in_a_second(now: list[float]) -> None:
    pace = Pace()
    assert all(pace.spend(1) == 0 for _ in range(limits.APP_BURST))
    assert pace.spend(1) == pytest.approx(1 / limits.APP_RATE)
    assert pace.spend(limits.APP_RATE) == pytest.approx(1 + 1 / limits.APP_RATE)
    now.append(1.1 + 1 / limits.APP_RATE)
    assert pace.spend(1) == 0


def test_a_plot_that_is_moved_all_day_long_is_never_slowed(now: list[float]) -> None:
    pace = Pace()
    for frame in range(60 * 60):
        now.append(frame / 60)
        assert pace.spend(1) == pace.spend(1) == 0


def test_no_more_than_a_burst_is_saved_up(now: list[float]) -> None:
    pace = Pace()
    now.append(3600.0)
    assert pace.spend(limits.APP_BURST) == 0
    assert pace.spend(1) > 0
