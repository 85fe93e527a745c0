"""Updates a viewer's document to the function's new result, with as few changes as possible."""

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
from ..plots.diff import ChangedColumns, Comparison, Difference, PatchedRows, StreamedRows, assign_ids
from ..plots.snapshot import Node, Snapshot, capture_plot

SOURCE_PART_TYPES = (Selection, SelectionPolicy)
"""Types of models that belong to a data source."""


@dataclass(frozen=True)
class PlotState:
    """The result of one call of the function: a snapshot of it, and its models by node index."""

    snapshot: Snapshot
    models: tuple[Model, ...] = field(repr=False)
    replaced_ranges: tuple[tuple[str, str], ...] = ()
    """Pairs of ids of a range and the range it replaces, after a redraw; the viewer may have moved it."""

    @classmethod
    def capture(cls, root: Model, document: Document, plot: str) -> PlotState:
        """Make the state of `root`. Raises `CannotSerialize` or `PlotTooLarge`."""
        captured = capture_plot(root, theme=document.theme, plot_name=f"the plot of {plot!r}")
        models_by_id: dict[str, Model] = {model.id: model for model in root.references()}
        models = (
            models_by_id[id] for id, _ in sorted(captured.node_indices.items(), key=lambda item: item[1])
        )
        return cls(assign_ids(captured.snapshot, None, 1), tuple(models))


class DocumentChanges:
    """Changes in a document since the function was called, by its viewer and by callbacks."""

    def __init__(self) -> None:
        self.viewer_changes: set[tuple[str, str]] = set()
        """Pairs of model id and property."""
        self.has_author_changes = False

    def record(self, event: DocumentChangedEvent) -> None:
        model, attr = getattr(event, "model", None), getattr(event, "attr", "data")
        if model is None:
            return
        if event.setter is not None:
            self.viewer_changes.add((model.id, attr))
        else:
            self.has_author_changes = True


def update_document(
    document: Document,
    root: Model,
    former_state: PlotState,
    changes: DocumentChanges,
    put_root: Callable[[], None],
    *,
    plot: str,
) -> PlotState:
    """Let `put_root` replace the models of `former_state` by `root`, and send the differences to the viewer.

    Models that correspond to former ones get their ids, so that the viewer's zoom stays, and keep the
    viewer's changes, except where the function returned another value now. The new Python objects replace the
    old ones, with their callbacks. Raises the errors of `capture_plot`; then nothing has changed.
    """
    new_state = PlotState.capture(root, document, plot)
    current_state = (
        _capture_current_state(document, former_state, changes)
        if changes.has_author_changes
        else former_state
    )
    generation = max(int(id.split(".")[0]) for id in former_state.snapshot.ids) + 1
    new_state, comparison = _match_states(new_state, current_state, generation)
    if _copy_viewer_changes(current_state, new_state, changes, comparison):
        new_state = PlotState.capture(root, document, plot)  # the author's callbacks have changed it
        new_state, comparison = _match_states(new_state, current_state, generation)
    different_indices = {each.node_index for each in comparison.differences}
    old_models = {
        node_index: current_state.models[old_index]
        for node_index, old_index in _iterate_matches(current_state.snapshot, new_state.snapshot)
    }
    if not comparison.is_live:
        new_state = _add_replaced_ranges(new_state, old_models, different_indices)
        old_models = _find_kept_sources(new_state, old_models, different_indices)
    for node_index, model in old_models.items():
        take_over_id(new_state.models[node_index], model.id)
    kept_models = {new_state.models[node_index] for node_index in old_models}
    with suppress_events(document):
        put_root()
        document.models.flush_synced(lambda model: model not in kept_models)
    if not comparison.is_live:
        _trigger_root_change(document, new_state.models[0])
    for each in comparison.differences:
        if each.node_index in old_models:
            _trigger_change(document, new_state.models[each.node_index], each)
    return new_state


def _match_states(
    new_state: PlotState, current_state: PlotState, generation: int
) -> tuple[PlotState, Comparison]:
    """Give corresponding models of `new_state` the ids in `current_state`, and compare the two."""
    matched = assign_ids(new_state.snapshot, current_state.snapshot, generation)
    return replace(new_state, snapshot=matched), Comparison(current_state.snapshot, matched)


def _add_replaced_ranges(
    new_state: PlotState, old_models: dict[int, Model], different_indices: set[int]
) -> PlotState:
    """Record which ranges a redraw replaces, unless the function changed them."""
    pairs = [
        (new_state.models[node_index].id, each.id)
        for node_index, each in old_models.items()
        if isinstance(each, Range) and node_index not in different_indices
    ]
    return replace(new_state, replaced_ranges=tuple(pairs))


