from __future__ import annotations

from dataclasses import dataclass

import pytest

from bokeh_share import limits
from bokeh_share.apps.outbox import Outbox


@dataclass(eq=False)
class Viewer:
    network: str = "a"
    bytes_sent: int = 0


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bokeh_share.apps.outbox.MAX_SMALL_BYTES", 10)
    monkeypatch.setattr(limits, "MAX_APP_UNSENT_BYTES", 100)
    monkeypatch.setattr(limits, "MAX_APP_TOTAL_UNSENT_BYTES", 400)
    monkeypatch.setattr(limits, "MIN_APP_SEND_RATE", 10.0)
    monkeypatch.setattr(limits, "APP_SEND_RATE_INTERVAL", 10.0)


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def outbox(now: list[float]) -> Outbox[Viewer]:
    return Outbox(clock=lambda: now[-1])


def test_what_was_not_taken_counts_until_it_is(outbox: Outbox[Viewer]) -> None:
    one, other = Viewer(bytes_sent=1000), Viewer()
    outbox.add(one, 30)
    outbox.add(other, 40)
    outbox.add(one, 5)
    assert outbox.unsent_bytes == 75
    one.bytes_sent += 20
    assert outbox.unsent_bytes == 55
    outbox.remove(one)
    assert outbox.is_sending(one)
    outbox.remove(one)
    assert not outbox.is_sending(one)
    assert outbox.unsent_bytes == 40


def test_documents_wait_for_room_and_half_of_it_is_for_other_networks(outbox: Outbox[Viewer]) -> None:
    outbox.add(Viewer("a"), 40)
    assert outbox.has_room("a", 40)
    outbox.add(last := Viewer("a"), 40)
    assert not outbox.has_room("a", 40)
    assert outbox.has_room("b", 40)
    outbox.add(Viewer("b"), 20)
    assert not outbox.has_room("b", 40)
    last.bytes_sent = 40
    assert outbox.has_room("b", 40)
    assert not outbox.has_room("c", 40) or outbox.unsent_bytes < limits.MAX_APP_UNSENT_BYTES


def test_one_may_have_any_size(outbox: Outbox[Viewer]) -> None:
    assert outbox.has_room("a", 1_000_000)
    outbox.add(Viewer("a"), 1_000_000)
    assert outbox.list_excess_receivers() == []
    assert not outbox.has_room("b", 1_000_000)
    assert outbox.has_room("b", 0)


def test_changes_do_not_wait_for_documents(outbox: Outbox[Viewer]) -> None:
    for network in "abc":
        outbox.add(Viewer(network), 50)
    assert not outbox.has_room("a", 50)
    assert outbox.has_room("a", 0)
    outbox.add(Viewer("d"), 50)
    outbox.add(Viewer("e"), 50)
    assert not outbox.has_room("a", 0)


def test_the_oldest_transfers_end_when_too_much_is_unsent_besides_the_largest(outbox: Outbox[Viewer]) -> None:
    viewers = [Viewer() for _ in range(6)]
    for viewer in viewers[:5]:
        outbox.add(viewer, 100)
    assert outbox.list_excess_receivers() == []
    outbox.add(viewers[5], 150)
    assert outbox.list_excess_receivers() == viewers[:1]
    viewers[2].bytes_sent = 100
    assert outbox.list_excess_receivers() == []


def seconds_pass(
    now: list[float], seconds: int, outbox: Outbox[Viewer], *, rates: dict[Viewer, int]
) -> list[Viewer]:
    """Who was found too slow meanwhile."""
    slow: list[Viewer] = []
    for _ in range(seconds):
        now.append(now[-1] + 1.0)
        for viewer, rate in rates.items():
            viewer.bytes_sent += rate
        slow += outbox.list_slow_receivers({"a"})
    return slow


def test_slow_receivers_are_disconnected_while_others_wait(now: list[float], outbox: Outbox[Viewer]) -> None:
    phone, stalled = Viewer("a"), Viewer("a")
    outbox.add(phone, 10_000)
    outbox.add(stalled, 10_000)
    rates = {phone: 11, stalled: 9}
    assert seconds_pass(now, 9, outbox, rates=rates) == []
    assert seconds_pass(now, 2, outbox, rates=rates) == [stalled]
    assert phone not in seconds_pass(now, 500, outbox, rates=rates)


def test_nobody_is_too_slow_for_who_does_not_wait_for_them(now: list[float], outbox: Outbox[Viewer]) -> None:
    here, elsewhere = Viewer("a"), Viewer("b")
    outbox.add(here, 60)
    outbox.add(elsewhere, 20)
    assert seconds_pass(now, 11, outbox, rates={here: 0, elsewhere: 0}) == [here]
    outbox.add(elsewhere, 50)  # now there is no room for anybody
    assert elsewhere in seconds_pass(now, 11, outbox, rates={here: 0, elsewhere: 0})


def test_an_hour_without_network_is_nobodys_business_when_nobody_waits(
    now: list[float], outbox: Outbox[Viewer]
) -> None:
    outbox.add(viewer := Viewer(), 10_000)
    for _ in range(3600):
        now.append(now[-1] + 1.0)
        assert outbox.list_slow_receivers(set()) == []
    assert seconds_pass(now, 9, outbox, rates={viewer: 0}) == []
    assert seconds_pass(now, 2, outbox, rates={viewer: 0}) == [viewer]
