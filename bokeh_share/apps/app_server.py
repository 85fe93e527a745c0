"""Serves the shared apps with Bokeh's server: opens each viewer's document, and ends it."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from bokeh.model import Model
from bokeh.server.tornado import BokehTornado
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop, PeriodicCallback

from .. import limits
from ..server import BokehJs, TokenBucket, build_visitor_context
from ..text import sanitize_for_log
from ..wire import CloseCode
from .app import App
from .documents import CLEANUP_INTERVAL, AppDocuments
from .failures import FailureThrottle
from .outbox import Outbox
from .protocol import MemoryQuota, MemoryUsage
from .registry import AppRegistry
from .schedule import FairScheduler
from .websocket import AppWebSocket

MAKE_ROOM_TIMEOUT = 2.0
"""Seconds that a new viewer waits for an unused document to end."""
PROBE_INTERVAL = 1.0
"""Seconds between two checks for silent or slow viewers."""
VALUE_QUOTA_TIMEOUT = 10.0
"""Seconds that a message with many values waits to be processed."""

log = logging.getLogger(__name__)


class AppServer:
    """Serves the apps of a share on the kernel's loop, each by a `BokehTornado`, from `start` to `stop`.

    Requests that need none of the author's code are also answered in the viewers' thread. The others wait
    for the kernel.
    """

    def __init__(
        self,
        apps: AppRegistry,
        *,
        bokehjs: BokehJs,
        get_max_documents: Callable[[], int],
        on_rejected: Callable[[], None] = lambda: None,
        on_custom_models: Callable[[Iterable[type[Model]]], None] = lambda classes: None,
    ) -> None:
        """`get_max_documents` returns the maximum number of documents. `on_rejected` is called when a viewer
        is rejected for lack of file descriptors, `on_custom_models` with the author's own model classes that
        documents contain."""
        self.apps = apps
        self.bokehjs = bokehjs
        self.on_rejected, self.on_custom_models = on_rejected, on_custom_models
        self.disconnect_count = 0
        """How often viewers were disconnected. Requests that were waiting then have to be repeated."""
        self._get_max_documents = get_max_documents
        self._loop: IOLoop | None = None
        self._app_documents: dict[str, AppDocuments] = {}
        self._closing_tasks: set[asyncio.Task[None]] = set()
        self._memory_quota = MemoryQuota()
        self._failure_throttle = FailureThrottle()
        self.outbox: Outbox[AppWebSocket] = Outbox()
        self.scheduler = FairScheduler(self.outbox.has_room)
        self._probe_timer = PeriodicCallback(self._probe_connections, PROBE_INTERVAL * 1000)
        self._value_tokens = TokenBucket(limits.APP_VALUE_RATE, limits.MAX_APP_MESSAGE_VALUES)

    def start(self, loop: IOLoop) -> None:
        """`loop` must be the current one, as in `stop`."""
        self._loop = loop
        self.apps.change_callbacks.append(self._on_apps_changed)
        self._update_apps()
        build_visitor_context().run(self._probe_timer.start)

    def stop(self, code: int, reason: str) -> Awaitable[Any]:
        """Close all viewers' websockets. The returned awaitable is done when their documents have ended."""
        self._loop = None
        self._probe_timer.stop()
        self.apps.remove_callback(self._on_apps_changed)
        for name in [*self._app_documents]:
            self._close_app(name, code, reason)
        return asyncio.gather(*self._closing_tasks, return_exceptions=True)

    def disconnect(
        self, code: int, reason: str, *, is_affected: Callable[[HTTPServerRequest], bool] = lambda _: True
    ) -> None:
        """Close all open websockets, or those whose requests are affected."""
        self.disconnect_count += 1
        for app_documents in self._app_documents.values():
            for socket in [*app_documents.sockets]:
                if is_affected(socket.request):
                    socket.close(code, reason)

    def find_application(self, name: str) -> BokehTornado | None:
        """Return the application for a viewer's websocket; None if there is none or the kernel is busy."""
        app_documents = self._app_documents.get(name)
        return app_documents.tornado if app_documents is not None and self.is_on_kernel_loop else None

    def build_session_info(self, app: App, request: HTTPServerRequest) -> dict[str, Any]:
        """Return the token that opens a viewer's websocket, and the assets to load. Raises `BadValue`."""
        app_documents = self._app_documents[app.name]
        app.parameters.from_query(parse_arguments(request))
        return {
            "token": app_documents.build_token(request),
            "parts": [json.loads(asset) for asset in app_documents.assets],
        }

    @property
    def is_on_kernel_loop(self) -> bool:
        """True on the kernel's loop, the only one that calls the author's functions."""
        return self._loop is not None and IOLoop.current(instance=False) is self._loop

    def _on_apps_changed(self) -> None:
        """Handle an app that was added, removed or changed, in any thread."""
        if self._loop is not None:
            self._loop.add_callback(self._update_apps)

    def _update_apps(self) -> None:
        if self._loop is None:
            return
        for app in self.apps:
            app_documents = self._app_documents.get(app.name)
            if app_documents is None:
                self._app_documents[app.name] = AppDocuments(app, self, self._loop)
            elif app_documents.app is not app:
                app_documents.update_app(app)
        for name in self._app_documents.keys() - set(self.apps.names):
            self._close_app(name, CloseCode.SHARE_ENDED, "this app is not shared any more")

    def _close_app(self, name: str, code: int, reason: str) -> None:
        task = asyncio.ensure_future(self._app_documents.pop(name).close(code, reason))
        self._closing_tasks.add(task)
        task.add_done_callback(self._closing_tasks.discard)

    def is_full(self, session_id: str | None = None) -> bool:
        """True if the open and requested documents, apart from this one, have reached the maximum."""
        session_ids = {
            id for app_documents in self._app_documents.values() for id in app_documents.session_ids
        }
        return len(session_ids - {session_id}) >= self._get_max_documents()

    async def make_room(self) -> bool:
        """Return True if one more document is allowed. Ends unused documents for it, the oldest first."""
        for _ in range(int(MAKE_ROOM_TIMEOUT / CLEANUP_INTERVAL)):
            if not self.is_full():
                return True
            if not any(app_documents.end_oldest_session() for app_documents in self._sort_by_age()):
                return False
            await asyncio.sleep(CLEANUP_INTERVAL)
        return not self.is_full()

    def limit_fragments(self) -> None:
        """Disconnect viewers with the largest incomplete messages until their total is within the limit."""
        sockets = self._list_sockets()
        while sum(socket.message_reader.memory_size for socket in sockets) > limits.MAX_APP_INCOMPLETE_BYTES:
            largest = max(sockets, key=lambda socket: socket.message_reader.memory_size)
            largest.refuse("an app's viewer does not come to the end of a message")

    def _probe_connections(self) -> None:
        now = time.monotonic()
        for socket in self._list_sockets():
            socket.probe(now)
        for slow in self.outbox.list_slow_receivers(self.scheduler.waiting_networks):
            slow.close_too_slow("an app's viewer is too slow while others wait")

    def _list_sockets(self) -> list[AppWebSocket]:
        return [socket for app_documents in self._app_documents.values() for socket in app_documents.sockets]

    async def acquire_values(self, values: int) -> bool:
        """Return True once the kernel can process so many values of a message; False after a timeout."""
        for _ in range(int(VALUE_QUOTA_TIMEOUT / CLEANUP_INTERVAL)):
            if self._value_tokens.take(values):
                return True
            await asyncio.sleep(CLEANUP_INTERVAL)
        return False

    def reserve_memory(self, session_id: str, entries: Iterable[MemoryUsage]) -> bool:
        """Return True if a document may keep data its viewer sent. Ends documents that keep too much."""
        over_quota = self._memory_quota.add_usage(session_id, entries)
        for app_documents in self._app_documents.values():
            for id in over_quota:
                app_documents.end_session(id)
        return session_id not in over_quota

    def release_memory(self, session_id: str) -> None:
        """Forget the data of a document that has ended."""
        self._memory_quota.remove_document(session_id)

    def report_failure(self, app: App, error: Exception) -> None:
        """Report an error in the author's code on their card and in the log."""
        if (description := self._failure_throttle.describe(app.name, error)) is None:
            return
        problem = f"app {app.name!r} failed for a viewer: {description}"
        if self.apps.problems.get(app.name) != problem:
            log.error("app %r failed", app.name, exc_info=sanitize_for_log(error))
        self.apps.add_problem(app.name, problem)

    def _sort_by_age(self) -> list[AppDocuments]:
        """Sort the apps by their longest unused document, longest first."""
        return sorted(
            self._app_documents.values(),
            key=lambda app_documents: app_documents.measure_longest_idle(),
            reverse=True,
        )


def parse_arguments(request: HTTPServerRequest) -> Mapping[str, Sequence[str]]:
    """Parse the query of a request."""
    return parse_qs(request.query, keep_blank_values=True)
