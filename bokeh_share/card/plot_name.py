"""Names plots for the author: by name, else by title, else by kind and cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..plots import Plot, PlotKey, describe_content, describe_place, describe_unnamed_plot, find_title
from ..text import make_printable

FindCellNumber: TypeAlias = Callable[[PlotKey], int | None]
"""Returns the number that the notebook shows beside the cell of a plot; None if there is none."""

MAX_TITLE_LENGTH = 60
"""Maximum number of characters of a name or a title on the card."""


def format_plot_name(plot: Plot, find_cell_number: FindCellNumber = lambda key: None) -> str:
    """Name a plot: `'Sales'` by its name or title, else `table, cell [24]` by its kind and cell."""
    title = _find_quoted_title(plot)
    return title or describe_unnamed_plot(
        describe_content(plot.snapshot), plot.key, find_cell_number(plot.key)
    )


def format_plot_names(plots: Sequence[Plot], find_cell_number: FindCellNumber = lambda key: None) -> str:
    """Name one plot, or count several and name the first: `18 plots, the first is 'Sales' in cell [14]`."""
    first = plots[0]
    if len(plots) == 1:
        return format_plot_name(first, find_cell_number)
    title, place = _find_quoted_title(first), describe_place(first.key, find_cell_number(first.key))
    name = " in ".join(filter(None, [title or f"a {describe_content(first.snapshot)}", place]))
    return f"{len(plots)} plots, the first is {name}"


def _find_quoted_title(plot: Plot) -> str:
    """Return the plot's name or title in quotes; the empty text if it has neither."""
    text = make_printable(plot.name or find_title(plot.snapshot) or "")
    if not text:
        return ""
    return f"'{text}'" if len(text) <= MAX_TITLE_LENGTH else f"'{text[:MAX_TITLE_LENGTH].rstrip()}…'"
