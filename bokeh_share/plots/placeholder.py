"""The placeholder of a plot that is not drawn yet: its size, its heading, and its titles as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

import bokeh

from .media import MediaSnapshot
from .sizing import Sizing, read_number, read_sizing, read_value
from .snapshot import Node, Snapshot
from .titles import build_heading, list_titles

MAX_TITLES = 20
"""Maximum number of titles of one plot in its placeholder."""
MAX_LISTED_TITLE_LENGTH = 200
"""Maximum length of a title or a heading in a placeholder; the rest is left out."""
MAX_LAYOUT_DEPTH = 30
"""Maximum depth of layouts in layouts that are measured."""
NOMINAL_WIDTH = 1066.0
"""The width of a card, in pixels, by which the highest of several plots of variable height is chosen."""
MAX_LEAST_WIDTH = 600.0
"""The width, in pixels, in which each figure or widget of variable width is readable: Bokeh's default."""
DEFAULT_LEAST_WIDTH = 200.0
"""The width in which one without a width is readable."""

TOOLBAR_HEIGHT = 30.0
"""Pixels of the toolbar of a grid of plots."""
ARE_ALL_TABS_DRAWN = bokeh.__version__.startswith("3.9.")
"""True for versions of Bokeh in which tabs are as high as the highest of them."""
TABS_HEADER_HEIGHT = 29.0
"""Approximate number of pixels of the headers of tabs."""
AXES_SIZE = 60.0
"""Approximate number of pixels that axes and titles add to a figure whose inner size is set."""
LINE_HEIGHT = 18.0
"""Approximate number of pixels of a line of text."""
DEFAULT_HEIGHT = 50.0
"""Approximate number of pixels of a widget with a label."""
WIDGET_HEIGHTS = {
    "Button": 31.0, "Toggle": 31.0, "Dropdown": 31.0, "CheckboxButtonGroup": 31.0, "RadioButtonGroup": 31.0,
    "Checkbox": 20.0, "Switch": 20.0, "TextAreaInput": 70.0, "Spacer": 0.0, "Toolbar": TOOLBAR_HEIGHT,
}  # fmt: skip
"""Approximate heights of widgets, in pixels, that differ from `DEFAULT_HEIGHT`."""


@dataclass(frozen=True)
class Box:
    """The outer size of a plot, in pixels."""

    width: float | None
    """None if it is as wide as the card."""
    height: float
    slope: float = 0.0
    """The height that each pixel of the available width adds, if it depends on the width."""
    fills_height: bool = False
    """True if it fills the height that the page has for a plot, which `height` does not limit."""
    least_width: float = 0.0
    """The width that it needs to be readable, if it is as wide as the card."""

    @property
    def nominal_height(self) -> float:
        return self.height + self.slope * NOMINAL_WIDTH

    @property
    def needed_width(self) -> float:
        return self.least_width if self.width is None else self.width


class Placeholder(NamedTuple):
    """The size of a plot, its titles, and its heading if the author gave it no name."""

    box: Box
    titles: tuple[str, ...]
    heading: str | None


def build_placeholder(snapshot: Snapshot | MediaSnapshot) -> Placeholder:
    """Build the placeholder of a plot. Costs a walk over its models, and reads no columns.

    The size is exact for figures whose outer size is set, and for layouts of these. For widgets it is
    approximate, since that depends on the viewer's fonts.
    """
    if isinstance(snapshot, MediaSnapshot):
        title = snapshot.title[:MAX_LISTED_TITLE_LENGTH]
        return Placeholder(Box(snapshot.width, snapshot.height), (title,) if title else (), title or None)
    titles = (title[:MAX_LISTED_TITLE_LENGTH] for title in list_titles(snapshot))
    heading = build_heading(snapshot)
    return Placeholder(
        _measure_model(_Models(snapshot.nodes, {}), 0, is_root=True),
        tuple(islice(titles, MAX_TITLES)),
        None if heading is None else heading[:MAX_LISTED_TITLE_LENGTH],
    )


class _Models(NamedTuple):
    nodes: Sequence[Node]
    boxes: dict[int, Box]
    """The boxes that were measured, since a layout may have a model many times."""


