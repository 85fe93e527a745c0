"""How often something may happen."""

from __future__ import annotations

from bokeh_share.rates import Rate


def test_so_much_at_once_and_then_so_much_a_second() -> None:
    now = [0.0]
    rate = Rate(2, 10, clock=lambda: now[0])
    assert rate.take(10)
    assert not rate.take()
    now[0] = 1.5
    assert rate.take(3)
    assert not rate.take()
    now[0] = 1000.0
    assert not rate.take(11), "a pause gives no more than that"
    assert rate.take(10)


def test_what_was_refused_does_not_count() -> None:
    now = [0.0]
    rate = Rate(1, 5, clock=lambda: now[0])
    assert not rate.take(6)
    assert rate.take(5)
