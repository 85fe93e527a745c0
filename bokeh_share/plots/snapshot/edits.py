"""What became of a plot since its picture was taken, event by event: plain, immutable, and ours."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from .snapshot import Node, Snapshot
from .values import Column, Items, Lineage, Numbers, Value, json_of

PATCHES = 1000
"""After so many patched rows a column is compared row by row again."""
MANY = 1000
"""How many edits wait for somebody to look, at most."""
MAX_PENDING_BYTES = 8_000_000
"""Bytes that they may weigh."""

Rows: TypeAlias = bytes | list[Any]
"""Rows of a column: as bytes, or as plain values."""


class AttributeEdit(NamedTuple):
    """A property of a model has another value."""

    node_index: int
    name: str
    value: Value
    models: tuple[Node, ...] = ()
    """Those that it brings along, at the next free places."""
    ids: tuple[str, ...] = ()
    """Of these."""
    parts: frozenset[str] = frozenset()
    """The BokehJS files that are needed from now on."""
    weight: int = 0
    """Bytes, about, where it is not but a word."""


class ColumnsEdit(NamedTuple):
    """Some columns of a data source are others."""

    node_index: int
    columns: Mapping[str, Column]
    whole: bool
    """Whether there are no others."""
    weight: int


class GrowthEdit(NamedTuple):
    """Rows were dropped in front, then others appended, then some given other values, by column."""

    node_index: int
    dropped: int
    appended: Mapping[str, Rows]
    patched: Mapping[str, tuple[Sequence[int], Rows]]
    """By numbers of rows."""
    weight: int


class NoEdit(NamedTuple):
    """What changed is none of a viewer's business."""

    weight: int = 0


Edit: TypeAlias = AttributeEdit | ColumnsEdit | GrowthEdit | NoEdit


class LazySnapshot:
    """A snapshot that is made when somebody looks at it: who changes a plot in a loop need not wait for it.

    Immutable to whoever has it, and may be looked at from any thread.
    """

    def __init__(self, former: Snapshot | LazySnapshot, edits: Sequence[Edit]) -> None:
        self._way: tuple[Snapshot | LazySnapshot, Sequence[Edit]] | None = former, edits
        """From what, and how, until it is made."""
        self._whole: Snapshot | None = None
        """With the models that nothing refers to any more, so that places stay what they were."""
        self._made: Snapshot | None = None
        self._skipped = False
        """Whether one that came from this was made first: what both have in common is not told then."""
        self._making: Any = former._making if isinstance(former, LazySnapshot) else threading.RLock()
        """One thread at a time makes what drafts stand for that came one from the other."""
        self._waiting, self._weight = len(edits), sum(edit.weight for edit in edits)
        if isinstance(former, LazySnapshot) and former._whole is None:
            if former._waiting + len(edits) > MANY or former._weight + self._weight > MAX_PENDING_BYTES:
                former._make()
            else:
                self._waiting += former._waiting
                self._weight += former._weight

    @property
    def snapshot(self) -> Snapshot:
        """Costs what was changed, and a copy of the columns that grew; once."""
        if self._made is None:
            self._made = without_strays(self._make())
        return self._made

    def _make(self) -> Snapshot:
        with self._making:
            if self._whole is not None:
                return self._whole
            edits: list[Sequence[Edit]] = []
            draft: Snapshot | LazySnapshot = self
            while isinstance(draft, LazySnapshot):
                if draft._whole is not None:
                    draft = draft._whole
                    break
                draft._skipped = draft._skipped or draft is not self
                assert draft._way is not None
                draft, more = draft._way
                edits.append(more)
            each = chain.from_iterable(reversed(edits))
            self._whole = applied(draft, each, related=not self._skipped)
            self._way = None
            return self._whole


def applied(snapshot: Snapshot, edits: Iterable[Edit], *, related: bool = True) -> Snapshot:
    """What the edits make of it, in their order.

    If `related`, columns that grew tell what they have in common with their former selves.
    """
    models, ids, parts = [*snapshot.models], [*snapshot.ids], snapshot.parts
    growing: dict[int, dict[str, _Growing]] = {}

    def grown(node_index: int) -> Node:
        node = models[node_index]
        columns = {name: column.frozen(related) for name, column in growing.pop(node_index, {}).items()}
        return Node(node.kind, node.attributes, {**(node.columns or {}), **columns}) if columns else node

    for edit in edits:
        if isinstance(edit, GrowthEdit):
            at = growing.get(edit.node_index)
            if at is None:
                at = growing[edit.node_index] = {
                    name: _Growing(column)
                    for name, column in (models[edit.node_index].columns or {}).items()
                    if not isinstance(column, Value)
                }
            for name, rows in edit.appended.items():
                at[name].append(edit.dropped, rows)
            for name, (node_indices, rows) in edit.patched.items():
                at[name].patch(node_indices, rows)
        elif isinstance(edit, AttributeEdit):
            node = models[edit.node_index]
            models[edit.node_index] = Node(
                node.kind, {**node.attributes, edit.name: edit.value}, node.columns
            )
            models += edit.models
            ids += edit.ids
            parts |= edit.parts
        elif isinstance(edit, ColumnsEdit):
            node = grown(edit.node_index)
            former = node.columns or {}
            columns = {
                name: _former_if_same(former.get(name), column) for name, column in edit.columns.items()
            }
            kept = {} if edit.whole else former
            models[edit.node_index] = Node(node.kind, node.attributes, {**kept, **columns})
    for node_index in [*growing]:
        models[node_index] = grown(node_index)
    return replace(snapshot, models=tuple(models), ids=tuple(ids), parts=parts)


