"""How often somebody may try a password."""

from __future__ import annotations

import pytest

from bokeh_share import limits
from bokeh_share.door.tries import Tries


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def try_wrongly(tries: Tries, ip: str, times: int = 1) -> float:
    """How long the last one has to wait."""
    wait = 0.0
    for _ in range(times):
        wait = tries.begin(ip)
        if not wait:
            tries.end(ip, right=False)
    return wait


def test_five_times_a_minute_and_then_one_waits() -> None:
    clock = Clock()
    tries = Tries(clock=clock)
    assert try_wrongly(tries, "10.0.0.7") == 0
    clock.now += 20
    assert try_wrongly(tries, "10.0.0.7", 4) == 0
    assert try_wrongly(tries, "10.0.0.7") == 40
    assert try_wrongly(tries, "10.0.0.8", 5) == 0, "another address has its own five"
    clock.now += 40
    assert try_wrongly(tries, "10.0.0.7") == 0, "the first counts no more"
    assert try_wrongly(tries, "10.0.0.7") == 20


def test_tries_that_are_under_way_count() -> None:
    tries = Tries(clock=Clock())
    assert [tries.begin("10.0.0.7") > 0 for _ in range(6)] == [False] * 5 + [True]


def test_who_knew_it_begins_anew() -> None:
    tries = Tries(clock=Clock())
    assert try_wrongly(tries, "10.0.0.7", 4) == 0
    assert tries.begin("10.0.0.7") == 0
    tries.end("10.0.0.7", right=True)
    assert try_wrongly(tries, "10.0.0.7", 5) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.7", "::ffff:10.0.0.8", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("", "", True),
    ],
)
def test_a_network_of_ipv6_counts_as_one(one: str, other: str, same: bool) -> None:
    tries = Tries(clock=Clock())
    try_wrongly(tries, one, 5)
    assert (try_wrongly(tries, other) > 0) is same


def test_only_so_many_are_checked_at_a_time_wherever_they_come_from() -> None:
    tries = Tries(clock=Clock())
    waits = [tries.begin(f"10.0.0.{number}") for number in range(limits.CHECKS + 1)]
    assert [wait > 0 for wait in waits] == [False] * limits.CHECKS + [True]
    tries.end("10.0.0.0", right=False)
    assert tries.begin("10.0.1.1") == 0


def test_it_remembers_only_so_many_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TRIERS", 3)
    tries = Tries(clock=Clock())
    for number in range(10):
        try_wrongly(tries, f"10.0.0.{number}", 5)
    assert list(tries._tried) == ["10.0.0.7", "10.0.0.8", "10.0.0.9"]
