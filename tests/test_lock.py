"""The password, and the tickets of who gave it."""

from __future__ import annotations

import pytest

from bokeh_share import limits
from bokeh_share.door.lock import Lock

LOCK = Lock("open sesame", "/x8")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("open sesame", True),
        ("open sesam", False),
        ("open sesame ", False),
        ("", False),
        ("OPEN SESAME", False),
    ],
)
def test_only_the_password_fits(password: str, fits: bool) -> None:
    assert LOCK.fits(password) is fits


def test_a_password_may_be_any_text() -> None:
    assert Lock("ü 🔑 \udc80\0", "/x8").fits("ü 🔑 \udc80\0")


def test_the_password_is_nowhere_in_it() -> None:
    assert "open sesame" not in repr(vars(LOCK)) + repr(LOCK)


def test_a_ticket_holds_for_its_prefix_alone() -> None:
    ticket = LOCK.ticket("/x8")
    assert LOCK.admits(ticket, "/x8")
    assert not LOCK.admits(ticket, "/other")
    assert ticket != LOCK.ticket("/x8"), "each browser has its own"


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "0", lambda t: "9" + t, lambda t: "0" + t]
)
def test_a_ticket_that_was_changed_does_not_hold(change: object) -> None:
    assert callable(change)
    assert not LOCK.admits(change(LOCK.ticket("/x8")), "/x8")


@pytest.mark.parametrize("text", ["", "x", "..", "1..", "٣.aaaaaaaaaaaaaaaaaaaaaa." + "0" * 64, "9" * 5000])
def test_what_is_no_ticket_does_not_hold(text: str) -> None:
    assert not LOCK.admits(text, "/x8")


def test_a_ticket_ends() -> None:
    clock = Clock()
    lock = Lock("open sesame", "/x8", clock=clock)
    ticket = lock.ticket("/x8")
    clock.now += limits.TICKET - 1
    assert lock.admits(ticket, "/x8")
    clock.now += 1
    assert not lock.admits(ticket, "/x8")


def test_a_ticket_that_was_handed_back_does_not_hold_and_the_others_do() -> None:
    clock = Clock()
    lock = Lock("open sesame", "/x8", clock=clock)
    mine, yours = lock.ticket("/x8"), lock.ticket("/x8")
    lock.revoke(mine, "/x8")
    lock.revoke("nonsense", "/x8")
    assert (lock.admits(mine, "/x8"), lock.admits(yours, "/x8")) == (False, True)
    clock.now += limits.TICKET
    lock.revoke(lock.ticket("/x8"), "/x8")
    assert len(lock._revoked) == 1, "what has ended anyway is not remembered"


def test_a_ticket_that_was_handed_back_does_not_hold_for_the_next_lock_either() -> None:
    revoked: dict[str, int] = {}
    former = Lock("open sesame", "/x8", revoked=revoked)
    ticket = former.ticket("/x8")
    former.revoke(ticket, "/x8")
    assert not Lock("open sesame", "/x8", revoked=revoked).admits(ticket, "/x8")


def test_the_same_password_and_prefix_know_each_others_tickets_and_no_others_do() -> None:
    ticket = LOCK.ticket("/x8")
    assert Lock("open sesame", "/x8").admits(ticket, "/x8"), "after a restart of the kernel"
    assert not Lock("another", "/x8").admits(ticket, "/x8")
    assert not Lock("open sesame", "/y9").admits(ticket, "/x8")
