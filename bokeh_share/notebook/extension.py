"""Loads and unloads the notebook side, and carries out the calls of the share and the magic."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..apps import AppRegistry
from ..errors import UnknownName
from ..plots import PlotKey, PlotTracker, Showable, as_showable, is_element, render_element
from ..sharing import ResolvedOptions, Share, current
from ..text import print_line
from .cell import Outcome
from .hooks import NotebookHooks
from .notebook_file import find_notebook_path

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class NotebookExtension:
    """The notebook side, from loading to unloading. Implements `NotebookSide` for the share."""

    def __init__(self, shell: InteractiveShell, tracker: PlotTracker, apps: AppRegistry) -> None:
        self.hooks = NotebookHooks(shell, tracker, apps)
        self._shell = shell
        self._cells = self.hooks.cells

    @property
    def path(self) -> Path | None:
        return find_notebook_path(self._shell)

    @property
    def saved_cell_ids(self) -> Collection[str]:
        return self._cells.saved_ids

    @property
    def busy_since(self) -> float | None:
        return self.hooks.busy_since

    def set_path(self, path: Path) -> None:
        self._cells.set_notebook_path(path)

    def connect_share(
        self, format_announcement: Callable[[], str], on_busy: Callable[[float | None], None]
    ) -> None:
        self.hooks.connect_share(format_announcement, on_busy)

    def mute(self) -> None:
        self.hooks.is_quiet = True

    def put_plot(self, showable: Showable, value: Any, name: str | None, caption: str | None) -> None:
        element = value if is_element(value) else None
        if name is None and is_element(value) and self.hooks.is_outside_output:
            name = current.find_variable(value)  # the cells only have its model
        if name is not None:
            self._cells.share(showable, name, caption, value=element)
        elif self.hooks.show(showable, caption=caption, value=element) is Outcome.DROPPED:
            print_line(Outcome.DROPPED.value)

    def drop(self, keys: Iterable[PlotKey]) -> None:
        self._cells.drop(keys)

    def unload(self) -> None:
        self.hooks.unload()

    def check_variables(self, names: list[str]) -> None:
        """Raise `UnknownName` or `NotAModel` for the first of the author's variables that can't be shared."""
        namespace = self._shell.user_ns
        for name in names:
            if name not in namespace:
                raise UnknownName.from_known_names(
                    name, [key for key in namespace if not key.startswith("_")]
                )
            as_showable(render_element(namespace[name], name=name), name=name)

    def share_variables(self, names: list[str], resolved: ResolvedOptions) -> Share:
        """Start or keep the share, with the author's variables `names` on the page under their names."""
        with current.stop_on_failure():
            running_share = current.start_or_update_share(resolved)
            for name in names:
                self._cells.share_variable(name)
        return running_share

    def mark_cell(self, *, name: str | None, caption: str | None, skipped: bool) -> None:
        """Set the options of all plots that the running cell shows from here on."""
        if (cell := self.hooks.cell) is not None:
            cell.name, cell.caption, cell.is_skipped = name, caption, skipped

    def sort_plots(self) -> None:
        """Put the plots in the order of the notebook's cells, if its file was saved since."""
        self._cells.sort()

    def arrange_plots(self, names: list[str]) -> None:
        """Put the plots called `names` on top of the page, in this order. Raises `UnknownName`."""
        self._cells.arrange(names)


def load_extension(shell: InteractiveShell) -> NotebookExtension:
    """What `%load_ext bokeh_share` does, but for the magic; may be called again."""
    if isinstance(loaded := current.get_notebook(), NotebookExtension):
        return loaded
    extension = NotebookExtension(shell, *current.get_tracker_and_apps())
    current.set_notebook(extension)
    extension.hooks.load()
    return extension


def unload_extension() -> None:
    """What `%unload_ext bokeh_share` does, but for the magic: only the link is remembered."""
    current.clear()
