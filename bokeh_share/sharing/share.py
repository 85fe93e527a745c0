"""The share as authors have it: its link, and what is on its page."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ..apps import AppRegistry
from ..errors import UnknownName
from ..network import Link
from ..plots import Plot, PlotKey, PlotTracker, read_time_ms
from .export import save_page
from .runner import ShareRunner


class Share:
    """A share: its link, and what is on the page.

    Made by `share()` or `%bokeh_share`, at most one per process; lives until `stop`, the end of the
    kernel, or `%unload_ext`. Without a loop that runs, viewers are served while `run_until_interrupted`
    blocks. Costs a listening port per address, a thread, and one copy of the plots' data.
    """

    def __init__(
        self,
        runner: ShareRunner,
        tracker: PlotTracker,
        apps: AppRegistry,
        *,
        on_drop: Callable[[list[PlotKey]], None] | None = None,
    ) -> None:
        """`on_drop` is called with the keys of plots that the author takes off the page."""
        self._runner = runner
        self._tracker = tracker
        self._apps = apps
        self._on_drop = on_drop

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
        return self._runner.access.links

    @property
    def has_token(self) -> bool:
        """Whether they have a part that can't be guessed."""
        return self._runner.access.endpoint.options.token

    @property
    def running(self) -> bool:
        return self._runner.is_running

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
        return self._runner.broadcaster.count if self.running else 0

    @property
    def paused(self) -> bool:
        return self._runner.published_page.is_paused

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
            self._runner.published_page.pause()

    def resume(self) -> None:
        """Let pages have what changed meanwhile."""
        self._runner.published_page.resume()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """The page as viewers see it now, as one file that needs no server and no internet.

        Weighs 1.2 MB or more for BokehJS, and a third more than the data. Waits for models of the author's
        own that are being compiled. Raises `CannotWrite`.
        """
        self._tracker.custom_models.wait()
        return save_page(self._runner.published_page.page, path, now=read_time_ms())

    def status(self) -> str:
        """Addresses, viewers, and plots with their ids, sizes and times."""
        return self._runner.report.format_status()

    def stop(self) -> None:
        """Close each viewer with a reason and free the port; may be called again.

        `share()` starts anew at the same port and link, in the notebook's next kernel too, and open pages
        come back by themselves.
        """
        self._runner.stop()

    def run_until_interrupted(self) -> None:
        """Serve viewers and block until Ctrl-C, where no loop runs by itself; then stop."""
        try:
            self._runner.loop.run()
        except KeyboardInterrupt:
            pass  # that is how the author ends it
        finally:
            self.stop()

    def _ipython_display_(self) -> None:
        self._runner.card_display.show()

    def __repr__(self) -> str:
        return self._runner.report.format_without_link()
