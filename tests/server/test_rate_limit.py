"""How often something may happen."""

from __future__ import annotations

from bokeh_share.server.rate_limit import TokenBucket, TokenBucketPerClient


def test_so_much_at_once_and_then_so_much_a_second() -> None:
    now = [0.0]
    rate = TokenBucket(2, 10, clock=lambda: now[0])
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
    rate = TokenBucket(1, 5, clock=lambda: now[0])
    assert not rate.take(6)
    assert rate.take(5)


def test_each_has_a_rate_of_their_own_and_those_who_asked_last_are_remembered() -> None:
    rates = TokenBucketPerClient(0.0, 2, max_clients=3)
    assert [rates.take("a") for _ in range(3)] == [True, True, False]
    assert [rates.take(who) for who in "bc"] == [True, True]
    assert not rates.take("a")
    assert rates.take("d"), "now b is forgotten"
    assert [rates.take("b") for _ in range(3)] == [True, True, False]
