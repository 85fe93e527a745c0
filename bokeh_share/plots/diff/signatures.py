"""The signatures by which models of two snapshots are matched, from the whole model to its type only."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from ..snapshot import Node, Snapshot
from .outline import WORD_PROPERTIES, Outline


class ModelSignatures:
    """The signatures of a snapshot's models, each computed once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.nodes = snapshot.nodes
        self._signatures: dict[tuple[str, int], Hashable] = {}
        self._outlines: dict[int, Outline] = {}

    def get_name(self, node_index: int) -> Hashable:
        """Return the name that the author gave."""
        value = self.nodes[node_index].attributes.get("name")
        return None if value is None or value.text == "null" else value.text

    def hash_whole(self, node_index: int) -> Hashable:
        """Hash the whole model."""
        return self._hash_model(
            "whole", node_index, lambda node: (_list_property_texts(node), _collect_columns(node))
        )

    def hash_drawing(self, node_index: int) -> Hashable:
        """Hash the words, fields and data that it draws."""
        return self._hash_model(
            "drawing", node_index, lambda node: (_list_subject_texts(node), _collect_columns(node))
        )

    def hash_data(self, node_index: int) -> Hashable:
        """Hash the data that it draws; None if there is none."""
        key = "data", node_index
        if key not in self._signatures:
            self._signatures[key] = None
            node = self.nodes[node_index]
            below = (self.hash_data(ref) for value in node.attributes.values() for ref in value.refs)
            hashes = (_collect_columns(node), *(signature for signature in below if signature is not None))
            self._signatures[key] = hash(hashes) if hashes != (None,) else None
        return self._signatures[key]

    def hash_appearance(self, node_index: int) -> Hashable:
        """Hash everything except the data."""
        return self._hash_model(
            "looks", node_index, lambda node: (_list_property_texts(node), _collect_column_names(node))
        )

    def hash_subject(self, node_index: int) -> Hashable:
        """Hash the words and fields that it draws."""
        return self._hash_model(
            "subject", node_index, lambda node: (_list_subject_texts(node), _collect_column_names(node))
        )

    def get_kind(self, node_index: int) -> Hashable:
        return self.nodes[node_index].model_type

    def find_ref(self, node_index: int, name: str) -> int | None:
        value = self.nodes[node_index].attributes.get(name)
        return value.refs[0] if value is not None and len(value.refs) == 1 else None

    def list_axis_kinds(self, node_index: int, dimension: str) -> tuple[str | None, ...]:
        """List the kinds of range, scale and first axis of a figure in one dimension."""
        parts = (
            self.find_ref(node_index, f"{dimension}_range"),
            self.find_ref(node_index, f"{dimension}_scale"),
        )
        sides = ("below", "above") if dimension == "x" else ("left", "right")
        attributes = self.nodes[node_index].attributes
        beside = (ref for side in sides if side in attributes for ref in attributes[side].refs)
        axes = (self.nodes[ref].model_type for ref in beside if self.nodes[ref].model_type.endswith("Axis"))
        kinds = (None if part is None else self.nodes[part].model_type for part in parts)
        return (*kinds, next(axes, None))

    def get_outline(self, figure: int) -> Outline:
        if figure not in self._outlines:
            self._outlines[figure] = Outline(self.nodes, figure)
        return self._outlines[figure]

    def _hash_model(self, aspect: str, node_index: int, list_content: Callable[[Node], Hashable]) -> Hashable:
        key = aspect, node_index
        if key not in self._signatures:
            self._signatures[key] = None  # ends the recursion for a model that refers to itself
            node = self.nodes[node_index]
            refs = tuple(
                (name, tuple(self._hash_model(aspect, ref, list_content) for ref in value.refs))
                for name, value in sorted(node.attributes.items())
                if value.placeholders
            )
            self._signatures[key] = hash((node.model_type, list_content(node), refs))
        return self._signatures[key]


def _list_property_texts(node: Node) -> Hashable:
    return tuple(sorted((name, value.text) for name, value in node.attributes.items()))


def _list_subject_texts(node: Node) -> Hashable:
    texts = (
        (name, value.text)
        for name, value in node.attributes.items()
        if name in WORD_PROPERTIES or value.text.startswith('{"type":"field"')
    )
    return tuple(sorted(texts))


def _collect_columns(node: Node) -> Hashable:
    return None if node.columns is None else frozenset(node.columns.items())


def _collect_column_names(node: Node) -> Hashable:
    return None if node.columns is None else frozenset(node.columns)