def _measure_model(models: _Models, index: int, *, is_root: bool = False, depth: int = 0) -> Box:
    node = models.nodes[index]
    if index in models.boxes or read_value(node, "visible") is False or depth > MAX_LAYOUT_DEPTH:
        return models.boxes.get(index, Box(0.0, 0.0))
    models.boxes[index] = Box(0.0, 0.0)  # while it is measured, since a layout may contain itself
    measure = LAYOUTS.get(node.model_type)
    content = _measure_leaf(node) if measure is None else measure(models, node, depth + 1)
    box = _apply_sizing(read_sizing(node), content)
    if is_root and read_value(node, "sizing_mode") in ("stretch_height", "stretch_both", "scale_height"):
        box = replace(box, fills_height=True, height=read_number(node, "min_height") or 0.0, slope=0.0)
    least, most = (read_number(node, name) for name in ("min_height", "max_height"))
    if box.slope == 0.0:
        height = max(box.height, least or 0.0)
        box = replace(box, height=height if most is None else min(height, most))
    if box.width is None:
        box = replace(box, least_width=max(box.least_width, read_number(node, "min_width") or 0.0))
    models.boxes[index] = _add_margin(box, read_value(node, "margin"))
    return models.boxes[index]


def _apply_sizing(sizing: Sizing, content: Box) -> Box:
    """Return the box of a model with this sizing whose content has the size `content`."""
    is_wide = sizing.width_policy == "max"
    width = None if is_wide else sizing.width if sizing.width is not None else content.width
    least = content.needed_width or min(sizing.width or DEFAULT_LEAST_WIDTH, MAX_LEAST_WIDTH)
    least = least if width is None else 0.0
    if sizing.aspect:
        if width is None:
            return Box(None, 0.0, 1 / sizing.aspect, least_width=least)
        return Box(width, width / sizing.aspect)
    if sizing.height is not None and sizing.height_policy in ("auto", "fixed"):
        return Box(width, sizing.height, least_width=least)
    return Box(width, content.height, content.slope, least_width=least)


def _measure_leaf(node: Node) -> Box:
    """Return the size of a model's own content, for a size that is not set."""
    frame_width, frame_height = (read_number(node, f"frame_{name}") for name in ("width", "height"))
    if frame_width is not None or frame_height is not None:
        width, height = ((each or 0.0) + AXES_SIZE for each in (frame_width, frame_height))
        return Box(width, height)
    text = read_value(node, "text")
    if isinstance(text, str) and node.model_type in ("Div", "Paragraph", "PreText"):
        lines = 1 + text.count("\n") + text.count("<br") + text.count("</p>")
        return Box(None, lines * LINE_HEIGHT)
    return Box(None, WIDGET_HEIGHTS.get(node.model_type, DEFAULT_HEIGHT))


def _measure_column(models: _Models, node: Node, depth: int) -> Box:
    boxes = _measure_children(models, node, depth)
    gaps = (read_number(node, "spacing") or 0.0) * max(0, len(boxes) - 1)
    height, slope = sum(box.height for box in boxes) + gaps, sum(box.slope for box in boxes)
    return Box(_find_widest(boxes), height, slope, least_width=_find_least_width(boxes))


def _measure_row(models: _Models, node: Node, depth: int) -> Box:
    boxes = _measure_children(models, node, depth)
    gaps = (read_number(node, "spacing") or 0.0) * max(0, len(boxes) - 1)
    return _join_columns(boxes, gaps)


def _join_columns(boxes: Sequence[Box], gaps: float) -> Box:
    """Return the box of boxes beside each other: those of variable width share the rest of the width."""
    fixed = sum(box.width or 0.0 for box in boxes) + gaps
    wide_count = sum(box.width is None for box in boxes)
    shared = [
        replace(box, height=box.height - box.slope * fixed / wide_count, slope=box.slope / wide_count)
        if box.width is None
        else box
        for box in boxes
    ]
    highest = max(shared, key=lambda box: box.nominal_height, default=Box(0.0, 0.0))
    width, least = (None, sum(box.needed_width for box in boxes) + gaps) if wide_count else (fixed, 0.0)
    return Box(width, highest.height, highest.slope, least_width=least)


def _measure_grid(models: _Models, node: Node, depth: int) -> Box:
    """Measure a grid by its rows; a child of several rows adds no height."""
    rows: dict[int, list[Box]] = {}
    for child, (row, _, row_span, _) in _list_grid_children(node):
        box = _measure_model(models, child, depth=depth)
        rows.setdefault(row, []).append(box if row_span == 1 else replace(box, height=0.0, slope=0.0))
    spacing = read_value(node, "spacing") or 0.0
    row_gap, column_gap = spacing if isinstance(spacing, list) else (spacing, spacing)
    joined = [_join_columns(boxes, column_gap * (len(boxes) - 1)) for boxes in rows.values()]
    height = sum(box.height for box in joined) + row_gap * max(0, len(joined) - 1)
    slope = sum(box.slope for box in joined)
    return Box(_find_widest(joined), height, slope, least_width=_find_least_width(joined))


