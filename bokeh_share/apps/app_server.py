"""Serves the shared apps with Bokeh's server: opens each viewer's document, and ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from bokeh.model import Model
from bokeh.server.tornado import BokehTornado
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop

from ..server import BokehJs
from ..wire import CloseCode
from .admission import Admission
from .app import App
from .document_memory import DocumentMemory
from .documents import AppDocuments
from .failures import FailureReporter
from .outbox import Outbox
from .outgoing import OutgoingMessages
from .protocol import ValueQuota
from .registry import AppRegistry
from .schedule import FairScheduler
from .services import AppServices
from .viewer_watch import ViewerWatch


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
        is rejected for lack of file descriptors, `on_custom_models` with the author's own model classes in
        documents."""
        self.apps = apps
        self.bokehjs = bokehjs
        self._loop: IOLoop | None = None
        self._app_documents: dict[str, AppDocuments] = {}
        self._closing_tasks: set[asyncio.Task[None]] = set()
        shared_apps = self._app_documents.values()  # follows the changes of the dictionary
        outbox: Outbox[OutgoingMessages] = Outbox()
        scheduler = FairScheduler(outbox.has_room)
        self._services = AppServices(
            admission=Admission(shared_apps, get_max_documents),
            failures=FailureReporter(apps),
            memory=DocumentMemory(shared_apps),
            outbox=outbox,
            scheduler=scheduler,
            value_quota=ValueQuota(),
            viewer_watch=ViewerWatch(shared_apps, outbox, scheduler),
            on_custom_models=on_custom_models,
            on_rejected=on_rejected,
        )

    def start(self, loop: IOLoop) -> None:
        """`loop` must be the current one, as in `stop`."""
        self._loop = loop
        self.apps.subscribe(self._on_apps_changed)
        self._update_apps()
        self._services.viewer_watch.start()

    def stop(self, code: int, reason: str) -> Awaitable[Any]:
        """Close all viewers' websockets. The returned awaitable is done when their documents have ended."""
        self._loop = None
        self._services.viewer_watch.stop()
        self.apps.unsubscribe(self._on_apps_changed)
        for name in [*self._app_documents]:
            self._close_app(name, code, reason)
        return asyncio.gather(*self._closing_tasks, return_exceptions=True)

    def disconnect(
        self, code: int, reason: str, *, is_affected: Callable[[HTTPServerRequest], bool] = lambda _: True
    ) -> None:
        """Close all open websockets, or those whose requests are affected."""
        self._services.admission.reject_waiting()
        for app_documents in self._app_documents.values():
            for socket in app_documents.open_documents.viewers:
                if is_affected(socket.request):
                    socket.close(code, reason)

    def find_application(self, name: str) -> BokehTornado | None:
        """Return the application for a viewer's websocket; None if there is none or the kernel is busy."""
        app_documents = self._app_documents.get(name)
        return app_documents.tornado if app_documents is not None and self.is_on_kernel_loop else None

    def build_session_info(self, app: App, request: HTTPServerRequest) -> dict[str, Any]:
        """Return the token that opens a viewer's websocket, the assets to load, and what is wrong with the
        options in the address, if there are controls to choose others. Raises `BadValue` if there are none.
        """
        app_documents = self._app_documents[app.name]
        error = app.read_options(parse_arguments(request))[1]
        return {**app_documents.build_session_info(request), "problem": str(error or "")}

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
                self._app_documents[app.name] = AppDocuments(
                    app, self._services, self.apps.signing_key, self._loop
                )
            elif app_documents.app is not app:
                app_documents.update_app(app)
        for name in self._app_documents.keys() - set(self.apps.names):
            self._close_app(name, CloseCode.SHARE_ENDED, "this app is not shared any more")

    def _close_app(self, name: str, code: int, reason: str) -> None:
        task = asyncio.ensure_future(self._app_documents.pop(name).close(code, reason))
        self._closing_tasks.add(task)
        task.add_done_callback(self._closing_tasks.discard)


def parse_arguments(request: HTTPServerRequest) -> Mapping[str, Sequence[str]]:
    """Parse the query of a request."""
    return parse_qs(request.query, keep_blank_values=True)
