"""Whether two snapshots are of the same plot to a person, or one of quite another."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable

from .snapshot import Node, Snapshot
from .values import Column, Items, Numbers, Value

WORDS = ("name", "title", "text", "label", "axis_label", "description", "field")
"""Properties in which authors say what a thing is."""
SAMPLE = 500
"""So many rows at each end of a column are looked at."""


def is_another(before: Snapshot, after: Snapshot) -> bool:
    """Whether nothing of what is said or drawn is the same, so that no zoom is worth keeping.

    A new title is no new plot, nor is new data under the same title; plots that say nothing are known
    by what they are drawn with.
    """
    then, now = _Gist(before.models), _Gist(after.models)
    if not then.columns or not now.columns or then.words & now.words:
        return False
    if not (then.words and now.words) and then.glyphs & now.glyphs:
        return False
    return not any(_are_alike(one, other) for one in then.columns for other in now.columns)


class _Gist:
    """What a person would know a plot by."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.words: set[str] = set()
        self.glyphs: set[str] = set()
        self.columns: list[Column] = []
        for node in nodes:
            for name in WORDS:
                if name in node.attributes:
                    self.words |= set(re.findall(r"\w{2,}", _said(node.attributes[name].text).lower()))
            columns = (node.columns or {}).values()
            self.columns += [each for each in columns if isinstance(each, Value) or each.rows]
            if any(value.text.startswith('{"type":"field"') for value in node.attributes.values()):
                self.glyphs.add(node.kind)


def _said(text: str) -> str:
    """A text, alone or as a constant; nothing for anything else."""
    value = json.loads(text) if text.startswith(('"', '{"type":"value"')) else ""
    value = value["value"] if isinstance(value, dict) else value
    return value if isinstance(value, str) else ""


def _are_alike(one: Column, other: Column) -> bool:
    """Whether half of the values are the same, wherever they are."""
    then, now = _sample(one), _sample(other)
    return 2 * len(then & now) >= min(len(then), len(now)) > 0


def _sample(column: Column) -> set[Hashable]:
    if isinstance(column, Numbers):
        ends = (column.cut(0, SAMPLE), column.cut(max(0, column.rows - SAMPLE)))
        return {word for end in ends for word in end.words().tolist()}
    if isinstance(column, Items):
        values = column.values()
        return {json.dumps(value) for value in (*values[:SAMPLE], *values[-SAMPLE:])}
    return {column.text, *column.gaps}
