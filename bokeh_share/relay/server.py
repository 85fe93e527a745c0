"""One process of a relay: serves shares from the broker, from its start until a signal ends it."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress

from ..broker import RelayClient
from ..errors import BokehShareError
from ..server import Certificate, JoinThrottle, Listener, PendingConnections, VisitorLogFilter
from ..server.auth import AccessControl, AccessRules
from ..text import sanitize_for_log
from ..wire import CloseCode
from .broker_watch import BrokerWatch
from .descriptor_limit import raise_descriptor_limit
from .process_viewers import ProcessViewers
from .relay_options import RelayOptions, load_relay_certificate
from .relay_services import RelayServices
from .router import RelayRouter
from .share_directory import ShareDirectory

log = logging.getLogger(__name__)

TICK_INTERVAL = 1.0
"""Seconds between two checks for viewers that time out, and for shares that nobody wants."""
CERTIFICATE_CHECK_TICKS = 60
SHUTDOWN_TIMEOUT = 8.0
"""Seconds for which the process waits at its end for responses that are being sent."""


class RelayServer:
    """A relay's process. All of it runs on one loop."""

    def __init__(
        self,
        options: RelayOptions,
        sockets: Sequence[socket.socket],
        metrics_sockets: Sequence[socket.socket] = (),
        certificate: Certificate | None = None,
    ) -> None:
        """The server closes the sockets, on which it accepts viewers and requests for metrics. All processes
        of a relay have the same certificate."""
        self._options, self._sockets, self._metrics_sockets = options, sockets, metrics_sockets
        self._certificate = certificate
        self._is_stopping = asyncio.Event()

    def run(self, parent: int | None = None) -> None:
        """Serve until SIGTERM or SIGINT, or until the other end of the pipe `parent` is closed."""
        asyncio.run(self._run(parent))

    async def _run(self, parent: int | None) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError):  # Windows
                loop.add_signal_handler(number, self._is_stopping.set)
        if parent is not None:
            loop.add_reader(parent, self._is_stopping.set)
        log_filter = VisitorLogFilter()
        log_filter.start()
        if note := raise_descriptor_limit(self._options.limits.max_viewers):
            log.warning(note)
        try:
            await self._serve()
        finally:
            log_filter.stop()

    async def _serve(self) -> None:
        options = self._options
        services = self._build_services()
        directory = ShareDirectory(services)
        announced = options.url.text or f"{options.scheme}://{_format_authority(options, self._port)}"
        watch = BrokerWatch(services, lambda: directory, announced)
        access = AccessControl(AccessRules(), self._certificate)
        router = RelayRouter(
            services,
            directory,
            access,
            proxies=options.proxies,
            is_broker_available=lambda: watch.is_available,
        )
        self._start_metrics(services, directory, watch)
        listeners = [Listener(router, sock, services.viewers.reject) for sock in self._sockets]
        log.info("listening at %s", announced)
        tasks = [asyncio.ensure_future(watch.run()), asyncio.ensure_future(self._tick(directory, access))]
        for task in tasks:
            task.add_done_callback(_log_failure)
        await self._is_stopping.wait()
        log.info("stopping; viewers connect again")
        for listener in listeners:
            listener.stop()
        directory.close_all(CloseCode.SERVICE_RESTART, "the server restarts")
        await services.tasks.end_all()
        await _wait_until_answered(services.pending)
        for task in tasks:
            task.cancel()
        for listener in listeners:
            await listener.http_server.close_all_connections()
        await services.client.close()

    @property
    def _port(self) -> int:
        return int(self._sockets[0].getsockname()[1])

    def _build_services(self) -> RelayServices:
        options = self._options
        hosts = (f"[{host}]" if ":" in host else host for host in options.hosts)
        return RelayServices(
            client=RelayClient(options.broker),
            relay_name=f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}",
            url=options.url,
            own_origins=frozenset(f"{options.scheme}://{host}:{self._port}" for host in hosts),
            uses_tls=options.tls is not None,
            secret=options.secret,
            viewers=ProcessViewers(options.limits),
            join_throttle=JoinThrottle(options.limits),
            pending=PendingConnections(options.limits),
        )

    def _start_metrics(self, services: RelayServices, directory: ShareDirectory, watch: BrokerWatch) -> None:
        if not self._metrics_sockets:
            return
        from .metrics import RelayCollector, build_metrics_server

        def is_available() -> bool:
            return watch.is_available

        collector = RelayCollector(services.viewers, lambda: len(directory), is_available)
        build_metrics_server(collector, is_available).add_sockets(self._metrics_sockets)

    async def _tick(self, directory: ShareDirectory, access: AccessControl) -> None:
        loop, count = asyncio.get_running_loop(), 0
        while True:
            await asyncio.sleep(TICK_INTERVAL)
            count += 1
            try:
                for share in directory:
                    share.apply_timeouts(loop.time())
                directory.close_unused()
                if count % CERTIFICATE_CHECK_TICKS == 0:
                    self._renew_certificate(access)
            except Exception as error:  # the next tick may succeed
                log.error("the relay cannot check its viewers", exc_info=sanitize_for_log(error))

    def _renew_certificate(self, access: AccessControl) -> None:
        """Load a certificate whose files have changed."""
        if access.certificate is not None and access.certificate.is_outdated:
            try:
                access.update(access.rules, load_relay_certificate(self._options))
            except BokehShareError as error:  # a half-written file: the former certificate stays
                log.warning("the new certificate cannot be used: %s", error)


async def _wait_until_answered(pending: PendingConnections) -> None:
    """Wait until responses have been sent, or for `SHUTDOWN_TIMEOUT` seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SHUTDOWN_TIMEOUT
    while pending.has_responses and loop.time() < deadline:
        await asyncio.sleep(0.05)


def _format_authority(options: RelayOptions, port: int) -> str:
    host = options.hosts[0]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("the relay failed", exc_info=sanitize_for_log(error))
