"""Keeps what a process has at most one of: the share, what is on its page, and the notebook side."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IPython import get_ipython

from ..apps import App, AppRegistry
from ..errors import NothingShared
from ..plots import PlotKey, PlotTracker, Showable, is_element
from .binding import BoundSockets, EndpointOptions
from .link_store import LinkStore, load_link_store
from .notebook_side import NotebookSide
from .options import Options
from .share import Share


@dataclass
class _ProcessState:
    share: Share | None = None
    tracker: PlotTracker = field(default_factory=PlotTracker)
    notebook: NotebookSide | None = None
    apps: AppRegistry = field(default_factory=AppRegistry)
    link_store: LinkStore | None = None
    """The link of the process's shares, which `%unload_ext` keeps."""

    def __post_init__(self) -> None:
        self.apps.change_callbacks.append(self._update_app_list)

    def _update_app_list(self) -> None:
        self.tracker.update_page(lambda page: page.update_apps(self.apps.entries))


_process_state = _ProcessState()


def ensure_notebook() -> None:
    """In IPython, load the extension if need be."""
    shell = get_ipython()
    if shell is not None and _process_state.notebook is None:
        shell.extension_manager.load_extension("bokeh_share")


@contextmanager
def stop_on_failure() -> Iterator[None]:
    """Stop the share again, if it was started here and what comes next can't be done."""
    was_running = _process_state.share is not None and _process_state.share.running
    try:
        yield
    except BaseException:
        if not was_running:
            stop_share()
        raise


def start_or_update_share(options: Options, *, bound_sockets: BoundSockets | None = None) -> Share:
    """Apply `options` to the running share, or start a new one, on `bound_sockets` if they are given."""
    running_share = _process_state.share
    if running_share is not None and running_share.running:
        running_share.apply_options(options)
        return running_share
    notebook = _process_state.notebook
    on_drop = notebook.drop if notebook is not None else None
    link_store = (
        _acquire_link_store()
        if bound_sockets is None or _process_state.link_store is None
        else _process_state.link_store
    )
    try:
        bound_sockets = bound_sockets or _open_sockets(link_store, options)
        _process_state.share = Share(
            _process_state.tracker,
            _process_state.apps,
            link_store,
            options,
            build_default_title=lambda: _build_default_title(link_store.notebook_path),
            on_drop=on_drop,
            bound_sockets=bound_sockets,
        )
    except BaseException:
        link_store.release()
        raise
    if notebook is not None:
        notebook.connect_share(_process_state.share.format_announcement, _process_state.share.show_busy)
        _process_state.share.show_busy(notebook.busy_since)
    return _process_state.share


def open_sockets(options: Options) -> BoundSockets:
    """Listen for a share that `start_or_update_share` will be given: before it forks, a process must have no
    threads."""
    return _open_sockets(_acquire_link_store(), options)


def _open_sockets(link_store: LinkStore, options: Options) -> BoundSockets:
    """Open the sockets, and replace the link and the password as the options ask."""
    options.check(has_password=link_store.has_password)
    bound_sockets = BoundSockets.open(
        EndpointOptions.from_options(options), link_store.port, wait_for_port=link_store.is_unreleased
    )
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


def put_plot(showable: Showable, value: Any, name: str | None, caption: str | None) -> None:
    """Put what `value` looks like on the page."""
    notebook = _process_state.notebook
    if notebook is not None:
        notebook.put_plot(showable, value, name, caption)
        return
    if name is None:
        name = find_variable(value if is_element(value) else showable)
    if name is not None:
        key = PlotKey("name", name)
    else:
        known_keys = (
            _process_state.tracker.plots.list_keys(showable) if not isinstance(showable, list) else []
        )
        key = (
            known_keys[0]
            if known_keys
            else PlotKey("code", "script", _process_state.tracker.page.created_count)
        )
    _process_state.tracker.put(key, showable, caption=caption)


def put_app(app: App) -> None:
    """Share an app, now or when a share is started. Raises `AppNameConflict`."""
    _process_state.apps.add(app)


def stop_share() -> bool:
    """Stop the share that runs; whether there was one."""
    running_share = _process_state.share
    if running_share is None or not running_share.running:
        return False
    running_share.stop()
    return True


def load_script_link(script: Path) -> None:
    """Let the process's first share have the link that this script's last one had, as a notebook's has."""
    if _process_state.link_store is None:
        _process_state.link_store = load_link_store(script)


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
    _process_state.notebook = notebook


def clear() -> None:
    """Stop sharing, unload the notebook side, and forget all but the link."""
    stop_share()
    if _process_state.notebook is not None:
        _process_state.notebook.unload()
    _process_state.tracker.close()
    _process_state.apps.clear()
    _process_state.share, _process_state.tracker, _process_state.notebook = None, PlotTracker(), None


def find_variable(value: Any) -> str | None:
    """Find the name of the author's variable that has this very object."""
    shell = get_ipython()
    namespace = shell.user_ns if shell is not None else vars(sys.modules["__main__"])
    return next((key for key, each in list(namespace.items()) if each is value and key[:1] != "_"), None)


def _acquire_link_store() -> LinkStore:
    if _process_state.link_store is None:
        notebook = _process_state.notebook
        _process_state.link_store = load_link_store(
            notebook.path if notebook is not None else None, _list_saved_cell_ids
        )
    else:
        _process_state.link_store.acquire()
    if _process_state.notebook is not None and _process_state.link_store.notebook_path is not None:
        _process_state.notebook.set_path(_process_state.link_store.notebook_path)
    return _process_state.link_store


def _list_saved_cell_ids() -> Collection[str]:
    """The ids of the notebook's cells, as its file had them when it was read last."""
    return _process_state.notebook.saved_cell_ids if _process_state.notebook is not None else ()


def _build_default_title(notebook_path: Path | None) -> str:
    """The notebook's or the script's name; the notebook is at this path by now, if that is known."""
    path = notebook_path
    if path is None and _process_state.notebook is not None:
        path = _process_state.notebook.path
    elif path is None and get_ipython() is None:
        path = Path(sys.argv[0])
    return path.stem if path is not None and path.stem.strip("-") else "Plots"
