"""Holds the share of a process, the plots and apps on its page, and the notebook side."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from IPython import get_ipython

from ..apps import AppRegistry
from ..card import CardDisplay
from ..plots import PlotTracker
from .binding import BoundSockets, ResolvedOptions
from .link_store import LinkStore, load_link_store
from .notebook_side import NotebookSide
from .plot_control import PlotControl
from .runner import ShareRunner
from .share import Share


@dataclass
class ProcessState:
    """The objects that a process has once. Exists as long as the process; `clear` empties it."""

    share: Share | None = None
    """The share that runs, or else the last one."""
    runner: ShareRunner | None = None
    """The parts of the share."""
    tracker: PlotTracker = field(default_factory=PlotTracker)
    notebook: NotebookSide | None = None
    apps: AppRegistry = field(default_factory=AppRegistry)
    link_store: LinkStore | None = None
    card_display: CardDisplay = field(init=False)
    """The link and the cards of the process's shares, which `%unload_ext` keeps."""

    def __post_init__(self) -> None:
        self.card_display = CardDisplay(lambda: self.notebook.cell_number if self.notebook else None)
        self.apps.subscribe(self._update_app_list)

    @property
    def running(self) -> ShareRunner | None:
        return self.runner if self.runner is not None and self.runner.is_running else None

    def acquire_link_store(self) -> LinkStore:
        """Acquire the link for a new share, unless another kernel has taken it meanwhile."""
        notebook = self.notebook
        if self.link_store is None:
            path = notebook.path if notebook is not None else None
            self.link_store = load_link_store(path, self._list_saved_cell_ids)
        else:
            self.link_store.acquire()
        if notebook is not None and self.link_store.notebook_path is not None:
            notebook.set_path(self.link_store.notebook_path)
        return self.link_store

    def load_script_link(self, script: Path) -> None:
        if self.link_store is None:
            self.link_store = load_link_store(script)

    def start_share(
        self, resolved: ResolvedOptions, link_store: LinkStore, bound_sockets: BoundSockets
    ) -> Share:
        """Start a share on these sockets, which are closed if that fails."""
        try:
            runner = ShareRunner(
                self.tracker,
                self.apps,
                link_store,
                self.card_display,
                PlotControl(self.tracker, self.apps, lambda: self.notebook),
                build_default_title=lambda: self._build_default_title(link_store.notebook_path),
                find_cell_number=lambda key: self.notebook.find_cell_number(key) if self.notebook else None,
            )
            runner.start(resolved, bound_sockets)
        except BaseException:
            bound_sockets.close()
            raise
        self.runner, self.share = runner, Share(runner, self.tracker, self.apps)
        if self.notebook is not None:
            refresh = self.card_display.refresh
            self.notebook.connect_share(runner.format_announcement, runner.show_busy, refresh)
            runner.show_busy(self.notebook.busy_since)
        return self.share

    def set_notebook(self, notebook: NotebookSide) -> None:
        self.notebook = notebook

    def clear(self) -> None:
        if self.notebook is not None:
            self.notebook.unload()
        self.tracker.close()
        self.tracker.remove(lambda key: True)  # the author may hold the share, and the share this page
        self.apps.clear()
        self.card_display.disconnect_share()
        self.share, self.runner, self.tracker, self.notebook = None, None, PlotTracker(), None

    def _update_app_list(self) -> None:
        self.tracker.update_page(lambda page: page.update_apps(self.apps.entries))

    def _list_saved_cell_ids(self) -> Collection[str]:
        """List the ids of the notebook's cells, as last read from its file."""
        return self.notebook.saved_cell_ids if self.notebook is not None else ()

    def _build_default_title(self, notebook_path: Path | None) -> str:
        """Return the name of the notebook or script; `notebook_path` is the notebook's new path, if known."""
        path = notebook_path
        if path is None and self.notebook is not None:
            path = self.notebook.path
        elif path is None and get_ipython() is None:
            path = Path(sys.argv[0])
        return path.stem if path is not None and path.stem.strip("-") else "Plots"
