"""Reads the titles of a plot."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .media import MediaSnapshot
from .snapshot import Node, Snapshot

FORMULA_TYPES = {"Ascii", "MathML", "PlainText", "TeX"}
"""Bokeh's models for the text of a title that is not a plain string."""


def find_title(snapshot: Snapshot | MediaSnapshot) -> str | None:
    """Return the first title in a plot that is not empty, for plots that the author gave no name.

    A formula is a model with a text of its own, such as `TeX`; its source is the title.
    """
    if isinstance(snapshot, MediaSnapshot):
        return snapshot.title or None
    titles = (_read_text(snapshot, node, "text") for node in snapshot.nodes if node.model_type == "Title")
    return next((text for text in titles if text), None)


def list_titles(snapshot: Snapshot) -> Iterator[str]:
    """Yield the titles of figures and tabs in a plot that are visible and not empty, in order."""
    for node in snapshot.nodes:
        visible = node.attributes.get("visible")
        if visible is not None and visible.text == "false":
            continue
        name = {"Title": "text", "TabPanel": "title"}.get(node.model_type)
        if name is not None and (text := _read_text(snapshot, node, name)):
            yield text


def _read_text(snapshot: Snapshot, node: Node, name: str) -> str:
    """Return the text of a title or a formula; the empty text if it has none."""
    value = node.attributes.get(name)
    if value is None:
        return ""
    if value.refs:
        formula = snapshot.nodes[value.refs[0]]
        return _read_text(snapshot, formula, "text") if formula.model_type in FORMULA_TYPES else ""
    text = json.loads(value.text)
    return text if isinstance(text, str) else ""
