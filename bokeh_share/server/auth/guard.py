"""The door itself: each request is judged by the terms, and finds what answers it."""

from __future__ import annotations

import re
from collections.abc import Callable

from tornado.httputil import HTTPInputError, HTTPMessageDelegate, HTTPServerRequest
from tornado.iostream import IOStream
from tornado.routing import Router
from tornado.web import Application

from ...printable import printable
from ..base_handler import Plain, Terse, quiet
from ..certificate import Identity
from ..pending_connections import Visits
from ..visitor_log import note
from .login import OURS, STATE, LoginPage
from .login_throttle import Tries
from .rules import Asked, Terms, Verdict

LONGEST_HOST = 100
"""Characters that are told of a name."""
APP_SOCKET = re.compile(r"/[^/]+/socket(/\d+)?")
KINDS = {
    Verdict.MISNAMED: "a request for a name that is not the share's",
    Verdict.FOREIGN: "a request that a page from elsewhere sends",
}
"""What is complained of."""


class _Nowhere(Terse):
    status = 404

    def prepare(self) -> None:
        self.set_status(self.status)
        self.finish()

    def write_error(self, status_code: int, **kwargs: object) -> None:
        self.set_status(self.status)  # also for a method that nobody knows
        self.finish()


class _Foreign(_Nowhere):
    status = 403


class _Misnamed(Plain):
    """For who knows the link, so this tells them nothing new; a page of somebody else's can't read it."""

    def initialize(self, door: Door) -> None:
        self._public = door.terms.public

    def prepare(self) -> None:
        host = printable(self.request.host)[:LONGEST_HOST]
        self.set_status(421)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        if self._public:
            hint = (
                f"Its author has said that it is at {self._public}. If you came by that address, the proxy in"
                " front has changed the name: it has to pass on the Host header that it was sent"
                " (in nginx: proxy_set_header Host $http_host)."
            )
        else:
            hint = (
                "If this address is meant for it, its author can say so: %bokeh_share --public-url, with the"
                " address up to the part that can't be guessed."
            )
        self.finish(f"This share does not answer to the name {host!r} in the Host header.\n{hint}\n")


class _Unencrypted(_Nowhere):
    """To the same address by TLS. Not for good: another share may have the port tomorrow."""

    status = 302

    def prepare(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("Location", f"https://{self.request.host}{self.request.uri}")
        super().prepare()


class Door(Router):
    """Lets in what the terms allow, with the prefix cut off; answers the rest itself.

    Serves two loops at a time; `terms` may be replaced while it does.
    """

    def __init__(self, inside: Application, terms: Terms) -> None:
        self.inside = inside
        self.terms = terms
        self.cookie = "bokeh_share"
        """Its name; browsers send a host's cookies to all its ports."""
        self.identity: Identity | None = None
        """What is shown where TLS is spoken; then only redirects are plain."""
        self.tries = Tries()
        self.visits = Visits()
        self.on_leave: Callable[[str], None] = lambda ticket: None
        """Called with the ticket of who has logged out."""
        self.on_misnamed: Callable[[HTTPServerRequest], bool] = lambda request: False
        """Called for who knows the link by a name that the share does not have; whether it has it now."""
        self.on_wrong: Callable[[str], None] = lambda ip: None
        """Called with the address from which a wrong password came."""
        login = {"door": self}
        self._answers = {
            Verdict.NOWHERE: _answering(_Nowhere),
            Verdict.MISNAMED: Application([(r".*", _Misnamed, login)], log_function=quiet),
            Verdict.FOREIGN: _answering(_Foreign),
            Verdict.PLAIN: _answering(_Unencrypted),
            Verdict.LOCKED: Application([(r".*", LoginPage, login)], log_function=quiet),
        }

    def find_handler(self, request: HTTPServerRequest, **kwargs: object) -> HTTPMessageDelegate | None:
        stream: IOStream = request.connection.stream  # type: ignore[union-attr]  # of HTTP/1
        if stream.closed():  # more requests came by this connection, which is over after one
            raise HTTPInputError("a request after the last one")
        if request.method == "HEAD":
            request.headers.pop("Upgrade", None)  # a websocket opens by GET alone
        if _is_socket(request) and _has_body(request):
            # What is judged now would be answered when that is here, by another link or password.
            raise HTTPInputError("a websocket request with a body")
        asked = self._asked(request)
        verdict = (terms := self.terms).judge(asked)
        if verdict is Verdict.MISNAMED and self.on_misnamed(request):
            verdict = (terms := self.terms).judge(asked)
        # Without a secret part there is nothing that a path could miss, only a name.
        is_named = verdict is not Verdict.NOWHERE or terms.prefix
        if kind := KINDS.get(verdict if is_named else Verdict.MISNAMED):
            note(kind)
        if verdict in (Verdict.INSIDE, Verdict.LOCKED):
            request.path = terms.inside(request.path) or ""
            if terms.lock is not None and request.path in (*OURS, STATE):
                verdict = Verdict.LOCKED
            if _is_socket(request) and verdict is Verdict.INSIDE and APP_SOCKET.fullmatch(request.path):
                self.visits.stay(stream)
            else:
                self.visits.welcome(stream)
        answering = self._answers.get(verdict, self.inside)
        return answering.find_handler(request, **kwargs)

    def tickets_of(self, request: HTTPServerRequest) -> tuple[str, ...]:
        """What the request's cookies of our name bring.

        There may be several: other servers of this host, or of a domain around it, can set one as well.
        """
        found = re.findall(rf"(?:^|[;,]) *{self.cookie}=([\w.-]*)", request.headers.get("Cookie", ""))
        return tuple(dict.fromkeys(found))

    def holding(self, request: HTTPServerRequest) -> tuple[str, ...]:
        """Of these, the tickets that hold."""
        lock = self.terms.lock
        return tuple(filter(lock.admits, self.tickets_of(request))) if lock is not None else ()

    def _asked(self, request: HTTPServerRequest) -> Asked:
        return Asked(
            path=request.path,
            host=request.host,
            origin=request.headers.get("Origin"),
            plain=request.protocol == "http",
            acts=_is_socket(request) or request.method not in ("GET", "HEAD"),
            tickets=self.tickets_of(request) if self.terms.lock is not None else (),
        )


def _is_socket(request: HTTPServerRequest) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _has_body(request: HTTPServerRequest) -> bool:
    headers = request.headers
    return headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers


def _answering(handler: type[Terse]) -> Application:
    return Application([], default_handler_class=handler, log_function=quiet)
