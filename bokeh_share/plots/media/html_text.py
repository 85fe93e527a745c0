"""Reads the texts of HTML as nodes. Scripts, styles, pictures and all attributes but links are left out."""

from __future__ import annotations

from typing import Any

from .html_tokens import MAX_HTML_BYTES, RAW_TAGS, VOID_TAGS, has_script, read_attributes, tokenize_html
from .media_snapshot import MediaSnapshot
from .nodes import ALLOWED_TAGS, TextNode, build_element, build_text_snapshot

MAX_HTML_DEPTH = 50
"""Maximum depth of elements in elements; those in them are read as text."""
HIDDEN_TAGS = {"head", "svg", "math", "select", "canvas", "audio", "video", "object"}
"""Elements whose content is no text to read."""


def build_html_snapshot(source: str) -> MediaSnapshot:
    """Build the snapshot of the texts in HTML. Raises `ValueError` if it needs scripts, or has no text."""
    if len(source) > MAX_HTML_BYTES:
        raise ValueError(
            f"it has {len(source) / 1e6:,.1f} MB and the limit is {MAX_HTML_BYTES / 1e6:,.0f} MB"
        )
    if has_script(source):
        raise ValueError("it is HTML that needs scripts, which pages never run")
    return build_text_snapshot(read_html_nodes(source), noun="HTML text")


def read_html_nodes(source: str) -> list[TextNode]:
    """Return the nodes of the elements of HTML that texts may have; of others, only what is in them."""
    root: list[Any] = []
    stack: list[tuple[str, list[Any]]] = [("", root)]
    hidden: list[str] = []
    for tag, is_end, text in tokenize_html(source):
        if hidden:
            if tag in HIDDEN_TAGS:
                hidden = hidden[:-1] if is_end and hidden[-1] == tag else [*hidden, *[tag] * (not is_end)]
            continue
        if not tag:
            stack[-1][1].append(text)
        elif tag in HIDDEN_TAGS:
            hidden = [] if is_end or text.endswith("/") else [tag]
        elif is_end:
            depth = next((index for index in range(len(stack) - 1, 0, -1) if stack[index][0] == tag), 0)
            del stack[depth or len(stack) :]
        elif tag in ALLOWED_TAGS and tag not in RAW_TAGS:
            node: Any = build_element(tag, read_attributes(text), ())
            stack[-1][1].append(node)
            if tag not in VOID_TAGS and len(stack) < MAX_HTML_DEPTH:
                stack.append((tag, node))
    return root
