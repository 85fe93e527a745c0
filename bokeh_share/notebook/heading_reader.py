"""Reads the headings in the Markdown cells of a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..plots import Heading, HeadingPath
from ..plots.media import collect_text, read_markdown_nodes

MAX_HEADING_LENGTH = 200
"""Maximum number of characters of a heading; the rest is left out."""
HEADING_TAGS = {f"h{level}": level for level in range(1, 7)}


def read_sections(cells: Iterable[Mapping[str, Any]]) -> dict[str, HeadingPath]:
    """Return the section of each cell of a notebook that is no Markdown, by cell id.

    A heading ends the section of the headings of its level, and of those below it.
    """
    sections: dict[str, HeadingPath] = {}
    current: HeadingPath = ()
    for cell in cells:
        if cell.get("cell_type") == "markdown":
            for heading in read_headings(cell.get("source", "")):
                current = (*(each for each in current if each.level < heading.level), heading)
        elif "id" in cell:
            sections[cell["id"]] = current
    return sections


def read_headings(source: str | list[str]) -> list[Heading]:
    """List the headings of a Markdown text, as plain text."""
    text = source if isinstance(source, str) else "".join(source)
    if "#" not in text and "\n" not in text:  # most cells have none
        return []
    headings = []
    for node in read_markdown_nodes(text):
        if isinstance(node, list) and node[0] in HEADING_TAGS:
            words = " ".join(collect_text(node[2:]).split())[:MAX_HEADING_LENGTH]
            if words:
                headings.append(Heading(HEADING_TAGS[node[0]], words))
    return headings
