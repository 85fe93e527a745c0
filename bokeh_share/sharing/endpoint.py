"""Where a share is: its addresses, its port and its link, which may change while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from socket import socket

from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop

from ..apps.app_server import AppServer
from ..broadcast.broadcaster import Broadcaster
from ..card.notes import access_notes
from ..errors import BadCertificate, CannotListen, NoAddress, NoNetwork, PortTaken
from ..network.addresses import Address, choose, own_names, present
from ..network.links import Link, LinkFinder, Places, ordered
from ..plots.page import Page
from ..server.auth.rules import AccessRules
from ..server.certificate import Certificate
from ..server.sockets import bind
from ..server.visitor_log import log_misuse
from ..wire.messages import ENDED, LOCKED, MOVED
from .binding import BoundSockets, EndpointOptions
from .bokeh_server import Server
from .event_loop import EventLoop
from .link_store import LinkStore
from .options import Options

NETWORK_CHECK_INTERVAL = 3.0
"""Seconds after which a change of the machine's addresses is noticed, while no cell runs."""
NO_NETWORK = "no network at the moment; the link works again when it is back"


class Endpoint:
    """Binds the addresses, moves when asked to, and follows the machine from network to network.

    Lives from `start` to `stop`; all of it happens on the loop.
    """

    def __init__(
        self,
        loop: EventLoop,
        broadcaster: Broadcaster,
        apps: AppServer,
        link_store: LinkStore,
        page: Callable[[], Page],
    ) -> None:
        self.where = EndpointOptions()
        self.note = ""
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
        self.certificate: Certificate | None = None
        """The certificate that is shown, where TLS is spoken."""
        self.link_finder = LinkFinder()
        self._loop = loop
        self._broadcaster = broadcaster
        self._apps = apps
        apps.session_tokens_of = lambda request: self.server.guard.session_tokens_of(request)
        apps.is_locked = lambda: self.is_locked
        self._link_store = link_store
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
        return self.link_finder.links(self._places())

    @property
    def is_outward(self) -> bool:
        """Whether more colleagues could come if it were on the network."""
        return self.link_finder.is_outward(self._places())

    @property
    def is_locked(self) -> bool:
        """Whether a password is asked for."""
        return self._link_store.has_password

    @property
    def notes(self) -> tuple[str, ...]:
        """What the author should know about the link and the door, a line each."""
        guards = access_notes(
            locked=self.is_locked,
            is_new=self._link_store.has_new_password,
            certificate=self.certificate,
            wrong=self.wrong,
            last=self.wrong_from,
        )
        return (
            self.changed,
            self._link_store.note,
            self.note,
            *guards,
            *self.link_finder.notes(self._places()),
        )

    def start(self, bound: BoundSockets) -> None:
        """Answer who comes by these sockets."""
        self.where, self._best, self.changed = bound.where, bound.best, bound.changed
        self.certificate = bound.certificate
        self._server = self._loop.call(lambda: self._listen(bound.best, bound.sockets))
        self._link_store.keep(self.port)
        self._lend()
        self._stop_watching = self._loop.every(NETWORK_CHECK_INTERVAL, self.check)
        self._ask_for_name()
        self.link_finder.look(self._loop.aside, self._have_news)

    def renew(self) -> None:
        """Make another link, without a password; whoever has the old one open is sent away, and finds nothing
        there any more."""
        self._link_store.renew()
        self._announce()
        self._dismiss(ENDED, "the link was replaced")

    def lock(self, password: str) -> None:
        """From now on who comes has to give it; who is here already, too."""
        self._link_store.protect(password)
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
        certificate = wanted.certificate(choose(wanted.place), self._names)
        self._loop.call(lambda: self._move(wanted, certificate, keep_port=not options.port))
        self._ask_for_name()
        return True

    def check(self) -> None:
        """Listen on the new addresses, and no longer on those that are gone; show a renewed certificate."""
        if self.certificate is not None and self.certificate.is_outdated:
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
        before = self.server.addresses, self.note
        note = "" if any(not each.is_loopback for each in best) else NO_NETWORK
        for address in added:
            try:
                self.server.listen([address], bind([address], port=self.port)[1])
            except (PortTaken, CannotListen) as error:
                note = str(error)
        self._lend(without=gone)
        self.server.unlisten(gone)
        self._best, self.note = best, note
        self._announce()
        if (self.server.addresses, self.note) != before:
            self._ask_for_name()
            self.on_change()

    def stop(self) -> None:
        """Free the port; viewers are told by whoever stops their thread."""
        if self._server is not None:
            self._lend(without=self.server.addresses)
            self._loop.call(self._server.stop)
            self._server = None
            self._stop_watching()
            self._link_store.let_go()

    def _move(self, where: EndpointOptions, certificate: Certificate | None, *, keep_port: bool) -> None:
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
        self.where, self._best, self.note, self.changed = where, best, "", ""
        self.certificate = certificate
        self._link_store.keep(port)
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
            self._broadcaster.move(urls, code=MOVED, reason="the share moved", seen_from=seen_from)

    def _lend(self, *, without: Sequence[Address] = ()) -> None:
        """While a cell keeps this loop busy, the viewers' thread lets in who comes; by what is about to go,
        nobody."""
        self._broadcaster.lend(self.server.guard, self.server.sockets(without=without))

    def _listen(self, addresses: Sequence[Address], sockets: Sequence[socket]) -> Server:
        server = Server(IOLoop.current(), self._broadcaster, self._apps, AccessRules(), self._page)
        server.guard.on_leave, server.guard.on_wrong = self._leave, self._take_note
        server.guard.on_misnamed = self._learn
        server.listen(addresses, sockets)
        self._announce(server)
        return server

    def _announce(self, server: Server | None = None) -> None:
        """Let the door know what it is that is announced now."""
        server = server or self.server
        where, places = self.where, self._places(server)
        origins = places.origins | self.link_finder.origins(places)
        base, public = ("", "") if where.public is None else (where.public.path, where.public.url)
        if self.certificate is not None:
            with suppress(BadCertificate):  # half written: what there was goes on
                self.certificate = where.certificate(server.addresses, self._names)
        server.guard.certificate = self.certificate
        lock, tls = self._link_store.lock(server.port), self.certificate is not None
        server.guard.rules = AccessRules(self._prefix, origins, base, lock, tls, public)

    def _learn(self, request: HTTPServerRequest) -> bool:
        """Whether a request tells what the notebook's server is called outside; on either loop."""
        news = self.link_finder.learn(request.headers, request.remote_ip or "", self._places())
        if news:
            self._announce()
        return news

    def _have_news(self) -> None:
        if self._server is not None:
            self._announce()
            self.on_news()

    def _dismiss(self, code: int, reason: str) -> None:
        self._broadcaster.dismiss(code=code, reason=reason)
        self._loop.call(lambda: self._apps.dismiss(code, reason))

    def _take_note(self, ip: str) -> None:
        """Of a wrong password."""
        log_misuse("a wrong password")
        self.wrong, self.wrong_from = self.wrong + 1, ip
        self.on_news()

    def _leave(self, session_token: str) -> None:
        """Somebody has logged out, on either loop."""
        reason = "you have logged out"
        self._broadcaster.dismiss(code=LOCKED, reason=reason, session_token=session_token)
        self._loop.soon(0, lambda: self._apps.dismiss(LOCKED, reason, session_token=session_token))

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
        return self._link_store.prefix if self.where.token else ""

    def _places(self, server: Server | None = None) -> Places:
        server, where = server or self.server, self.where
        addresses = ordered(self._best, server.addresses)
        return Places(server.port, self._prefix, addresses, self._names, where.scheme, where.public)
