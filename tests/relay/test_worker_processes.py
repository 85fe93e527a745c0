"""How often processes that die are started again; tests/relay/test_server.py kills real ones."""

from __future__ import annotations

import pytest

from bokeh_share.relay.worker_processes import RestartBudget

pytestmark = pytest.mark.one_pairing


def test_three_restarts_in_a_minute_are_allowed() -> None:
    now = 0.0
    budget = RestartBudget(clock=lambda: now)
    assert [budget.take() for _ in range(4)] == [True, True, True, False]
    now = 59.9
    assert not budget.take()
    now = 60.0
    assert budget.take()
