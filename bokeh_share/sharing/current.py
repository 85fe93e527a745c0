"""Keeps the share of this process, the plots and apps on its page, and the notebook side: one of each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from IPython import get_ipython

from ..apps import App, AppRegistry
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
from ..plots.media import Display
from .binding import BoundSockets, ResolvedOptions
from .event_loop import T
from .link_store import LinkStore
from .notebook_side import NotebookSide
from .options import Options
from .process_state import ProcessState
from .relay_snapshot import RelaySnapshot
from .share import Share

FOLLOW_INTERVAL = 1.0
"""Seconds between two calls with the state of publishing to the broker."""

_process_state = ProcessState()


def ensure_notebook() -> None:
    """In IPython, load the extension if need be."""
    shell = get_ipython()
    if shell is not None and _process_state.notebook is None:
        shell.extension_manager.load_extension("bokeh_share")


@contextmanager
def stop_on_failure() -> Iterator[None]:
    """Stop the share again if it was started inside the block and the block fails."""
    was_running = _process_state.running is not None
    try:
        yield
    except BaseException:
        if not was_running:
            stop_share(keep_relayed=True)
        raise


def resolve(options: Options) -> ResolvedOptions:
    """Resolve options for the share that runs, or else for a new one.

    Raises as `ResolvedOptions.resolve` and `OptionChanges.resolve` do. Nothing has changed then or
    afterwards.
    """
    runner = _process_state.running
    return ResolvedOptions.resolve(options) if runner is None else runner.option_changes.resolve(options)


def start_or_update_share(resolved: ResolvedOptions, *, bound_sockets: BoundSockets | None = None) -> Share:
    """Apply options to the running share, or start a new one, on `bound_sockets` if they are given."""
    runner, share = _process_state.running, _process_state.share
    if runner is not None and share is not None:
        runner.option_changes.apply(resolved)
        return share
    link_store = _process_state.link_store
    if bound_sockets is None or link_store is None:
        link_store = _process_state.acquire_link_store()
    try:
        bound_sockets = bound_sockets or _open_sockets(link_store, resolved)
        return _process_state.start_share(resolved, link_store, bound_sockets)
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
        # the share can start now, so the old link is no longer needed
        if options.fresh or bound_sockets.new_link_reason:
            link_store.replace_link(keep_password=not options.fresh)
        if options.password is not None:
            link_store.set_password(options.password)
    except BaseException:  # the author may interrupt, since a hash takes a while
        bound_sockets.close()
        raise
    return bound_sockets


def list_notes() -> tuple[str, ...]:
    """Return the notes for the author on the share that runs, one line each."""
    return runner.report.list_lines() if (runner := _process_state.running) is not None else ()


def show_card(handle: Any) -> None:
    """Show the share's card in a display of the notebook, and keep it up to date there."""
    if _process_state.runner is not None:
        _process_state.runner.card_display.show_in(handle)


def has_card(handle: Any) -> bool:
    """Return True if the newest card is in this display of the notebook."""
    return _process_state.card_display.is_newest(handle)


def show_busy(since: float | None) -> None:
    """Notify pages that the process is busy since then, by `time.monotonic`, or idle (None)."""
    if _process_state.runner is not None:
        _process_state.runner.show_busy(since)


def follow_relay(on_snapshot: Callable[[RelaySnapshot], None]) -> None:
    """Call `on_snapshot` with the state of publishing to the broker about once per second, on the loop of the
    share that runs, until it stops."""
    runner = _process_state.running
    if runner is None:
        return

    def pass_on() -> None:
        if runner.is_running:
            on_snapshot(runner.relay.snapshot)
        else:
            stop()

    stop = runner.loop.call_every(FOLLOW_INTERVAL, pass_on)


def serve_until(find_result: Callable[[], T | None]) -> T:
    """Serve viewers and block until `find_result()` gives something, where no loop runs by itself.

    Raises `NothingShared`.
    """
    runner = _process_state.running
    if runner is None:
        raise NothingShared()
    return runner.loop.run_until(find_result)


def put_plot(showable: Showable, value: Any, name: str | None, caption: str | None) -> bool:
    """Put the plot of `value` on the page. Return False if the author keeps it off the page."""
    notebook = _process_state.notebook
    if notebook is not None:
        return notebook.put_plot(showable, value, name, caption)
    tracker = _process_state.tracker
    facts = KeyFacts(
        name=name,
        variable=find_variable(value if is_element(value) or isinstance(showable, Display) else showable),
        is_variable_name=True,
        known_keys=tracker.plots.list_keys(showable) if not isinstance(showable, list) else (),
        code_name=SCRIPT_CODE_NAME,
    )
    key = choose_key(facts, count(tracker.page.created_count))
    tracker.put(key, showable, caption=caption)
    return True


def put_app(app: App) -> None:
    """Share an app, now or when a share is started. Raises `AppNameConflict`."""
    _process_state.apps.add(app)


def confirm(change: str) -> None:
    """Confirm a change of the share in the cell that made it, instead of showing another card."""
    if _process_state.runner is not None:
        _process_state.runner.confirmation.add(change)


def stop_share(*, keep_relayed: bool = False) -> bool:
    """Stop the share that runs, as `ShareRunner.stop` does. Return True if there was one."""
    runner = _process_state.running
    if runner is not None:
        runner.stop(keep_relayed=keep_relayed)
    return runner is not None


def load_script_link(script: Path) -> None:
    """Load the link of this script's last share for the first share of this process, as for notebooks."""
    _process_state.load_script_link(script)


def get_tracker_and_apps() -> tuple[PlotTracker, AppRegistry]:
    """Return the plots and apps of this process's page. They exist before a share starts, until `clear`."""
    return _process_state.tracker, _process_state.apps


def get_share() -> Share | None:
    """Return the share that runs, or else the last one."""
    return _process_state.share


def mute_cells() -> None:
    """Stop cells from printing that a plot is on the page, until `clear`."""
    if _process_state.notebook is not None:
        _process_state.notebook.mute()


def get_running_share() -> Share:
    """Return the share that runs. Raises `NothingShared`."""
    if _process_state.share is None or not _process_state.share.running:
        raise NothingShared()
    return _process_state.share


def is_running() -> bool:
    """Return True if a share runs."""
    return _process_state.running is not None


def get_notebook() -> NotebookSide | None:
    """Return the notebook side; None if it is not loaded."""
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
