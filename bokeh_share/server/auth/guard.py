"""The access guard: checks each request against the access rules, and routes it to its handler."""

from __future__ import annotations

import re
from collections.abc import Callable

from tornado.httputil import HTTPInputError, HTTPMessageDelegate, HTTPServerRequest
from tornado.iostream import IOStream
from tornado.routing import Router
from tornado.web import Application

from ...text import make_printable
from ..base_handler import BaseHandler, ErrorHandler, log_nothing
from ..certificate import Certificate
from ..pending_connections import PendingConnections
from ..visitor_log import log_misuse
from .login import FORM_PATHS, STATE_PATH, LoginPage
from .login_throttle import LoginThrottle
from .rules import AccessRules, Decision, RequestFacts

MAX_LOGGED_HOST = 100
"""Maximum number of characters of a Host header that an answer repeats."""
APP_SOCKET_PATH = re.compile(r"/[^/]+/socket(/\d+)?")
MISUSE_BY_DECISION = {
    Decision.UNKNOWN_HOST: "a request for a name that is not the share's",
    Decision.FOREIGN_ORIGIN: "a request that a page from elsewhere sends",
}
"""The decisions that the visitor log records, each with the kind of misuse that it is logged as."""


class _NotFound(ErrorHandler):
    status = 404

    def prepare(self) -> None:
        self.set_status(self.status)
        self.finish()

    def write_error(self, status_code: int, **kwargs: object) -> None:
        self.set_status(self.status)  # also for an unknown method
        self.finish()


class _ForeignOrigin(_NotFound):
    status = 403


class _UnknownHost(BaseHandler):
    """Answers a request below the link with an unknown Host header.

    The client knows the link, so the answer reveals nothing new; a page of another origin can't read it.
    """

    def initialize(self, guard: AccessGuard) -> None:
        self._public_url = guard.rules.public_url

    def prepare(self) -> None:
        host = make_printable(self.request.host)[:MAX_LOGGED_HOST]
        self.set_status(421)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        if self._public_url:
            hint = (
                f"Its author has said that it is at {self._public_url}. If you came by that address,"
                " the proxy in front has changed the name: it has to pass on the Host header that it was sent"
                " (in nginx: proxy_set_header Host $http_host)."
            )
        else:
            hint = (
                "If this address is meant for it, its author can say so: %bokeh_share --public-url, with the"
                " address up to the part that can't be guessed."
            )
        self.finish(f"This share does not answer to the name {host!r} in the Host header.\n{hint}\n")


class _HttpOnTlsPort(_NotFound):
    """Redirects plain http to https; not permanently, since another share may use the port tomorrow."""

    status = 302

    def prepare(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("Location", f"https://{self.request.host}{self.request.uri}")
        super().prepare()


class AccessGuard(Router):
    """Passes on the requests that the access rules allow, with the prefix cut off; answers the others itself.

    Serves two loops at a time; `rules` may be replaced while it does.
    """

    def __init__(self, application: Application, rules: AccessRules) -> None:
        self.application = application
        self.rules = rules
        self.cookie_name = "bokeh_share"
        """Name of the cookie for this share; browsers send a host's cookies to all its ports."""
        self.certificate: Certificate | None = None
        """The certificate where the share uses TLS; plain http is then only redirected."""
        self.throttle = LoginThrottle()
        self.pending = PendingConnections()
        self.on_logout: Callable[[str], None] = lambda session_token: None
        """Called with the session token of a viewer who has logged out."""
        self.on_unknown_host: Callable[[HTTPServerRequest], bool] = lambda request: False
        """Called when a request with the right prefix has an unknown Host header; returns True if the access
        rules now allow the host."""
        self.on_wrong_password: Callable[[str], None] = lambda ip: None
        """Called with the client address after a wrong password."""
        handler_args = {"guard": self}
        self._refusals = {
            Decision.NOT_FOUND: _build_application(_NotFound),
            Decision.UNKNOWN_HOST: Application(
                [(r".*", _UnknownHost, handler_args)], log_function=log_nothing
            ),
            Decision.FOREIGN_ORIGIN: _build_application(_ForeignOrigin),
            Decision.HTTP_ON_TLS_PORT: _build_application(_HttpOnTlsPort),
            Decision.LOGIN_REQUIRED: Application(
                [(r".*", LoginPage, handler_args)], log_function=log_nothing
            ),
        }

    def find_handler(self, request: HTTPServerRequest, **kwargs: object) -> HTTPMessageDelegate | None:
        stream: IOStream = request.connection.stream  # type: ignore[union-attr]  # of HTTP/1
        if stream.closed():  # each connection answers one request, and this one has answered it
            raise HTTPInputError("a request after the last one")
        if request.method == "HEAD":
            request.headers.pop("Upgrade", None)  # a websocket opens by GET alone
        if _is_websocket_request(request) and _has_body(request):
            # The decision is made now, but the request would be answered after its body, when the link or the
            # password may be another.
            raise HTTPInputError("a websocket request with a body")
        facts = self._build_facts(request)
        decision = (rules := self.rules).decide(facts)
        if decision is Decision.UNKNOWN_HOST and self.on_unknown_host(request):
            decision = (rules := self.rules).decide(facts)
        # Without a secret part no path is outside of the prefix, so only the host can be wrong.
        is_named = decision is not Decision.NOT_FOUND or rules.prefix
        if kind := MISUSE_BY_DECISION.get(decision if is_named else Decision.UNKNOWN_HOST):
            log_misuse(kind)
        if decision in (Decision.ALLOWED, Decision.LOGIN_REQUIRED):
            request.path = rules.strip_prefix(request.path) or ""
            if rules.password is not None and request.path in (*FORM_PATHS, STATE_PATH):
                decision = Decision.LOGIN_REQUIRED
            if (
                _is_websocket_request(request)
                and decision is Decision.ALLOWED
                and APP_SOCKET_PATH.fullmatch(request.path)
            ):
                self.pending.remove(stream)
            else:
                self.pending.mark_known(stream)
        application = self._refusals.get(decision, self.application)
        return application.find_handler(request, **kwargs)

    def read_session_tokens(self, request: HTTPServerRequest) -> tuple[str, ...]:
        """Return the values of the request's cookies that have our name.

        There may be several: other servers of this host, or of a parent domain, can set one as well.
        """
        tokens = re.findall(rf"(?:^|[;,]) *{self.cookie_name}=([\w.-]*)", request.headers.get("Cookie", ""))
        return tuple(dict.fromkeys(tokens))

    def read_valid_session_tokens(self, request: HTTPServerRequest) -> tuple[str, ...]:
        """Return those session tokens of the request that are valid."""
        password = self.rules.password
        return (
            tuple(filter(password.is_valid_session_token, self.read_session_tokens(request)))
            if password is not None
            else ()
        )

    def _build_facts(self, request: HTTPServerRequest) -> RequestFacts:
        return RequestFacts(
            path=request.path,
            host=request.host,
            origin=request.headers.get("Origin"),
            is_plain_http=request.protocol == "http",
            has_side_effects=_is_websocket_request(request) or request.method not in ("GET", "HEAD"),
            session_tokens=self.read_session_tokens(request) if self.rules.password is not None else (),
        )


def _is_websocket_request(request: HTTPServerRequest) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _has_body(request: HTTPServerRequest) -> bool:
    headers = request.headers
    return headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers


def _build_application(handler: type[ErrorHandler]) -> Application:
    return Application([], default_handler_class=handler, log_function=log_nothing)
