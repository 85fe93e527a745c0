"""Reads the properties of a model that set its size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .diff import find_default
from .snapshot import Node

SIZING_POLICIES: Mapping[str | None, tuple[str | None, str | None]] = MappingProxyType(
    {
        "fixed": ("fixed", "fixed"),
        "stretch_both": ("max", "max"),
        "stretch_width": ("max", None),
        "stretch_height": (None, "max"),
        "scale_both": ("max", "max"),
        "scale_width": ("max", "min"),
        "scale_height": ("min", "max"),
    }
)
"""The policies for width and height that a sizing mode sets, as in BokehJS; None for one that it leaves."""


@dataclass(frozen=True)
class Sizing:
    """The properties of a model that set its size, as BokehJS resolves them."""

    width: float | None
    height: float | None
    width_policy: str
    height_policy: str
    aspect: float | None
    """Width divided by height, if that is kept."""


def read_sizing(node: Node) -> Sizing:
    width, height = (read_number(node, name) for name in ("width", "height"))
    width_policy, height_policy = (
        read_value(node, f"{name}_policy") or "auto" for name in ("width", "height")
    )
    if read_number(node, "frame_width") is not None and width_policy == "auto":
        width = None
    if read_number(node, "frame_height") is not None and height_policy == "auto":
        height = None
    mode = read_value(node, "sizing_mode")
    mode_policies = SIZING_POLICIES.get(mode if isinstance(mode, str) else None, (None, None))
    width_policy, height_policy = mode_policies[0] or width_policy, mode_policies[1] or height_policy
    aspect = read_value(node, "aspect_ratio")
    if aspect == "auto" or (aspect is None and str(mode).startswith("scale_")):
        aspect = width / height if width and height else None
    number = float(aspect) if isinstance(aspect, int | float) else None
    return Sizing(width, height, width_policy, height_policy, number)


def read_number(node: Node, name: str) -> float | None:
    value = read_value(node, name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def read_value(node: Node, name: str) -> Any:
    """Return a plain value of a property, or its default; None for a model or an array."""
    value = node.attributes.get(name) or find_default(node.model_type, name)
    return None if value is None or value.placeholders else json.loads(value.text)
