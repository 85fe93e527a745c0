r"""Finds formulas in texts, between the marks of LaTeX: `$…$`, `$$…$$`, `\(…\)`, `\[…\]` and environments."""

from __future__ import annotations

import re

from .media_snapshot import MediaSnapshot
from .nodes import TextNode, build_element, build_text_snapshot

FORMULA_PATTERN = re.compile(
    r"""\$\$(?P<display>.+?)\$\$ | \\\[(?P<brackets>.+?)\\\]
    | (?P<environment>\\begin\{(?P<name>[a-zA-Z]+\*?)\}.*?\\end\{(?P=name)\})
    | (?<![\\$])\$(?P<inline>(?![\s$])(?:\\.|[^$\\])+?)\$ | \\\((?P<parentheses>.+?)\\\)""",
    re.VERBOSE | re.DOTALL,
)
MAX_FORMULA_LENGTH = 20_000
"""Maximum number of characters of a formula."""


def build_latex_snapshot(source: str) -> MediaSnapshot:
    """Build the snapshot of a text with formulas. Raises `ValueError` if it is too large or empty."""
    nodes = split_formulas(source)
    return build_text_snapshot([build_element("p", {}, nodes)], noun="formula")


def split_formulas(source: str) -> list[TextNode]:
    """Split a text into texts and formulas."""
    nodes: list[TextNode] = []
    position = 0
    for match in FORMULA_PATTERN.finditer(source):
        nodes.append(source[position : match.start()])
        nodes.append(build_formula(match))
        position = match.end()
    nodes.append(source[position:])
    return [each for each in nodes if each != ""]


def build_formula(match: re.Match[str]) -> TextNode:
    """Build the node of a formula that the pattern has found."""
    if len(match[0]) > MAX_FORMULA_LENGTH:
        return match[0]
    is_display = match["inline"] is None and match["parentheses"] is None
    parts = ("display", "brackets", "environment", "inline", "parentheses")
    source = next(match[name] for name in parts if match[name] is not None)
    return build_element("math", {"display": is_display}, [source])
