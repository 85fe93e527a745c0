"""Reads the titles of a plot."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from .media import MediaSnapshot
from .snapshot import Node, Snapshot

MAX_HEADING_TITLES = 4
"""Maximum number of titles in the heading of a plot with several figures."""
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


def build_heading(snapshot: Snapshot) -> str | None:
    """Return the heading of a plot that the author gave no name: the title of its figure; None without one.

    A layout has the titles of its first figures: `North, South, East and 5 more`. If they have none, it has
    the titles of its tabs.
    """
    found = _join_lines(_list_figure_titles(snapshot)) or _join_lines(list_titles(snapshot))
    if len(found) <= MAX_HEADING_TITLES:
        return ", ".join(found) or None
    named = found[: MAX_HEADING_TITLES - 1]
    return f"{', '.join(named)} and {len(found) - len(named)} more"


def list_titles(snapshot: Snapshot) -> Iterator[str]:
    """Yield the titles of figures and tabs in a plot that are visible and not empty, in order."""
    for node in snapshot.nodes:
        if not _is_visible(node):
            continue
        name = {"Title": "text", "TabPanel": "title"}.get(node.model_type)
        if name is not None and (text := _read_text(snapshot, node, name)):
            yield text


def _list_figure_titles(snapshot: Snapshot) -> Iterator[str]:
    """Yield the titles of figures that are visible, without the further titles that a figure may have."""
    for node in snapshot.nodes:
        value = node.attributes.get("title")
        for ref in () if value is None else value.refs:
            title = snapshot.nodes[ref]
            if title.model_type == "Title" and _is_visible(title):
                yield _read_text(snapshot, title, "text")


def _join_lines(titles: Iterable[str]) -> list[str]:
    """Return different titles, each on one line, without those that are empty."""
    return [title for title in dict.fromkeys(" ".join(text.split()) for text in titles) if title]


def _is_visible(node: Node) -> bool:
    visible = node.attributes.get("visible")
    return visible is None or visible.text != "false"


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
