"""The view that an author presents, and pins: what a message may contain, as plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Any

MAX_PRESENTED_PLOTS = 100
"""Maximum number of plots in one message; a message has those whose view changed."""
MAX_VIEW_FIELDS = 200
"""Maximum number of ranges, tabs, legends and selections of one plot."""
MAX_FIELD_LENGTH = 1000
"""Maximum length of a range, tab or legend; those of links are no longer."""
MAX_PRESENTED_INDICES = 1000
"""Maximum number of selected points, of all sources of a plot together."""
MAX_PIN_LENGTH = 140
"""Maximum number of characters of a pin."""
MAX_FACTOR_LENGTH = 200
"""Maximum length of a factor, of which a categorical coordinate has up to three."""

PLOT_ID = re.compile(r"k[0-9a-f]{1,16}")
MODEL_ID = re.compile(r"[\w.:-]{1,60}", re.ASCII)
VIEW_FIELD = re.compile(r"[rtl][0-9]{1,4}")
SELECTION_FIELD = re.compile(r"s[0-9]{1,4}")

Coordinate = float | tuple[Any, float]
"""A number; or, on a categorical axis, a factor and the distance from it."""


@dataclass(frozen=True)
class Spot:
    """A point of a figure, in the coordinates of its data."""

    plot: str
    model: str
    """The id of the figure's model, as on the page."""
    x: Coordinate
    y: Coordinate

    def to_dict(self) -> dict[str, Any]:
        return {"plot": self.plot, "model": self.model, "x": self.x, "y": self.y}


@dataclass(frozen=True)
class PresentedView:
    """A change of the author's view."""

    in_view: tuple[str, ...] | None = None
    """The ids of the plots in the author's window, from top to bottom; None if they did not change."""
    plots: Mapping[str, tuple[tuple[str, str | tuple[int, ...]], ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """The fields of each plot whose view changed, by plot id. They are those of a link to a view: `r` for
    ranges, `t` for tabs, `l` for legends; and `s` for the selected indices of a source."""
    pointer: Spot | None = None
    """The place of the author's pointer; None if it is not in a figure."""


def read_presented_view(value: object) -> PresentedView | None:
    """Read the view of a message; None if it is not one."""
    if not isinstance(value, dict) or not value.keys() <= {"in_view", "plots", "pointer"}:
        return None
    in_view, plots, pointer = value.get("in_view"), value.get("plots", {}), value.get("pointer")
    if in_view is not None and not _is_plot_list(in_view):
        return None
    if not isinstance(plots, dict) or len(plots) > MAX_PRESENTED_PLOTS:
        return None
    views = {id: _read_fields(fields) for id, fields in plots.items() if PLOT_ID.fullmatch(id)}
    spot = None if pointer is None else read_spot(pointer)
    if len(views) < len(plots) or (pointer is not None and spot is None):
        return None
    read = {id: fields for id, fields in views.items() if fields is not None}
    if len(read) < len(views):
        return None
    return PresentedView(None if in_view is None else tuple(in_view), read, spot)


def read_spot(value: object) -> Spot | None:
    """Read a point of a figure; None if it is not one."""
    if not isinstance(value, dict) or value.keys() != {"plot", "model", "x", "y"}:
        return None
    plot, model = value["plot"], value["model"]
    x, y = _read_coordinate(value["x"]), _read_coordinate(value["y"])
    is_named = isinstance(plot, str) and PLOT_ID.fullmatch(plot) and isinstance(model, str)
    if x is None or y is None or not is_named or not MODEL_ID.fullmatch(model):
        return None
    return Spot(plot, model, x, y)


def read_pin_text(value: object) -> str | None:
    """Return the text of a pin, on one line; None if there is none, or it is too long."""
    if not isinstance(value, str):
        return None
    text = " ".join(value.split())
    return text if 0 < len(text) <= MAX_PIN_LENGTH and is_encodable(text) else None


def is_encodable(text: str) -> bool:
    """Return False for a text with half of a character, which cannot be sent."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_plot_list(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_PRESENTED_PLOTS
        and all(isinstance(each, str) and PLOT_ID.fullmatch(each) for each in value)
    )


def _read_fields(value: object) -> tuple[tuple[str, str | tuple[int, ...]], ...] | None:
    if not isinstance(value, list) or len(value) > MAX_VIEW_FIELDS:
        return None
    fields: list[tuple[str, str | tuple[int, ...]]] = []
    index_count = 0
    for each in value:
        if not (isinstance(each, list) and len(each) == 2 and isinstance(each[0], str)):
            return None
        name, content = each
        if VIEW_FIELD.fullmatch(name) and _is_short_text(content):
            fields.append((name, content))
        elif SELECTION_FIELD.fullmatch(name) and (indices := read_indices(content)) is not None:
            index_count += len(indices)
            fields.append((name, indices))
        else:
            return None
    return tuple(fields) if index_count <= MAX_PRESENTED_INDICES else None


def read_indices(value: object, maximum: int = MAX_PRESENTED_INDICES) -> tuple[int, ...] | None:
    """Read a list of indices of points; None if it is not one."""
    if not isinstance(value, list) or len(value) > maximum:
        return None
    return tuple(value) if all(type(each) is int and 0 <= each < 2**31 for each in value) else None


def _read_coordinate(value: object) -> Coordinate | None:
    if isinstance(value, list):
        if len(value) != 2 or not _is_factor(value[0]) or not is_finite_number(value[1]):
            return None
        factor = value[0] if isinstance(value[0], str) else tuple(value[0])
        return factor, float(value[1])
    return float(value) if is_finite_number(value) else None  # type: ignore[arg-type]  # it is a number


def _is_short_text(value: object, max_length: int = MAX_FIELD_LENGTH) -> bool:
    return isinstance(value, str) and len(value) <= max_length and is_encodable(value)


def _is_factor(value: object) -> bool:
    """Return True for a factor of a range, or its two or three levels."""
    levels = value if isinstance(value, list) else [value]
    return 0 < len(levels) <= 3 and all(_is_short_text(each, MAX_FACTOR_LENGTH) for each in levels)


def is_finite_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return isfinite(value)
    except OverflowError:  # a whole number that is too large for a float
        return False
