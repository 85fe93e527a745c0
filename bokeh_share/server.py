"""Bokeh's own server, embedded: behind the door the page, its files, and the way to the viewers' thread."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from socket import socket
from typing import Any

import bokeh
from bokeh.server.server import BaseServer
from bokeh.server.tornado import BokehTornado
from bokeh.util.paths import bokehjs_path
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.template import Template
from tornado.web import Application, HTTPError
from websockets.datastructures import Headers
from websockets.http11 import Request

from .address import Address
from .door import Door, Plain, quiet
from .viewers import Viewers

WEB = files(__package__) / "web"
PARTS = {f"bokeh{part}.min.js" for part in ("", "-widgets", "-tables", "-gl", "-mathjax")}
FOREVER = "private, max-age=31536000, immutable"


class Server:
    """Listens on one port of one or more addresses, on the kernel's IO loop, from `listen` to `stop`.

    `loop` must be the current loop in each call.
    """

    def __init__(self, loop: IOLoop, viewers: Viewers, prefix: str, title: Callable[[], str]) -> None:
        inside = Application(_routes(self, title), default_handler_class=_Nothing, log_function=quiet)
        self.door = Door(inside, prefix)
        self.viewers = viewers
        self.port = 0
        self._listeners: dict[Address, tuple[HTTPServer, socket]] = {}
        # Apps, which share this door, each bring a `BokehTornado` of their own.
        self._base = BaseServer(loop, BokehTornado({}, ico_path="none"), HTTPServer(self.door))
        self._base.start()

    @property
    def addresses(self) -> tuple[Address, ...]:
        return tuple(self._listeners)

    @property
    def origins(self) -> tuple[str, ...]:
        """Where a page that may connect can have come from."""
        hosts = [address.host for address in self._listeners]
        if any(address.is_loopback for address in self._listeners):
            hosts.append("localhost")
        return tuple(f"http://{host}:{self.port}" if self.port != 80 else f"http://{host}" for host in hosts)

    def listen(self, addresses: Sequence[Address], sockets: Sequence[socket]) -> None:
        """Accept on `sockets`, which are bound to `addresses`, all on one port."""
        for address, sock in zip(addresses, sockets, strict=True):
            http = HTTPServer(self.door)
            http.add_socket(sock)
            self.port = sock.getsockname()[1]
            self._listeners[address] = http, sock

    def unlisten(self, addresses: Sequence[Address]) -> None:
        for address in addresses:
            http, _ = self._listeners.pop(address)
            http.stop()

    def stop(self) -> None:
        """Free the port. Viewers are the helper thread's, and are told by whoever stops that."""
        self.unlisten(self.addresses)
        self._base.stop(wait=False)


def _routes(server: Server, title: Callable[[], str]) -> Any:
    return [
        (r"", _Slash),
        (r"/", _PageHandler, {"title": title}),
        (r"/(page\.(?:js|css))", _OwnFile),
        (rf"/bokeh/{bokeh.__version__}/([a-z.-]+)", _BokehFile),
        (r"/ws", _SocketHandler, {"server": server}),
    ]


class _Slash(Plain):
    """The link without its last slash."""

    def get(self) -> None:
        self.set_header("Location", self.request.uri.split("?")[0].rsplit("/", 1)[-1] + "/")
        self.set_status(301)
        self.finish()


class _Nothing(Plain):
    def prepare(self) -> None:
        raise HTTPError(404)


class _PageHandler(Plain):
    def initialize(self, title: Callable[[], str]) -> None:
        self._title = title

    def get(self) -> None:
        self.set_header("Cache-Control", "no-cache")
        self.finish(_template().generate(title=self._title(), bokeh_version=bokeh.__version__))


class _File(Plain):
    """A file that is read and packed once."""

    def send(self, path: str, kind: str, keep: str) -> None:
        packed, plain = _content(path)
        self.set_header("Content-Type", kind)
        self.set_header("Cache-Control", keep)
        self.set_header("Vary", "Accept-Encoding")
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.finish(packed)
        else:
            self.finish(gzip.decompress(packed) if plain is None else plain)


class _OwnFile(_File):
    def get(self, name: str) -> None:
        kind = "text/css" if name.endswith("css") else "text/javascript"
        self.send(str(WEB / name), f"{kind}; charset=utf-8", "no-cache")


class _BokehFile(_File):
    def get(self, name: str) -> None:
        if name not in PARTS:
            raise HTTPError(404)
        # The version is in its address.
        self.send(str(bokehjs_path() / "js" / name), "text/javascript; charset=utf-8", FOREVER)


class _SocketHandler(Plain):
    """Reads a websocket request and hands its connection to the viewers' thread."""

    def initialize(self, server: Server) -> None:
        self._server = server

    def get(self) -> None:
        upgrade = self.request.headers.get("Upgrade", "").lower()
        if upgrade != "websocket" or self.request.version != "HTTP/1.1":
            raise HTTPError(404)
        request = Request(self.request.uri or "", Headers(self.request.headers.get_all()))
        stream = self.detach()
        stream.io_loop.remove_handler(stream.socket)
        self._server.viewers.adopt(stream.socket, request, self._server.origins)


@lru_cache
def _template() -> Template:
    return Template((WEB / "index.html").read_text("utf-8"), autoescape="xhtml_escape")


@lru_cache
def _content(path: str) -> tuple[bytes, bytes | None]:
    """A file packed, and small ones as they are; the large ones are unpacked for the rare who need that."""
    data = Path(path).read_bytes()
    return gzip.compress(data, 6, mtime=0), data if len(data) < 100_000 else None
