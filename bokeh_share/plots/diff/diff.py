"""Computes the patch from one snapshot of a plot to another, for a page that shows the first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..snapshot import Node, Snapshot, Value, encode_json
from .columns import ChangedColumns, ColumnChange, PatchedRows, StreamedRows, diff_columns
from .defaults import find_default, has_comparable_values
from .json_writer import LOCAL_ID_PREFIX, JsonWriter
from .redraw import RedrawRules

DiffKind: TypeAlias = Literal["patch", "redraw", "replace"]


@dataclass(frozen=True)
class PlotPatch:
    """Bokeh document events, as JSON and arrays, for the document that shows a plot."""

    kind: DiffKind
    """`patch`: BokehJS redraws correctly after the events. `redraw`: it does not, so the page draws the
    changed models anew, with their data and the viewer's changes. `replace`: a different plot."""
    events: str
    arrays: tuple[bytes, ...]
    defs: str
    parts: frozenset[str]


@dataclass(frozen=True)
class Difference:
    """A property of a model that changed, or a change of its columns."""

    node_index: int
    """The model's node index in the new snapshot."""
    name: str
    change: ColumnChange | None = None
    """The change of the columns, if they are what changed."""


def diff_snapshots(before: Snapshot | None, after: Snapshot) -> PlotPatch:
    """Return the smallest patch from `before` to `after`, which have ids. Equal snapshots give no events.

    Pure: the same snapshots give the same patch. Costs a comparison of the parts that they do not share.
    """
    if before is None or not before.node_indices.keys() & after.node_indices.keys():
        return _build_whole(after)
    comparison = Comparison(before, after)
    if comparison.is_impossible:
        return _build_whole(after)
    writer = JsonWriter(after, before.node_indices)
    events = ",".join(_encode_event(writer, after, each) for each in comparison.differences)
    if before.ids[0] != after.ids[0]:
        root = f'{{"kind":"RootRemoved","model":{{"id":"{LOCAL_ID_PREFIX}{before.ids[0]}"}}}}'
        root += f',{{"kind":"RootAdded","model":{writer.encode_model(0)}}}'
        events = ",".join(filter(None, (events, root)))
    kind: DiffKind = "patch" if comparison.is_live else "redraw"
    return PlotPatch(kind, f"[{events}]", tuple(writer.arrays), after.defs, after.parts)


def _build_whole(snapshot: Snapshot) -> PlotPatch:
    writer = JsonWriter(snapshot)
    events = f'[{{"kind":"RootAdded","model":{writer.encode_model(0)}}}]'
    return PlotPatch("replace", events, tuple(writer.arrays), snapshot.defs, snapshot.parts)


class Comparison:
    """The differences, model by model, between two snapshots that have ids in common."""

    def __init__(self, before: Snapshot, after: Snapshot) -> None:
        self.is_live = before.ids[0] == after.ids[0] and before.defs == after.defs
        """True if BokehJS draws all the differences correctly by itself."""
        self.is_impossible = False
        """True if events cannot make one of the other: a plot was removed, and another one with its key has
        models of its own at the same places."""
        self._before = before
        self._after = after
        self._redraw_rules = RedrawRules(after)
        self.differences = tuple(self._find_differences())

    def _find_differences(self) -> Iterator[Difference]:
        for node_index, node in enumerate(self._after.nodes):
            former = self._before.node_indices.get(self._after.ids[node_index])
            if former is not None:
                yield from self._compare_models(node_index, self._before.nodes[former], node)

    def _compare_models(self, node_index: int, before: Node, after: Node) -> Iterator[Difference]:
        if before is after and not after.refs:
            return
        if before.model_type != after.model_type or not has_comparable_values(before, after):
            self.is_impossible = True
            return
        for name in sorted(before.attributes.keys() | after.attributes.keys()):
            then, now = (_find_value(node, name) for node in (before, after))
            if not self._is_same_value(then, now):
                self.is_live = self.is_live and self._redraw_rules.is_live_property(
                    node_index, name, then, now
                )
                yield Difference(node_index, name)
        if before.columns != after.columns:
            for change in diff_columns(before.columns or {}, after.columns or {}):
                self.is_live = self.is_live and self._redraw_rules.is_live_data(node_index)
                yield Difference(node_index, "data", change)

    def _is_same_value(self, then: Value, now: Value) -> bool:
        if then.text != now.text or len(then.placeholders) != len(now.placeholders):
            return False
        return all(map(self._is_same_placeholder, then.placeholders, now.placeholders))

    def _is_same_placeholder(self, then: int | bytes, now: int | bytes) -> bool:
        if isinstance(then, int) and isinstance(now, int):
            return self._before.ids[then] == self._after.ids[now]
        return then == now


def _encode_event(writer: JsonWriter, after: Snapshot, difference: Difference) -> str:
    """Return a difference as a document event, in JSON."""
    node_index, change = difference.node_index, difference.change
    if change is None:
        value = _find_value(after.nodes[node_index], difference.name)
        kind, rest = "ModelChanged", f'"attr":"{difference.name}","new":{writer.encode_value(value)}'
    elif isinstance(change, StreamedRows):
        kind = "ColumnsStreamed"
        rollover = json.dumps(change.rollover)
        rest = f'"attr":"data","data":{writer.encode_columns(change.rows)},"rollover":{rollover}'
    elif isinstance(change, PatchedRows):
        kind = "ColumnsPatched"
        entries = (f"[{json.dumps(name)},{encode_json(values)}]" for name, values in change.values.items())
        rest = f'"attr":"data","patches":{{"type":"map","entries":[{",".join(entries)}]}}'
    elif isinstance(change, ChangedColumns):
        kind = "ColumnDataChanged"
        names = encode_json([*change.columns])
        rest = f'"attr":"data","data":{writer.encode_columns(change.columns)},"cols":{names}'
    else:
        kind, rest = "ModelChanged", f'"attr":"data","new":{writer.encode_columns(change.columns)}'
    return f'{{"kind":"{kind}","model":{{"id":"{LOCAL_ID_PREFIX}{after.ids[node_index]}"}},{rest}}}'


def _find_value(node: Node, name: str) -> Value:
    value = node.attributes.get(name) or find_default(node.model_type, name)
    assert value is not None, "models that lost what has no default are not paired"
    return value
