"""Whether BokehJS draws a change rightly by itself, or has to draw the plot anew."""

from __future__ import annotations

from collections.abc import Sequence

import bokeh
from bokeh.embed.util import contains_tex_string

from .live import FOLLOWS, LIVE, PROVEN
from .snapshot import Node
from .values import Value

_NULL = "null"


def is_proven(version: str = bokeh.__version__) -> bool:
    """Whether what is known to be live was proven on this version of Bokeh."""
    return any(version == each or version.startswith(f"{each}.") for each in PROVEN)


def is_live(kind: str, name: str, then: Value, now: Value) -> bool:
    """Whether this property of such a model may change from one value to the other."""
    if then.gaps or now.gaps or _NULL in (then.text, now.text):
        return False
    if contains_tex_string(then.text) or contains_tex_string(now.text):  # it takes another room
        return False
    return is_proven() and name in LIVE.get(kind, ())


def follows(models: Sequence[Node], source: int) -> bool:
    """Whether all that draws from the data source at this place follows changes of its data."""
    users = [place for place, node in enumerate(models) if source in node.refs]
    return is_proven() and all(models[place].kind in FOLLOWS for place in _below(models, users, source))


def _below(models: Sequence[Node], places: Sequence[int], source: int) -> set[int]:
    """These places and what they refer to, but for what a script may refer to: anything."""
    found = {source}
    waiting = [*places]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            if models[place].kind != "CustomJS":
                waiting += models[place].refs
    return found - {source}
