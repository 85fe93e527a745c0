"""An immutable snapshot of a plot: its models as plain data, its arrays as copied bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from .values import Column, Value


@dataclass(frozen=True)
class Node:
    """One model: the properties that its author or the theme set."""

    model_type: str
    """The model's type, as Bokeh names it."""
    attributes: Mapping[str, Value]
    columns: Mapping[str, Column] | None = None
    """The columns of a data source."""

    @cached_property
    def refs(self) -> frozenset[int]:
        """The node indices of the models that it refers to."""
        values = (*self.attributes.values(), *(self.columns or {}).values())
        return frozenset(
            node_index for value in values if isinstance(value, Value) for node_index in value.refs
        )


@dataclass(frozen=True)
class Snapshot:
    """The state of one plot at one moment.

    Models are numbered in the order in which they are found from the root (node index 0), so the same
    code run twice gives equal snapshots. A snapshot refers to no object of the author's.
    """

    nodes: tuple[Node, ...] = field(repr=False)
    defs: str = "[]"
    """JSON list of the data model classes that the plot needs, as in Bokeh's document JSON."""
    parts: frozenset[str] = frozenset()
    """The scripts it needs besides BokehJS's core: `widgets`, `tables`, `gl`, `mathjax`, and `custom/` with
    the type of each model that has its own implementation."""
    ids: tuple[str, ...] = field(default=(), compare=False)
    """The id of each model on the page, by node index. A matched model keeps its id from the former
    snapshot."""

    @cached_property
    def size(self) -> int:
        """Approximate number of bytes that a viewer receives for the whole plot."""
        values = (value for node in self.nodes for value in _list_values(node))
        return len(self.defs) + sum(len(name) + 4 + value.size for name, value in values)

    @cached_property
    def node_indices(self) -> Mapping[str, int]:
        """The node index of each model, by id."""
        return MappingProxyType({id: node_index for node_index, id in enumerate(self.ids)})


def _list_values(node: Node) -> Iterator[tuple[str, Column]]:
    # the type and id of each model are written out as well
    yield node.model_type, Value(" " * 48)
    yield from node.attributes.items()
    yield from (node.columns or {}).items()
