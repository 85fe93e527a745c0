from __future__ import annotations

from dataclasses import dataclass

import pytest

from bokeh_share import limits
from bokeh_share.broadcast.backpressure import list_slowest_recipients

OLD, OLDER, OLDEST, NEWEST = bytes(40), bytes(41), bytes(42), bytes(1000)


@dataclass
class Sender:
    pending_frame: bytes | None
    pending_since: float


@pytest.fixture(autouse=True)
def _little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_OUTDATED_BYTES", 100)


def going(*senders: Sender) -> list[Sender]:
    return list_slowest_recipients(senders, lambda frame: frame is not NEWEST)


def test_those_who_began_first_have_to_go_until_the_rest_is_little_enough() -> None:
    first, second, third = Sender(OLDEST, 1.0), Sender(OLDER, 2.0), Sender(OLD, 3.0)
    assert going(third, first, second) == [first]


def test_what_several_are_sent_counts_once_and_they_go_together() -> None:
    same = [Sender(OLD, began) for began in (1.0, 2.0, 9.0)]
    assert going(*same) == []
    assert going(*same, Sender(OLDER, 3.0), Sender(OLDEST, 4.0)) == same


def test_the_newest_state_counts_for_nothing_and_neither_does_who_is_sent_nothing() -> None:
    assert going(Sender(NEWEST, 1.0), Sender(NEWEST, 2.0), Sender(None, 0.0), Sender(OLD, 3.0)) == []


def test_one_state_may_have_any_size() -> None:
    assert going(Sender(bytes(1000), 1.0)) == []
    assert going(Sender(bytes(1000), 1.0), Sender(OLD, 2.0)) == [Sender(bytes(1000), 1.0)]
