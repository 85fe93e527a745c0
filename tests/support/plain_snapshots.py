"""Small snapshots made by hand, without Bokeh models, and a text as an edit."""

from __future__ import annotations

import json

import numpy as np

from bokeh_share.plots.snapshot.edits import AttributeEdit
from bokeh_share.plots.snapshot.snapshot import Node, Snapshot
from bokeh_share.plots.snapshot.values import PLACEHOLDER, Items, Numbers, Value


def plot(*texts: str) -> Snapshot:
    """Make a row of divs."""
    children = Value(f"[{','.join(PLACEHOLDER for _ in texts)}]", tuple(range(1, len(texts) + 1)))
    models = (Node("Row", {"children": children}), *(div(text) for text in texts))
    return Snapshot(models, ids=tuple(f"1.{node_index}" for node_index in range(len(models))))


def div(text: str) -> Node:
    return Node("Div", {"text": Value(json.dumps(text))})


def say(node_index: int, text: str, weight: int = 0) -> AttributeEdit:
    return AttributeEdit(node_index, "text", Value(json.dumps(text)), size=weight)


def source(*rows: float) -> Snapshot:
    return Snapshot((Node("ColumnDataSource", {}, {"x": numbers(*rows)}),), ids=("1.0",))


def numbers(*rows: float) -> Numbers:
    return Numbers(np.array(rows, float).tobytes(), "float64")


def rows(snapshot: Snapshot) -> list[float]:
    column = (snapshot.nodes[0].columns or {})["x"]
    assert isinstance(column, Numbers | Items)
    return column.to_list()
