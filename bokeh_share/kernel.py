"""What a process has at most one of: the share, and what captures its plots."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass, field
from typing import Any

from IPython import get_ipython

from .capture import Capture, Shown, as_shown
from .errors import UnknownName
from .notebook import Notebook
from .page import Key
from .sharing import Link, Options, Share


@dataclass
class _Kernel:
    share: Share | None = None
    capture: Capture = field(default_factory=Capture)
    notebook: Notebook | None = None
    link: Link = field(default_factory=Link)


_kernel = _Kernel()


def share(
    model: Any = None,
    /,
    *,
    name: str | None = None,
    external: bool | None = None,
    port: int | None = None,
    title: str | None = None,
    token: bool | None = None,
) -> Share:
    """Share plots live with whoever has the link, and put `model` on the page if one is given.

    In a notebook every plot that a cell shows is on the page from then on; outside, what is given here.
    The server runs in the background, on the loop that is there; without one, see
    `Share.run_until_interrupted`. A share that runs already is kept, and moved if an option differs.

    Args:
        model: a Bokeh figure, layout, widget or table, or a list of them. It stays the author's: it can
            be shown, laid out and changed; changes are on the page when the cell ends.
        name: what the plot is called on the page; the same name again replaces it.
        external: listen on the address that other hosts reach, besides localhost. Default: localhost.
        port: the port to listen on. Default: the first free one from 5006 on.
        title: what stands on top of the page. Default: the notebook's name.
        token: whether the link has a part that can't be guessed. Default: yes.

    Raises:
        BokehShareError: a subclass that says what is wrong and what to do; then nothing has changed.
    """
    shown = as_shown(model) if model is not None else None
    _enter()
    current = start(Options(external, port, title, token))
    if shown is not None:
        _put(shown, name)
    return current


def start(options: Options) -> Share:
    """The running share with `options` taken over, or a new one."""
    current = _kernel.share
    if current is not None and current.running:
        current.change(options)
        return current
    notebook = _kernel.notebook
    _kernel.share = Share(_kernel.capture, _kernel.link, options, on_drop=notebook.drop if notebook else None)
    if notebook is not None:
        notebook.announce = _kernel.share.announce
    return _kernel.share


def stop() -> bool:
    """Stop the share that runs; whether there was one."""
    current = _kernel.share
    if current is None or not current.running:
        return False
    current.stop()
    return True


def share_variables(names: list[str], options: Options) -> Share:
    """Start or keep the share, with the author's variables `names` on the page under their names."""
    notebook = _enter()
    assert notebook is not None, "the magic is there once the extension is"
    namespace = notebook.shell.user_ns
    for name in names:
        if name not in namespace:
            near = difflib.get_close_matches(name, [key for key in namespace if not key.startswith("_")], 1)
            raise UnknownName(name, near[0] if near else None)
        as_shown(namespace[name], name=name)
    current = start(options)
    for name in names:
        notebook.share_variable(name)
    return current


def name_cell(name: str) -> None:
    """What the running cell shows from here on is on the page under `name`."""
    if (notebook := _enter()) is not None and notebook.cell is not None:
        notebook.cell.name = name


def load(shell: Any) -> None:
    """What `%load_ext bokeh_share` does, but for the magic."""
    if _kernel.notebook is None:
        _kernel.notebook = Notebook(shell, _kernel.capture)
        _kernel.notebook.load()


def unload() -> None:
    """What `%unload_ext bokeh_share` does, but for the magic: only the link is remembered."""
    stop()
    if _kernel.notebook is not None:
        _kernel.notebook.unload()
    _kernel.capture.close()
    _kernel.share, _kernel.capture, _kernel.notebook = None, Capture(), None


def _put(shown: Shown, name: str | None) -> None:
    notebook = _kernel.notebook
    if notebook is not None:
        notebook.share(shown, name) if name is not None else notebook.show(shown)
        return
    if name is None:
        bound = vars(sys.modules["__main__"]).items()
        name = next((key for key, value in list(bound) if value is shown and not key.startswith("_")), None)
    count = len(_kernel.capture.page.plots)
    _kernel.capture.put(Key("name", name) if name is not None else Key("code", "script", count), shown)


def _enter() -> Notebook | None:
    """In IPython the extension's notebook, loaded if need be."""
    shell = get_ipython()
    if shell is not None and _kernel.notebook is None:
        shell.extension_manager.load_extension("bokeh_share")
    return _kernel.notebook