def _capture_current_state(
    document: Document, former_state: PlotState, changes: DocumentChanges
) -> PlotState:
    """Add to `former_state` the later changes by the author's callbacks, but not the viewer's."""
    current_state = PlotState.capture(former_state.models[0], document, "app")
    former_nodes = {
        model.id: node for model, node in zip(former_state.models, former_state.snapshot.nodes, strict=True)
    }
    nodes = [
        _revert_attributes(
            node, former_nodes.get(model.id), {attr for id, attr in changes.viewer_changes if id == model.id}
        )
        for model, node in zip(current_state.models, current_state.snapshot.nodes, strict=True)
    ]
    former_ids = {
        model.id: name for model, name in zip(former_state.models, former_state.snapshot.ids, strict=True)
    }
    ids = (
        former_ids.get(model.id, name)
        for model, name in zip(current_state.models, _generate_ids(current_state, former_state), strict=True)
    )
    return replace(
        current_state, snapshot=replace(current_state.snapshot, nodes=tuple(nodes), ids=tuple(ids))
    )


def _generate_ids(current_state: PlotState, former_state: PlotState) -> Iterator[str]:
    """Generate ids that no model has had."""
    generation = max(int(id.split(".")[0]) for id in former_state.snapshot.ids) + 1
    return (f"{generation}.callback{node_index}" for node_index in range(len(current_state.models)))


def _revert_attributes(node: Node, former: Node | None, attrs: set[str]) -> Node:
    if former is None or not attrs:
        return node
    attributes = {name: value for name, value in node.attributes.items() if name not in attrs}
    attributes |= {name: former.attributes[name] for name in attrs if name in former.attributes}
    return replace(node, attributes=attributes, columns=former.columns if "data" in attrs else node.columns)


def _iterate_matches(before: Snapshot, after: Snapshot) -> Iterator[tuple[int, int]]:
    for node_index, id in enumerate(after.ids):
        if id in before.node_indices:
            yield node_index, before.node_indices[id]


def _copy_viewer_changes(
    current_state: PlotState, new_state: PlotState, changes: DocumentChanges, comparison: Comparison
) -> bool:
    """Apply the viewer's changes to the new models; return True if callbacks of the author were called."""
    has_called_back = False
    changed_properties = {(each.node_index, each.name) for each in comparison.differences}
    for node_index, old_index in _iterate_matches(current_state.snapshot, new_state.snapshot):
        old, new = current_state.models[old_index], new_state.models[node_index]
        if isinstance(new, Range) and not comparison.is_live:
            continue  # a range that follows its data also appears to have been moved
        for attr in [attr for id, attr in changes.viewer_changes if id == old.id]:
            value = getattr(old, attr)
            if (node_index, attr) not in changed_properties and not (
                _has_models(value) or new.lookup(attr).readonly
            ):
                has_called_back = has_called_back or has_python_callbacks(new)
                new.update(**{attr: dict(value) if attr == "data" else value})
    return has_called_back


def _find_kept_sources(
    new_state: PlotState, old_models: dict[int, Model], different_indices: set[int]
) -> dict[int, Model]:
    """Find the old models that a redraw keeps: data sources that are unchanged.

    Unlike ranges, these have no views and refer to none.
    """
    kept: dict[int, Model] = {}
    for node_index, model in old_models.items():
        below = new_state.snapshot.nodes[node_index].refs
        is_unshared = all(isinstance(old_models.get(at), SOURCE_PART_TYPES) for at in below)
        if isinstance(model, DataSource) and node_index not in different_indices and is_unshared:
            kept |= {at: old_models[at] for at in (node_index, *below)}
    return kept


def _has_models(value: Any) -> bool:
    items = value if isinstance(value, list | tuple) else [value]
    return any(isinstance(item, Model) for item in items)


@contextmanager
def suppress_events(document: Document) -> Iterator[None]:
    """Send no changes inside the block to the viewer. Blocks may be nested."""
    context = document.session_context
    session = getattr(context, "session", None)
    try:
        if session is not None:
            document.callbacks.remove_on_change(session)
    except KeyError:  # already removed
        session = None
    try:
        yield
    finally:
        if session is not None:
            document.callbacks.on_change_dispatch_to(session)


def _trigger_root_change(document: Document, root: Model) -> None:
    """Send the model that contains the root to the viewer, and with it all new models below."""
    for container in document.roots:
        if isinstance(container, Column) and root in container.children:
            event = ModelChangedEvent(document, container, "children", container.children)
            document.callbacks.trigger_on_change(event)


def _trigger_change(document: Document, model: Model, difference: Difference) -> None:
    name, change = difference.name, difference.change
    event: DocumentChangedEvent = ModelChangedEvent(document, model, name, getattr(model, name))
    if isinstance(change, ChangedColumns | PatchedRows | StreamedRows):
        data = dict(getattr(model, name))
        cols = [*(change.columns if isinstance(change, ChangedColumns) else data)]
        event = ColumnDataChangedEvent(document, model, name, data, cols)
    document.callbacks.trigger_on_change(event)
