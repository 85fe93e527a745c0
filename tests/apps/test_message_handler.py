"""Answers to the messages of an app's viewer, with Bokeh's own session and no network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from bokeh.core.types import ID
from bokeh.document import Document
from bokeh.models import ColumnDataSource, Div, TextInput
from bokeh.protocol import Protocol
from bokeh.server.connection import ServerConnection
from bokeh.server.session import ServerSession
from tornado.ioloop import IOLoop

from bokeh_share import limits
from bokeh_share.apps.document_memory import DocumentMemory
from bokeh_share.apps.message_handler import PULL_COST, MessageHandler
from bokeh_share.apps.open_documents import OpenDocuments
from bokeh_share.apps.outgoing import measure_message_size
from bokeh_share.apps.protocol import RawMessage
from bokeh_share.apps.schedule import FairScheduler, ViewerQueue
from bokeh_share.server import visitor_log


class Outgoing:
    """The sending side of a viewer's websocket; remembers what it is given."""

    def __init__(self) -> None:
        self.is_closed = False
        self.is_document_reserved = False
        self.documents: list[Any] = []
        self.sent: list[Any] = []

    def mark_document_sent(self, document: Any) -> None:
        self.documents.append(document)

    async def send_tracked(self, message: Any) -> None:
        self.sent.append(message)


class Socket:
    """Where Bokeh sends changes of the document; remembers their kinds."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    async def send_message(self, message: Any) -> None:
        self.kinds += [event["kind"] for event in message.content["events"]]


class Throttle:
    def __init__(self) -> None:
        self.costs: list[float] = []

    def consume(self, messages: float) -> float:
        self.costs.append(messages)
        return 0.0


class AppSession:
    """The document's session, as far as it is asked for."""

    def __init__(self) -> None:
        self.assets = SimpleNamespace(is_awaited=False)
        self.copied_frames = 0

    def copy_frames(self) -> None:
        self.copied_frames += 1


class Viewer:
    """A viewer of a document with these roots. Made inside of a running loop."""

    def __init__(self, *roots: Any) -> None:
        self.document = Document()
        for root in roots:
            self.document.add_root(root)
        session = ServerSession(ID("one"), self.document, io_loop=IOLoop.current())
        self.socket = Socket()
        self.connection = ServerConnection(Protocol(), self.socket, None, session)  # type: ignore[arg-type]
        self.other = Socket()
        ServerConnection(Protocol(), self.other, None, session)  # type: ignore[arg-type]
        self.app_session = AppSession()
        self.documents = OpenDocuments("trend", lambda: [session])
        self.documents.add("one", self.app_session)  # type: ignore[arg-type]
        self.outgoing, self.throttle = Outgoing(), Throttle()
        self.failures: list[tuple[str, str]] = []
        self.handler = MessageHandler(
            self.outgoing,  # type: ignore[arg-type]
            ViewerQueue(FairScheduler(), ("net", "trend")),
            self.throttle,  # type: ignore[arg-type]
            self.documents,
            DocumentMemory([SimpleNamespace(open_documents=self.documents)]),  # type: ignore[list-item]
            SimpleNamespace(report=lambda app, error: self.failures.append((app, str(error)))),  # type: ignore[arg-type]
        )

    async def send(self, kind: str, content: Any = None) -> Any:
        return await self.handler.handle(RawMessage(kind, ID("7"), content or {}, []), self.connection)

    async def change(self, model: Any, **values: Any) -> Any:
        """Change properties of a model as a page does, all in one message."""
        events = [
            {"kind": "ModelChanged", "model": {"id": model.id}, "attr": attr, "new": new}
            for attr, new in values.items()
        ]
        return await self.send("PATCH-DOC", {"events": events})


def run(check: Callable[[], Any]) -> None:
    asyncio.run(check())


