from __future__ import annotations

import random

from bokeh_share.broker.retry_delay import MAX_RETRY_DELAY, MIN_RETRY_DELAY, RetryDelay


def test_delays_grow_up_to_a_limit_and_begin_anew_after_a_connection() -> None:
    delay = RetryDelay(lambda: 1.0)
    assert [delay.choose(0) for _ in range(6)] == [0.5, 1, 2, 4, 8, MAX_RETRY_DELAY]
    assert delay.choose(MAX_RETRY_DELAY + 1) == MIN_RETRY_DELAY


def test_not_all_come_back_at_the_same_moment() -> None:
    assert {RetryDelay(lambda part=part: part).choose(0) for part in (0.0, 0.5, 1.0)} == {0.25, 0.375, 0.5}
    assert len({RetryDelay().choose(0) for _ in range(50)}) > 40


def test_the_authors_random_numbers_stay_as_they_are() -> None:
    random.seed(1)
    expected = random.random()
    random.seed(1)
    RetryDelay().choose(0.0)
    assert random.random() == expected
