"""Sizes the columns that contain the results of apps' functions, as if each model were a root.

In a column without a height, BokehJS gives no height to models that fill or scale with the height.
"""

from __future__ import annotations

from collections.abc import Sequence

from bokeh.model import Model
from bokeh.models import Column, LayoutDOM

ROOT_HEIGHT = "var(--fill-height)"
"""The height of a root that fills the available height, as a CSS length."""


def apply_sizing(container: Column, root: Model, *, below: bool) -> None:
    """Size `container` as `root`, its last child. `below` is True if other children are above that."""
    mode = root.sizing_mode if isinstance(root, LayoutDOM) else None
    rule = ""
    if mode == "scale_height":
        # A container that scales as well would request another height at each layout.
        rule, mode = _build_align_rule(root), "stretch_height"
    elif mode == "scale_both":
        rule, mode = "flex: 0 0 auto;", "stretch_width"
    container.stylesheets = [f":host > div:last-of-type {{ {rule} }}"] if rule else []
    container.sizing_mode = mode if mode is not None or not below else "stretch_width"


def build_stack(roots: Sequence[Model]) -> Column:
    """Stack several models, each sized as if it were the only one."""
    rules = [
        f":host > div:nth-of-type({index}) {{ {_build_css_rule(each)} }}"
        for index, each in enumerate(roots, 1)
    ]
    is_wide = any(isinstance(each, LayoutDOM) and _is_wide(each) for each in roots)
    # The column takes any model here: `as_showable` has checked them.
    return Column(
        children=list(roots),  # type: ignore[arg-type]
        stylesheets=[rule for rule, each in zip(rules, roots, strict=True) if _build_css_rule(each)],
        sizing_mode="stretch_width" if is_wide else None,
    )


def _build_css_rule(root: Model) -> str:
    if not isinstance(root, LayoutDOM):
        return ""
    height = f"max({ROOT_HEIGHT}, {root.min_height or 0}px)"
    if _is_height_stretched(root):
        return f"flex: 0 0 auto; height: auto; min-height: {height};"
    if root.sizing_mode == "scale_height":
        return f"flex: 0 0 auto; height: {height}; max-width: none; {_build_align_rule(root)}"
    return "flex: 0 0 auto;" if root.sizing_mode == "scale_both" else ""


def _is_height_stretched(root: Model) -> bool:
    """Return True if it takes the available height, whatever its width."""
    return isinstance(root, LayoutDOM) and root.sizing_mode in ("stretch_both", "stretch_height")


def _build_align_rule(root: Model) -> str:
    """Do not stretch a model that scales with its height, as a column would: it would lose its aspect."""
    return "align-self: flex-start;" if isinstance(root, LayoutDOM) and root.align == "auto" else ""


def _is_wide(root: LayoutDOM) -> bool:
    return root.sizing_mode in ("stretch_both", "stretch_width", "scale_both", "scale_width")
