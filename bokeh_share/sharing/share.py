"""The share as authors use it: its link, and the plots and apps on its page."""

from __future__ import annotations

import os
from pathlib import Path

from ..apps import AppRegistry
from ..errors import NothingShared
from ..network import Link
from ..plots import Plot, PlotTracker, read_time_ms
from ..text import print_line
from .author_links import AuthorLink
from .export import save_page
from .pointed_points import Pointed
from .runner import ShareRunner


class Share:
    """A share: its link, and the plots and apps on its page.

    Made by `share()` or `%bokeh_share`, at most one per process. Exists until `stop`, the end of the kernel,
    or `%unload_ext`. Without a running loop, viewers are served while `run_until_interrupted` blocks. Costs a
    listening port per address, a thread, and one copy of the plots' data.
    """

    def __init__(
        self,
        runner: ShareRunner,
        tracker: PlotTracker,
        apps: AppRegistry,
    ) -> None:
        self._runner = runner
        self._tracker = tracker
        self._apps = apps

    @property
    def url(self) -> str:
        """The link for colleagues, as on the card; empty after the share has stopped.

        With a broker, it is a relay's link as soon as the broker has the page and a relay runs, which takes
        some seconds, and as long as the broker answers. `links` tells them apart by `is_relayed`.
        """
        return self.urls[0] if self.urls else ""

    @property
    def urls(self) -> tuple[str, ...]:
        """All links that work, the best first."""
        return tuple(link.url for link in self.links)

    @property
    def links(self) -> tuple[Link, ...]:
        """All links that work, the best first, with their audiences. Those at relays are added while a
        broker has the page."""
        return self._runner.relay.snapshot.add_links(self._runner.access.links)

    @property
    def running(self) -> bool:
        return self._runner.is_running

    @property
    def plots(self) -> tuple[Plot, ...]:
        """The plots on the page, in their order."""
        return self._tracker.page.plots

    @property
    def apps(self) -> tuple[str, ...]:
        """The names of the shared apps. The link of an app is the share's link with its name at the end."""
        return self._apps.names

    @property
    def viewers(self) -> int:
        """The number of browser pages that are open, also at relays."""
        if not self.running:
            return 0
        return self._runner.broadcaster.count + self._runner.relay.snapshot.viewer_count

    @property
    def pointed(self) -> tuple[Pointed, ...]:
        """The points that viewers show now, the latest last, if you have allowed it by `pointing`.

        The names are what viewers typed; anyone can type any name.
        """
        return self._runner.pointed_points.list_pointed() if self.running else ()

    @property
    def paused(self) -> bool:
        return self._runner.published_page.is_paused

    def drop(self, name: str) -> None:
        """Take a plot off the page, by its name, its title, or the id that `status` lists.

        It stays away when its cell is run again, until it is shared by name. Raises `UnknownName`.
        An app has a name only; pages that have it open are notified.
        """
        self._runner.plot_control.drop(name)

    def pause(self) -> None:
        """Hold changes back: pages stay unchanged and show that they are paused. The author's cells run as
        usual."""
        self._runner.pause()

    def resume(self) -> None:
        """Send pages the changes that were held back."""
        self._runner.resume()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the page as viewers see it now, as one file that needs no server and no internet.

        Its size is 1.2 MB or more for BokehJS, and the data enlarged by a third. Waits for the author's own
        models that are being compiled. Raises `CannotWrite`.
        """
        self._tracker.custom_models.wait()
        return save_page(self._runner.published_page.page, path, now=read_time_ms())

    def author_link(self) -> AuthorLink:
        """Make a link to your own page, which controls the share. It works once, within two minutes.

        As the last line of a cell it is shown as a link; `print` shows it in a terminal. Then the browser has
        a cookie until the share has another link or stops. Raises `NothingShared`.
        """
        if not self.running:
            raise NothingShared()
        return self._runner.author_links.create()

    def status(self) -> str:
        """Addresses, viewers, and plots with their ids, sizes and times."""
        return self._runner.report.format_status()

    def stop(self) -> None:
        """Close each viewer with a reason and free the port. May be called again.

        Pages at relays end too. When a kernel ends without this call, relays keep the last state for the
        retention. `share()` starts again at the same port and link, also in the notebook's next kernel, and
        open pages reconnect by themselves.
        """
        self._runner.stop()

    def run_until_interrupted(self) -> None:
        """Serve viewers and block until Ctrl-C, if no loop runs by itself; then stop.

        As the program ends then, relays keep the last state for the retention. `stop` ends it there too.
        """
        try:
            self._runner.loop.run()
        except KeyboardInterrupt:
            pass  # the author ends it by Ctrl-C
        finally:
            self._runner.stop(keep_relayed=True)

    def _ipython_display_(self) -> None:
        confirmation = self._runner.confirmation.take()
        if confirmation and self.running and self._runner.card_display.is_shown:
            print_line(confirmation)
            self._runner.card_display.refresh()  # what it says of the plots may have changed
        else:
            self._runner.card_display.show()

    def __repr__(self) -> str:
        return self._runner.report.format_without_link()
