"""What a process has at most one of: the share, and what captures its plots."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IPython import get_ipython

from ..apps.app import App, Apps
from ..errors import NothingShared, UnknownName
from ..notebook.cell import Outcome
from ..notebook.hooks import Notebook, notebook_path
from ..plots.holoviews import is_element, rendered
from ..plots.page import PlotKey
from ..plots.tracker import PlotTracker, Showable, as_shown
from ..text import say
from .binding import BoundSockets, EndpointOptions
from .link_store import LinkStore, recalled
from .options import Options
from .share import Share


@dataclass
class _Kernel:
    share: Share | None = None
    tracker: PlotTracker = field(default_factory=PlotTracker)
    notebook: Notebook | None = None
    apps: Apps = field(default_factory=Apps)
    link_store: LinkStore | None = None
    """Of the process's first share, until it ends: what `%unload_ext` leaves."""

    def __post_init__(self) -> None:
        self.apps.watchers.append(self._list_apps)

    def _list_apps(self) -> None:
        self.tracker.turn(lambda page: page.listing(self.apps.listed))


_kernel = _Kernel()


def enter() -> Notebook | None:
    """In IPython the extension's notebook, loaded if need be."""
    shell = get_ipython()
    if shell is not None and _kernel.notebook is None:
        shell.extension_manager.load_extension("bokeh_share")
    return _kernel.notebook


@contextmanager
def as_it_was() -> Iterator[None]:
    """Stop the share again, if it was started here and what comes next can't be done."""
    was_running = _kernel.share is not None and _kernel.share.running
    try:
        yield
    except BaseException:
        if not was_running:
            stop()
        raise


def start(options: Options, *, bound: BoundSockets | None = None) -> Share:
    """The running share with `options` taken over, or a new one; at sockets that are `bound`, if any are."""
    current = _kernel.share
    if current is not None and current.running:
        current.change(options)
        return current
    notebook = _kernel.notebook
    on_drop = notebook.cells.drop if notebook is not None else None
    link_store = _remembered() if bound is None or _kernel.link_store is None else _kernel.link_store
    try:
        bound = bound or _bind(link_store, options)
        _kernel.share = Share(
            _kernel.tracker, _kernel.apps, link_store, options, on_drop=on_drop, bound=bound
        )
    except BaseException:
        link_store.let_go()
        raise
    if notebook is not None:
        notebook.announce, notebook.on_busy = _kernel.share.announce, _kernel.share.show_busy
        _kernel.share.show_busy(notebook.busy_since)
    return _kernel.share


def bind(options: Options) -> BoundSockets:
    """Listen for a share that `start` will be given: before it forks, a process must have no threads."""
    return _bind(_remembered(), options)


def _bind(link_store: LinkStore, options: Options) -> BoundSockets:
    """Listen, and have the link and the password that the options ask for."""
    options.check(has_password=link_store.has_password)
    bound = BoundSockets.at(EndpointOptions.of(options), link_store.port, fading=link_store.was_left)
    try:
        if options.fresh or bound.changed:  # now that nothing can keep it from starting, the old link may go
            link_store.renew(keeps_password=not options.fresh)
        if options.password is not None:
            link_store.protect(options.password)
    except BaseException:  # an interrupt of the author's, since a hash takes a while
        bound.close()
        raise
    return bound


def put(shown: Showable, value: Any, name: str | None, caption: str | None) -> None:
    """Put what `value` looks like on the page."""
    notebook = _kernel.notebook
    if notebook is not None:
        drawn_of = value if is_element(value) else None
        if name is None and is_element(value) and notebook.is_in_no_output:
            name = variable(value)  # the cells only know its model
        if name is not None:
            notebook.cells.share(shown, name, caption, value=drawn_of)
        else:
            if notebook.show(shown, caption=caption, value=drawn_of) is Outcome.DROPPED:
                say(Outcome.DROPPED.value)
        return
    if name is None:
        name = variable(value if is_element(value) else shown)
    if name is not None:
        key = PlotKey("name", name)
    else:
        known = _kernel.tracker.keys_of(shown) if not isinstance(shown, list) else []
        key = known[0] if known else PlotKey("code", "script", _kernel.tracker.page.born)
    _kernel.tracker.put(key, shown, caption=caption)


