from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bokeh_share import limits
from bokeh_share.apps import keepalive as module
from bokeh_share.apps.closing import ConnectionClosing
from bokeh_share.apps.keepalive import Keepalive
from bokeh_share.server import visitor_log


class Websocket:
    ws_connection = None

    def __init__(self) -> None:
        self.done: list[Any] = []

    def ping(self, data: bytes) -> None:
        self.done.append("ping")

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        self.done.append(reason)


class Viewer:
    """A viewer whose websocket was made at 0.0 s; `done` lists what happened to it."""

    def __init__(self) -> None:
        websocket = Websocket()
        self.done = websocket.done
        self.closing = ConnectionClosing(websocket, lambda: None)
        self.outgoing: Any = SimpleNamespace(
            last_sent_at=0.0, is_sending=False, is_document_overdue=lambda now: False
        )
        self.keepalive = Keepalive(websocket, self.outgoing, self.closing)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    times = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: times[-1])
    monkeypatch.setattr(limits, "APP_PING_TIMEOUT", 10.0)
    return times


@pytest.fixture
def viewer(now: list[float]) -> Viewer:
    return Viewer()


def test_who_is_silent_is_pinged_once_and_goes_without_an_answer(viewer: Viewer) -> None:
    for second in (10.0, 11.0, 12.0, 21.0):
        viewer.keepalive.probe(second)
    assert viewer.done == ["ping"]
    viewer.keepalive.probe(22.0)
    assert viewer.done == ["ping", "no sign of life"]


def test_a_silent_viewer_is_pinged_as_often_as_the_page_pings(
    viewer: Viewer, now: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PING_INTERVAL", 4.0)
    viewer.keepalive.probe(4.0)
    assert viewer.done == []
    viewer.keepalive.probe(5.0)
    viewer.keepalive.probe(14.0)  # the answer has all of its time
    assert viewer.done == ["ping"]
    viewer.keepalive.probe(16.0)
    assert viewer.done == ["ping", "no sign of life"]


def test_who_answers_stays(viewer: Viewer, now: list[float]) -> None:
    viewer.keepalive.probe(11.0)
    now.append(12.0)
    viewer.keepalive.record_activity()
    viewer.keepalive.probe(22.0)
    assert viewer.done == ["ping"]
    viewer.keepalive.probe(23.0)
    assert viewer.done == ["ping", "ping"]


def test_who_sends_or_receives_is_not_silent(viewer: Viewer, now: list[float]) -> None:
    now.append(5.0)
    with viewer.keepalive.track_activity():
        viewer.keepalive.probe(99.0)  # their message is being processed
        now.append(99.0)
    viewer.keepalive.probe(109.0)
    viewer.outgoing.last_sent_at = 105.0
    viewer.keepalive.probe(115.0)
    assert viewer.done == []


def test_who_receives_a_large_message_cannot_answer_before_its_end(viewer: Viewer) -> None:
    viewer.keepalive.probe(11.0)
    viewer.outgoing.is_sending = True
    viewer.keepalive.probe(99.0)
    assert viewer.done == ["ping"]


def test_who_does_not_ask_for_the_document_goes(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: list[str] = []
    monkeypatch.setattr(visitor_log, "log_misuse", kinds.append)
    viewer.outgoing.is_document_overdue = lambda now: now > 5
    viewer.keepalive.probe(5.0)
    assert viewer.done == []
    viewer.keepalive.probe(6.0)
    assert kinds == ["app viewer does not request the document"]
    assert viewer.done == ["app viewer does not request the document: load the page again"]


def test_a_closed_connection_is_left_alone(viewer: Viewer) -> None:
    viewer.closing.mark_closed()
    viewer.keepalive.probe(99.0)
    assert viewer.done == []
