from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bokeh_share import limits
from bokeh_share.apps.closing import ConnectionClosing
from bokeh_share.apps.outbox import Outbox
from bokeh_share.apps.outgoing import OutgoingMessages
from bokeh_share.server import visitor_log


class Message:
    """A message of Bokeh's, of 100 bytes, that is sent when `is_taken` is set."""

    def __init__(self, msgtype: str = "ACK", *event_kinds: str, is_taken: bool = True) -> None:
        self.msgtype = msgtype
        self.content = {"events": [{"kind": kind} for kind in event_kinds]}
        self.content_json, self.buffers = "x" * 100, [SimpleNamespace(data=b"")]
        self.is_taken = asyncio.Event()
        if is_taken:
            self.is_taken.set()

    async def send(self, websocket: Any) -> None:
        await self.is_taken.wait()
        websocket.sent.append(self)


class Websocket:
    ws_connection = None

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.closed: list[tuple[int, str]] = []

    def close(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))


class Viewer:
    def __init__(self, outbox: Outbox[OutgoingMessages] | None = None) -> None:
        self.websocket: Any = Websocket()
        self.outbox: Outbox[OutgoingMessages] = outbox or Outbox()
        self.closing = ConnectionClosing(self.websocket, lambda: None)
        self.outgoing = OutgoingMessages(self.websocket, "net", self.outbox, self.closing)


@pytest.fixture(autouse=True)
def misuse(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What viewers did wrong."""
    kinds: list[str] = []
    monkeypatch.setattr(visitor_log, "log_misuse", kinds.append)
    return kinds


def test_a_message_counts_until_it_is_sent() -> None:
    async def check() -> None:
        viewer, message = Viewer(), Message(is_taken=False)
        sending = asyncio.ensure_future(viewer.outgoing.send(message))
        await asyncio.sleep(0)
        assert viewer.outgoing.is_sending
        assert viewer.outbox.unsent_bytes == 100
        message.is_taken.set()
        await sending
        assert not viewer.outgoing.is_sending
        assert viewer.outbox.unsent_bytes == 0
        assert viewer.websocket.sent == [message]

    asyncio.run(check())


def test_changes_wait_for_the_document_which_has_them_and_other_messages_do_not() -> None:
    async def check() -> None:
        viewer = Viewer()
        changes = [Message("PATCH-DOC", "ModelChanged") for _ in range(2)]
        other = [Message(), Message("PATCH-DOC", "MessageSent")]
        for message in (changes[0], *other):
            await viewer.outgoing.send(message)
        viewer.outgoing.mark_document_sent(document := Message("PULL-DOC-REPLY"))
        await viewer.outgoing.send_tracked(document)
        await viewer.outgoing.send(changes[1])
        assert viewer.websocket.sent == [*other, document, changes[1]]
        assert viewer.outbox.unsent_bytes == 0

    asyncio.run(check())


def test_a_document_counts_from_when_it_is_built_to_when_it_is_requested() -> None:
    async def check() -> None:
        viewer = Viewer()
        viewer.outgoing.reserve_document(5000)
        assert viewer.outgoing.is_document_reserved
        assert viewer.outbox.unsent_bytes == 5000
        viewer.outgoing.mark_document_sent(document := Message("PULL-DOC-REPLY"))
        assert not viewer.outgoing.is_document_reserved
        await viewer.outgoing.send_tracked(document)
        assert viewer.outbox.unsent_bytes == 0

    asyncio.run(check())


def test_a_document_of_a_viewer_who_has_left_does_not_count() -> None:
    viewer = Viewer()
    viewer.outgoing.reserve_document(5000)
    viewer.closing.mark_closed()
    for _ in range(2):
        viewer.outgoing.release_document()
        assert viewer.outbox.unsent_bytes == 0
    viewer.outgoing.reserve_document(5000)
    assert viewer.outbox.unsent_bytes == 0


def test_a_viewer_who_takes_nothing_is_disconnected(
    monkeypatch: pytest.MonkeyPatch, misuse: list[str]
) -> None:
    monkeypatch.setattr(limits, "APP_PING_TIMEOUT", 0.01)

    async def check() -> None:
        viewer, message = Viewer(), Message(is_taken=False)
        sending = asyncio.ensure_future(viewer.outgoing.send(message))
        while not viewer.websocket.closed:
            await asyncio.sleep(0.01)
        assert viewer.websocket.closed[0] == (1008, "app viewer receives nothing: load the page again")
        assert viewer.closing.is_refused
        message.is_taken.set()
        await sending

    asyncio.run(check())
    assert misuse == ["app viewer receives nothing"]


def test_the_viewer_who_waits_the_longest_goes_when_too_much_is_made(
    monkeypatch: pytest.MonkeyPatch, misuse: list[str]
) -> None:
    monkeypatch.setattr(limits, "MAX_APP_TOTAL_UNSENT_BYTES", 150)

    async def check() -> None:
        outbox: Outbox[OutgoingMessages] = Outbox()
        viewers = [Viewer(outbox) for _ in range(3)]
        messages = [Message(is_taken=False) for _ in viewers]
        sending = [asyncio.ensure_future(v.outgoing.send(m)) for v, m in zip(viewers, messages, strict=True)]
        await asyncio.sleep(0)
        assert [len(each.websocket.closed) for each in viewers] == [1, 0, 0]
        assert viewers[0].websocket.closed[0][1] == "this connection is too slow while others wait"
        for message in messages:
            message.is_taken.set()
        await asyncio.gather(*sending)

    asyncio.run(check())
    assert misuse == ["app viewer too slow for the size of its messages"]