def put_app(app: App) -> None:
    """Share an app, now or when a share is started. Raises `TwoApps`."""
    _kernel.apps.put(app)


def stop() -> bool:
    """Stop the share that runs; whether there was one."""
    current = _kernel.share
    if current is None or not current.running:
        return False
    current.stop()
    return True


def remember(script: Path) -> None:
    """Let the process's first share have the link that this script's last one had, as a notebook's has."""
    if _kernel.link_store is None:
        _kernel.link_store = recalled(script)


def parts() -> tuple[PlotTracker, Apps]:
    """What stands on the page of this process's share, from before it starts until `unload`."""
    return _kernel.tracker, _kernel.apps


def current() -> Share | None:
    """The share that runs, or else the last that did."""
    return _kernel.share


def quiet() -> None:
    """Cells do not say of each plot that it is on the page; until `unload`."""
    if _kernel.notebook is not None:
        _kernel.notebook.quiet = True


def check_variables(names: list[str]) -> None:
    """Raise `UnknownName` or `NotAModel` for the first of the author's variables that can't be shared."""
    if (notebook := enter()) is not None:
        namespace = notebook.shell.user_ns
        for name in names:
            if name not in namespace:
                raise UnknownName.among(name, [key for key in namespace if not key.startswith("_")])
            as_shown(rendered(namespace[name], name=name), name=name)


def share_variables(names: list[str], options: Options) -> Share:
    """Start or keep the share, with the author's variables `names` on the page under their names."""
    with as_it_was():
        current = start(options)
        if (notebook := enter()) is not None:
            for name in names:
                notebook.cells.share_variable(name)
    return current


def running() -> Share:
    """The share that runs. Raises `NothingShared`."""
    if _kernel.share is None or not _kernel.share.running:
        raise NothingShared()
    return _kernel.share


def mark_cell(*, name: str | None, caption: str | None, skipped: bool) -> None:
    """What holds for all that the running cell shows from here on."""
    notebook = enter()
    if notebook is not None and (cell := notebook.cell) is not None:
        cell.name, cell.caption, cell.skipped = name, caption, skipped


def sort() -> None:
    """Put the plots in the order of the notebook's cells, if its file was saved since."""
    if (notebook := enter()) is not None:
        notebook.cells.sort()


def arrange(names: list[str]) -> None:
    """Put the plots called `names` on top of the page, in this order. Raises `UnknownName`."""
    if (notebook := enter()) is not None:
        notebook.cells.arrange(names)


def load(shell: Any) -> None:
    """What `%load_ext bokeh_share` does, but for the magic."""
    if _kernel.notebook is None:
        _kernel.notebook = Notebook(shell, _kernel.tracker, _kernel.apps)
        _kernel.notebook.load()


def unload() -> None:
    """What `%unload_ext bokeh_share` does, but for the magic: only the link is remembered."""
    stop()
    if _kernel.notebook is not None:
        _kernel.notebook.unload()
    _kernel.tracker.close()
    _kernel.apps.clear()
    _kernel.share, _kernel.tracker, _kernel.notebook = None, PlotTracker(), None


def variable(value: Any) -> str | None:
    """What the author calls this very object."""
    shell = get_ipython()
    bound = shell.user_ns if shell is not None else vars(sys.modules["__main__"])
    return next((key for key, each in list(bound.items()) if each is value and key[:1] != "_"), None)


def _remembered() -> LinkStore:
    if _kernel.link_store is None:
        shell = get_ipython()
        _kernel.link_store = recalled(notebook_path(shell) if shell is not None else None, _cells_seen)
    else:
        _kernel.link_store.take()
    if _kernel.notebook is not None and _kernel.link_store.notebook is not None:
        _kernel.notebook.cells.are_saved_in(_kernel.link_store.notebook)
    return _kernel.link_store


def _cells_seen() -> Collection[str]:
    """The ids of the notebook's cells, as its file had them when it was read last."""
    return _kernel.notebook.cells.saved if _kernel.notebook is not None else ()
