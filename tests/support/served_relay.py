"""A relay in a process of its own, and a share that a test publishes to its broker."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from support.redis_server import RedisServer
from support.stored_stream import StoredStream
from websockets.sync.client import ClientConnection, connect

from bokeh_share.broker.broker_url import BrokerUrl
from bokeh_share.broker.page_stream import PageStream
from bokeh_share.broker.publisher import Publisher
from bokeh_share.broker.share_info import ShareInfo
from bokeh_share.broker.stream_keys import StreamKeys
from bokeh_share.plots.lazy_page import LazyPage
from bokeh_share.plots.page import Page

DEADLINE = 30.0
SCRIPT = b"window.Bokeh = 1"


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.01)


class PublishedShare:
    """A share with a link of its own, as an author's kernel publishes it."""

    def __init__(self, server: RedisServer, token: str, author: str = "default", **info: Any) -> None:
        self.token = token
        self.info = ShareInfo("3.9.2", {"bokeh": sha256(SCRIPT).hexdigest()}, **info)
        url = BrokerUrl.parse(server.url)
        keys = StreamKeys.from_secret(token, author)
        self._stored = StoredStream.connect(server.url, keys)
        self.publisher = Publisher(lambda: PageStream(url, keys))
        self.publisher.start()

    def count_steps(self) -> int:
        """Return the number of steps in the stream."""
        return [entry.kind for _, entry in self._stored.read_all()].count("step")

    def show(self, page: Page, **changed: Any) -> None:
        if changed:
            self.info = ShareInfo("3.9.2", self.info.scripts, **changed)
        self.publisher.publish_share(self.info, lambda component: gzip.compress(SCRIPT))
        self.publisher.publish(LazyPage(page))


class RelayProcess:
    """`bokeh-share relay`, from its start to `stop`. It may be started again, at the same port."""

    def __init__(self, broker: str, *options: str, port: int | None = None) -> None:
        self.port = find_free_port() if port is None else port
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = ["--broker", broker, "--address", "127.0.0.1", "--port", str(self.port), *options]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bokeh_share", "relay", *self._arguments],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "BOKEH_SHARE_RELAY_SECRET": "a secret of all relays"},
        )
        self.log = ""
        self._thread = threading.Thread(target=self._read_log, daemon=True)
        self._thread.start()
        until(lambda: "listening" in self.log or self.process.poll() is not None, "the relay")

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log += line

    def get(self, path: str, *, port: int | None = None, **headers: str) -> tuple[int, str, dict[str, str]]:
        """Return the status, the body and the headers of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=10)
        connection.request(
            "GET", path, headers={name.replace("_", "-"): each for name, each in headers.items()}
        )
        return read_response(connection)

    def has_page(self, path: str) -> bool:
        return self.get(path)[0] == 200

    def post(self, path: str, body: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        origin = f"http://127.0.0.1:{self.port}"
        connection.request("POST", path, body, {"Origin": origin, **headers})
        return read_response(connection)

    def watch(self, token: str, query: str = "", **options: Any) -> ClientConnection:
        url = f"ws://127.0.0.1:{self.port}/{token}/ws{query}"
        return connect(url, max_size=None, open_timeout=10, **options)

    def read_metric(self, name: str, port: int) -> float:
        found = re.search(rf"^bokeh_share_relay_{name} (\S+)$", self.get("/metrics", port=port)[1], re.M)
        assert found is not None
        return float(found[1])

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(15)
        self._thread.join(5)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


def read_response(connection: http.client.HTTPConnection) -> tuple[int, str, dict[str, str]]:
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body, {name.lower(): value for name, value in response.getheaders()}


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