def _measure_grid_plot(models: _Models, node: Node, depth: int) -> Box:
    grid = _measure_grid(models, node, depth)
    match read_value(node, "toolbar_location"):
        case "above" | "below":
            return replace(grid, height=grid.height + TOOLBAR_HEIGHT)
        case "left" | "right" if grid.width is not None:
            return replace(grid, width=grid.width + TOOLBAR_HEIGHT)
    return grid


def _measure_tabs(models: _Models, node: Node, depth: int) -> Box:
    """Measure the active tab: BokehJS draws the others when they are opened, or, in 3.9, behind it."""
    panels = [models.nodes[ref] for ref in _list_refs(node, "tabs")]
    active = min(max(0, int(read_number(node, "active") or 0)), len(panels) - 1)
    drawn_panels = panels if ARE_ALL_TABS_DRAWN else panels[active : active + 1]
    boxes = [_measure_child(models, panel, depth) for panel in drawn_panels]
    highest = max(boxes, key=lambda box: box.nominal_height, default=Box(0.0, 0.0))
    width = _find_widest(boxes) if boxes else 0.0
    least = _find_least_width(boxes)
    return replace(highest, width=width, height=highest.height + TABS_HEADER_HEIGHT, least_width=least)


def _measure_child(models: _Models, node: Node, depth: int) -> Box:
    children = _list_refs(node, "child")
    return _measure_model(models, children[0], depth=depth) if children else Box(0.0, 0.0)


LAYOUTS: Mapping[str, Callable[[_Models, Node, int], Box]] = MappingProxyType(
    {
        "Column": _measure_column,
        "Row": _measure_row,
        "GridBox": _measure_grid,
        "GridPlot": _measure_grid_plot,
        "Tabs": _measure_tabs,
        "ScrollBox": _measure_child,
        "GroupBox": _measure_child,
    }
)
"""Measures the children of a layout, by its type. Its properties may set another size."""


def _measure_children(models: _Models, node: Node, depth: int) -> list[Box]:
    """Measure the visible children; an invisible one takes no gap either."""
    return [
        _measure_model(models, ref, depth=depth)
        for ref in _list_refs(node, "children")
        if read_value(models.nodes[ref], "visible") is not False
    ]


def _list_grid_children(node: Node) -> Iterator[tuple[int, tuple[int, int, int, int]]]:
    """Yield each child of a grid with its row, its column, and the number of rows and columns it spans."""
    value = node.attributes.get("children")
    if value is None:
        return
    for child, (_, row, column, *spans) in zip(value.refs, json.loads(value.text), strict=False):
        row_span, column_span = (*spans, 1, 1)[:2]
        yield child, (row, column, row_span, column_span)


def _find_widest(boxes: Sequence[Box]) -> float | None:
    widths = [box.width for box in boxes if box.width is not None]
    return max(widths, default=0.0) if len(widths) == len(boxes) else None


def _find_least_width(boxes: Sequence[Box]) -> float:
    """Return the width that boxes below each other need; 0 if all have a fixed width."""
    is_fixed = all(box.width is not None for box in boxes)
    return 0.0 if is_fixed else max(box.needed_width for box in boxes)


def _add_margin(box: Box, margin: Any) -> Box:
    """Add a margin as Bokeh writes it: one number, vertical and horizontal, or top, right, bottom, left."""
    match margin:
        case int() | float():
            vertical = horizontal = 2.0 * margin
        case [int() | float() as first, int() | float() as second]:
            vertical, horizontal = 2.0 * first, 2.0 * second
        case [
            int() | float() as top,
            int() | float() as right,
            int() | float() as bottom,
            int() | float() as left,
        ]:
            vertical, horizontal = float(top + bottom), float(right + left)
        case _:
            return box
    if box.width is None:
        return replace(box, height=box.height + vertical, least_width=box.least_width + horizontal)
    return replace(box, width=box.width + horizontal, height=box.height + vertical)


def _list_refs(node: Node, name: str) -> tuple[int, ...]:
    value = node.attributes.get(name)
    return () if value is None else value.refs
