"""One share that a relay's process serves: its page, its viewers and its access rules."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from itertools import count
from typing import NoReturn

from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.routing import Router
from websockets.http11 import Request

from .. import limits
from ..broadcast import Connection, ConnectionRegistry, SendSlots
from ..server import build_page_version
from ..server.auth import AccessGuard
from ..text import sanitize_for_log
from ..wire import CloseCode
from .kernel_watch import KernelState
from .keyframe_requests import KeyframeRequests
from .relay_hub import RelayHub
from .relay_services import RelayServices
from .relay_url import ShareAddress
from .relayed_access import RelayedAccess
from .relayed_content import SharePage
from .relayed_page import RelayedPage
from .share_application import build_ended_application, build_share_application
from .share_follower import ShareFollower
from .state_notices import StateNotices

log = logging.getLogger(__name__)

FOLLOW_RETRY_DELAY = 5.0
"""Seconds after which a share is followed again after an error that nobody has foreseen."""
RELAY_HOST_HINT = (
    "If this address is right, start the relay with --public-url and the address, without the token."
)


class RelayedShare(Router):
    """A share, from its first request until nobody has wanted it for a while. Used on the relay's loop."""

    def __init__(self, address: ShareAddress, services: RelayServices) -> None:
        self.address = address
        self.used_at = time.monotonic()
        """The time of the last request."""
        self.has_ended = False
        """True if the author has stopped sharing."""
        self._services = services
        self._loop = asyncio.get_running_loop()
        keyframe_requests = KeyframeRequests(lambda plot_id: content.request_keyframe(plot_id))
        self.hub = RelayHub(
            ping_interval=limits.PING_INTERVAL,
            build_page_version=build_page_version,
            on_resend=keyframe_requests.record_resend,
        )
        self._notices = StateNotices(self._loop)
        self.registry = ConnectionRegistry(services.viewers, self._notices, self._on_viewer_change)
        self._send_slots = SendSlots(self._loop.call_soon)
        self._connection_count = count(1)
        self._viewer_count = 0
        """The number of viewers that the process counts for this share."""
        self._access = RelayedAccess(address, services)
        content = SharePage(self.hub, address, services)
        parts = (self, self._access.control, services.pending, services.join_throttle)
        self._application = build_share_application(content, *parts)
        self._ended_application = build_ended_application(*parts)
        self._guard = AccessGuard(
            self,
            self._access.control,
            services.pending,
            on_logout=self._close_session,
            throttle=services.login_throttle,
            host_hint=RELAY_HOST_HINT,
        )
        self._is_known = asyncio.Event()
        """Set when the page, or the end of the share, is known."""
        self._follower_task = asyncio.ensure_future(_follow(address, services, self))

    @property
    def is_known(self) -> bool:
        """True if the page, or the end of the share, is known; before that, nobody is let in."""
        return self._is_known.is_set()

    async def wait_until_known(self, timeout: float) -> bool:
        """Wait until the share is known. Return False if this takes too long."""
        try:
            await asyncio.wait_for(self._is_known.wait(), timeout)
        except TimeoutError:
            return False
        return True

    def answer(self, request: HTTPServerRequest) -> HTTPMessageDelegate | None:
        """Find the handler of a request, under the access rules of the share."""
        self.used_at = time.monotonic()
        return self._guard.find_handler(request)

    def find_handler(self, request: HTTPServerRequest, **kwargs: object) -> HTTPMessageDelegate | None:
        """Find the handler of a request that the access guard allows."""
        application = self._ended_application if self.has_ended else self._application
        return application.find_handler(request, **kwargs)

    def add_connection(
        self,
        sock: socket.socket,
        request: Request,
        session_tokens: tuple[str, ...] = (),
        *,
        is_author: bool = False,
    ) -> None:
        """Take over a connection whose websocket request was read, and answer it."""
        registry = self.registry
        connection = Connection(
            sock,
            self.hub,
            self._send_slots,
            lambda: connection.send_updates(),
            # after the end, nobody may join
            registry.dismissal_count - (1 if self.has_ended else 0),
            session_tokens,
            number=next(self._connection_count),
        )
        self._services.tasks.start(connection.serve(request, registry))

    def publish(self, page: RelayedPage) -> None:
        """Send viewers a newer page. One without the facts about the share waits for them, since they say if
        there is a password."""
        if page.share is None:
            return
        self.has_ended = False
        if self._access.update(page.share) and self.is_known and self._access.control.has_password:
            self.registry.close(CloseCode.PASSWORD_REQUIRED, "The author set a password")
        self.hub.publish(page)
        self.registry.send_updates()
        self._is_known.set()

    def update_kernel(self, state: KernelState) -> None:
        """Tell viewers about the author's kernel."""
        self._notices.update(state)

    def end(self) -> None:
        """Tell viewers that the author stopped sharing."""
        if self.has_ended:
            return
        self.has_ended = True
        if not self.is_known:
            self._access.update(None)
        self.registry.close(CloseCode.SHARE_ENDED, "sharing ended")
        self._is_known.set()

    def apply_timeouts(self, now: float) -> None:
        self.registry.apply_timeouts(now, self.hub.is_outdated)

    def close(self, code: int, reason: str) -> None:
        """Close all viewers, and follow the share no longer."""
        self._follower_task.cancel()
        self._notices.close()
        self.registry.close(code, reason)

    def _close_session(self, session_token: str) -> None:
        self.registry.close(CloseCode.PASSWORD_REQUIRED, "You have logged out", session_token)

    def _on_viewer_change(self) -> None:
        viewer_count = len(self.registry)
        self._services.viewers.update_count(viewer_count - self._viewer_count)
        self._viewer_count = viewer_count
        self.used_at = time.monotonic()


async def _follow(address: ShareAddress, services: RelayServices, share: RelayedShare) -> NoReturn:
    """Follow the stream of a share. After an error that nobody has foreseen, begin anew."""
    while True:
        try:
            await ShareFollower(lambda: services.client.open_reader(address.keys), share).run()
        except Exception as error:
            name = address.keys.short_name
            log.error("share %s cannot be followed", name, exc_info=sanitize_for_log(error))
        await asyncio.sleep(FOLLOW_RETRY_DELAY)
