"""Routes the requests of a relay to the shares that they ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    HTTPServerRequest,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream
from tornado.routing import Router

from ..broker import BrokerUnreachable
from ..server import PendingConnections, TrustedProxies
from ..server.auth import AccessControl
from .notice_page import HealthHandler, NoticeHandler, StatusHandler, build_plain_application
from .relay_services import RelayServices
from .relay_url import ShareAddress
from .relayed_share import RelayedShare
from .share_directory import ShareAbsent, ShareDirectory, TooManyLookups

HEALTH_PATH = "/healthz"
SHARE_TIMEOUT = 8.0
"""Seconds for which a request waits for the page of its share."""


class RelayRouter(HTTPServerConnectionDelegate):
    """Receives all requests of a relay's process: looks for the share of each, perhaps in the broker, and
    passes the request on to the access guard of the share."""

    def __init__(
        self,
        services: RelayServices,
        directory: ShareDirectory,
        access: AccessControl,
        *,
        proxies: TrustedProxies,
        is_broker_available: Callable[[], bool],
    ) -> None:
        """`access` has the certificate, if the relay uses TLS."""
        self.access = access
        self._services, self._directory, self._proxies = services, directory, proxies
        self._not_found = build_plain_application(StatusHandler, status=404)
        self._too_many = build_plain_application(StatusHandler, status=429)
        self._health = build_plain_application(HealthHandler, is_healthy=is_broker_available)
        self._no_broker = build_plain_application(
            NoticeHandler,
            title="This page is away",
            text="This server cannot reach the place where the page is kept. Load the page again later.",
            status=503,
        )
        self._no_page = build_plain_application(
            NoticeHandler,
            title="This page is not ready",
            text="The author’s notebook has not sent it completely. Load the page again later.",
            status=503,
        )

    @property
    def pending(self) -> PendingConnections:
        return self._services.pending

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        return _RelayedRequest(self, server_conn, request_conn)

    def prepare(self, request: HTTPServerRequest) -> ShareAddress | None:
        """Read the client's address and the share of a request."""
        self._proxies.apply_to(request)
        if request.path == HEALTH_PATH:
            return None
        request.path = self._services.url.normalize_path(request.path)
        return self._services.url.find_share(request.path, request.host)

    def find_open_share(self, address: ShareAddress) -> RelayedShare | None:
        """Return the share if it can answer at once."""
        share = self._directory.find(address)
        return share if share is not None and share.is_known else None

    def answer_without_share(self, request: HTTPServerRequest) -> HTTPMessageDelegate | None:
        """Find the handler of a request that asks for no share."""
        application = self._health if request.path == HEALTH_PATH else self._not_found
        return application.find_handler(request)

    async def find_answer(
        self, request: HTTPServerRequest, address: ShareAddress
    ) -> HTTPMessageDelegate | None:
        """Find the handler of a request, after its share was found in the broker. None if the client has
        left."""
        target: Router | None = None
        share: RelayedShare | None = None
        try:
            share = await self._directory.open(address, str(request.remote_ip))
            if not await share.wait_until_known(SHARE_TIMEOUT):
                target = self._no_page
        except ShareAbsent:
            target = self._not_found
        except TooManyLookups:
            target = self._too_many
        except BrokerUnreachable:
            target = self._no_broker
        stream: IOStream = request.connection.stream  # type: ignore[union-attr]  # of HTTP/1
        if stream.closed():
            return None
        if target is not None:
            return target.find_handler(request)
        assert share is not None, "it was opened"
        return share.answer(request)


class _RelayedRequest(HTTPMessageDelegate):
    """One request, whose handler is found after its headers have come."""

    def __init__(self, router: RelayRouter, server_conn: object, request_conn: HTTPConnection) -> None:
        self._router = router
        self._server_conn, self._request_conn = server_conn, request_conn
        self._delegate: HTTPMessageDelegate | None = None

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        assert isinstance(start_line, RequestStartLine), "a server gets requests"
        request = HTTPServerRequest(
            connection=self._request_conn,
            server_connection=self._server_conn,
            start_line=start_line,
            headers=headers,
        )
        address = self._router.prepare(request)
        if address is None:
            self._delegate = self._router.answer_without_share(request)
        elif (share := self._router.find_open_share(address)) is not None:
            self._delegate = share.answer(request)
        else:
            return asyncio.ensure_future(self._find_delegate(request, address, start_line, headers))
        return self._pass_headers(start_line, headers)

    async def _find_delegate(
        self,
        request: HTTPServerRequest,
        address: ShareAddress,
        start_line: RequestStartLine,
        headers: HTTPHeaders,
    ) -> None:
        self._delegate = await self._router.find_answer(request, address)
        passed = self._pass_headers(start_line, headers)
        if passed is not None:
            await passed

    def _pass_headers(self, start_line: RequestStartLine, headers: HTTPHeaders) -> Awaitable[None] | None:
        return None if self._delegate is None else self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return None if self._delegate is None else self._delegate.data_received(chunk)

    def finish(self) -> None:
        if self._delegate is not None:
            self._delegate.finish()

    def on_connection_close(self) -> None:
        if self._delegate is not None:
            self._delegate.on_connection_close()
