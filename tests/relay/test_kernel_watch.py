from __future__ import annotations

import json

import pytest

from bokeh_share.relay.kernel_watch import AWAY_DELAY, KernelState, KernelWatch


def sign(beat: int, busy_since: object = None) -> bytes:
    return json.dumps({"beat": beat, "busy_since": busy_since}).encode()


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


def test_a_kernel_that_computes_is_busy_and_not_away() -> None:
    watch = KernelWatch(1000)
    for beat in range(20):
        watch.update(sign(beat, 1_000_500), 1001 + 2 * beat)
    assert watch.state == KernelState(busy_since=1000.5)
    assert watch.update(sign(30), 1050)
    assert watch.state == KernelState()


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"3", b'{"busy_since": "x"}', b'{"busy_since": true}'])
def test_a_sign_that_cannot_be_read_is_a_sign_of_life(text: bytes) -> None:
    watch = KernelWatch(1000)
    watch.update(text, 1005)
    watch.update(text, 1014)
    assert watch.state == KernelState()
