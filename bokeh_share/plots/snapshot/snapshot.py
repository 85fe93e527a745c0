"""An immutable picture of a plot: its models as plain data, its arrays as bytes of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from .values import Column, Value, fill_placeholders

LOCAL_ID_PREFIX = "@@"
"""How ids begin inside a text; a message puts the plot's own in its place."""


@dataclass(frozen=True)
class Node:
    """One model: what its author, or the theme, set."""

    model_type: str
    """The model's type, as Bokeh calls it."""
    attributes: Mapping[str, Value]
    columns: Mapping[str, Column] | None = None
    """The data of a data source."""

    @cached_property
    def refs(self) -> frozenset[int]:
        """The places of the models that it refers to."""
        values = (*self.attributes.values(), *(self.columns or {}).values())
        return frozenset(
            node_index for value in values if isinstance(value, Value) for node_index in value.refs
        )


@dataclass(frozen=True)
class Snapshot:
    """What one plot looked like at one moment.

    Models are named by their places, in the order they are met from the root (place 0), so the same
    code run twice gives equal snapshots. Nothing in here refers to an object of the author's.
    """

    nodes: tuple[Node, ...] = field(repr=False)
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
        values = (value for node in self.nodes for value in _list_values(node))
        return len(self.defs) + sum(len(name) + 4 + value.size for name, value in values)

    @cached_property
    def node_indices(self) -> Mapping[str, int]:
        """By id."""
        return MappingProxyType({id: node_index for node_index, id in enumerate(self.ids)})


def _list_values(node: Node) -> Iterator[tuple[str, Column]]:
    # each model has its type and id written out as well
    yield node.model_type, Value(" " * 48)
    yield from node.attributes.items()
    yield from (node.columns or {}).items()


class JsonWriter:
    """Writes models of one snapshot as Bokeh's JSON, each in full where it is first met.

    Lives for one patch; what it wrote refers to `arrays` by their numbers.
    """

    def __init__(self, snapshot: Snapshot, known_ids: Mapping[str, int] = MappingProxyType({})) -> None:
        self.arrays: list[bytes] = []
        self._snapshot = snapshot
        self._written_ids = set(known_ids)

    def encode_model(self, node_index: int) -> str:
        id = self._snapshot.ids[node_index]
        id_entry = f'"id":"{LOCAL_ID_PREFIX}{id}"'
        if id in self._written_ids:
            return f"{{{id_entry}}}"
        self._written_ids.add(id)
        node = self._snapshot.nodes[node_index]
        attributes = [f'"{name}":{self.encode_value(value)}' for name, value in node.attributes.items()]
        if node.columns is not None:
            attributes.append(f'"data":{self.encode_columns(node.columns)}')
        rest = f',"attributes":{{{",".join(attributes)}}}' if attributes else ""
        return f'{{"type":"object","name":{json.dumps(node.model_type)},{id_entry}{rest}}}'

    def encode_value(self, value: Value) -> str:
        return fill_placeholders(value, map(self._encode_placeholder, value.placeholders))

    def encode_column(self, column: Column) -> str:
        return self.encode_value(column if isinstance(column, Value) else column.to_value())

    def encode_columns(self, columns: Mapping[str, Column]) -> str:
        if not columns:
            return '{"type":"map"}'
        entries = (f"[{json.dumps(name)},{self.encode_column(column)}]" for name, column in columns.items())
        return f'{{"type":"map","entries":[{",".join(entries)}]}}'

    def _encode_placeholder(self, placeholder: int | bytes) -> str:
        if isinstance(placeholder, int):
            return self.encode_model(placeholder)
        self.arrays.append(placeholder)
        return f'{{"id":"{LOCAL_ID_PREFIX}a{len(self.arrays) - 1}"}}'
