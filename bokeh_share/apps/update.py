"""Turning what stands in a viewer's document into what the function made now, by as little as possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from bokeh.document import Document
from bokeh.document.events import ColumnDataChangedEvent, DocumentChangedEvent, ModelChangedEvent
from bokeh.model import Model
from bokeh.models import Column, DataSource, Range, Selection
from bokeh.models.selections import SelectionPolicy

from ..compat import has_python_callbacks, take_over_id
from ..plots.diff.columns import Changed, Patched, Streamed
from ..plots.diff.diff import Comparison, Difference
from ..plots.diff.matching import assign_ids
from ..plots.snapshot.capture import capture_plot
from ..plots.snapshot.snapshot import Node, Snapshot

PARTS = (Selection, SelectionPolicy)
"""What belongs to a data source."""


@dataclass(frozen=True)
class Planted:
    """What the function made: what it looked like when it was made, and its models, by place."""

    snapshot: Snapshot
    models: tuple[Model, ...] = field(repr=False)
    ranges: tuple[tuple[str, str], ...] = ()
    """Where all was drawn anew: which range, by its id, has the place of which, that may have been moved."""

    @classmethod
    def of(cls, root: Model, document: Document, plot: str) -> Planted:
        """Raises `CannotSerialize` or `TooLarge`."""
        captured = capture_plot(root, theme=document.theme, plot=plot)
        known: dict[str, Model] = {model.id: model for model in root.references()}
        models = (known[id] for id, _ in sorted(captured.node_indices.items(), key=lambda item: item[1]))
        return cls(assign_ids(captured.snapshot, None, 1), tuple(models))


class Doings:
    """What happened in a document since the function was called, by its viewer and by callbacks."""

    def __init__(self) -> None:
        self.by_viewer: set[tuple[str, str]] = set()
        """Model ids and properties."""
        self.by_author = False

    def heed(self, event: DocumentChangedEvent) -> None:
        model, attr = getattr(event, "model", None), getattr(event, "attr", "data")
        if model is None:
            return
        if event.setter is not None:
            self.by_viewer.add((model.id, attr))
        else:
            self.by_author = True


def update(
    document: Document, root: Model, former: Planted, doings: Doings, put: Callable[[], None], *, plot: str
) -> Planted:
    """Let `put` put `root` where the models of `former` are, and tell the viewer of what is different.

    Models that are the same to a person have the ids they had, so that the viewer stays where they zoomed
    to, and keep what the viewer did, but for what the function says otherwise now. The new Python objects
    take the place of the old, with their callbacks. Raises what `capture_plot` raises; then nothing
    has changed.
    """
    made = Planted.of(root, document, plot)
    before = _as_it_stands(document, former, doings) if doings.by_author else former
    generation = max(int(id.split(".")[0]) for id in former.snapshot.ids) + 1
    paired = assign_ids(made.snapshot, before.snapshot, generation)
    comparison = Comparison(before.snapshot, paired)
    if _carry_over(before, replace(made, snapshot=paired), doings, comparison):
        made = Planted.of(root, document, plot)  # the author's callbacks had their say
        paired = assign_ids(made.snapshot, before.snapshot, generation)
        comparison = Comparison(before.snapshot, paired)
    made = replace(made, snapshot=paired)
    different = {each.node_index for each in comparison.differences}
    old = {node_index: before.models[at] for node_index, at in _pairs(before.snapshot, paired)}
    if not comparison.is_live:
        ranges = {at: each for at, each in old.items() if isinstance(each, Range) and at not in different}
        made = replace(made, ranges=tuple((made.models[at].id, each.id) for at, each in ranges.items()))
        old = _sources(made, old, different)
    for node_index, model in old.items():
        take_over_id(made.models[node_index], model.id)
    kept = {made.models[node_index] for node_index in old}
    with unheard(document):
        put()
        document.models.flush_synced(lambda model: model not in kept)
    if not comparison.is_live:
        _tell_anew(document, made.models[0])
    for each in comparison.differences:
        if each.node_index in old:
            _tell(document, made.models[each.node_index], each)
    return made


def _as_it_stands(document: Document, former: Planted, doings: Doings) -> Planted:
    """`former` with what the author's callbacks did since, but not what the viewer did."""
    now = Planted.of(former.models[0], document, "app")
    then = {model.id: node for model, node in zip(former.models, former.snapshot.models, strict=True)}
    nodes = [
        _undone(node, then.get(model.id), {attr for id, attr in doings.by_viewer if id == model.id})
        for model, node in zip(now.models, now.snapshot.models, strict=True)
    ]
    names = {model.id: name for model, name in zip(former.models, former.snapshot.ids, strict=True)}
    ids = (names.get(model.id, name) for model, name in zip(now.models, _fresh(now, former), strict=True))
    return replace(now, snapshot=replace(now.snapshot, models=tuple(nodes), ids=tuple(ids)))