@pytest.fixture(autouse=True)
def misuse(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What viewers did wrong."""
    kinds: list[str] = []
    monkeypatch.setattr(visitor_log, "log_misuse", kinds.append)
    return kinds


def test_a_change_is_applied_answered_and_sent_to_other_connections(misuse: list[str]) -> None:
    async def check() -> None:
        text = TextInput(value="a")
        viewer = Viewer(text)
        answer = await viewer.change(text, value="b", title="c")
        assert (answer.msgtype, answer.header["reqid"]) == ("OK", "7")
        assert (text.value, text.title) == ("b", "c")
        assert viewer.socket.kinds == []
        assert viewer.other.kinds == ["ModelChanged"] * 2
        assert viewer.failures == []

    run(check)
    assert misuse == []


def test_callbacks_run_with_the_document_as_the_current_one_and_send_what_they_change() -> None:
    async def check() -> None:
        text, div = TextInput(), Div()
        viewer = Viewer(text, div)
        text.on_change("value", lambda attr, old, new: div.update(text=new))
        assert (await viewer.change(text, value="b")).msgtype == "OK"
        assert viewer.socket.kinds == ["ModelChanged"]

    run(check)


def test_the_first_mistake_of_the_author_ends_the_message_and_is_reported(misuse: list[str]) -> None:
    async def check() -> None:
        def refuse(attr: str, old: Any, new: Any) -> None:
            raise ValueError(f"not {new}")

        text = TextInput()
        viewer = Viewer(text)
        text.on_change("value", refuse)
        answer = await viewer.change(text, value="b", title="c")
        assert (answer.msgtype, answer.content["text"]) == ("ERROR", "this did not work")
        assert "not b" not in answer.content_json
        assert viewer.failures == [("trend", "not b")]
        assert text.title != "c"

    run(check)
    assert misuse == []


def test_an_invalid_message_changes_nothing_and_is_logged(misuse: list[str]) -> None:
    async def check() -> None:
        text = TextInput()
        viewer = Viewer(text)
        assert (await viewer.send("PATCH-DOC", {"events": [{"kind": "RootAdded"}]})).msgtype == "ERROR"
        assert (await viewer.change(text, value=3)).msgtype == "ERROR"
        assert (await viewer.send("PUSH-DOC")).msgtype == "ERROR"
        assert viewer.failures == []

    run(check)
    assert misuse == [
        "app message with a change that viewers cannot make",
        "app message with an invalid value for a property",
        "app message of an unknown type",
    ]


def test_a_document_that_keeps_too_much_is_ended(monkeypatch: pytest.MonkeyPatch, misuse: list[str]) -> None:
    monkeypatch.setattr(limits, "MAX_APP_DOCUMENT_BYTES", 10)

    async def check() -> None:
        text = TextInput()
        viewer = Viewer(text)
        assert (await viewer.change(text, value="b" * 100)).msgtype == "ERROR"
        assert text.value == ""
        assert viewer.connection.session.expiration_requested

    run(check)
    assert misuse == ["app documents hold too much data from viewers"]


def test_tables_are_copied_before_columns_change() -> None:
    async def check() -> None:
        source, text = ColumnDataSource({"x": [1, 2]}), TextInput()
        viewer = Viewer(source, text)
        await viewer.change(text, value="b")
        assert viewer.app_session.copied_frames == 0
        await viewer.change(source, data={"type": "map", "entries": [["x", [3, 4]]]})
        assert viewer.app_session.copied_frames == 1
        assert source.data["x"] == [3, 4]

    run(check)


def test_nothing_is_applied_to_a_document_that_nobody_sees() -> None:
    async def check() -> None:
        text = TextInput()
        viewer = Viewer(text)
        viewer.app_session.assets.is_awaited = True
        assert (await viewer.change(text, value="b")).msgtype == "OK"
        assert text.value == ""

    run(check)


def test_the_rest_of_a_message_is_left_when_its_viewer_has_left() -> None:
    async def check() -> None:
        text = TextInput()
        viewer = Viewer(text)

        def leave(attr: str, old: Any, new: Any) -> None:
            viewer.outgoing.is_closed = True

        text.on_change("value", leave)
        await viewer.change(text, value="b", title="c")
        assert (text.value, text.title) == ("b", "")

    run(check)


def test_the_whole_document_is_sent_while_it_is_locked() -> None:
    async def check() -> None:
        viewer = Viewer(Div(text="all"))
        assert await viewer.send("PULL-DOC-REQ") is None
        (reply,) = viewer.outgoing.sent
        assert (reply.msgtype, reply.header["reqid"]) == ("PULL-DOC-REPLY", "7")
        assert "all" in reply.content_json
        assert viewer.outgoing.documents == [reply]
        assert viewer.documents.largest_size == measure_message_size(reply)
        assert viewer.throttle.costs == [PULL_COST]

    run(check)


def test_no_document_is_built_for_a_viewer_who_has_left() -> None:
    async def check() -> None:
        viewer = Viewer(Div())
        viewer.outgoing.is_closed = True
        assert await viewer.send("PULL-DOC-REQ") is None
        assert viewer.outgoing.sent == viewer.outgoing.documents == []

    run(check)
