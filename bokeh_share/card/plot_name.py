"""Names plots for the author: by name, else by title, else by kind and cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..plots import Plot, PlotKey, find_title
from ..plots.snapshot import Snapshot
from ..text import make_printable

FindCellNumber: TypeAlias = Callable[[PlotKey], int | None]
"""Returns the number that the notebook shows beside the cell of a plot; None if there is none."""

MAX_TITLE_LENGTH = 60
"""Maximum number of characters of a name or a title on the card."""

KINDS = {
    "DataCube": "table",
    "DataTable": "table",
    "Div": "text",
    "GMap": "map",
    "Paragraph": "text",
    "PreText": "text",
    **dict.fromkeys(("Column", "FlexBox", "GridBox", "GridPlot", "GroupBox", "Row"), "layout"),
}
"""Authors' words for models, if they differ from Bokeh's."""


def format_plot_name(plot: Plot, find_cell_number: FindCellNumber = lambda key: None) -> str:
    """Name a plot: `'Sales'` by its name or title, else `table, cell [24]` by its kind and cell."""
    title = _find_quoted_title(plot)
    return title or ", ".join(filter(None, [describe_kind(plot.snapshot), _locate(plot, find_cell_number)]))


def format_plot_names(plots: Sequence[Plot], find_cell_number: FindCellNumber = lambda key: None) -> str:
    """Name one plot, or count several and name the first: `18 plots, the first is 'Sales' in cell [14]`."""
    first = plots[0]
    if len(plots) == 1:
        return format_plot_name(first, find_cell_number)
    title, place = _find_quoted_title(first), _locate(first, find_cell_number)
    name = " in ".join(filter(None, [title or f"a {describe_kind(first.snapshot)}", place]))
    return f"{len(plots)} plots, the first is {name}"


def describe_kind(snapshot: Snapshot) -> str:
    """Describe the type of a plot's outermost model, such as `figure`, `table` or `range slider`."""
    model_type = snapshot.nodes[0].model_type.rpartition(".")[2]
    return KINDS.get(model_type) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", model_type).lower()


def _find_quoted_title(plot: Plot) -> str:
    """Return the plot's name or title in quotes; the empty text if it has neither."""
    text = make_printable(plot.name or find_title(plot.snapshot) or "")
    if not text:
        return ""
    return f"'{text}'" if len(text) <= MAX_TITLE_LENGTH else f"'{text[:MAX_TITLE_LENGTH].rstrip()}…'"


def _locate(plot: Plot, find_cell_number: FindCellNumber) -> str:
    """Describe the place of a plot by its cell or its variable; the empty text if neither is known."""
    number = find_cell_number(plot.key)
    if number is not None:
        return f"cell [{number}]"
    return f"variable {plot.key.identifier}" if plot.key.kind == "variable" else ""
