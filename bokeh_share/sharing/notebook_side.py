"""Declares the notebook side as a share uses it, so that `sharing` does not import `notebook`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from ..plots import PlotKey, Showable


class NotebookSide(Protocol):
    """The author's notebook, as a share uses it. Exists as long as the extension is loaded."""

    @property
    def path(self) -> Path | None:
        """The path of the notebook's file, if the front end gives it."""

    @property
    def saved_cell_ids(self) -> Collection[str]:
        """The ids of the notebook's cells, as last read from its file."""

    @property
    def busy_since(self) -> float | None:
        """The start of the running cell, by `time.monotonic`; None if none runs."""

    @property
    def cell_number(self) -> int | None:
        """The number that the front end shows beside the cell that runs; None if there is none."""

    def find_cell_number(self, key: PlotKey) -> int | None:
        """Find the number of the cell that a plot belongs to; None if there is none."""

    def set_path(self, path: Path) -> None:
        """Set the path of the notebook's file, which may have been renamed."""

    def connect_share(
        self,
        format_announcement: Callable[[], str],
        on_busy: Callable[[float | None], None],
        on_renumber: Callable[[], None],
    ) -> None:
        """Print `format_announcement()` in cells from now on; call `on_busy` when a cell begins or ends, and
        `on_renumber` when plots may belong to a cell with another number."""

    def mute(self) -> None:
        """Stop printing in cells that a plot is on the page."""

    def put_plot(self, showable: Showable, value: Any, name: str | None, caption: str | None) -> bool:
        """Put the plot of `value` on the page. Return False if it is not there, after printing the reason."""

    def arrange(self, keys: Sequence[PlotKey]) -> None:
        """Put these plots on top of the page, in this order."""

    def restore(self, key: PlotKey, shown: Showable, caption: str | None) -> None:
        """Bring back a plot that was dropped. It follows its cell or variable again."""

    def drop(self, keys: Iterable[PlotKey]) -> None:
        """Take these plots off the page until they are shared by name again."""

    def unload(self) -> None:
        """Remove all hooks."""
