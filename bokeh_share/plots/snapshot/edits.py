"""What became of a plot since its picture was taken, event by event: plain, immutable, and ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from .snapshot import Node, Snapshot
from .values import Column, Items, Lineage, Numbers, Value, encode_json

MAX_LINEAGE_PATCHES = 1000
"""After so many patched rows a column is compared row by row again."""

Rows: TypeAlias = bytes | list[Any]
"""Rows of a column: as bytes, or as plain values."""


class AttributeEdit(NamedTuple):
    """A property of a model has another value."""

    node_index: int
    name: str
    value: Value
    nodes: tuple[Node, ...] = ()
    """Those that it brings along, at the next free places."""
    ids: tuple[str, ...] = ()
    """Of these."""
    parts: frozenset[str] = frozenset()
    """The BokehJS files that are needed from now on."""
    size: int = 0
    """Bytes, about, where it is not but a word."""


class ColumnsEdit(NamedTuple):
    """Some columns of a data source are others."""

    node_index: int
    columns: Mapping[str, Column]
    is_complete: bool
    """Whether there are no others."""
    size: int


class GrowthEdit(NamedTuple):
    """Rows were dropped in front, then others appended, then some given other values, by column."""

    node_index: int
    dropped: int
    appended: Mapping[str, Rows]
    patched: Mapping[str, tuple[Sequence[int], Rows]]
    """By numbers of rows."""
    size: int


class NoEdit(NamedTuple):
    """What changed is none of a viewer's business."""

    size: int = 0


Edit: TypeAlias = AttributeEdit | ColumnsEdit | GrowthEdit | NoEdit


def apply_edits(snapshot: Snapshot, edits: Iterable[Edit], *, is_related: bool = True) -> Snapshot:
    """What the edits make of it, in their order.

    If `is_related`, columns that grew tell what they have in common with their former selves.
    """
    nodes, ids, parts = [*snapshot.nodes], [*snapshot.ids], snapshot.parts
    builders: dict[int, dict[str, _ColumnBuilder]] = {}

    def freeze_columns(node_index: int) -> Node:
        node = nodes[node_index]
        columns = {name: column.build(is_related) for name, column in builders.pop(node_index, {}).items()}
        return (
            Node(node.model_type, node.attributes, {**(node.columns or {}), **columns}) if columns else node
        )

    for edit in edits:
        if isinstance(edit, GrowthEdit):
            columns_builders = builders.get(edit.node_index)
            if columns_builders is None:
                columns_builders = builders[edit.node_index] = {
                    name: _ColumnBuilder(column)
                    for name, column in (nodes[edit.node_index].columns or {}).items()
                    if not isinstance(column, Value)
                }
            for name, rows in edit.appended.items():
                columns_builders[name].append(edit.dropped, rows)
            for name, (node_indices, rows) in edit.patched.items():
                columns_builders[name].patch(node_indices, rows)
        elif isinstance(edit, AttributeEdit):
            node = nodes[edit.node_index]
            nodes[edit.node_index] = Node(
                node.model_type, {**node.attributes, edit.name: edit.value}, node.columns
            )
            nodes += edit.nodes
            ids += edit.ids
            parts |= edit.parts
        elif isinstance(edit, ColumnsEdit):
            node = freeze_columns(edit.node_index)
            former = node.columns or {}
            columns = {
                name: _reuse_if_equal(former.get(name), column) for name, column in edit.columns.items()
            }
            unchanged = {} if edit.is_complete else former
            nodes[edit.node_index] = Node(node.model_type, node.attributes, {**unchanged, **columns})
    for node_index in [*builders]:
        nodes[node_index] = freeze_columns(node_index)
    return replace(snapshot, nodes=tuple(nodes), ids=tuple(ids), parts=parts)


