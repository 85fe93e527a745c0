"""The edits of a plot since it was captured, one for each event: immutable plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from .snapshot import Node, Snapshot
from .values import Column, Items, Lineage, Numbers, Value, encode_json

MAX_LINEAGE_PATCHES = 1000
"""A column with more patched rows than this is compared row by row again."""

Rows: TypeAlias = bytes | list[Any]
"""Rows of a column: as bytes, or as plain values."""


class AttributeEdit(NamedTuple):
    """A property of a model got another value."""

    node_index: int
    name: str
    value: Value
    nodes: tuple[Node, ...] = ()
    """Nodes that the edit adds, at the next free node indices."""
    ids: tuple[str, ...] = ()
    """The ids of these nodes."""
    parts: frozenset[str] = frozenset()
    """BokehJS parts that the plot needs from now on."""
    size: int = 0
    """Approximate size in bytes; 0 for a short value."""


class ColumnsEdit(NamedTuple):
    """Some columns of a data source were replaced."""

    node_index: int
    columns: Mapping[str, Column]
    is_complete: bool
    """True if the data source has no other columns."""
    size: int


class GrowthEdit(NamedTuple):
    """Rows were dropped at the start, then others appended, then some replaced, by column."""

    node_index: int
    dropped: int
    appended: Mapping[str, Rows]
    patched: Mapping[str, tuple[Sequence[int], Rows]]
    """The numbers and values of the patched rows, by column."""
    size: int


class NoEdit(NamedTuple):
    """The change does not concern viewers."""

    size: int = 0


Edit: TypeAlias = AttributeEdit | ColumnsEdit | GrowthEdit | NoEdit


def apply_edits(snapshot: Snapshot, edits: Iterable[Edit], *, is_related: bool = True) -> Snapshot:
    """Return the snapshot after the edits, in their order.

    If `is_related`, columns that grew record their lineage: which rows they share with the former columns.
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
                columns_builders = builders[edit.node_index] = _create_builders(nodes[edit.node_index])
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


def has_effect(edit: Edit, snapshot: Snapshot) -> bool:
    """Return False if the snapshot is the same after the edit."""
    if isinstance(edit, AttributeEdit):
        return snapshot.nodes[edit.node_index].attributes.get(edit.name) != edit.value
    if isinstance(edit, ColumnsEdit):
        columns = snapshot.nodes[edit.node_index].columns or {}
        is_same_set = not edit.is_complete or columns.keys() == edit.columns.keys()
        return not is_same_set or any(columns.get(name) != each for name, each in edit.columns.items())
    return not isinstance(edit, NoEdit)


def remove_unreachable(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot without the models that cannot be reached from the root."""
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


def _create_builders(node: Node) -> dict[str, _ColumnBuilder]:
    columns = (node.columns or {}).items()
    return {name: _ColumnBuilder(column) for name, column in columns if not isinstance(column, Value)}


def _reuse_if_equal(former: Column | None, column: Column) -> Column:
    return former if former is not None and former == column else column


class _ColumnBuilder:
    """Builds a column from its former state, for `apply_edits`."""

    def __init__(self, column: Numbers | Items) -> None:
        self._column = column
        self._values: Any = None
        """Created when first needed: bytes of numbers, or values."""
        self._appended: list[Any] = []
        """Rows to append to these values."""
        self._row_size = column.stride if isinstance(column, Numbers) else 1
        self._pending_drops = 0
        """The number of rows that still have to be dropped at the start."""
        self._dropped = 0
        self._patched_rows: list[int] = []
        """Row numbers, counted as if no row was dropped."""

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
