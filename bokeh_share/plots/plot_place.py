"""Describes plots that have no name and no title: by their kind, and by their cell, variable or script."""

from __future__ import annotations

import re

from .content import PlotContent
from .key_chooser import SCRIPT_CODE_NAME
from .media import MediaSnapshot
from .page import PlotKey

KIND_WORDS = {
    "DataCube": "table",
    "DataTable": "table",
    "Div": "text",
    "GMap": "map",
    "Paragraph": "text",
    "PreText": "text",
    **dict.fromkeys(("Column", "FlexBox", "GridBox", "GridPlot", "GroupBox", "Row"), "layout"),
}
"""Authors' words for models, if they differ from Bokeh's."""


def describe_kind(model_type: str) -> str:
    """Describe the type of a plot's outermost model, such as `figure`, `table` or `range slider`."""
    name = model_type.rpartition(".")[2]
    return KIND_WORDS.get(name) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()


def describe_content(snapshot: PlotContent) -> str:
    """Describe the kind of a plot, such as `figure`, `table` or `matplotlib figure`."""
    return (
        snapshot.noun if isinstance(snapshot, MediaSnapshot) else describe_kind(snapshot.nodes[0].model_type)
    )


def describe_place(key: PlotKey, cell_number: int | None) -> str:
    """Describe the place of a plot, such as `cell [24]`; the empty text if it is not known."""
    if cell_number is not None:
        return f"cell [{cell_number}]"
    if key.kind == "variable":
        return f"variable {key.identifier}"
    is_in_script = (key.kind, key.identifier) == ("code", SCRIPT_CODE_NAME)
    return f"plot {key.position + 1} of the script" if is_in_script else ""


def describe_unnamed_plot(kind: str, key: PlotKey, cell_number: int | None) -> str:
    """Describe a plot by its kind and its place, such as `table, cell [24]`."""
    return ", ".join(filter(None, (kind, describe_place(key, cell_number))))
