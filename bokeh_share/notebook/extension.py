"""Loads and unloads the notebook side, and carries out the calls of the magic."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from ..errors import BokehShareError
from ..plots import as_shareable, render_element
from ..sharing import ResolvedOptions, Share, current
from .shared_notebook import SharedNotebook

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class NotebookExtension:
    """The notebook as the magic uses it: variables by name, options of the running cell, the plots' order."""

    def __init__(self, shell: InteractiveShell, notebook: SharedNotebook) -> None:
        self._shell = shell
        self._notebook = notebook

    def check_variables(
        self, names: list[str], explain_unknown: Callable[[str, Collection[str]], BokehShareError]
    ) -> None:
        """Raise an error for the first of the author's variables that cannot be shared: `NotAModel`, or what
        `explain_unknown` returns for a name that no variable has, and for the names of all variables."""
        namespace = self._shell.user_ns
        for name in names:
            if name not in namespace:
                raise explain_unknown(name, namespace)
            as_shareable(render_element(namespace[name], name=name), name=name)

    def share_variables(self, names: list[str], resolved: ResolvedOptions) -> Share:
        """Start or keep the share, with the author's variables `names` on the page under their names."""
        with current.stop_on_failure():
            running_share = current.start_or_update_share(resolved)
            for name in names:
                self._notebook.plots.named.share_variable(name)
                current.confirm(f"{name!r} is on the page")
        return running_share

    def mark_cell(
        self, *, name: str | None, caption: str | None, skipped: bool, are_displays_shared: bool
    ) -> None:
        """Set the options of all plots that the running cell shows from here on."""
        if (cell := self._notebook.hooks.cell) is not None:
            cell.set_options(
                name=name, caption=caption, is_skipped=skipped, are_displays_shared=are_displays_shared
            )

    def sort_plots(self) -> None:
        """Put the plots in the order of the notebook's cells, if its file was saved since."""
        self._notebook.plots.order.sort()

    def arrange_plots(self, names: list[str]) -> None:
        """Put the plots called `names` on top of the page, in this order. Raises `UnknownName`."""
        self._notebook.plots.order.arrange(names)


def load_extension(shell: InteractiveShell) -> NotebookExtension:
    """Load the notebook side for `%load_ext bokeh_share`, without the magic. May be called again."""
    notebook = current.get_notebook()
    if not isinstance(notebook, SharedNotebook):
        notebook = SharedNotebook(shell, *current.get_tracker_and_apps())
        current.set_notebook(notebook)
        notebook.load()
    return NotebookExtension(shell, notebook)


def unload_extension() -> None:
    """Unload the notebook side for `%unload_ext bokeh_share`, without the magic. Only the link is kept."""
    current.clear()
