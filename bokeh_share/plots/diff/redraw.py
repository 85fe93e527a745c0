"""Decides if BokehJS draws a change correctly by itself, or the plot needs a redraw."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from functools import cached_property

import bokeh
from bokeh.embed.util import contains_tex_string

from ..snapshot import Node, Snapshot, Value
from .live_properties import DATA_DRIVEN_KINDS, GLYPH_PROPERTIES, LIVE_PROPERTIES, PROVEN_VERSIONS

_NULL_VALUE, _EMPTY_LIST = Value("null"), Value("[]")
_TEXT_PROPERTIES = {"text", "axis_label"}
_DERIVED_GLYPHS = ("selection_glyph", "nonselection_glyph", "muted_glyph")
_SELECTING_KINDS = re.compile(r".*(Select|Draw|Edit)Tool|TapTool|.*Table|CustomJS|SetValue|.*\..*")
"""Kinds of models that select rows, or might do so, such as scripts and authors' own kinds."""
_FIGURE_SIDES = ("left", "right", "above", "below")
_MAPPER_KINDS = {"LinearColorMapper", "LogColorMapper"}
_PROVEN_BACKENDS = {'"canvas"', '"webgl"'}
"""Values of `output_backend` with which the live properties were proven."""


def is_proven(version: str = bokeh.__version__) -> bool:
    """Return True if the live properties were proven on this version of Bokeh."""
    return any(version == each or version.startswith(f"{each}.") for each in PROVEN_VERSIONS)


class RedrawRules:
    """Decides about the changes that lead to one snapshot. Exists for one comparison."""

    def __init__(self, after: Snapshot) -> None:
        self._models = after.nodes

    def is_live_property(self, node_index: int, name: str, then: Value, now: Value) -> bool:
        """Return True if this property may change from one value to the other without a redraw."""
        node = self._models[node_index]
        if (
            name not in LIVE_PROPERTIES.get(node.model_type, ())
            or not self._is_supported
            or _has_js_callbacks(node)
        ):
            return False
        if then.placeholders or now.placeholders:
            return False
        if name in _TEXT_PROPERTIES:
            return _is_plain_line(then) and _is_plain_line(now) and not self._is_layout_label(node_index)
        if not _is_constant(then) or not _is_constant(now):
            return False
        return node.model_type not in GLYPH_PROPERTIES or (
            self._has_no_derived_glyph(node_index) and not _is_visible_hatch(node, name)
        )

    def is_live_data(self, node_index: int) -> bool:
        """Return True if all models that draw from this data source follow changes of its columns."""
        if not self._is_supported or self._has_column_listeners:
            return False
        return all(
            _is_redrawn_with_data(self._models[each]) for each in self._find_drawing_models(node_index)
        )

    @cached_property
    def _is_supported(self) -> bool:
        """True if this version of Bokeh is proven, and the plot is drawn on canvases, also by WebGL."""
        backends = (node.attributes.get("output_backend") for node in self._models)
        return is_proven() and all(each is None or each.text in _PROVEN_BACKENDS for each in backends)

    @cached_property
    def _has_column_listeners(self) -> bool:
        """True if a script is called for properties that change with columns."""
        return any(_has_property_callbacks(node) and _is_changed_by_columns(node) for node in self._models)

    @cached_property
    def _can_select(self) -> bool:
        """True if rows are selected, or may be."""
        return any(
            _SELECTING_KINDS.fullmatch(node.model_type)
            or any(
                node.attributes.get(name, _EMPTY_LIST) != _EMPTY_LIST for name in ("indices", "line_indices")
            )
            for node in self._models
        )

    @cached_property
    def _referrers(self) -> dict[int, list[int]]:
        """The models that refer to each model, by node index."""
        referrers = defaultdict(list)
        for node_index, node in enumerate(self._models):
            for ref in node.refs:
                referrers[ref].append(node_index)
        return referrers

    def _has_no_derived_glyph(self, glyph: int) -> bool:
        """Return True if BokehJS derived no other glyph from this one, as it does at the first drawing."""
        for renderer in self._referrers[glyph]:
            attributes = self._models[renderer].attributes
            derived = [name for name in _DERIVED_GLYPHS if not attributes.get(name, _NULL_VALUE).placeholders]
            if self._models[renderer].model_type != "GlyphRenderer" or "muted_glyph" in derived:
                return False
            if derived and self._can_select:
                return False
        return True

    def _is_layout_label(self, node_index: int) -> bool:
        """Return True if this is a label beside a plot; the layout depends on its text."""
        if self._models[node_index].model_type != "Label":
            return False
        plots = (self._models[referrer].attributes for referrer in self._referrers[node_index])
        return any(node_index in plot[side].refs for plot in plots for side in _FIGURE_SIDES if side in plot)

    def _find_drawing_models(self, source: int) -> set[int]:
        """Find the models, except scripts, that refer to this data source, and all that these refer to."""
        drawing = {source}
        queue = [*self._referrers[source]]
        while queue:
            node_index = queue.pop()
            if node_index not in drawing and self._models[node_index].model_type != "CustomJS":
                drawing.add(node_index)
                queue += self._models[node_index].refs
        return drawing - {source}


def _has_property_callbacks(node: Node) -> bool:
    """Return True if a change calls a script of the author's; a page that is opened later would not call
    it."""
    return "js_property_callbacks" in node.attributes


def _has_js_callbacks(node: Node) -> bool:
    return _has_property_callbacks(node) or "js_event_callbacks" in node.attributes


def _is_changed_by_columns(node: Node) -> bool:
    """Return True if BokehJS changes models of this kind when columns change."""
    return (
        node.columns is not None
        or "Range" in node.model_type
        or node.model_type in {"Figure", "Plot", *DATA_DRIVEN_KINDS}
    )


def _is_redrawn_with_data(node: Node) -> bool:
    if node.model_type in _MAPPER_KINDS:  # without limits it takes them from the data, and raises no event
        return all(node.attributes.get(name, _NULL_VALUE) != _NULL_VALUE for name in ("low", "high"))
    return node.model_type in DATA_DRIVEN_KINDS


def _is_plain_line(value: Value) -> bool:
    """Return True for one line of words; a text that looks like a number, such as 2e3, has another size."""
    text = json.loads(value.text)
    if not isinstance(text, str) or "\n" in text or contains_tex_string(text):
        return False
    return any(letter.isalpha() and letter != "e" for letter in text)


def _is_constant(value: Value) -> bool:
    """Return True if the value is set, and the same for each row."""
    special = ('"type":"field"', '"type":"expr"', '"transform"', "null")
    return not any(each in value.text for each in special)


def _is_visible_hatch(node: Node, name: str) -> bool:
    """Return True if this is a property of a visible pattern."""
    return name.startswith("hatch_") and "null" not in node.attributes.get("hatch_pattern", _NULL_VALUE).text
