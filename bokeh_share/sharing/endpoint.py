"""Where a share is: its addresses, its port and its link, which may change while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from socket import socket

from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop

from ..apps.app_server import AppServer
from ..broadcast.broadcaster import Viewers
from ..card.notes import on_door
from ..errors import BadCertificate, CannotListen, NoAddress, NoNetwork, PortTaken
from ..network.addresses import Address, choose, own_names, present
from ..network.links import Places, Reach, ordered
from ..plots.page import Page
from ..server.auth.rules import Terms
from ..server.certificate import Identity
from ..server.sockets import bind
from ..server.visitor_log import note
from ..wire.messages import ENDED, LOCKED, MOVED
from .binding import Bound, Link, Where
from .bokeh_server import Server
from .event_loop import Loop
from .link_store import Memory
from .options import Options

WATCH = 3.0
"""Seconds after which a change of the machine's addresses is noticed, while no cell runs."""
NO_NETWORK = "no network at the moment; the link works again when it is back"


class Site:
    """Binds the addresses, moves when asked to, and follows the machine from network to network.

    Lives from `start` to `stop`; all of it happens on the loop.
    """

    def __init__(
        self, loop: Loop, viewers: Viewers, apps: AppServer, memory: Memory, page: Callable[[], Page]
    ) -> None:
        self.where = Where()
        self.remark = ""
        """What the author should know about the network."""
        self.changed = ""
        """Why the link is not the one that was remembered: its port was taken."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when the machine's addresses have changed."""
        self.on_news: Callable[[], None] = lambda: None
        """Called when there is another link, or a wrong password came; on either loop."""
        self.wrong = 0
        """How many wrong passwords came."""
        self.wrong_from = ""
        """From which address the last one came."""
        self.identity: Identity | None = None
        """The certificate that is shown, where TLS is spoken."""
        self.reach = Reach()
        self._loop = loop
        self._viewers = viewers
        self._apps = apps
        apps.tickets_of = lambda request: self.server.door.tickets_of(request)
        apps.is_locked = lambda: self.is_locked
        self._memory = memory
        self._page = page
        self._server: Server | None = None
        self._best: tuple[Address, ...] = ()
        self._names: tuple[str, ...] = ()
        """The machine's, where others can use them in a link."""
        self._stop_watching: Callable[[], None] = lambda: None

    @property
    def server(self) -> Server:
        assert self._server is not None, "the site has been started"
        return self._server

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def is_local(self) -> bool:
        return not self.where.public and all(each.is_loopback for each in self.server.addresses)

    @property
    def links(self) -> tuple[Link, ...]:
        """The links that work, the best first."""
        return self.reach.links(self._places())

    @property
    def is_outward(self) -> bool:
        """Whether more colleagues could come if it were on the network."""
        return self.reach.is_outward(self._places())

    @property
    def is_locked(self) -> bool:
        """Whether a password is asked for."""
        return self._memory.has_password

    @property
    def notes(self) -> tuple[str, ...]:
        """What the author should know about the link and the door, a line each."""
        guards = on_door(
            locked=self.is_locked,
            is_new=self._memory.has_new_password,
            identity=self.identity,
            wrong=self.wrong,
            last=self.wrong_from,
        )
        return (self.changed, self._memory.remark, self.remark, *guards, *self.reach.notes(self._places()))

    def start(self, bound: Bound) -> None:
        """Answer who comes by these sockets."""
        self.where, self._best, self.changed = bound.where, bound.best, bound.changed
        self.identity = bound.identity
        self._server = self._loop.call(lambda: self._listen(bound.best, bound.sockets))
        self._memory.keep(self.port)
        self._lend()
        self._stop_watching = self._loop.every(WATCH, self.check)
        self._ask_for_name()
        self.reach.look(self._loop.aside, self._have_news)

    def renew(self) -> None:
        """Make another link, without a password; whoever has the old one open is sent away, and finds nothing
        there any more."""
        self._memory.renew()
        self._announce()
        self._dismiss(ENDED, "the link was replaced")

    def lock(self, password: str) -> None:
        """From now on who comes has to give it; who is here already, too."""
        self._memory.protect(password)
        self._announce()
        self._dismiss(LOCKED, "the author asks for a password now")

    def move(self, options: Options) -> bool:
        """Take over what differs, and tell who watches from where it will not be any more.

        Whether anything did differ. Raises as `Bound.at` does.
        """
        here = replace(self.where, port=self.port)
        wanted = here.changed(options)
        if wanted == here:
            return False
        identity = wanted.identity(choose(wanted.place), self._names)
        self._loop.call(lambda: self._move(wanted, identity, keep_port=not options.port))
        self._ask_for_name()
        return True

    def check(self) -> None:
        """Listen on the new addresses, and no longer on those that are gone; show a renewed certificate."""
        if self.identity is not None and self.identity.is_outdated:
            self._have_news()
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
        before = self.server.addresses, self.remark
        remark = "" if any(not each.is_loopback for each in best) else NO_NETWORK
        for address in added:
            try:
                self.server.listen([address], bind([address], port=self.port)[1])
            except (PortTaken, CannotListen) as error:
                remark = str(error)
        self._lend(without=gone)
        self.server.unlisten(gone)
        self._best, self.remark = best, remark
        self._announce()
        if (self.server.addresses, self.remark) != before:
            self._ask_for_name()
            self.on_change()

    def stop(self) -> None:
        """Free the port; viewers are told by whoever stops their thread."""
        if self._server is not None:
            self._lend(without=self.server.addresses)
            self._loop.call(self._server.stop)
            self._server = None
            self._stop_watching()
            self._memory.let_go()

    def _move(self, where: Where, identity: Identity | None, *, keep_port: bool) -> None:
        server, best, port = self.server, choose(where.place), where.port
        relinked = (where.token, where.scheme) != (self.where.token, self.where.scheme)
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
        self.identity = identity
        self._memory.keep(port)
        if port == server.port:
            server.listen(fresh, sockets)
            self._lend(without=gone)
            server.unlisten(gone)
            self._announce()
            seen_from = None if relinked else {address.ip for address in gone}
        else:
            self._server = self._listen(best, sockets)
            self._lend()
            server.stop()
            seen_from = None
        if seen_from is None or seen_from:
            urls = [link.below for link in self.links]
            self._viewers.move(urls, code=MOVED, reason="the share moved", seen_from=seen_from)

    def _lend(self, *, without: Sequence[Address] = ()) -> None:
        """While a cell keeps this loop busy, the viewers' thread lets in who comes; by what is about to go,
        nobody."""
        self._viewers.lend(self.server.door, self.server.sockets(without=without))

    def _listen(self, addresses: Sequence[Address], sockets: Sequence[socket]) -> Server:
        server = Server(IOLoop.current(), self._viewers, self._apps, Terms(), self._page)
        server.door.on_leave, server.door.on_wrong = self._leave, self._take_note
        server.door.on_misnamed = self._learn
        server.listen(addresses, sockets)
        self._announce(server)
        return server

    def _announce(self, server: Server | None = None) -> None:
        """Let the door know what it is that is announced now."""
        server = server or self.server
        where, places = self.where, self._places(server)
        origins = places.origins | self.reach.origins(places)
        base, public = ("", "") if where.public is None else (where.public.path, where.public.url)
        if self.identity is not None:
            with suppress(BadCertificate):  # half written: what there was goes on
                self.identity = where.identity(server.addresses, self._names)
        server.door.identity = self.identity
        lock, tls = self._memory.lock(server.port), self.identity is not None
        server.door.terms = Terms(self._prefix, origins, base, lock, tls, public)

    def _learn(self, request: HTTPServerRequest) -> bool:
        """Whether a request tells what the notebook's server is called outside; on either loop."""
        news = self.reach.learn(request.headers, request.remote_ip or "", self._places())
        if news:
            self._announce()
        return news

    def _have_news(self) -> None:
        if self._server is not None:
            self._announce()
            self.on_news()

    def _dismiss(self, code: int, reason: str) -> None:
        self._viewers.dismiss(code=code, reason=reason)
        self._loop.call(lambda: self._apps.dismiss(code, reason))

    def _take_note(self, ip: str) -> None:
        """Of a wrong password."""
        note("a wrong password")
        self.wrong, self.wrong_from = self.wrong + 1, ip
        self.on_news()

    def _leave(self, ticket: str) -> None:
        """Somebody has logged out, on either loop."""
        reason = "you have logged out"
        self._viewers.dismiss(code=LOCKED, reason=reason, ticket=ticket)
        self._loop.soon(0, lambda: self._apps.dismiss(LOCKED, reason, ticket=ticket))

    def _ask_for_name(self) -> None:
        """This machine's names that others could use: asked for aside, since it may take a while."""

        def here() -> set[str]:
            addresses = self._server.addresses if self._server is not None else ()
            return {address.ip for address in addresses if not address.is_loopback}

        ips = here()

        def answer(names: tuple[str, ...]) -> None:
            if names != self._names and ips == here():
                self._names = names
                self._have_news()

        if ips:
            self._loop.aside(lambda: own_names(ips), answer)
        else:
            self._names = ()
            self._announce()

    @property
    def _prefix(self) -> str:
        return self._memory.prefix if self.where.token else ""

    def _places(self, server: Server | None = None) -> Places:
        server, where = server or self.server, self.where
        addresses = ordered(self._best, server.addresses)
        return Places(server.port, self._prefix, addresses, self._names, where.scheme, where.public)
