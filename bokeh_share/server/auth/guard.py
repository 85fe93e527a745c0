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
from ..pending_connections import PendingConnections
from ..visitor_log import log_misuse
from .access_control import AccessControl
from .author_page import AuthorLinkPage
from .login import FORM_PATHS, STATE_PATH, LoginPage
from .login_throttle import LoginThrottle
from .rules import AccessRules, Decision, RequestFacts

MAX_LOGGED_HOST = 100
"""Maximum number of characters of a Host header that an answer repeats."""
SHARE_HOST_HINT = (
    "If this address is right, the author can allow it with --public-url and the address, without the token."
)
APP_SOCKET_PATH = re.compile(r"/[^/]+/socket(/\d+)?")
MISUSE_BY_DECISION = {
    Decision.UNKNOWN_HOST: "request with an unknown host name",
    Decision.FOREIGN_ORIGIN: "request from a page of another origin",
}
"""The kind of misuse that is logged for a decision."""


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

    def initialize(self, access: AccessControl, host_hint: str) -> None:
        self._public_url, self._host_hint = access.rules.public_url, host_hint

    def prepare(self) -> None:
        host = make_printable(self.request.host)[:MAX_LOGGED_HOST]
        self.set_status(421)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        if self._public_url:
            hint = (
                f"The author shares it at {self._public_url}. If you used that address, the proxy changed the"
                " Host header: it must pass on the header that it receives"
                " (in nginx: proxy_set_header Host $http_host)."
            )
        else:
            hint = self._host_hint
        self.finish(f"This share has no address with the name {host!r} (in the Host header).\n{hint}\n")


class _HttpOnTlsPort(_NotFound):
    """Redirects plain http to https; not permanently, since another share may use the port later."""

    status = 302

    def prepare(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("Location", f"https://{self.request.host}{self.request.uri}")
        super().prepare()


class AccessGuard(Router):
    """Passes allowed requests on, without the prefix, and answers the others itself.

    Serves two loops at the same time; the rules of `access` may be replaced meanwhile.
    """

    def __init__(
        self,
        application: Router,
        access: AccessControl,
        pending: PendingConnections,
        *,
        on_unknown_host: Callable[[HTTPServerRequest], bool] = lambda request: False,
        on_wrong_password: Callable[[str], None] = lambda ip: None,
        on_logout: Callable[[str], None] = lambda session_token: None,
        throttle: LoginThrottle | None = None,
        host_hint: str = SHARE_HOST_HINT,
    ) -> None:
        """`on_unknown_host` is called if a request with the right prefix has an unknown Host header, and
        returns True if the access rules now allow the host. `on_wrong_password` is called with the client's
        IP address, `on_logout` with the session token of a viewer who logged out. `throttle` checks the
        passwords, perhaps those of several shares. `host_hint` is the advice for an unknown Host header, if
        there is no public URL."""
        self.application = application
        self.access = access
        self.pending = pending
        self._on_unknown_host = on_unknown_host
        login_args = {
            "access": access,
            "throttle": LoginThrottle() if throttle is None else throttle,
            "on_wrong_password": on_wrong_password,
            "on_logout": on_logout,
        }
        self._author_application = Application(
            [(r".*", AuthorLinkPage, {"access": access})], log_function=log_nothing
        )
        self._refusals: dict[Decision, Router] = {
            Decision.NOT_FOUND: _build_application(_NotFound),
            Decision.UNKNOWN_HOST: Application(
                [(r".*", _UnknownHost, {"access": access, "host_hint": host_hint})],
                log_function=log_nothing,
            ),
            Decision.FOREIGN_ORIGIN: _build_application(_ForeignOrigin),
            Decision.HTTP_ON_TLS_PORT: _build_application(_HttpOnTlsPort),
            Decision.LOGIN_REQUIRED: Application([(r".*", LoginPage, login_args)], log_function=log_nothing),
        }

    def find_handler(self, request: HTTPServerRequest, **kwargs: object) -> HTTPMessageDelegate | None:
        stream: IOStream = request.connection.stream  # type: ignore[union-attr]  # of HTTP/1
        if stream.closed():  # each connection answers one request, and this one already has
            raise HTTPInputError("a request after the last one")
        if request.method == "HEAD":
            request.headers.pop("Upgrade", None)  # a websocket opens only by GET
        if _is_websocket_request(request) and _has_body(request):
            # The decision is made now, but the answer would follow the body, when the link or the password
            # may have changed.
            raise HTTPInputError("a websocket request with a body")
        rules, decision = self._decide(request)
        application: Router = self.application
        if decision in (Decision.ALLOWED, Decision.LOGIN_REQUIRED):
            request.path = rules.strip_prefix(request.path) or ""
            if rules.password is not None and request.path in (*FORM_PATHS, STATE_PATH):
                decision = Decision.LOGIN_REQUIRED
            if decision is Decision.LOGIN_REQUIRED and self.access.is_author(request):
                decision = Decision.ALLOWED  # without the password, which the author may have forgotten
            if request.path == "/" and self.access.has_author_code(request):
                decision, application = Decision.ALLOWED, self._author_application
            if (
                _is_websocket_request(request)
                and decision is Decision.ALLOWED
                and APP_SOCKET_PATH.fullmatch(request.path)
            ):
                self.pending.remove(stream)
            else:
                self.pending.mark_known(stream)
        application = self._refusals.get(decision, application)
        return application.find_handler(request, **kwargs)

    def _decide(self, request: HTTPServerRequest) -> tuple[AccessRules, Decision]:
        """Decide on a request, log it if it is misuse, and return the rules by which it was decided."""
        facts = self._build_facts(request)
        decision = (rules := self.access.rules).decide(facts)
        if decision is Decision.UNKNOWN_HOST and self._on_unknown_host(request):
            decision = (rules := self.access.rules).decide(facts)
        # Without a token no path is outside of the prefix, so only the host can be wrong.
        is_named = decision is not Decision.NOT_FOUND or rules.prefix
        if kind := MISUSE_BY_DECISION.get(decision if is_named else Decision.UNKNOWN_HOST):
            log_misuse(kind)
        return rules, decision

    def _build_facts(self, request: HTTPServerRequest) -> RequestFacts:
        return RequestFacts(
            path=request.path,
            host=request.host,
            origin=request.headers.get("Origin"),
            is_plain_http=request.protocol == "http",
            has_side_effects=_is_websocket_request(request) or request.method not in ("GET", "HEAD"),
            session_tokens=self.access.read_session_tokens(request) if self.access.has_password else (),
        )


def _is_websocket_request(request: HTTPServerRequest) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _has_body(request: HTTPServerRequest) -> bool:
    headers = request.headers
    return headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers


def _build_application(handler: type[ErrorHandler]) -> Application:
    return Application([], default_handler_class=handler, log_function=log_nothing)