def remove_unreachable(snapshot: Snapshot) -> Snapshot:
    """With just the models that the root leads to."""
    nodes = snapshot.nodes
    reachable, queue = {0}, [0]
    while queue:
        new = nodes[queue.pop()].refs - reachable
        reachable |= new
        queue += new
    if len(reachable) == len(nodes):
        return snapshot
    old_indices = sorted(reachable)
    node_indices = {old: new for new, old in enumerate(old_indices)}
    return replace(
        snapshot,
        nodes=tuple(_renumber_node(nodes[old], node_indices) for old in old_indices),
        ids=tuple(snapshot.ids[old] for old in old_indices),
    )


def _renumber_node(node: Node, node_indices: Mapping[int, int]) -> Node:
    if not node.refs:
        return node
    columns = node.columns and {
        name: _renumber_placeholders(column, node_indices) for name, column in node.columns.items()
    }
    attributes = {
        name: _renumber_placeholders(value, node_indices) for name, value in node.attributes.items()
    }
    return Node(node.model_type, attributes, columns)


def _renumber_placeholders(value: Any, node_indices: Mapping[int, int]) -> Any:
    if not isinstance(value, Value) or not value.refs:
        return value
    return Value(
        value.text,
        tuple(
            node_indices[placeholder] if isinstance(placeholder, int) else placeholder
            for placeholder in value.placeholders
        ),
    )


def _reuse_if_equal(former: Column | None, column: Column) -> Column:
    return former if former is not None and former == column else column


class _ColumnBuilder:
    """A column on its way from one state to another. Lives within `apply_edits`."""

    def __init__(self, column: Numbers | Items) -> None:
        self._column = column
        self._values: Any = None
        """Made when first needed: bytes of numbers, or values."""
        self._appended: list[Any] = []
        """What comes behind them."""
        self._row_size = column.stride if isinstance(column, Numbers) else 1
        self._pending_drops = 0
        """Rows in front that are still there and should not be."""
        self._dropped = 0
        self._patched_rows: list[int] = []
        """By the number that a row would have if none had been dropped."""

    def append(self, dropped: int, rows: Rows) -> None:
        self._pending_drops += dropped
        if isinstance(rows, list):
            self._appended += rows
        else:
            self._flush()
            self._values += rows

    def patch(self, row_indices: Sequence[int], rows: Rows) -> None:
        self._flush()
        values, row_size, new_rows = self._values, self._row_size, self._encode_rows(rows)
        for index, row_index in enumerate(row_indices):
            values[row_index * row_size : (row_index + 1) * row_size] = new_rows[
                index * row_size : (index + 1) * row_size
            ]
        self._patched_rows += (row_index + self._dropped for row_index in row_indices)

    def build(self, is_related: bool) -> Numbers | Items:
        self._flush()
        column = self._column
        if isinstance(column, Items):
            return Items(encode_json(self._values), len(self._values), column.is_list)
        return Numbers(
            bytes(self._values),
            column.dtype,
            column.row_shape,
            column.is_list,
            self._build_lineage(is_related),
        )

    def _flush(self) -> None:
        if self._values is None:
            column = self._column
            self._values = bytearray(column.data) if isinstance(column, Numbers) else column.to_list()
        if self._appended:
            self._values += self._encode_rows(self._appended)
            self._appended = []
        if self._pending_drops:
            del self._values[: self._pending_drops * self._row_size]
            self._dropped += self._pending_drops
            self._pending_drops = 0

    def _encode_rows(self, rows: Rows) -> Any:
        if isinstance(rows, list) and isinstance(self._column, Numbers):
            return np.array(rows, self._column.dtype).tobytes()
        return rows

    def _build_lineage(self, is_related: bool) -> Lineage:
        former = self._column.lineage if is_related and isinstance(self._column, Numbers) else None
        dropped = self._dropped
        old_rows = sorted({row for row in self._patched_rows if dropped <= row < self._column.row_count})
        if former is None or len(former.patched_rows) + len(old_rows) > MAX_LINEAGE_PATCHES:
            return Lineage(object())
        patched = former.patched_rows + tuple(former.first_row + row for row in old_rows)
        return Lineage(former.source, former.first_row + dropped, patched)