def _fresh(now: Planted, former: Planted) -> Iterator[str]:
    """Ids that no model has had."""
    generation = max(int(id.split(".")[0]) for id in former.snapshot.ids) + 1
    return (f"{generation}.callback{node_index}" for node_index in range(len(now.models)))


def _undone(node: Node, then: Node | None, attrs: set[str]) -> Node:
    if then is None or not attrs:
        return node
    attributes = {name: value for name, value in node.attributes.items() if name not in attrs}
    attributes |= {name: then.attributes[name] for name in attrs if name in then.attributes}
    return replace(node, attributes=attributes, columns=then.columns if "data" in attrs else node.columns)


def _pairs(before: Snapshot, after: Snapshot) -> Iterator[tuple[int, int]]:
    for node_index, id in enumerate(after.ids):
        if id in before.node_indices:
            yield node_index, before.node_indices[id]


def _carry_over(before: Planted, made: Planted, doings: Doings, comparison: Comparison) -> bool:
    """Let the new models have what the viewer did to the old; whether the author's callbacks were called."""
    called = False
    said = {(each.node_index, each.name) for each in comparison.differences}
    for node_index, at in _pairs(before.snapshot, made.snapshot):
        old, new = before.models[at], made.models[node_index]
        if isinstance(new, Range) and not comparison.is_live:
            continue  # a range that follows its data seems to have been moved as well
        for attr in [attr for id, attr in doings.by_viewer if id == old.id]:
            value = getattr(old, attr)
            if (node_index, attr) not in said and not (_holds_models(value) or new.lookup(attr).readonly):
                called = called or has_python_callbacks(new)
                new.update(**{attr: dict(value) if attr == "data" else value})
    return called


def _sources(made: Planted, old: dict[int, Model], different: set[int]) -> dict[int, Model]:
    """Of the old models those that stay when the rest is drawn anew: data that are as they were.

    These have no views and know of none, as ranges do.
    """
    kept: dict[int, Model] = {}
    for node_index, model in old.items():
        below = made.snapshot.models[node_index].refs
        of_its_own = all(isinstance(old.get(at), PARTS) for at in below)
        if isinstance(model, DataSource) and node_index not in different and of_its_own:
            kept |= {at: old[at] for at in (node_index, *below)}
    return kept


def _holds_models(value: Any) -> bool:
    items = value if isinstance(value, list | tuple) else [value]
    return any(isinstance(item, Model) for item in items)


@contextmanager
def unheard(document: Document) -> Iterator[None]:
    """Nothing of what happens inside is told to the viewer; blocks may be within each other."""
    context = document.session_context
    session = getattr(context, "session", None)
    try:
        if session is not None:
            document.callbacks.remove_on_change(session)
    except KeyError:  # removed already
        session = None
    try:
        yield
    finally:
        if session is not None:
            document.callbacks.on_change_dispatch_to(session)


def _tell_anew(document: Document, root: Model) -> None:
    """Tell the viewer of what holds the root, and with it of all that is new below."""
    for holder in document.roots:
        if isinstance(holder, Column) and root in holder.children:
            event = ModelChangedEvent(document, holder, "children", holder.children)
            document.callbacks.trigger_on_change(event)


def _tell(document: Document, model: Model, difference: Difference) -> None:
    name, change = difference.name, difference.change
    event: DocumentChangedEvent = ModelChangedEvent(document, model, name, getattr(model, name))
    if isinstance(change, Changed | Patched | Streamed):
        data = dict(getattr(model, name))
        cols = [*(change.columns if isinstance(change, Changed) else data)]
        event = ColumnDataChangedEvent(document, model, name, data, cols)
    document.callbacks.trigger_on_change(event)
