"""A client of WebDriver, the protocol over HTTP in which WebKit's driver takes commands."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any

DEADLINE = 60.0


class WebDriverError(Exception):
    """The driver refused a command."""


class WebDriverSession:
    """One window of a browser, until `close`."""

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        self._path = ""
        created = self.send("POST", "/session", capabilities={"alwaysMatch": capabilities})
        self._path = f"/session/{created['sessionId']}"

    def send(self, method: str, path: str, **parameters: Any) -> Any:
        """Send a command of this session and return its result."""
        body = json.dumps(parameters) if method == "POST" else None
        self._connection.request(method, self._path + path, body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        value = json.loads(response.read())["value"]
        if response.status != 200:
            raise WebDriverError(f"{method} {path}: {value['error']}: {value['message']}")
        return value

    def close(self) -> None:
        """Close the window, and the browser."""
        try:
            self.send("DELETE", "")
        finally:
            self._connection.close()
