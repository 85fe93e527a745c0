"""The door itself: each request is judged by the terms, and finds what answers it."""

from __future__ import annotations

import re
from collections.abc import Callable

from tornado.httputil import HTTPInputError, HTTPMessageDelegate, HTTPServerRequest
from tornado.iostream import IOStream
from tornado.routing import Router
from tornado.web import Application

from ...text import printable
from ..base_handler import BaseHandler, ErrorHandler, log_nothing
from ..certificate import Certificate
from ..pending_connections import PendingConnections
from ..visitor_log import log_misuse
from .login import FORM_PATHS, STATE_PATH, LoginPage
from .login_throttle import LoginThrottle
from .rules import AccessRules, Decision, RequestFacts

MAX_LOGGED_HOST = 100
"""Characters that are told of a name."""
APP_SOCKET = re.compile(r"/[^/]+/socket(/\d+)?")
KINDS = {
    Decision.MISNAMED: "a request for a name that is not the share's",
    Decision.FOREIGN: "a request that a page from elsewhere sends",
}
"""What is complained of."""


class _NotFound(ErrorHandler):
    status = 404

    def prepare(self) -> None:
        self.set_status(self.status)
        self.finish()

    def write_error(self, status_code: int, **kwargs: object) -> None:
        self.set_status(self.status)  # also for a method that nobody knows
        self.finish()


class _ForeignOrigin(_NotFound):
    status = 403


class _UnknownHost(BaseHandler):
    """For who knows the link, so this tells them nothing new; a page of somebody else's can't read it."""

    def initialize(self, guard: AccessGuard) -> None:
        self._public = guard.rules.public

    def prepare(self) -> None:
        host = printable(self.request.host)[:MAX_LOGGED_HOST]
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


class _HttpOnTlsPort(_NotFound):
    """To the same address by TLS. Not for good: another share may have the port tomorrow."""

    status = 302

    def prepare(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("Location", f"https://{self.request.host}{self.request.uri}")
        super().prepare()


class AccessGuard(Router):
    """Lets in what the terms allow, with the prefix cut off; answers the rest itself.

    Serves two loops at a time; `terms` may be replaced while it does.
    """

    def __init__(self, inside: Application, rules: AccessRules) -> None:
        self.inside = inside
        self.rules = rules
        self.cookie = "bokeh_share"
        """Its name; browsers send a host's cookies to all its ports."""
        self.certificate: Certificate | None = None
        """What is shown where TLS is spoken; then only redirects are plain."""
        self.throttle = LoginThrottle()
        self.pending = PendingConnections()
        self.on_leave: Callable[[str], None] = lambda session_token: None
        """Called with the ticket of who has logged out."""
        self.on_misnamed: Callable[[HTTPServerRequest], bool] = lambda request: False
        """Called for who knows the link by a name that the share does not have; whether it has it now."""
        self.on_wrong: Callable[[str], None] = lambda ip: None
        """Called with the address from which a wrong password came."""
        login = {"guard": self}
        self._answers = {
            Decision.NOWHERE: _answering(_NotFound),
            Decision.MISNAMED: Application([(r".*", _UnknownHost, login)], log_function=log_nothing),
            Decision.FOREIGN: _answering(_ForeignOrigin),
            Decision.PLAIN: _answering(_HttpOnTlsPort),
            Decision.LOCKED: Application([(r".*", LoginPage, login)], log_function=log_nothing),
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
        decision = (rules := self.rules).judge(asked)
        if decision is Decision.MISNAMED and self.on_misnamed(request):
            decision = (rules := self.rules).judge(asked)
        # Without a secret part there is nothing that a path could miss, only a name.
        is_named = decision is not Decision.NOWHERE or rules.prefix
        if kind := KINDS.get(decision if is_named else Decision.MISNAMED):
            log_misuse(kind)
        if decision in (Decision.INSIDE, Decision.LOCKED):
            request.path = rules.inside(request.path) or ""
            if rules.lock is not None and request.path in (*FORM_PATHS, STATE_PATH):
                decision = Decision.LOCKED
            if _is_socket(request) and decision is Decision.INSIDE and APP_SOCKET.fullmatch(request.path):
                self.pending.stay(stream)
            else:
                self.pending.welcome(stream)
        answering = self._answers.get(decision, self.inside)
        return answering.find_handler(request, **kwargs)

    def session_tokens_of(self, request: HTTPServerRequest) -> tuple[str, ...]:
        """What the request's cookies of our name bring.

        There may be several: other servers of this host, or of a domain around it, can set one as well.
        """
        found = re.findall(rf"(?:^|[;,]) *{self.cookie}=([\w.-]*)", request.headers.get("Cookie", ""))
        return tuple(dict.fromkeys(found))

    def holding(self, request: HTTPServerRequest) -> tuple[str, ...]:
        """Of these, the tickets that hold."""
        lock = self.rules.lock
        return tuple(filter(lock.admits, self.session_tokens_of(request))) if lock is not None else ()

    def _asked(self, request: HTTPServerRequest) -> RequestFacts:
        return RequestFacts(
            path=request.path,
            host=request.host,
            origin=request.headers.get("Origin"),
            plain=request.protocol == "http",
            acts=_is_socket(request) or request.method not in ("GET", "HEAD"),
            session_tokens=self.session_tokens_of(request) if self.rules.lock is not None else (),
        )


def _is_socket(request: HTTPServerRequest) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _has_body(request: HTTPServerRequest) -> bool:
    headers = request.headers
    return headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers


def _answering(handler: type[ErrorHandler]) -> Application:
    return Application([], default_handler_class=handler, log_function=log_nothing)
