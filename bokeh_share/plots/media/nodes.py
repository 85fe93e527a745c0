"""Texts as nodes, of which the page makes elements: only these elements, and only these attributes.

A node is a text, or a list of the element's name, its attributes or None, and its children.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from .media_snapshot import TEXT_MEDIA_TYPE, MediaSnapshot

TextNode: TypeAlias = "str | list[Any]"

ALLOWED_TAGS = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "kbd",
        "li",
        "mark",
        "math",
        "ol",
        "p",
        "pre",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
"""The elements of texts. `math` is a formula: its only child is TeX."""
MAX_TEXT_BYTES = 1_000_000
"""Maximum size of a text, in bytes of its nodes."""
TEXT_LINE_HEIGHT = 24.0
"""Approximate number of pixels of a line of text."""
CHARACTERS_PER_LINE = 100
"""Approximate number of characters in a line of a text as wide as a card."""
BLOCK_TAGS = {
    "blockquote",
    "dd",
    "div",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "p",
    "pre",
    "tr",
}
ALIGNMENTS = {"left", "center", "right"}
MAX_SPAN = 1000


def build_element(tag: str, attributes: Mapping[str, Any], children: Iterable[TextNode]) -> TextNode:
    """Build the node of an element. Attributes that are not allowed are left out."""
    return [tag, filter_attributes(tag, attributes) or None, *children]


def filter_attributes(tag: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that a text may have: links to http and https, alignments and numbers."""
    allowed: dict[str, Any] = {}
    href = attributes.get("href")
    if tag == "a" and isinstance(href, str) and is_web_link(href):
        allowed["href"] = href
    align = attributes.get("align")
    if tag in ("td", "th") and align in ALIGNMENTS:
        allowed["align"] = align
    if tag == "math" and attributes.get("display"):
        allowed["display"] = True
    for owners, name in ((("td", "th"), "colspan"), (("td", "th"), "rowspan"), (("ol",), "start")):
        value = str(attributes.get(name, ""))
        if tag in owners and re.fullmatch(r"[0-9]{1,4}", value) and 1 < int(value) <= MAX_SPAN:
            allowed[name] = int(value)
    return allowed


def is_web_link(url: str) -> bool:
    """Return True for a whole address of http or https."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and url.isprintable()


def build_text_snapshot(nodes: list[TextNode], *, noun: str = "text") -> MediaSnapshot:
    """Build the snapshot of a text. Raises `ValueError` if it is too large or empty."""
    data = json.dumps(nodes, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
    if len(data) > MAX_TEXT_BYTES:
        raise ValueError(f"it has {len(data) / 1e6:,.1f} MB and the limit is {MAX_TEXT_BYTES / 1e6:,.0f} MB")
    if not collect_text(nodes).strip() and '["hr"' not in data.decode():
        raise ValueError("it is empty")
    return MediaSnapshot(
        kind="text",
        media_type=TEXT_MEDIA_TYPE,
        data=data,
        height=TEXT_LINE_HEIGHT * _count_lines(nodes),
        title=_find_heading(nodes),
        noun=noun,
        parts=frozenset({"mathjax"} if _has_math(nodes) else ()),
    )


def collect_text(nodes: Iterable[TextNode]) -> str:
    """Return the text of some nodes, without formulas' marks."""
    return "".join(node if isinstance(node, str) else collect_text(node[2:]) for node in nodes)


def _find_heading(nodes: Iterable[TextNode]) -> str:
    """Return the text of the first heading; the empty text if there is none."""
    for node in nodes:
        if isinstance(node, list):
            is_heading = re.fullmatch("h[1-6]", node[0]) is not None
            heading = collect_text(node[2:]) if is_heading else _find_heading(node[2:])
            if heading.strip():
                return " ".join(heading.split())
    return ""


def _has_math(nodes: Iterable[TextNode]) -> bool:
    return any(isinstance(node, list) and (node[0] == "math" or _has_math(node[2:])) for node in nodes)


def _count_lines(nodes: Iterable[TextNode]) -> int:
    """Return the approximate number of lines of a text as wide as a card."""
    lines, length = 0, 0
    for node in nodes:
        if isinstance(node, str):
            length += len(node)
            lines += node.count("\n")
        elif node[0] in BLOCK_TAGS or any(
            isinstance(each, list) and each[0] in BLOCK_TAGS for each in node[2:]
        ):
            lines += max(1, _count_lines(node[2:]))
        else:
            length += len(collect_text(node[2:]))
    return lines + -(-length // CHARACTERS_PER_LINE)
