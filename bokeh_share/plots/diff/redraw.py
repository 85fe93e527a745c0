"""Whether BokehJS draws a change rightly by itself, or has to draw the plot anew."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from functools import cached_property

import bokeh
from bokeh.embed.util import contains_tex_string

from ..snapshot.snapshot import Node, Snapshot
from ..snapshot.values import Value
from .live_properties import FOLLOWS, GLYPHS, LIVE, PROVEN

_NULL, _EMPTY = Value("null"), Value("[]")
_TEXTS = {"text", "axis_label"}
_DERIVED = ("selection_glyph", "nonselection_glyph", "muted_glyph")
_SELECTING = re.compile(r".*(Select|Draw|Edit)Tool|TapTool|.*Table|CustomJS|SetValue|.*\..*")
"""Kinds of models that select rows, or may, as scripts and authors' own kinds."""
_SIDES = ("left", "right", "above", "below")
_MAPPERS = {"LinearColorMapper", "LogColorMapper"}


def is_proven(version: str = bokeh.__version__) -> bool:
    """Whether what is known to be live was proven on this version of Bokeh."""
    return any(version == each or version.startswith(f"{each}.") for each in PROVEN)


class RedrawRules:
    """Judges changes that lead to one snapshot. Lives for one comparison, and looks no further than asked."""

    def __init__(self, after: Snapshot) -> None:
        self._models = after.models

    def of_property(self, node_index: int, name: str, then: Value, now: Value) -> bool:
        """Whether this property of the model at this place may change from one value to the other."""
        node = self._models[node_index]
        if name not in LIVE.get(node.kind, ()) or not self._is_known or _has_scripts(node):
            return False
        if then.placeholders or now.placeholders:
            return False
        if name in _TEXTS:
            return _is_a_line(then) and _is_a_line(now) and not self._takes_its_room(node_index)
        if not _is_constant(then) or not _is_constant(now):
            return False
        return node.kind not in GLYPHS or (self._is_drawn_plainly(node_index) and not _is_hatched(node, name))

    def of_data(self, node_index: int) -> bool:
        """Whether all that draws from the data source at this place follows changes of its columns."""
        if not self._is_known or self._is_listened_to:
            return False
        return all(_follows(self._models[each]) for each in self._drawing(node_index))

    @cached_property
    def _is_known(self) -> bool:
        """Whether Bokeh is a version that was looked at, drawing on canvases."""
        backends = (node.attributes.get("output_backend") for node in self._models)
        return is_proven() and all(each is None or each.text == '"canvas"' for each in backends)

    @cached_property
    def _is_listened_to(self) -> bool:
        """Whether a script hears of what changes with columns."""
        return any(_calls_back(node) and _is_told(node) for node in self._models)

    @cached_property
    def _may_select(self) -> bool:
        """Whether rows are selected, or may be."""
        return any(
            _SELECTING.fullmatch(node.kind)
            or any(node.attributes.get(name, _EMPTY) != _EMPTY for name in ("indices", "line_indices"))
            for node in self._models
        )

    @cached_property
    def _users(self) -> dict[int, list[int]]:
        """Which models refer to the one at a place."""
        users = defaultdict(list)
        for node_index, node in enumerate(self._models):
            for ref in node.refs:
                users[ref].append(node_index)
        return users

    def _is_drawn_plainly(self, glyph: int) -> bool:
        """Whether no other glyph was derived from this one, as BokehJS does once, when it begins to draw."""
        for renderer in self._users[glyph]:
            attributes = self._models[renderer].attributes
            derived = [name for name in _DERIVED if not attributes.get(name, _NULL).placeholders]
            if self._models[renderer].kind != "GlyphRenderer" or "muted_glyph" in derived:
                return False
            if derived and self._may_select:
                return False
        return True

    def _takes_its_room(self, node_index: int) -> bool:
        """Whether this is a label that stands beside a plot, which makes room for its text."""
        if self._models[node_index].kind != "Label":
            return False
        plots = (self._models[user].attributes for user in self._users[node_index])
        return any(node_index in plot[side].refs for plot in plots for side in _SIDES if side in plot)

    def _drawing(self, source: int) -> set[int]:
        """Who refers to this data source, and all that they refer to; a script may refer to anything."""
        found = {source}
        waiting = [*self._users[source]]
        while waiting:
            node_index = waiting.pop()
            if node_index not in found and self._models[node_index].kind != "CustomJS":
                found.add(node_index)
                waiting += self._models[node_index].refs
        return found - {source}


def _calls_back(node: Node) -> bool:
    """Whether a change sets off a script of the author's, which it does not on a page opened afterwards."""
    return "js_property_callbacks" in node.attributes


def _has_scripts(node: Node) -> bool:
    return _calls_back(node) or "js_event_callbacks" in node.attributes


def _is_told(node: Node) -> bool:
    """Whether BokehJS changes something of this kind when columns change."""
    return node.columns is not None or "Range" in node.kind or node.kind in {"Figure", "Plot", *FOLLOWS}


def _follows(node: Node) -> bool:
    if node.kind in _MAPPERS:  # without limits it takes them from the data, and tells nobody
        return all(node.attributes.get(name, _NULL) != _NULL for name in ("low", "high"))
    return node.kind in FOLLOWS


def _is_a_line(value: Value) -> bool:
    """Whether this is one line of words: what reads as a number, even 2e3, takes other room."""
    text = json.loads(value.text)
    if not isinstance(text, str) or "\n" in text or contains_tex_string(text):
        return False
    return any(letter.isalpha() and letter != "e" for letter in text)


def _is_constant(value: Value) -> bool:
    """Whether the value is there, and the same for each row."""
    special = ('"type":"field"', '"type":"expr"', '"transform"', "null")
    return not any(each in value.text for each in special)


def _is_hatched(node: Node, name: str) -> bool:
    """Whether this property is of a pattern that is to be seen."""
    return name.startswith("hatch_") and "null" not in node.attributes.get("hatch_pattern", _NULL).text
