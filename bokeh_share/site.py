"""Where a share is: its addresses, its port and its link, which may change while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from socket import socket
from typing import NamedTuple

from tornado.ioloop import IOLoop

from .address import Address, choose, own_name, present
from .apps.server import AppServer
from .errors import CannotListen, NoAddress, NoNetwork, PortTaken
from .loop import Loop
from .memory import Memory
from .message import ENDED, MOVED
from .options import Options
from .ports import bind
from .server import Server
from .viewers import Viewers

WATCH = 3.0
"""Seconds after which a change of the machine's addresses is noticed, while no cell runs."""
NO_NETWORK = "no network at the moment; the link works again when it is back"


class Link(NamedTuple):
    """One link that works, and whom it is for."""

    url: str
    kind: str


@dataclass(frozen=True)
class Where:
    """What the author asked for."""

    place: str = "local"
    """`local`, `external`, `all`, an address, or an interface's name."""
    port: int | None = None
    """None: the one that the last share had, else the first free one."""
    token: bool = True

    @classmethod
    def of(cls, options: Options) -> Where:
        return cls(options.place or "local", options.port, options.token is not False)


class Bound(NamedTuple):
    """Where a share will be: nobody is answered yet."""

    where: Where
    best: tuple[Address, ...]
    sockets: tuple[socket, ...]
    """For each address; whoever has them closes them."""
    changed: str = ""
    """Why the port is not the one that was remembered."""

    @classmethod
    def at(cls, where: Where, remembered: int | None) -> Bound:
        """Raises what `choose` and `bind` raise, and then nothing stays open."""
        best = choose(where.place)
        try:
            _, sockets = bind(best, port=where.port if where.port is not None else remembered)
        except PortTaken as error:
            if where.port is not None:
                raise
            _, sockets = bind(best, port=None)
            changed = f"another program has port {error.port} now, so the link has changed"
            return cls(where, best, tuple(sockets), changed)
        return cls(where, best, tuple(sockets))

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()


