"""The share: one address, one server, one page, from start to stop."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tornado.ioloop import IOLoop

from ..apps import AppRegistry, AppServer
from ..broadcast import Broadcaster
from ..card import NOT_SHARING_NOTE, CardDisplay, format_status
from ..errors import ConflictingOptions, UnknownName
from ..network import Link
from ..plots import LazyPage, Plot, PlotKey, PlotTracker, read_time_ms
from ..server import build_page_version
from ..wire import CloseCode
from .binding import BoundSockets
from .endpoint import Endpoint
from .event_loop import EventLoop, T
from .export import save_page
from .link_store import LinkStore
from .options import Options
from .published_page import PublishedPage
from .report import StatusReport
from .routes import INSTALLED_BOKEHJS


class Share:
    """A share: its link, and what is on the page.

    Made by `share()` or `%bokeh_share`, at most one per process; lives until `stop`, the end of the
    kernel, or `%unload_ext`. Without a loop that runs, viewers are served while `run_until_interrupted`
    blocks. Costs a listening port per address, a thread, and one copy of the plots' data.
    """

    def __init__(
        self,
        tracker: PlotTracker,
        apps: AppRegistry,
        link_store: LinkStore,
        options: Options,
        *,
        build_default_title: Callable[[], str],
        on_drop: Callable[[list[PlotKey]], None] | None = None,
        bound_sockets: BoundSockets,
    ) -> None:
        self._tracker = tracker
        self._apps = apps
        self._on_drop, self._link_store = on_drop, link_store
        self._loop = EventLoop()
        self._card_display = CardDisplay(lambda: self._report.build_card(), self._loop.schedule)
        self._build_default_title = build_default_title
        self._set_title(options.title)
        self._broadcaster = broadcaster = Broadcaster(
            LazyPage(tracker.page),
            page_build=build_page_version(INSTALLED_BOKEHJS),
            on_viewer_change=self._card_display.refresh,
        )
        self._published_page = published_page = PublishedPage(
            tracker, broadcaster, self._loop.schedule, self._card_display.refresh
        )
        self._app_server = AppServer(
            apps,
            bokehjs=INSTALLED_BOKEHJS,
            get_max_documents=lambda: broadcaster.viewer_limit.max_viewers,
            on_rejected=broadcaster.viewer_limit.reject,
            on_custom_models=tracker.custom_models.start_compile,
        )
        self._endpoint = Endpoint(
            self._loop,
            broadcaster,
            self._app_server,
            link_store,
            lambda: published_page.page,
            on_address_change=self._on_network_change,
            on_status_change=self._card_display.refresh,
        )
        self._report = StatusReport(
            self._loop, tracker, apps, link_store, broadcaster, self._endpoint, self._card_display.refresh
        )
        self._broadcaster.viewer_limit.update(options.max_viewers)
        self._broadcaster.start()
        try:
            self._endpoint.start(bound_sockets)
            self._loop.call(lambda: self._app_server.start(IOLoop.current()))
        except BaseException:
            bound_sockets.close()
            self._broadcaster.stop()
            self._loop.close()
            raise
        apps.change_callbacks.append(self._card_display.refresh)
        published_page.start()
        self._report.reminder.start()
        atexit.register(self.stop)

    @property
    def url(self) -> str:
        """The link for colleagues; the empty text when the share has stopped."""
        return self.urls[0] if self.urls else ""

    @property
    def urls(self) -> tuple[str, ...]:
        """All links that work, the best first."""
        return tuple(link.url for link in self.links)

    @property
    def links(self) -> tuple[Link, ...]:
        """All links that work, the best first, and whom each is for."""
        return self._endpoint.links

    @property
    def has_token(self) -> bool:
        """Whether they have a part that can't be guessed."""
        return self._endpoint.options.token

    @property
    def running(self) -> bool:
        return self._endpoint.is_running

    @property
    def plots(self) -> tuple[Plot, ...]:
        """What is on the page, in its order."""
        return self._tracker.page.plots

    @property
    def apps(self) -> tuple[str, ...]:
        """The names of the apps that are shared; each is found at the link with its name after it."""
        return self._apps.names

    @property
    def viewers(self) -> int:
        """How many browser pages are open on it."""
        return self._broadcaster.count if self.running else 0

    @property
    def paused(self) -> bool:
        return self._published_page.is_paused

    def drop(self, name: str) -> None:
        """Take a plot off the page, by its name or by the id that `status` lists.

        It stays away when its cell is run again, until it is shared by name. Raises `UnknownName`.
        An app is called by its name; pages that have it open are notified.
        """
        if self._apps.find(name) is not None:
            self._apps.remove(name)
            return
        keys = [plot.key for plot in self.plots if name in (plot.id, plot.name)]
        keys += [plot.key for plot in self.plots if plot.key.kind == "name" and plot.key.identifier == name]
        if not keys:
            known = [*(plot.name or plot.id for plot in self.plots), *self._apps.names]
            raise UnknownName.from_known_names(name, known)
        if self._on_drop is not None:
            self._on_drop(keys)
        self._tracker.remove(keys.__contains__)

    def pause(self) -> None:
        """Hold changes back: pages stay unchanged, and say so. The author's cells go on as usual."""
        if self.running:
            self._published_page.pause()

    def resume(self) -> None:
        """Let pages have what changed meanwhile."""
        self._published_page.resume()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """The page as viewers see it now, as one file that needs no server and no internet.

        Weighs 1.2 MB or more for BokehJS, and a third more than the data. Waits for models of the author's
        own that are being compiled. Raises `CannotWrite`.
        """
        self._tracker.custom_models.wait()
        return save_page(self._published_page.page, path, now=read_time_ms())

    def status(self) -> str:
        """Addresses, viewers, and plots with their ids, sizes and times."""
        return format_status(self._tracker.page, self._report.build_card())

    def stop(self) -> None:
        """Close each viewer with a reason and free the port; may be called again.

        `share()` starts anew at the same port and link, in the notebook's next kernel too, and open pages
        come back by themselves.
        """
        if not self.running:
            return
        self._apps.remove_callback(self._card_display.refresh)
        self._loop.finish(lambda: self._app_server.stop(CloseCode.SHARE_ENDED, "sharing ended"))
        self._endpoint.stop()
        self._report.reminder.stop()
        self._published_page.stop()
        self._broadcaster.stop()
        atexit.unregister(self.stop)
        self._report.status_note = ""
        self._card_display.refresh(everywhere=True)
        self._loop.close()

    def run_until_interrupted(self) -> None:
        """Serve viewers and block until Ctrl-C, where no loop runs by itself; then stop."""
        try:
            self._loop.run()
        except KeyboardInterrupt:
            pass  # that is how the author ends it
        finally:
            self.stop()

    def serve_until(self, find_result: Callable[[], T | None]) -> T:
        """Serve viewers and block until `find_result()` gives something, where no loop runs by itself."""
        return self._loop.run_until(find_result)

    def apply_options(self, options: Options) -> None:
        """Apply the options that differ, and notify pages at addresses that are no longer used."""
        former_url = self.url
        options.check(has_password=self._endpoint.has_password)
        if options.password is not None and options.token is None and not self.has_token:
            raise ConflictingOptions(
                "--password", "the short link", "--fresh makes one that cannot be guessed"
            )
        has_moved = self._endpoint.apply_options(options)
        if options.fresh:
            self._endpoint.replace_link()
            self._report.status_note = "this is a new link; the old one is worth nothing any more"
            self._card_display.refresh(everywhere=True)
        elif has_moved:
            self._report.status_note = f"moved here from {former_url} · open pages were told"
        elif not self._report.status_note:
            self._report.status_note = "already sharing"
        if options.password is not None:
            self._endpoint.set_password(options.password)
        if options.title is not None:
            self._set_title(options.title)
        if options.max_viewers is not None:
            self._broadcaster.viewer_limit.update(options.max_viewers)
        if has_moved and not self._endpoint.is_local:
            self._report.reminder.start()

    def format_announcement(self) -> str:
        """Format the text that a cell prints where it cannot draw: without the link, as outputs are saved."""
        return "on the page" if self.running else NOT_SHARING_NOTE

    def show_busy(self, since: float | None) -> None:
        """Show pages that the kernel is busy since then, by `time.monotonic`, or no longer (None)."""
        if self.running:
            self._broadcaster.update_busy(since)

    def show_in(self, handle: Any) -> None:
        """Show the card in a display of the notebook, and keep it up to date there."""
        self._card_display.show_in(handle)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the author should know, a line each."""
        return self._report.notes

    def _set_title(self, title: str | None) -> None:
        if title is not None or not self._tracker.page.title:
            self._tracker.update_page(lambda page: page.update_title(title or self._build_default_title()))

    def _on_network_change(self) -> None:
        note = "" if self._endpoint.network_note else "the network changed: this is the link now"
        self._report.status_note = note
        self._card_display.refresh()

    def _ipython_display_(self) -> None:
        self._card_display.show()

    def __repr__(self) -> str:
        return self._report.build_card().to_text().replace(self._link_store.prefix, "/***")
