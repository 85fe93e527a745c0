"""The author's notebook, as a share uses it: its file, its named plots, and its running cells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..apps import AppRegistry
from ..plots import KeyFacts, PlotKey, PlotTracker, Showable, choose_name, find_variable_name, is_element
from ..plots.media import Display
from .announcer import Announcer
from .cell import Outcome
from .cell_notices import CellNotices
from .hooks import NotebookHooks
from .notebook_file import find_notebook_path
from .notebook_plots import NotebookPlots

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class SharedNotebook:
    """The notebook side, from loading to unloading. Implements `NotebookSide` for the share."""

    def __init__(self, shell: InteractiveShell, tracker: PlotTracker, apps: AppRegistry) -> None:
        self._shell = shell
        notices = CellNotices(shell, lambda: self.hooks.output_areas.current_area)
        self._announcer = Announcer(tracker, notices)
        self.plots = NotebookPlots.build(tracker, shell.user_ns, self.path)
        self.hooks = NotebookHooks(shell, tracker, apps, self.plots, self._announcer)

    @property
    def path(self) -> Path | None:
        return find_notebook_path(self._shell)

    @property
    def saved_cell_ids(self) -> Collection[str]:
        return self.plots.order.saved_cell_ids

    @property
    def busy_since(self) -> float | None:
        return self.hooks.busy_since

    @property
    def cell_number(self) -> int | None:
        cell = self.hooks.cell
        return cell.number if cell is not None else None

    def find_cell_number(self, key: PlotKey) -> int | None:
        return self.plots.cells.find_cell_number(key)

    def load(self) -> None:
        self.hooks.load()

    def unload(self) -> None:
        self.hooks.unload()

    def set_path(self, path: Path) -> None:
        self.plots.order.set_notebook_path(path)

    def connect_share(
        self,
        format_announcement: Callable[[], str],
        on_busy: Callable[[float | None], None],
        on_renumber: Callable[[], None],
    ) -> None:
        self._announcer.connect_share(format_announcement)
        self.hooks.connect_share(on_busy, on_renumber)

    def mute(self) -> None:
        self._announcer.mute()

    def put_plot(self, showable: Showable, value: Any, name: str | None, caption: str | None) -> bool:
        element = value if is_element(value) or isinstance(showable, Display) else None
        facts = KeyFacts(
            name=name,
            variable=find_variable_name(value, self._shell.user_ns),
            # the cells only know its model
            is_variable_name=(
                name is None and element is not None and self.hooks.output_areas.is_outside_output
            ),
        )
        if (chosen_name := choose_name(facts)) is not None:
            self.plots.named.share(showable, chosen_name, caption, value=element)
            return True
        outcome = self.hooks.output_areas.show(showable, caption=caption, value=element)
        if outcome is not Outcome.ON_PAGE:
            self._announcer.print_once(outcome.value)
        return outcome is Outcome.ON_PAGE

    def arrange(self, keys: Sequence[PlotKey]) -> None:
        self.plots.order.arrange_keys(keys)

    def restore(self, key: PlotKey, shown: Showable, caption: str | None) -> None:
        self.plots.named.restore(key, shown, caption)

    def drop(self, keys: Iterable[PlotKey]) -> None:
        self.plots.named.drop(keys)