class Site:
    """Binds the addresses, moves when asked to, and follows the machine from network to network.

    Lives from `start` to `stop`; all of it happens on the loop.
    """

    def __init__(
        self, loop: Loop, viewers: Viewers, apps: AppServer, memory: Memory, title: Callable[[], str]
    ) -> None:
        self.where = Where()
        self.remark = ""
        """What the author should know about the network."""
        self.changed = ""
        """Why the link is not the one that was remembered."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when the machine's addresses have changed."""
        self.on_name: Callable[[], None] = lambda: None
        """Called when the machine's name turned out to be of use."""
        self._loop = loop
        self._viewers = viewers
        self._apps = apps
        apps.origins = lambda: self.server.origins
        self._memory = memory
        self._title = title
        self._server: Server | None = None
        self._best: tuple[Address, ...] = ()
        self._stop_watching: Callable[[], None] = lambda: None

    @property
    def server(self) -> Server:
        assert self._server is not None, "the site has been started"
        return self._server

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def addresses(self) -> tuple[Address, ...]:
        return self.server.addresses

    @property
    def is_local(self) -> bool:
        return all(address.is_loopback for address in self.server.addresses)

    @property
    def links(self) -> tuple[Link, ...]:
        """The links that work, the best first."""
        bound = self.server.addresses
        ordered = [
            *(each for each in self._best if each in bound),
            *(each for each in bound if each not in self._best),
        ]
        outside = [Link(self._url(each.host), each.kind) for each in ordered if not each.is_loopback]
        name = self.server.name
        named = [Link(self._url(name), "by this machine's name")] if name and outside else []
        return (*outside, *named, Link(self._url("localhost"), "this machine only"))

    def start(self, bound: Bound) -> None:
        """Answer who comes by these sockets."""
        self.where, self._best, self.changed = bound.where, bound.best, bound.changed
        self._server = self._loop.call(lambda: self._listen(bound.best, bound.sockets))
        self._memory.keep(self.port)
        self._lend()
        self._stop_watching = self._loop.every(WATCH, self.check)
        self._ask_for_name()

    def renew(self) -> None:
        """Make another link; whoever has the old one open is sent away, and finds nothing there any more."""
        self._memory.renew()
        self.server.door.prefix = self._prefix
        self._viewers.dismiss(code=ENDED, reason="the link was replaced")
        self._loop.call(lambda: self._apps.dismiss(ENDED, "the link was replaced"))

    def move(self, place: str | None, port: int | None, token: bool | None) -> bool:
        """Take over what differs, and tell who watches from where it will not be any more.

        Whether anything did differ. Raises as `start` does.
        """
        where = self.where
        wanted = Where(place or where.place, port or self.port, where.token if token is None else token)
        if wanted == replace(where, port=self.port):
            return False
        self._loop.call(lambda: self._move(wanted, keep_port=not port))
        self._ask_for_name()
        return True

    def check(self) -> None:
        """Follow the machine's addresses: listen on new ones, and no longer on those that are gone."""
        if self._server is None or self.where.place == "local":
            return
        try:
            best = choose(self.where.place)
        except (NoNetwork, NoAddress):
            best = choose("local")
        here = present()
        kept = [each for each in self.server.addresses if each.ip in here and each not in best]
        added = [each for each in best if each not in self.server.addresses]
        gone = [each for each in self.server.addresses if each not in best and each not in kept]
        if not (added or gone) and best == self._best:
            return
        before = self.addresses, self.remark
        remark = "" if any(not each.is_loopback for each in best) else NO_NETWORK
        for address in added:
            try:
                self.server.listen([address], bind([address], port=self.port)[1])
            except (PortTaken, CannotListen) as error:
                remark = str(error)
        self._lend(without=gone)
        self.server.unlisten(gone)
        self._best, self.remark = best, remark
        if (self.addresses, self.remark) != before:
            self._ask_for_name()
            self.on_change()

    def stop(self) -> None:
        """Free the port; viewers are told by whoever stops their thread."""
        if self._server is not None:
            self._lend(without=self.addresses)
            self._loop.call(self._server.stop)
            self._server = None
            self._stop_watching()
            self._memory.let_go()

    def _move(self, where: Where, *, keep_port: bool) -> None:
        server, best, port = self.server, choose(where.place), where.port
        fresh = [each for each in best if each not in server.addresses]
        gone = [each for each in server.addresses if each not in best]
        sockets: Sequence[socket] = ()
        if port == server.port:
            try:
                _, sockets = bind(fresh, port=port) if fresh else (port, ())
            except PortTaken:
                if not keep_port:
                    raise
                port = None
        if port != server.port:
            port, sockets = bind(best, port=port)
        self.where, self._best, self.remark, self.changed = where, best, "", ""
        self._memory.keep(port)
        if port == server.port:
            relinked = server.door.prefix != self._prefix
            server.door.prefix = self._prefix
            server.listen(fresh, sockets)
            self._lend(without=gone)
            server.unlisten(gone)
            seen_from = None if relinked else {address.ip for address in gone}
        else:
            self._server = self._listen(best, sockets)
            self._server.name = server.name
            self._lend()
            server.stop()
            seen_from = None
        if seen_from is None or seen_from:
            urls = [link.url for link in self.links]
            self._viewers.move(urls, code=MOVED, reason="the share moved", seen_from=seen_from)

    def _lend(self, *, without: Sequence[Address] = ()) -> None:
        """While a cell keeps this loop busy, the viewers' thread lets in who comes; by what is about to go,
        nobody."""
        self._viewers.lend(self.server.door, self.server.sockets(without=without))

    def _listen(self, addresses: Sequence[Address], sockets: Sequence[socket]) -> Server:
        server = Server(IOLoop.current(), self._viewers, self._apps, self._prefix, self._title)
        server.listen(addresses, sockets)
        return server

    def _ask_for_name(self) -> None:
        """This machine's name, if others could use it: asked for aside, since it may take a while."""
        ips = {address.ip for address in self.server.addresses if not address.is_loopback}

        def answer(name: str | None) -> None:
            if self._server is not None and name != self._server.name:
                self._server.name = name
                self.on_name()

        if ips:
            self._loop.aside(lambda: own_name(ips), answer)
        else:
            self.server.name = None

    @property
    def _prefix(self) -> str:
        return self._memory.prefix if self.where.token else ""

    def _url(self, host: str) -> str:
        return f"http://{host}:{self.port}{self.server.door.prefix}/"
