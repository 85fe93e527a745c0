"""How the columns are sized that hold what an app's function returns: as if each of it were a root.

BokehJS gives what fills or scales with the height none at all in a column that has no height itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from bokeh.model import Model
from bokeh.models import Column, LayoutDOM

ROOT_HEIGHT = "var(--fill-height)"
"""What the page gives to a root that fills the height, a length of CSS."""


def apply_sizing(container: Column, root: Model, *, below: bool) -> None:
    """Let the root of a document be sized as `root` is, its last child, which is `below` something else."""
    mode = root.sizing_mode if isinstance(root, LayoutDOM) else None
    rule = ""
    if mode == "scale_height":
        # A holder that scales as well would ask for another height at each look.
        rule, mode = _build_align_rule(root), "stretch_height"
    elif mode == "scale_both":
        rule, mode = "flex: 0 0 auto;", "stretch_width"
    container.stylesheets = [f":host > div:last-of-type {{ {rule} }}"] if rule else []
    container.sizing_mode = mode if mode is not None or not below else "stretch_width"


def build_stack(roots: Sequence[Model]) -> Column:
    """Several models one below the other, each as it would be as the only one."""
    rules = [
        f":host > div:nth-of-type({index}) {{ {_build_css_rule(each)} }}"
        for index, each in enumerate(roots, 1)
    ]
    is_wide = any(isinstance(each, LayoutDOM) and _is_wide(each) for each in roots)
    # The column takes any model here: `as_shown` has looked at them.
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
    """Whether it takes what height there is, whatever its width."""
    return isinstance(root, LayoutDOM) and root.sizing_mode in ("stretch_both", "stretch_height")


def _build_align_rule(root: Model) -> str:
    """Stretched, as in a column without `align`, what scales with its height would lose its aspect."""
    return "align-self: flex-start;" if isinstance(root, LayoutDOM) and root.align == "auto" else ""


def _is_wide(root: LayoutDOM) -> bool:
    return root.sizing_mode in ("stretch_both", "stretch_width", "scale_both", "scale_width")
