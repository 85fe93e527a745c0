from __future__ import annotations

import json

import pytest

from bokeh_share.relay.kernel_watch import AWAY_DELAY, KernelState, KernelWatch


def sign(beat: int, busy: object = None) -> bytes:
    return json.dumps({"beat": beat, "busy": busy}).encode()


def test_a_kernel_that_gives_no_new_sign_of_life_is_away_since_the_last_one() -> None:
    watch = KernelWatch(1000)
    assert not watch.update(sign(1), 1001)
    assert not watch.update(sign(1), 1001 + AWAY_DELAY - 1)
    assert watch.update(sign(1), 1001 + AWAY_DELAY)
    assert watch.state == KernelState(away_since=1001)
    assert not watch.update(sign(1), 1060), "still since then"
    assert watch.update(sign(2), 1061)
    assert watch.state == KernelState()


def test_a_kernel_that_never_gave_one_is_away_since_the_relay_looks() -> None:
    watch = KernelWatch(1000)
    assert watch.update(None, 1000 + AWAY_DELAY)
    assert watch.state == KernelState(away_since=1000)


def test_a_kernel_that_vanished_before_the_relay_looks_is_away_since_then() -> None:
    watch = KernelWatch(1000)
    last_sign = json.dumps({"beat": 7, "busy": 3, "at": 5_000_000}).encode()
    watch.add_first_sign(last_sign, 1001, broker_time=5_000_000 + 86_400_000)
    assert watch.update(last_sign, 1001)
    assert watch.state == KernelState(away_since=1001 - 86_400)
    watch = KernelWatch(1000)
    watch.add_first_sign(sign(7), 1001, broker_time=5_000_000)
    assert not watch.update(sign(7), 1002), "its age is not known"
    watch = KernelWatch(1000)
    watch.add_first_sign(last_sign, 1001, broker_time=4_000_000)
    assert watch.update(last_sign, 1001)
    assert watch.state == KernelState(busy_since=998), "the broker's clock went back"


def test_a_kernel_that_computes_is_busy_and_not_away() -> None:
    watch = KernelWatch(1000)
    changes = [watch.update(sign(beat, 0.5 + 2.01 * beat), 1001 + 2 * beat) for beat in range(20)]
    assert watch.state == KernelState(busy_since=1000.5)
    assert changes.count(True) == 1, "viewers are told once"
    assert watch.update(sign(30), 1050)
    assert watch.state == KernelState()


def test_a_busy_kernel_that_lets_no_thread_run_is_not_away_while_it_is_connected() -> None:
    watch = KernelWatch(1000)
    watch.update(sign(1, 1), 1001)
    assert not watch.needs_connection(1005)
    assert watch.needs_connection(1060)
    assert not watch.update(sign(1, 1), 1060, is_connected=True)
    assert watch.state == KernelState(busy_since=1000)
    assert watch.update(sign(1, 1), 1062)
    assert watch.state == KernelState(away_since=1001)


def test_an_idle_kernel_that_gives_no_sign_is_away_even_if_it_is_connected() -> None:
    watch = KernelWatch(1000)
    watch.update(sign(1), 1001)
    assert not watch.needs_connection(1060)
    assert watch.update(sign(1), 1060, is_connected=True)
    assert watch.state.away_since == 1001


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"3", b'{"busy": "x"}', b'{"busy": true}'])
def test_a_sign_that_cannot_be_read_is_a_sign_of_life(text: bytes) -> None:
    watch = KernelWatch(1000)
    watch.update(text, 1005)
    watch.update(text, 1014)
    assert watch.state == KernelState()
