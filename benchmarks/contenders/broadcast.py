"""The lower bound: Tornado sends the same bytes to each websocket, and does nothing else."""

from __future__ import annotations

import os

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from benchmarks.contenders.contender import Link
from benchmarks.plots import marker


class Contender:
    def __init__(self) -> None:
        self.viewers: set[WebSocketHandler] = set()
        self.next = b""

    def start(self) -> Link:
        sockets = bind_sockets(0, "127.0.0.1")
        self.server = HTTPServer(Application([("/ws", _Viewer, {"contender": self})]))
        self.server.add_sockets(sockets)
        return {"host": "127.0.0.1", "port": sockets[0].getsockname()[1], "path": "/ws", "bokeh": False}

    def prepare(self, kind: str, number: int, size: int) -> None:
        title = marker(kind, number).encode()
        self.next = title + os.urandom(max(0, size - len(title)))

    def show(self) -> None:
        for viewer in self.viewers:
            viewer.write_message(self.next, binary=True)


class _Viewer(WebSocketHandler):
    def initialize(self, contender: Contender) -> None:
        self.contender = contender

    def open(self, *args: str, **kwargs: str) -> None:
        self.contender.viewers.add(self)
        self.write_message(self.contender.next, binary=True)

    def on_close(self) -> None:
        self.contender.viewers.discard(self)

    def on_message(self, message: str | bytes) -> None:
        pass
