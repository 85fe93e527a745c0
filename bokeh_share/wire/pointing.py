"""The points that a viewer shows, with `--pointing`: numbers, and the name that the viewer typed."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .presented_view import is_finite_number, read_indices

MAX_POINTED_INDICES = 100
"""Maximum number of points that a viewer points at."""
MAX_VIEWER_NAME_LENGTH = 40
"""Maximum number of characters of the name that a viewer types."""
POINTING_PREFIX = b'{"point":'
"""Begins a message of this kind."""
POINTED_MODEL = re.compile(r"(k[0-9a-f]{1,16})\.[a-z]?[0-9a-f]{1,16}(\.[0-9]{1,9})?")
"""The id of a model on the page, which begins with the id of its plot: numbers and digests only."""
BIDIRECTIONAL_CHARACTERS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Invisible characters that change the order in which others are shown."""
REFUSED_CATEGORIES = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control characters, line ends, and characters without a meaning, by their Unicode category."""

Interval = tuple[float, float]


@dataclass(frozen=True)
class Pointing:
    """The points that a viewer means, and the part of the plot that is on their screen."""

    figure: str
    """The id of the figure's model on the page."""
    source: str | None
    """The id of the model of the data source; None if the viewer selected no points."""
    indices: tuple[int, ...]
    x: Interval
    y: Interval
    name: str
    """The name that the viewer typed; may be empty, and may be anyone's."""

    @property
    def plot(self) -> str:
        """The id of the plot."""
        return self.figure.partition(".")[0]

    def to_dict(self) -> Mapping[str, Any]:
        return {
            "plot": self.plot,
            "figure": self.figure,
            "source": self.source,
            "indices": self.indices,
            "x": self.x,
            "y": self.y,
            "name": self.name,
        }


@dataclass(frozen=True)
class PointingEnd:
    """A viewer does not point any more."""


def read_pointing(text: bytes) -> Pointing | PointingEnd | None:
    """Read the message by which a viewer points; None if it is not a valid one."""
    if not text.startswith(POINTING_PREFIX):
        return None
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    value = message["point"]
    if value is None and message.keys() == {"point"}:
        return PointingEnd()
    keys = {"figure", "source", "indices", "x", "y", "name"}
    if message.keys() != {"point"} or not isinstance(value, dict) or value.keys() != keys:
        return None
    figure, source = value["figure"], value["source"]
    if not _is_model(figure) or not (source is None or _is_model(source)):
        return None
    if source is not None and source.partition(".")[0] != figure.partition(".")[0]:
        return None
    indices = read_indices(value["indices"], MAX_POINTED_INDICES)
    x, y = _read_interval(value["x"]), _read_interval(value["y"])
    if indices is None or x is None or y is None or not is_viewer_name(value["name"]):
        return None
    return Pointing(figure, source, indices, x, y, value["name"])


def is_viewer_name(value: object) -> bool:
    """Return True for a name that can be shown as it is: short, on one line, without characters that change
    the order of others."""
    return (
        isinstance(value, str)
        and len(value) <= MAX_VIEWER_NAME_LENGTH
        and not any(unicodedata.category(character) in REFUSED_CATEGORIES for character in value)
        and BIDIRECTIONAL_CHARACTERS.isdisjoint(value)
    )


def _is_model(value: object) -> bool:
    return isinstance(value, str) and POINTED_MODEL.fullmatch(value) is not None


def _read_interval(value: object) -> Interval | None:
    if not isinstance(value, list) or len(value) != 2 or not all(map(is_finite_number, value)):
        return None
    return float(value[0]), float(value[1])
