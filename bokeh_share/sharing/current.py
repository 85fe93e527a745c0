"""Keeps what a process has at most one of: the share, what is on its page, and the notebook side."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from IPython import get_ipython

from ..apps import App, AppRegistry
from ..card import CardDisplay
from ..errors import NothingShared
from ..plots import (
    SCRIPT_CODE_NAME,
    KeyFacts,
    PlotTracker,
    Showable,
    choose_key,
    find_variable_name,
    is_element,
)
from .binding import BoundSockets, ResolvedOptions
from .event_loop import T
from .link_store import LinkStore, load_link_store
from .notebook_side import NotebookSide
from .options import Options
from .runner import ShareRunner
from .share import Share


@dataclass
class _ProcessState:
    share: Share | None = None
    """The share that runs, or else the last that did."""
    runner: ShareRunner | None = None
    """Its parts."""
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
        """Let a share that begins have the link, if no other kernel has taken it meanwhile."""
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

    def start_share(self, options: Options, link_store: LinkStore, bound_sockets: BoundSockets) -> Share:
        """Start a share on these sockets, which are closed if that fails."""
        try:
            runner = ShareRunner(
                self.tracker,
                self.apps,
                link_store,
                self.card_display,
                build_default_title=lambda: self._build_default_title(link_store.notebook_path),
                find_cell_number=lambda key: self.notebook.find_cell_number(key) if self.notebook else None,
            )
            runner.start(options, bound_sockets)
        except BaseException:
            bound_sockets.close()
            raise
        on_drop = self.notebook.drop if self.notebook is not None else None
        self.runner, self.share = runner, Share(runner, self.tracker, self.apps, on_drop=on_drop)
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
        self.apps.clear()
        self.share, self.runner, self.tracker, self.notebook = None, None, PlotTracker(), None

    def _update_app_list(self) -> None:
        self.tracker.update_page(lambda page: page.update_apps(self.apps.entries))

    def _list_saved_cell_ids(self) -> Collection[str]:
        """The ids of the notebook's cells, as its file had them when it was read last."""
        return self.notebook.saved_cell_ids if self.notebook is not None else ()

    def _build_default_title(self, notebook_path: Path | None) -> str:
        """The notebook's or the script's name; the notebook is at this path by now, if that is known."""
        path = notebook_path
        if path is None and self.notebook is not None:
            path = self.notebook.path
        elif path is None and get_ipython() is None:
            path = Path(sys.argv[0])
        return path.stem if path is not None and path.stem.strip("-") else "Plots"


_process_state = _ProcessState()


def ensure_notebook() -> None:
    """In IPython, load the extension if need be."""
    shell = get_ipython()
    if shell is not None and _process_state.notebook is None:
        shell.extension_manager.load_extension("bokeh_share")


@contextmanager
def stop_on_failure() -> Iterator[None]:
    """Stop the share again, if it was started here and what comes next can't be done."""
    was_running = _process_state.running is not None
    try:
        yield
    except BaseException:
        if not was_running:
            stop_share()
        raise


def resolve(options: Options) -> ResolvedOptions:
    """Resolve options for the share that runs, or else for a new one.

    Raises as `ResolvedOptions.resolve` and `ShareRunner.resolve` do. Nothing has changed then or afterwards.
    """
    runner = _process_state.running
    return ResolvedOptions.resolve(options) if runner is None else runner.resolve(options)


def start_or_update_share(resolved: ResolvedOptions, *, bound_sockets: BoundSockets | None = None) -> Share:
    """Apply options to the running share, or start a new one, on `bound_sockets` if they are given."""
    runner, share = _process_state.running, _process_state.share
    if runner is not None and share is not None:
        runner.apply(resolved)
        return share
    link_store = _process_state.link_store
    if bound_sockets is None or link_store is None:
        link_store = _process_state.acquire_link_store()
    try:
        bound_sockets = bound_sockets or _open_sockets(link_store, resolved)
        return _process_state.start_share(resolved.options, link_store, bound_sockets)
    except BaseException:
        link_store.release()
        raise


def open_sockets(resolved: ResolvedOptions) -> BoundSockets:
    """Listen for `start_or_update_share` and start no thread, so that the process can fork."""
    return _open_sockets(_process_state.acquire_link_store(), resolved)


