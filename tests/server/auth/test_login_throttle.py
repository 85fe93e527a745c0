"""The order in which passwords are checked, and the number of wrong ones that are accepted."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import pytest

from bokeh_share import limits
from bokeh_share.server.auth.login_throttle import LoginOutcome, LoginThrottle

RIGHT = LoginOutcome(is_correct=True)
WRONG = LoginOutcome(is_correct=False)


class Gate:
    """A throttle that checks passwords when the test calls `run`, by a clock of its own."""

    def __init__(self) -> None:
        self.now = 50.0
        self.checked: list[str] = []
        self._work: list[Callable[[], None]] = []
        self.throttle = LoginThrottle(clock=lambda: self.now, start_thread=self._work.append)

    def add(self, ip: str, *, right: bool = False) -> Future[LoginOutcome]:
        def check() -> bool:
            self.checked.append(ip)
            return right

        return self.throttle.submit(ip, check)

    def run(self) -> None:
        """Check all that waits."""
        assert len(self._work) <= 1, "one at a time"
        while self._work:
            self._work.pop()()

    def attempt(self, ip: str, times: int = 1, *, right: bool = False) -> LoginOutcome:
        """One after the other: what comes of the last."""
        for _ in range(times):
            outcome = self.add(ip, right=right)
            self.run()
        return outcome.result(0)


@pytest.fixture
def gate() -> Gate:
    return Gate()


def test_after_five_wrong_passwords_a_minute_further_ones_wait(gate: Gate) -> None:
    assert gate.attempt("10.0.0.7") == WRONG
    gate.now += 20
    assert gate.attempt("10.0.0.7", 4) == WRONG
    assert gate.attempt("10.0.0.7", right=True).retry_after == 40
    assert gate.attempt("10.0.0.8", 5) == WRONG, "another address has its own five"
    gate.now += 40
    assert gate.attempt("10.0.0.7") == WRONG, "the first counts no more"
    assert gate.attempt("10.0.0.7").retry_after == 20


def test_any_number_of_correct_passwords_may_come_at_once(gate: Gate) -> None:
    outcomes = [gate.add("10.0.0.7", right=True) for _ in range(60)]
    gate.run()
    assert [each.result(0) for each in outcomes] == [RIGHT] * 60


def test_of_many_wrong_ones_at_once_five_are_checked(gate: Gate) -> None:
    outcomes = [gate.add("10.0.0.7") for _ in range(8)]
    gate.run()
    assert [each.result(0).retry_after for each in outcomes] == [0.0] * 5 + [60.0] * 3
    assert len(gate.checked) == 5


def test_who_knew_it_begins_anew(gate: Gate) -> None:
    assert gate.attempt("10.0.0.7", 4) == WRONG
    assert gate.attempt("10.0.0.7", right=True) == RIGHT
    assert gate.attempt("10.0.0.7", 5) == WRONG


def test_networks_are_served_in_rotation(gate: Gate) -> None:
    for ip in ("10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.3"):
        gate.add(ip, right=True)
    gate.run()
    assert gate.checked == ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1", "10.0.0.1"]


def test_many_guessers_cannot_lock_out_a_client_without_wrong_passwords(gate: Gate) -> None:
    crowd = [f"10.1.0.{number}" for number in range(70)]
    for ip in crowd:
        assert gate.attempt(ip) == WRONG
    gate.checked.clear()
    for ip in crowd * 3:
        gate.add(ip)
    outcome = gate.add("10.0.0.7", right=True)
    gate.run()
    assert (outcome.result(0), gate.checked[0]) == (RIGHT, "10.0.0.7")
    assert len(gate.checked) == limits.MAX_PENDING_PASSWORD_CHECKS


def test_who_has_sent_most_wrong_ones_or_waits_with_most_makes_room(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_PENDING_PASSWORD_CHECKS", 3)
    gate.attempt("10.0.0.1")
    guessing = gate.add("10.0.0.1")
    first, second = gate.add("10.0.0.2", right=True), gate.add("10.0.0.2", right=True)
    third = gate.add("10.0.0.3", right=True)
    assert guessing.result(0).retry_after == 12
    fourth = gate.add("10.0.0.4", right=True)
    assert second.result(0).retry_after == 12
    assert gate.add("10.0.0.5", right=True).result(0).retry_after == 12, "those who were first stay"
    gate.run()
    assert [each.result(0) for each in (first, third, fourth)] == [RIGHT] * 3


def test_who_has_left_is_not_checked(gate: Gate) -> None:
    assert gate.add("10.0.0.7").cancel()
    outcome = gate.add("10.0.0.8", right=True)
    gate.run()
    assert (gate.checked, outcome.result(0)) == (["10.0.0.8"], RIGHT)


def test_a_check_that_fails_keeps_nobody_else_out(gate: Gate) -> None:
    def fail() -> bool:
        raise MemoryError

    failed, outcome = gate.throttle.submit("10.0.0.7", fail), gate.add("10.0.0.7", right=True)
    gate.run()
    assert isinstance(failed.exception(0), MemoryError)
    assert outcome.result(0) == RIGHT


def test_they_are_checked_beside_whoever_asks() -> None:
    throttle = LoginThrottle()
    outcomes = [throttle.submit("10.0.0.7", lambda: True) for _ in range(20)]
    assert [each.result(30) for each in outcomes] == [RIGHT] * 20


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
def test_a_network_of_ipv6_counts_as_one(gate: Gate, one: str, other: str, same: bool) -> None:
    gate.attempt(one, 5)
    assert (gate.attempt(other).retry_after > 0) is same


def test_it_remembers_only_so_many_addresses(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_TRACKED_CLIENTS", 3)
    for number in range(10):
        gate.attempt(f"10.0.0.{number}", 5)
    assert list(gate.throttle._failures) == ["10.0.0.7", "10.0.0.8", "10.0.0.9"]
