"""An immutable picture of a plot: its models as plain data, its arrays as bytes of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from .values import Column, Value, filled

LOCAL_ID = "@@"
"""How ids begin inside a text; a message puts the plot's own in its place."""


@dataclass(frozen=True)
class Node:
    """One model: what its author, or the theme, set."""

    kind: str
    """The model's type, as Bokeh calls it."""
    attributes: Mapping[str, Value]
    columns: Mapping[str, Column] | None = None
    """The data of a data source."""

    @cached_property
    def refs(self) -> frozenset[int]:
        """The places of the models that it refers to."""
        held = (*self.attributes.values(), *(self.columns or {}).values())
        return frozenset(
            node_index for value in held if isinstance(value, Value) for node_index in value.refs
        )


@dataclass(frozen=True)
class Snapshot:
    """What one plot looked like at one moment.

    Models are named by their places, in the order they are met from the root (place 0), so the same
    code run twice gives equal snapshots. Nothing in here refers to an object of the author's.
    """

    models: tuple[Node, ...] = field(repr=False)
    defs: str = "[]"
    """JSON list of the data model classes that the plot needs, as in Bokeh's document JSON."""
    parts: frozenset[str] = frozenset()
    """The scripts it needs besides BokehJS's core: `widgets`, `tables`, `gl`, `mathjax`, and `custom/` with
    the type of each model that has an implementation of its own."""
    ids: tuple[str, ...] = field(default=(), compare=False)
    """What each model is called on the page, by place; the same as in a former snapshot where it is the
    same model to a person."""

    @cached_property
    def size(self) -> int:
        """Bytes that a viewer is sent for the whole of it, about."""
        models = (value for node in self.models for value in _held(node))
        return len(self.defs) + sum(len(name) + 4 + value.size for name, value in models)

    @cached_property
    def node_indices(self) -> Mapping[str, int]:
        """By id."""
        return MappingProxyType({id: node_index for node_index, id in enumerate(self.ids)})


def _held(node: Node) -> Iterator[tuple[str, Column]]:
    # each model has its type and id written out as well
    yield node.kind, Value(" " * 48)
    yield from node.attributes.items()
    yield from (node.columns or {}).items()


class Writer:
    """Writes models of one snapshot as Bokeh's JSON, each in full where it is first met.

    Lives for one patch; what it wrote refers to `arrays` by their numbers.
    """

    def __init__(self, snapshot: Snapshot, known: Mapping[str, int] = MappingProxyType({})) -> None:
        self.arrays: list[bytes] = []
        self._snapshot = snapshot
        self._known = set(known)

    def model(self, node_index: int) -> str:
        id = self._snapshot.ids[node_index]
        named = f'"id":"{LOCAL_ID}{id}"'
        if id in self._known:
            return f"{{{named}}}"
        self._known.add(id)
        node = self._snapshot.models[node_index]
        attributes = [f'"{name}":{self.value(value)}' for name, value in node.attributes.items()]
        if node.columns is not None:
            attributes.append(f'"data":{self.columns(node.columns)}')
        rest = f',"attributes":{{{",".join(attributes)}}}' if attributes else ""
        return f'{{"type":"object","name":{json.dumps(node.kind)},{named}{rest}}}'

    def value(self, value: Value) -> str:
        return filled(value, map(self._piece, value.placeholders))

    def column(self, column: Column) -> str:
        return self.value(column if isinstance(column, Value) else column.written())

    def columns(self, columns: Mapping[str, Column]) -> str:
        if not columns:
            return '{"type":"map"}'
        entries = (f"[{json.dumps(name)},{self.column(column)}]" for name, column in columns.items())
        return f'{{"type":"map","entries":[{",".join(entries)}]}}'

    def _piece(self, placeholder: int | bytes) -> str:
        if isinstance(placeholder, int):
            return self.model(placeholder)
        self.arrays.append(placeholder)
        return f'{{"id":"{LOCAL_ID}a{len(self.arrays) - 1}"}}'
