"""Styles of table cells: the few that a page's own table has, from inline styles and from rules for ids."""

from __future__ import annotations

import re
from collections.abc import Mapping

COLOR = r"(?:#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,30}|(?:rgb|hsl)a?\([0-9\s,.%/]{1,60}\))"
COLOR_PATTERN = re.compile(COLOR)
STOP = rf"{COLOR}(?:\s+-?[0-9.]+%){{0,2}}"
GRADIENT_PATTERN = re.compile(rf"linear-gradient\(\s*[0-9.]+deg(?:\s*,\s*{STOP}){{2,20}}\s*\)")
"""The background by which pandas draws bars in cells."""
RULE_PATTERN = re.compile(r"([^{}]*)\{([^{}]*)\}")
ID_SELECTOR_PATTERN = re.compile(r"#([\w-]+)")
MAX_STYLE_LENGTH = 2_000_000
"""Maximum number of characters of a style sheet that is read."""

STYLE_VALUES = {
    "text-align": {"left", "center", "right"},
    "font-weight": {"bold", "bolder", "600", "700", "800", "900"},
    "font-style": {"italic", "oblique"},
    "text-decoration": {"underline", "line-through"},
}
"""The values that styles may have, by property; other styles have colours."""
STYLE_NAMES = {
    "text-align": "align",
    "font-weight": "bold",
    "font-style": "italic",
    "text-decoration": "line",
    "color": "color",
    "background-color": "background",
    "background": "background",
}
"""The names that the page knows, by property."""


def read_style(text: str) -> dict[str, str | bool]:
    """Return the styles in a list of declarations that a page's table has, by the names of the page."""
    styles: dict[str, str | bool] = {}
    for declaration in text.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), value.replace("!important", "").strip()
        if name not in STYLE_NAMES:
            continue
        key = STYLE_NAMES[name]
        if name in STYLE_VALUES:
            if value.lower() in STYLE_VALUES[name]:
                styles[key] = True if key in ("bold", "italic") else value.lower()
        elif COLOR_PATTERN.fullmatch(value) or (key == "background" and GRADIENT_PATTERN.fullmatch(value)):
            styles[key] = value
    return styles


def read_style_sheet(text: str) -> Mapping[str, dict[str, str | bool]]:
    """Return the styles of elements by their ids. Rules for anything else are left out."""
    styles: dict[str, dict[str, str | bool]] = {}
    for selectors, declarations in RULE_PATTERN.findall(text[:MAX_STYLE_LENGTH]):
        ids = [ID_SELECTOR_PATTERN.fullmatch(each.strip()) for each in selectors.split(",")]
        if any(ids) and (found := read_style(declarations)):
            for match in filter(None, ids):
                styles[match[1]] = {**styles.get(match[1], {}), **found}
    return styles
