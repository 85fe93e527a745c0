"""Orders the plots on the page: by the author's choice, then as the notebook's cells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from ..plots import PlotFinder, PlotKey, PlotTracker
from .locking import ReentrantLock, synchronize
from .notebook_file import NotebookFile

RANK_WITHOUT_CELL = 1_000_000
"""The rank of plots whose cell is not in the notebook's file: they come last."""


class PlotOrder:
    """The order of the plots on the page: first those that the author put on top, then by cell.

    Exists as long as the extension is loaded.
    """

    def __init__(
        self,
        tracker: PlotTracker,
        find_cell_id: Callable[[PlotKey], str | None],
        path: Path | None,
        lock: ReentrantLock,
    ) -> None:
        """`find_cell_id` returns the cell of a plot; `path` is the path of the notebook's file."""
        self._tracker = tracker
        self._find_cell_id = find_cell_id
        self._file = NotebookFile(path)
        self._top_keys: list[PlotKey] = []
        """Plots that the author has put on top, in this order."""
        self._lock = lock
        tracker.sections.connect_notebook(lambda key: self._file.find_section(find_cell_id(key)))
        tracker.sort(self.rank)

    @property
    def saved_cell_ids(self) -> Collection[str]:
        """The ids of the cells in the notebook's file, as last read."""
        return self._file.ids

    def set_notebook_path(self, path: Path) -> None:
        """Set the path of the notebook's file, which may have been renamed."""
        self._file.move_to(path)

    @synchronize
    def sort(self, *, force: bool = False) -> None:
        """Sort the plots like the notebook's cells, if its file was saved since, or with `force`."""
        if self._file.update_order() or force:
            self._tracker.sort(self.rank)

    def rank(self, key: PlotKey) -> tuple[int, ...]:
        """The sort key of a plot: the author's order, then the order of the notebook's cells."""
        top_keys = self._top_keys  # which another thread may replace
        chosen = top_keys.index(key) if key in top_keys else len(top_keys)
        index = self._file.find_index(self._find_cell_id(key))
        return (chosen, index, key.position) if index is not None else (chosen, RANK_WITHOUT_CELL, 0)

    def arrange(self, names: list[str]) -> None:
        """Put these plots on top, in this order, each by name, title or id. Raises `UnknownName`."""
        finder = PlotFinder(self._tracker.page.plots)
        self.arrange_keys([key for name in names for key in finder.find(name)])

    def arrange_keys(self, keys: Sequence[PlotKey]) -> None:
        """Put these plots on top, in this order."""
        self._top_keys = [*keys]
        self._tracker.sort(self.rank)

    def rename_keys(self, moves: Mapping[PlotKey, PlotKey]) -> None:
        """Record that plots have other keys now."""
        self._top_keys = [moves.get(key, key) for key in self._top_keys]
