"""The share: one address, one server, one page, from start to stop."""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from IPython import get_ipython
from tornado.ioloop import IOLoop

from ..apps.app import Apps
from ..apps.app_server import AppServer
from ..broadcast.broadcaster import Broadcaster
from ..card.card import Card, status
from ..card.display import CardDisplay
from ..card.notes import (
    KEPT_NOTICE,
    Notes,
    failed,
    nobody_came,
    simple_prompt,
    turned_away,
    uncompiled,
    unproven,
)
from ..errors import OptionsExclude, UnknownName
from ..network.links import Link
from ..notebook.hooks import default_title
from ..plots.page import Page, Plot, PlotKey
from ..plots.refresh import RefreshThrottle
from ..plots.tracker import PlotTracker, now
from ..wire.messages import ENDED
from .binding import BoundSockets
from .endpoint import Endpoint
from .event_loop import EventLoop, T
from .export import save
from .link_store import LinkStore
from .options import Options
from .report import NoViewerReminder


class Share:
    """What the author started: its link, and what is on the page.

    Made by `share()` or `%bokeh_share`, at most one per process; lives until `stop`, the end of the
    kernel, or `%unload_ext`. Without a loop that runs, viewers are served while `run_until_interrupted`
    blocks. Costs a listening port per address, a thread, and one copy of the plots' data.
    """

    def __init__(
        self,
        tracker: PlotTracker,
        apps: Apps,
        link_store: LinkStore,
        options: Options,
        *,
        on_drop: Callable[[list[PlotKey]], None] | None = None,
        bound: BoundSockets,
    ) -> None:
        self._tracker = tracker
        self._apps = apps
        self._on_drop, self._link_store = on_drop, link_store
        self._loop = EventLoop()
        self._note = ""
        self._shown = CardDisplay(self._card, self._loop.soon)
        self._upkeep = RefreshThrottle(lambda: tracker.look_again(dirty_only=True), self._loop.soon)
        self._paused: Page | None = None  # what viewers see meanwhile
        self._notes = Notes()
        self._set_title(options.title)
        self._viewers = viewers = Broadcaster(self._newest, on_count=self._shown.refresh)
        self._app_server = AppServer(
            apps,
            limit=lambda: viewers.limit,
            turn_away=viewers.turn_away,
            on_custom=tracker.custom.note,
        )
        self._site = Endpoint(self._loop, self._viewers, self._app_server, link_store, self._newest)
        self._site.on_change, self._site.on_news = self._moved_by_network, self._shown.refresh
        self._viewers.allow(options.max_viewers)
        self._viewers.start()
        try:
            self._site.start(bound)
            self._loop.call(lambda: self._app_server.start(IOLoop.current()))
        except BaseException:
            bound.close()
            self._viewers.stop()
            self._loop.leave()
            raise
        self._running = True
        apps.watchers.append(self._shown.refresh)
        tracker.on_page, tracker.on_dirty = self._publish, self._upkeep.note
        tracker.on_edit = self._viewers.publish
        tracker.on_edit()  # what came since they were made
        self._reminder = NoViewerReminder(self._loop, self._is_missed, self._shown.refresh)
        self._reminder.begin()
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
        return self._site.links if self._running else ()

    @property
    def has_token(self) -> bool:
        """Whether they have a part that can't be guessed."""
        return self._site.where.token

    @property
    def running(self) -> bool:
        return self._running

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
        return self._viewers.count if self._running else 0

    @property
    def paused(self) -> bool:
        return self._tracker.page.paused is not None

    def drop(self, name: str) -> None:
        """Take a plot off the page, by its name or by the id that `status` lists.

        It stays away when its cell is run again, until it is shared by name. Raises `UnknownName`.
        An app is called by its name; whoever has it open is told.
        """
        if self._apps.find(name) is not None:
            self._apps.drop(name)
            return
        keys = [plot.key for plot in self.plots if name in (plot.id, plot.name)]
        keys += [plot.key for plot in self.plots if plot.key.kind == "name" and plot.key.of == name]
        if not keys:
            known = [*(plot.name or plot.id for plot in self.plots), *self._apps.names]
            raise UnknownName.among(name, known)
        if self._on_drop is not None:
            self._on_drop(keys)
        self._tracker.remove(keys.__contains__)

    def pause(self) -> None:
        """Hold changes back: pages stay as they are, and say so. The author's cells go on as ever."""
        if self._running and not self.paused:
            self._paused = self._tracker.page
            since = now()
            self._tracker.turn(lambda page: page.held(since))

    def resume(self) -> None:
        """Let pages have what changed meanwhile."""
        if self.paused:
            self._tracker.turn(lambda page: page.held(None))
            self._paused = None

    def save(self, path: str | os.PathLike[str]) -> Path:
        """The page as viewers see it now, as one file that needs no server and no internet.

        Weighs 1.2 MB or more for BokehJS, and a third more than the data. Waits for models of the author's
        own that are being compiled. Raises `CannotWrite`.
        """
        self._tracker.custom.wait()
        return save(self._newest(), path, now=now())

    def status(self) -> str:
        """Addresses, viewers, and plots with their ids, sizes and times."""
        return status(self._tracker.page, self._card())

    def stop(self) -> None:
        """Close each viewer with a reason and free the port; may be called again.

        `share()` starts anew at the same port and link, in the notebook's next kernel too, and open pages
        come back by themselves.
        """
        if not self._running:
            return
        self._apps.forget(self._shown.refresh)
        self._loop.finish(lambda: self._app_server.stop(ENDED, "sharing ended"))
        self._site.stop()
        self._running = False
        self._reminder.end()
        self._viewers.stop()
        self._tracker.on_page = lambda page: None
        self._tracker.on_dirty, self._tracker.on_edit = lambda: None, None
        self._tracker.turn(lambda page: page.held(None))
        atexit.unregister(self.stop)
        self._note = ""
        self._shown.refresh(everywhere=True)
        self._loop.leave()
        self._paused = None

    def run_until_interrupted(self) -> None:
        """Serve viewers and block until Ctrl-C, where no loop runs by itself; then stop."""
        try:
            self._loop.run()
        except KeyboardInterrupt:
            pass  # that is how the author ends it
        finally:
            self.stop()

    def serve_until(self, found: Callable[[], T | None]) -> T:
        """Serve viewers and block until `found()` gives something, where no loop runs by itself."""
        return self._loop.run_until(found)

    def change(self, options: Options) -> None:
        """Take over the options that differ; whoever is on a page at an address that ends is told."""
        former = self.url
        options.check(has_password=self._site.is_locked)
        if options.password is not None and options.token is None and not self.has_token:
            raise OptionsExclude("--password", "the short link", "--fresh makes one that cannot be guessed")
        moved = self._site.move(options)
        if options.fresh:
            self._site.renew()
            self._note = "this is a new link; the old one is worth nothing any more"
            self._shown.refresh(everywhere=True)
        elif moved:
            self._note = f"moved here from {former} · open pages were told"
        elif not self._note:
            self._note = "already sharing"
        if options.password is not None:
            self._site.lock(options.password)
        if options.title is not None:
            self._set_title(options.title)
        if options.max_viewers is not None:
            self._viewers.allow(options.max_viewers)
        if moved and not self._site.is_local:
            self._reminder.begin()

    def announce(self) -> str:
        """What a cell says where it can't draw. Without the link: what a cell says is saved for good."""
        return "on the page" if self._running else KEPT_NOTICE

    def show_busy(self, since: float | None) -> None:
        """The kernel runs a cell since then, by `time.monotonic`, or no longer."""
        if self._running:
            self._viewers.busy(since)

    def show_in(self, handle: Any) -> None:
        """Show the card in a display of the notebook, and keep it up to date there."""
        self._shown.show_in(handle)

    def _set_title(self, title: str | None) -> None:
        if title is not None or not self._tracker.page.title:
            self._tracker.turn(lambda page: page.titled(title or default_title(self._link_store.notebook)))

    def _newest(self) -> Page:
        """What viewers are to see; asked for in their thread as well."""
        page, paused = self._tracker.page, self._paused
        return page if page.paused is None or paused is None else paused.held(page.paused)

    def _publish(self, page: Page) -> None:
        self._viewers.publish()
        self._shown.refresh()

    def _moved_by_network(self) -> None:
        self._note = "" if self._site.note else "the network changed: this is the link now"
        self._shown.refresh()

    def _is_missed(self) -> bool:
        """Whether somebody from another machine could have come, and has not."""
        could = self._running and not (self._site.is_local or self.links[0].is_special)
        return could and not self._viewers.seen_others

    @property
    def notes(self) -> tuple[str, ...]:
        """What the author should know, a line each."""
        viewers, on_plots = self._viewers, self._notes.on(self.plots, self._tracker.calling_back())
        notes = [simple_prompt(get_ipython()), unproven(), *uncompiled(self._tracker.page), *on_plots]
        if self._running:
            away = turned_away(viewers.turned_away, viewers.limit, scarce=viewers.scarce)
            missed = self._reminder.goes_on and not viewers.seen_others and nobody_came(self._site.port)
            notes = [away, *self._site.notes, missed or "", *notes, *failed(self.plots, viewers.failures)]
        return tuple(note for note in notes if note)

    def _card(self) -> Card:
        return Card(
            links=self.links,
            plots=len(self.plots),
            apps=self.apps,
            viewers=self.viewers,
            token=self.has_token,
            locked=self._running and self._site.is_locked,
            local=not self._running or self._site.is_local,
            offline=bool(self._site.note),
            paused=self.paused,
            saved=self._link_store.file is not None,
            notes=(self._note, *self.notes) if self._note else self.notes,
            problems=(*self._tracker.problems.values(), *self._apps.problems.values()),
            at=time.time(),
            outward=self._running and self._site.is_outward,
        )

    def _ipython_display_(self) -> None:
        self._shown.show()

    def __repr__(self) -> str:
        return self._card().text().replace(self._link_store.prefix, "/***")
