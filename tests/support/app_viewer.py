"""A viewer of an app without a browser: Bokeh's protocol, and a document that follows the session's."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from bokeh.document import Document
from bokeh.document.events import MessageSentEvent, ModelChangedEvent
from bokeh.events import ButtonClick
from bokeh.model import Model
from bokeh.models import Title
from bokeh.protocol import Protocol
from bokeh.settings import settings
from bokeh.util.token import get_session_id
from support.kernel_driver import DEADLINE
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


def ask(url: str, **headers: str) -> tuple[int, str]:
    """Return the status and the body of a response."""
    try:
        with urlopen(Request(url, headers=headers), timeout=DEADLINE) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


class AppViewer:
    """One document of an app, from opening it until `watching` ends."""

    def __init__(self, connection: ClientConnection, session: str) -> None:
        self.session = session
        with _other_ids():
            self.document = Document()
        self.events: list[str] = []
        """The kinds of messages received since the document was opened, in order."""
        self.bytes_received = 0
        self.errors: list[str] = []
        self.last_reply = ""
        """The last answer, as received."""
        self.closed: tuple[int, str] | None = None
        self._connection = connection
        self._protocol = Protocol()
        assert self._receive().msgtype == "ACK"
        self._send(self._protocol.create("PULL-DOC-REQ"))
        while (message := self._receive()).msgtype != "PULL-DOC-REPLY":
            pass
        message.push_to_document(self.document)
        self.bytes_received = 0

    @property
    def titles(self) -> list[str]:
        return [model.text for model in self.document.select({"type": Title})]

    def find(self, name: str) -> Any:
        return self.document.get_model_by_name(name)

    def wait(self, condition: Callable[[], object], *, what: str = "") -> None:
        """Receive messages until `condition`."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"never came: {what}"
            self.take()

    def take(self) -> None:
        try:
            message = self._receive()
        except ConnectionClosed as error:
            self.closed = (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")
            return
        if message.msgtype == "PATCH-DOC":
            self.events += [event["kind"] for event in message.content["events"]]
            message.apply_to_document(self.document)
        elif message.msgtype in ("OK", "ERROR"):
            self.last_reply = json.dumps(message.header)
            self.errors += [json.dumps(message.content)] if message.msgtype == "ERROR" else []

    def wait_until_closed(self) -> tuple[int, str]:
        self.wait(lambda: self.closed, what="the end of the connection")
        assert self.closed is not None
        return self.closed

    def change(self, model: Model, **values: Any) -> None:
        """Change the model as if the viewer did this in the browser."""
        for name, value in values.items():
            event = ModelChangedEvent(self.document, model, name, value)
            self._send(self._protocol.create("PATCH-DOC", [event]))
            model.update(**{name: value})

    def click(self, button: Model) -> None:
        event = MessageSentEvent(self.document, "bokeh_event", ButtonClick(button))
        self._send(self._protocol.create("PATCH-DOC", [event]))

    def send_raw(self, *fragments: str | bytes) -> None:
        for fragment in fragments:
            self._connection.send(fragment)

    def _send(self, message: Any) -> None:
        self.send_raw(message.header_json, message.metadata_json, message.content_json)
        for buffer in message.buffers:
            self.send_raw(json.dumps({"id": buffer.id}), buffer.to_bytes())

    def _receive(self) -> Any:
        header, metadata, content = (self._next() for _ in range(3))
        message = self._protocol.assemble(header, metadata, content)
        for _ in range(json.loads(header).get("num_buffers", 0)):
            message.assemble_buffer(json.loads(self._next()), self._next())
        return message

    def _next(self) -> Any:
        data = self._connection.recv(timeout=DEADLINE)
        self.bytes_received += len(data)
        return data


def ask_token(url: str, path: str, **headers: str) -> str:
    """Request the token that opens a document. Like a page, repeat the request while the kernel is busy."""
    deadline = time.monotonic() + DEADLINE
    while (answer := ask(f"{url}{path}", **headers))[0] == 503:
        assert time.monotonic() < deadline, answer
        time.sleep(0.02)
    assert answer[0] == 200, answer
    return str(json.loads(answer[1])["token"])


@contextmanager
def _other_ids() -> Iterator[None]:
    """Give models made inside the block ids that no model in the kernel has, as in a browser."""
    settings.simple_ids.set_value(False)
    try:
        yield
    finally:
        settings.simple_ids.unset_value()


@contextmanager
def watching_app(
    url: str, name: str, query: str = "", *, session: str = "", cookie: str = ""
) -> Iterator[AppViewer]:
    """Open the app `name` with the options in `query`, or a session that still exists."""
    headers = {"Bokeh-Session-Id": session, "Cookie": cookie}
    headers = {header: value for header, value in headers.items() if value}
    token = ask_token(url, f"{name}/token?{query}", **headers)
    address = f"{url.replace('http', 'ws', 1)}{name}/socket"
    options: dict[str, Any] = {"max_size": None, "compression": None, "open_timeout": DEADLINE}
    options["close_timeout"] = 1
    options["additional_headers"] = {"Cookie": cookie} if cookie else {}
    options["origin"] = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    options["ping_interval"] = None  # while a test reads nothing, the client also receives no pongs
    with connect(address, subprotocols=["bokeh", token], **options) as connection:
        yield AppViewer(connection, get_session_id(token))