def without_strays(snapshot: Snapshot) -> Snapshot:
    """With just the models that the root leads to."""
    models = snapshot.models
    reached, waiting = {0}, [0]
    while waiting:
        new = models[waiting.pop()].refs - reached
        reached |= new
        waiting += new
    if len(reached) == len(models):
        return snapshot
    kept = sorted(reached)
    node_indices = {old: new for new, old in enumerate(kept)}
    return replace(
        snapshot,
        models=tuple(_moved(models[old], node_indices) for old in kept),
        ids=tuple(snapshot.ids[old] for old in kept),
    )


def _moved(node: Node, node_indices: Mapping[int, int]) -> Node:
    if not node.refs:
        return node
    columns = node.columns and {
        name: _with_placeholders(column, node_indices) for name, column in node.columns.items()
    }
    attributes = {name: _with_placeholders(value, node_indices) for name, value in node.attributes.items()}
    return Node(node.kind, attributes, columns)


def _with_placeholders(value: Any, node_indices: Mapping[int, int]) -> Any:
    if not isinstance(value, Value) or not value.refs:
        return value
    return Value(
        value.text,
        tuple(
            node_indices[placeholder] if isinstance(placeholder, int) else placeholder
            for placeholder in value.placeholders
        ),
    )


def _former_if_same(former: Column | None, column: Column) -> Column:
    return former if former is not None and former == column else column


class _Growing:
    """A column on its way from one state to another. Lives within `applied`."""

    def __init__(self, column: Numbers | Items) -> None:
        self._column = column
        self._values: Any = None
        """Made when first needed: bytes of numbers, or values."""
        self._fresh: list[Any] = []
        """What comes behind them."""
        self._unit = column.stride if isinstance(column, Numbers) else 1
        self._dropping = 0
        """Rows in front that are still there and should not be."""
        self._dropped = 0
        self._patched: list[int] = []
        """By the number that a row would have if none had been dropped."""

    def append(self, dropped: int, rows: Rows) -> None:
        self._dropping += dropped
        if isinstance(rows, list):
            self._fresh += rows
        else:
            self._catch_up()
            self._values += rows

    def patch(self, node_indices: Sequence[int], rows: Rows) -> None:
        self._catch_up()
        values, unit, fresh = self._values, self._unit, self._own(rows)
        for index, node_index in enumerate(node_indices):
            values[node_index * unit : (node_index + 1) * unit] = fresh[index * unit : (index + 1) * unit]
        self._patched += (node_index + self._dropped for node_index in node_indices)

    def frozen(self, related: bool) -> Numbers | Items:
        self._catch_up()
        column = self._column
        if isinstance(column, Items):
            return Items(json_of(self._values), len(self._values), column.listed)
        return Numbers(bytes(self._values), column.dtype, column.row, column.listed, self._lineage(related))

    def _catch_up(self) -> None:
        if self._values is None:
            column = self._column
            self._values = bytearray(column.data) if isinstance(column, Numbers) else column.values()
        if self._fresh:
            self._values += self._own(self._fresh)
            self._fresh = []
        if self._dropping:
            del self._values[: self._dropping * self._unit]
            self._dropped += self._dropping
            self._dropping = 0

    def _own(self, rows: Rows) -> Any:
        if isinstance(rows, list) and isinstance(self._column, Numbers):
            return np.array(rows, self._column.dtype).tobytes()
        return rows

    def _lineage(self, related: bool) -> Lineage:
        former = self._column.lineage if related and isinstance(self._column, Numbers) else None
        gone = self._dropped
        old = sorted({row for row in self._patched if gone <= row < self._column.rows})
        if former is None or len(former.patched) + len(old) > PATCHES:
            return Lineage(object())
        patched = former.patched + tuple(former.start + row for row in old)
        return Lineage(former.source, former.start + gone, patched)
