"""A client of WebDriver BiDi, the protocol over a websocket in which Firefox takes commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from websockets.sync.client import ClientConnection, connect

DEADLINE = 60.0


class BidiError(Exception):
    """The browser refused a command."""


class BidiSession:
    """A client's session, as long as its connection is open."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = count(1)
        self.events: list[dict[str, Any]] = []
        """The events that have arrived: each has a `method` and `params`."""
        # A dialog, such as one before a page is left, would stop all commands.
        accept = {"unhandledPromptBehavior": {"default": "accept"}}
        self.send("session.new", capabilities={"alwaysMatch": accept})

    def send(self, method: str, **parameters: Any) -> Any:
        """Send a command and return its result. All events before it have arrived then."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=DEADLINE))
            if message["type"] == "event":
                self.events.append(message)
            elif message.get("id") == number:
                if message["type"] == "error":
                    raise BidiError(f"{method}: {message['error']}: {message['message']}")
                return message["result"]


@contextmanager
def connect_to_browser(address: str) -> Iterator[BidiSession]:
    options: dict[str, Any] = {"max_size": None, "compression": None, "ping_interval": None}
    with connect(address, open_timeout=DEADLINE, **options) as connection:
        yield BidiSession(connection)
