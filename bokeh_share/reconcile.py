"""What turns one snapshot of a plot into another, for a page that shows the first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .columns import Change, Changed, Patched, Streamed, changes
from .liveness import Liveness
from .pairing import default
from .snapshot import LOCAL, Node, Snapshot, Writer
from .values import Value, json_of

Way: TypeAlias = Literal["patch", "rebuild", "replace"]


@dataclass(frozen=True)
class Patch:
    """Bokeh document events, as JSON and arrays, for the document that shows a plot."""

    way: Way
    """`patch`: BokehJS draws rightly what the events change. `rebuild`: it does not, so the page draws the
    changed models anew, with the data and the viewer's doings that it has. `replace`: another plot."""
    events: str
    arrays: tuple[bytes, ...]
    defs: str
    parts: frozenset[str]


def reconcile(before: Snapshot | None, after: Snapshot) -> Patch:
    """The least that turns `before` into `after`, two snapshots with ids: no event when they are the same.

    Pure: the same snapshots give the same patch. Costs a comparison of what they do not share.
    """
    if before is None or not before.places.keys() & after.places.keys():
        writer = Writer(after)
        events = f'[{{"kind":"RootAdded","model":{writer.model(0)}}}]'
        return Patch("replace", events, tuple(writer.arrays), after.defs, after.parts)
    difference = _Difference(before, after)
    events = ",".join(difference.events())
    way: Way = "patch" if difference.live and before.defs == after.defs else "rebuild"
    return Patch(way, f"[{events}]", difference.arrays, after.defs, after.parts)


class _Difference:
    """Lists what is different, model by model. Lives for one comparison."""

    def __init__(self, before: Snapshot, after: Snapshot) -> None:
        self.live = True
        """Whether BokehJS draws rightly all that was listed so far."""
        self._before = before
        self._after = after
        self._liveness = Liveness(after)
        self._writer = Writer(after, before.places)

    @property
    def arrays(self) -> tuple[bytes, ...]:
        return tuple(self._writer.arrays)

    def events(self) -> Iterator[str]:
        for place, node in enumerate(self._after.models):
            former = self._before.places.get(self._after.ids[place])
            if former is not None:
                yield from self._of_model(place, self._before.models[former], node)
        if self._before.ids[0] != self._after.ids[0]:
            self.live = False
            yield f'{{"kind":"RootRemoved","model":{{"id":"{LOCAL}{self._before.ids[0]}"}}}}'
            yield f'{{"kind":"RootAdded","model":{self._writer.model(0)}}}'

    def _of_model(self, place: int, before: Node, after: Node) -> Iterator[str]:
        if before is after and not after.refs:
            return
        for name in sorted(before.attributes.keys() | after.attributes.keys()):
            then, now = (_value(node, name) for node in (before, after))
            if not self._same(then, now):
                self.live = self.live and self._liveness.of_property(place, name, then, now)
                yield self._event("ModelChanged", place, f'"attr":"{name}","new":{self._writer.value(now)}')
        if before.columns != after.columns:
            for change in changes(before.columns or {}, after.columns or {}):
                self.live = self.live and self._liveness.of_data(place)
                yield self._of_columns(place, change)

    def _of_columns(self, place: int, change: Change) -> str:
        write = self._writer.columns
        if isinstance(change, Streamed):
            rows = f'"attr":"data","data":{write(change.rows)},"rollover":{json.dumps(change.rollover)}'
            return self._event("ColumnsStreamed", place, rows)
        if isinstance(change, Patched):
            entries = (f"[{json.dumps(name)},{json_of(values)}]" for name, values in change.values.items())
            patches = f'"attr":"data","patches":{{"type":"map","entries":[{",".join(entries)}]}}'
            return self._event("ColumnsPatched", place, patches)
        if isinstance(change, Changed):
            columns = f'"attr":"data","data":{write(change.columns)},"cols":{json_of([*change.columns])}'
            return self._event("ColumnDataChanged", place, columns)
        return self._event("ModelChanged", place, f'"attr":"data","new":{write(change.columns)}')

    def _event(self, kind: str, place: int, rest: str) -> str:
        return f'{{"kind":"{kind}","model":{{"id":"{LOCAL}{self._after.ids[place]}"}},{rest}}}'

    def _same(self, then: Value, now: Value) -> bool:
        if then.text != now.text or len(then.gaps) != len(now.gaps):
            return False
        return all(map(self._same_gap, then.gaps, now.gaps))

    def _same_gap(self, then: int | bytes, now: int | bytes) -> bool:
        if isinstance(then, int) and isinstance(now, int):
            return self._before.ids[then] == self._after.ids[now]
        return then == now


def _value(node: Node, name: str) -> Value:
    value = node.attributes.get(name) or default(node.kind, name)
    assert value is not None, "models that lost what has no default are not paired"
    return value
