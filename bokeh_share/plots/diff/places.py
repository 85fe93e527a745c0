"""Names the place of each model in a plot, the same in each kernel that runs the same code."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence

from ..snapshot import Node, Snapshot
from .outline import WORD_PROPERTIES, Outline
from .signatures import ModelSignatures

PLACE_PREFIX = "m"
"""Begins each name. It is none of the letters with which the ids of arrays and of recorded edits begin."""
PLACE_DIGITS = 7
"""Number of hexadecimal digits in a name: the models of one plot have different ones."""


def name_places(snapshot: Snapshot) -> list[str]:
    """Return a name for the place of each model, by node index.

    It is a digest of the properties that lead to the model from the root, of the model's type, and of what it
    is about: its own texts and fields, those of the glyph that it draws, and for a range what its axes
    measure. So two plots give a model the same name only if a viewer's zoom or choice means the same in both.
    """
    nodes = snapshot.nodes
    subjects = _list_subjects(snapshot)
    names: list[str] = []
    taken: set[str] = set()
    for path, node, subject in zip(_list_paths(nodes), nodes, subjects, strict=True):
        name = _digest(path, node.model_type, subject)
        while name in taken:
            path += "'"
            name = _digest(path, node.model_type, subject)
        taken.add(name)
        names.append(name)
    return names


def _digest(path: str, model_type: str, subject: str) -> str:
    text = "\n".join((path, model_type, subject))
    return PLACE_PREFIX + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:PLACE_DIGITS]


def _list_paths(nodes: Sequence[Node]) -> list[str]:
    """List the shortest path from the root to each model, such as `renderers.0/glyph.0`."""
    paths: dict[int, str] = {0: ""}
    queue = deque([0])
    while queue:
        node_index = queue.popleft()
        for step, ref in _list_steps(nodes[node_index]):
            if ref not in paths:
                paths[ref] = f"{paths[node_index]}/{step}"
                queue.append(ref)
    return [paths.get(node_index, f"#{node_index}") for node_index in range(len(nodes))]


def _list_steps(node: Node) -> Iterator[tuple[str, int]]:
    """List the models to which a model refers, each with the property and the position in it."""
    values = {**node.attributes, **{f"data.{name}": column for name, column in (node.columns or {}).items()}}
    for name in sorted(values):
        for position, ref in enumerate(getattr(values[name], "refs", ())):
            yield f"{name}.{position}", ref


def _list_subjects(snapshot: Snapshot) -> list[str]:
    nodes, signatures = snapshot.nodes, ModelSignatures(snapshot)
    subjects = [_describe_texts(node) for node in nodes]
    for node_index, node in enumerate(nodes):
        glyph = signatures.find_ref(node_index, "glyph")
        if glyph is not None:
            subjects[node_index] += f" {nodes[glyph].model_type} {_describe_texts(nodes[glyph])}"
        for dimension in ("x", "y"):
            range_index = signatures.find_ref(node_index, f"{dimension}_range")
            if range_index is not None and "renderers" in node.attributes:
                kinds = signatures.list_axis_kinds(node_index, dimension)
                subjects[range_index] += (
                    f" {kinds} {_describe_axis(signatures.get_outline(node_index), dimension)}"
                )
    return subjects


def _describe_texts(node: Node) -> str:
    """Return the words and fields of a model, without what it refers to."""
    texts = (
        f"{name}={value.text}"
        for name, value in sorted(node.attributes.items())
        if not value.placeholders and (name in WORD_PROPERTIES or value.text.startswith('{"type":"field"'))
    )
    return " ".join(texts)


def _describe_axis(outline: Outline, dimension: str) -> str:
    axis = outline.axes[dimension]
    return f"{axis.is_measured} {sorted(axis.words)}"
