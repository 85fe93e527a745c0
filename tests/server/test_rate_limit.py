"""How often something may happen."""

from __future__ import annotations

from bokeh_share.server.rate_limit import TokenBucket, TokenBucketPerClient


def test_so_much_at_once_and_then_so_much_a_second() -> None:
    now = [0.0]
    bucket = TokenBucket(2, 10, clock=lambda: now[0])
    assert bucket.take(10)
    assert not bucket.take()
    now[0] = 1.5
    assert bucket.take(3)
    assert not bucket.take()
    now[0] = 1000.0
    assert not bucket.take(11), "a pause gives no more than that"
    assert bucket.take(10)


def test_what_was_refused_does_not_count() -> None:
    now = [0.0]
    bucket = TokenBucket(1, 5, clock=lambda: now[0])
    assert not bucket.take(6)
    assert bucket.take(5)


def test_each_has_a_rate_of_their_own_and_those_who_asked_last_are_remembered() -> None:
    buckets = TokenBucketPerClient(0.0, 2, max_clients=3)
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]
    assert [buckets.take(client) for client in "bc"] == [True, True]
    assert not buckets.take("a")
    assert buckets.take("d"), "now b is forgotten"
    assert [buckets.take("b") for _ in range(3)] == [True, True, False]
