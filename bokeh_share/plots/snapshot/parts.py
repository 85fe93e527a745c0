"""The parts of a plot: the scripts that a page loads to draw it, besides BokehJS's core."""

from __future__ import annotations

from collections.abc import Sequence

from bokeh.embed.util import contains_tex_string
from bokeh.model import Model
from bokeh.models import MathTextGlyph
from bokeh.models.text import MathText
from bokeh.models.widgets import TableWidget, Widget

from .snapshot import Node
from .values import Numbers

CUSTOM_PART_PREFIX = "custom/"
"""Prefix of the parts that are scripts of the author's models; the model's type follows."""


def is_custom_model(cls: type[Model]) -> bool:
    """Return True if browsers need the class's own implementation."""
    return getattr(cls, "__implementation__", None) is not None


def list_model_parts(model: Model) -> set[str]:
    """List the parts that a model needs because of its class."""
    parts: set[str] = set()
    if isinstance(model, TableWidget):
        parts |= {"widgets", "tables"}
    elif isinstance(model, Widget):
        parts.add("widgets")
    elif isinstance(model, MathText | MathTextGlyph):
        parts.add("mathjax")
    if is_custom_model(type(model)):
        parts.add(f"{CUSTOM_PART_PREFIX}{type(model).__qualified_model__}")
    return parts


def list_parts(nodes: Sequence[Node]) -> set[str]:
    """List the BokehJS parts that property values need, set by the author or by a theme."""
    parts = {"mathjax"} if any(map(has_tex, nodes)) else set()
    backends = (node.attributes.get("output_backend") for node in nodes)
    return parts | ({"gl"} if any(each and each.text == '"webgl"' for each in backends) else set())


def has_tex(node: Node) -> bool:
    values = (*node.attributes.values(), *(node.columns or {}).values())
    texts = (value.text for value in values if not isinstance(value, Numbers))
    return any(("$$" in text or "\\\\" in text) and contains_tex_string(text) for text in texts)