def _open_sockets(link_store: LinkStore, resolved: ResolvedOptions) -> BoundSockets:
    """Open the sockets, and replace the link and the password as the options ask."""
    options = resolved.options
    options.check(has_password=link_store.has_password)
    bound_sockets = BoundSockets.open(resolved, link_store.port, wait_for_port=link_store.is_unreleased)
    try:
        # now that nothing can keep it from starting, the old link may go
        if options.fresh or bound_sockets.new_link_reason:
            link_store.replace_link(keep_password=not options.fresh)
        if options.password is not None:
            link_store.set_password(options.password)
    except BaseException:  # an interrupt of the author's, since a hash takes a while
        bound_sockets.close()
        raise
    return bound_sockets


def list_notes() -> tuple[str, ...]:
    """Return the notes for the author on the share that runs, one line each."""
    return tuple(note.text for note in runner.report.notes) if (runner := _process_state.running) else ()


def show_card(handle: Any) -> None:
    """Show the share's card in a display of the notebook, and keep it up to date there."""
    if _process_state.runner is not None:
        _process_state.runner.card_display.show_in(handle)


def show_busy(since: float | None) -> None:
    """Show pages that the process is busy since then, by `time.monotonic`, or no longer (None)."""
    if _process_state.runner is not None:
        _process_state.runner.show_busy(since)


def serve_until(find_result: Callable[[], T | None]) -> T:
    """Serve viewers and block until `find_result()` gives something, where no loop runs by itself.

    Raises `NothingShared`.
    """
    runner = _process_state.running
    if runner is None:
        raise NothingShared()
    return runner.loop.run_until(find_result)


def put_plot(showable: Showable, value: Any, name: str | None, caption: str | None) -> None:
    """Put what `value` looks like on the page."""
    notebook = _process_state.notebook
    if notebook is not None:
        notebook.put_plot(showable, value, name, caption)
        return
    tracker = _process_state.tracker
    facts = KeyFacts(
        name=name,
        variable=find_variable(value if is_element(value) else showable),
        is_variable_name=True,
        known_keys=tracker.plots.list_keys(showable) if not isinstance(showable, list) else (),
        code_name=SCRIPT_CODE_NAME,
    )
    key = choose_key(facts, count(tracker.page.created_count))
    tracker.put(key, showable, caption=caption)


def put_app(app: App) -> None:
    """Share an app, now or when a share is started. Raises `AppNameConflict`."""
    _process_state.apps.add(app)


def confirm(change: str) -> None:
    """Confirm a change of the share in the cell that made it, instead of showing another card."""
    if _process_state.runner is not None:
        _process_state.runner.confirmation.add(change)


def stop_share() -> bool:
    """Stop the share that runs; whether there was one."""
    runner = _process_state.running
    if runner is not None:
        runner.stop()
    return runner is not None


def load_script_link(script: Path) -> None:
    """Let the process's first share have the link that this script's last one had, as a notebook's has."""
    _process_state.load_script_link(script)


def get_tracker_and_apps() -> tuple[PlotTracker, AppRegistry]:
    """The plots and apps of this process's page, which exist before a share starts and until `clear`."""
    return _process_state.tracker, _process_state.apps


def get_share() -> Share | None:
    """The share that runs, or else the last that did."""
    return _process_state.share


def mute_cells() -> None:
    """Stop cells from printing that a plot is on the page, until `clear`."""
    if _process_state.notebook is not None:
        _process_state.notebook.mute()


def get_running_share() -> Share:
    """The share that runs. Raises `NothingShared`."""
    if _process_state.share is None or not _process_state.share.running:
        raise NothingShared()
    return _process_state.share


def get_notebook() -> NotebookSide | None:
    """The notebook side, if it is loaded."""
    return _process_state.notebook


def set_notebook(notebook: NotebookSide) -> None:
    """Connect the next share to this notebook, until `clear`."""
    _process_state.set_notebook(notebook)


def clear() -> None:
    """Stop sharing, unload the notebook side, and forget all but the link."""
    stop_share()
    _process_state.clear()


def find_variable(value: Any) -> str | None:
    """Find the name of the author's variable that has this very object."""
    shell = get_ipython()
    return find_variable_name(value, vars(sys.modules["__main__"]) if shell is None else shell.user_ns)
