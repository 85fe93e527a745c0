"""Reads Markdown as nodes, with its formulas. Raw HTML stays text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token as MarkdownToken

from .latex import FORMULA_PATTERN, build_formula
from .media_snapshot import MediaSnapshot
from .nodes import ALLOWED_TAGS, TextNode, build_element, build_text_snapshot

MAX_MARKDOWN_LENGTH = 500_000
"""Maximum number of characters of Markdown that is read."""


def build_markdown_snapshot(source: str) -> MediaSnapshot:
    """Build the snapshot of a Markdown text. Raises `ValueError` if it is too large or empty."""
    if len(source) > MAX_MARKDOWN_LENGTH:
        raise ValueError(f"it has {len(source):,} characters and the limit is {MAX_MARKDOWN_LENGTH:,}")
    return build_text_snapshot(read_markdown_nodes(source))


def read_markdown_nodes(source: str) -> list[TextNode]:
    """Return the nodes of Markdown: CommonMark with tables and struck out text, as in notebooks."""
    return _convert_tokens(_get_parser().parse(source))


@cache
def _get_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 30}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "formula", _read_formula)
    return parser


def _read_formula(state: StateInline, silent: bool) -> bool:
    """Read a formula at this position, before backslashes and stars in it mean anything else."""
    if state.src[state.pos] not in "$\\":
        return False
    match = FORMULA_PATTERN.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.meta = {"node": build_formula(match)}
    state.pos = match.end()
    return True


def _convert_tokens(tokens: Sequence[MarkdownToken]) -> list[TextNode]:
    root: list[Any] = []
    stack: list[list[Any]] = [root]
    for token in tokens:
        if token.nesting == -1:
            if len(stack) > 1:
                stack.pop()
        elif token.nesting == 1:
            node: Any = _open_element(token, is_tight=token.hidden)
            if node is None:  # such as a paragraph in a list without gaps
                node = stack[-1]
            else:
                stack[-1].append(node)
            stack.append(node)
        else:
            stack[-1].extend(_convert_leaf(token))
    return root


def _open_element(token: MarkdownToken, *, is_tight: bool) -> TextNode | None:
    if is_tight or token.tag not in ALLOWED_TAGS:
        return None
    attributes = dict(token.attrs)
    style = str(attributes.pop("style", ""))
    return build_element(token.tag, {**attributes, "align": style.removeprefix("text-align:")}, ())


def _convert_leaf(token: MarkdownToken) -> list[TextNode]:
    match token.type:
        case "inline":
            return _convert_tokens(token.children or [])
        case "softbreak":
            return ["\n"]
        case "hardbreak":
            return [build_element("br", {}, ())]
        case "hr":
            return [build_element("hr", {}, ())]
        case "fence" | "code_block":
            return [build_element("pre", {}, [build_element("code", {}, [token.content])])]
        case "code_inline":
            return [build_element("code", {}, [token.content])]
        case "image":  # a picture from elsewhere is not loaded
            return [token.content] if token.content else []
        case "formula":
            return [token.meta["node"]]
    return [token.content] if token.content else []
