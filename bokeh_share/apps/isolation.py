"""Gives each viewer's document models of its own, so that no viewer changes the models of others.

A function may return a plot of the page, or use a source or a formatter that it did not make. Bokeh would put
the same object into the first viewer's document, refuse it to the second viewer, and empty it when the first
leaves. So models that the function did not make are copied into the document, and stay unchanged themselves.
"""

from __future__ import annotations

import dataclasses
import gc
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from bokeh.core.has_props import HasProps
from bokeh.core.property.wrappers import PropertyValueColumnData
from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent, ModelChangedEvent, RootAddedEvent
from bokeh.model import Model
from bokeh.util.serialization import make_id

from ..compat import get_property_values, has_python_callbacks
from .errors import AppFailure
from .update import suppress_events

SIMPLE_ID_PATTERN = re.compile(r"p(\d+)")
"""Ids as Python generates them, in order, unless `BOKEH_SIMPLE_IDS=no`."""

_owners: WeakKeyDictionary[Model, object] = WeakKeyDictionary()
"""The owner of each model that is, or was, in a viewer's document."""


class ModelCheckpoint:
    """A point in time, to distinguish models that were made before it from later ones."""

    def __init__(self) -> None:
        numbered = SIMPLE_ID_PATTERN.fullmatch(make_id())
        self._id_number = int(numbered[1]) if numbered else 0
        self._existing_models: WeakSet[Model] = WeakSet()
        if not numbered:  # this examines all objects, which takes about 50 ms
            self._existing_models.update(each for each in gc.get_objects() if issubclass(type(each), Model))

    def has_model(self, model: Model) -> bool:
        """Return True if the model existed already. Models that viewers add did not; they have other ids."""
        if not self._id_number:
            return model in self._existing_models
        numbered = SIMPLE_ID_PATTERN.fullmatch(model.id)
        return numbered is not None and int(numbered[1]) < self._id_number


class Isolation:
    """The models of one viewer's document: those that its function made, and copies of others."""

    def __init__(self, app: str, document: Document) -> None:
        self._app = app
        self._document = document
        self._start_checkpoint = ModelCheckpoint()

    def copy_foreign_models(
        self,
        roots: Iterable[Model],
        checkpoint: ModelCheckpoint | None = None,
        *,
        on_failure: Callable[[AppFailure], None] | None = None,
    ) -> list[Model]:
        """Return the roots, with a copy of each model in them that was made before `checkpoint`, or before
        this document.

        A copy has no Python callbacks. Calls `on_failure` for a model that has some, or that was made for
        another viewer; without `on_failure` raises `AppFailure` and changes nothing.
        """
        roots = list(roots)
        start = checkpoint or self._start_checkpoint
        own_models = _collect_models(roots, lambda model: self._is_own(model, start))
        seeds = [*roots, *(each for model in own_models for each in _iterate_children(model))]
        foreign_models = _collect_models(seeds, lambda model: model not in own_models)
        for failure in filter(None, map(self._find_failure, foreign_models)):
            if on_failure is None:
                raise failure
            on_failure(failure)
        copies = {each: type(each).__new__(type(each)) for each in foreign_models}
        for each, copy in copies.items():
            values = {
                name: _replace_models(value, copies) for name, value in _read_model_values(each).items()
            }
            HasProps.__init__(copy, **values)  # `figure` has its own `__init__`, which adds axes
        for model in own_models if copies else ():
            for name, value in _read_references(model).items():
                if any(each in copies for each in _iterate_models(value)):
                    setattr(model, name, _replace_models(value, copies))
        _owners.update(dict.fromkeys([*own_models, *copies.values()], self))
        return [copies.get(each, each) for each in roots]

    def isolate_roots(self, checkpoint: ModelCheckpoint) -> None:
        """Replace models that the function put into the document but did not make by copies. Raises as
        `copy_foreign_models`."""
        roots = list(self._document.roots)
        isolated_roots = self.copy_foreign_models(roots, checkpoint)
        if isolated_roots != roots:
            self.remove_roots()
            for root in isolated_roots:
                self._document.add_root(root)

    def remove_roots(self) -> None:
        """Remove the models that the function added, which would end with the document."""
        for root in list(self._document.roots):
            self._document.remove_root(root)

    def handle_change(self, event: DocumentChangedEvent, on_failure: Callable[[AppFailure], None]) -> None:
        """Replace models that a callback of the author puts into the document but did not make by copies.

        The event, which is sent to the viewer, gets the copies as well. `on_failure` is called as in
        `copy_foreign_models`.
        """
        if isinstance(event, ModelChangedEvent) and event.attr in event.model.properties_with_refs():
            new = [each for each in _iterate_models(event.new) if _owners.get(each) is not self]
            with suppress_events(self._document):
                isolated = self.copy_foreign_models(new, on_failure=on_failure)
                if isolated != new:
                    event.new = _replace_models(event.new, dict(zip(new, isolated, strict=True)))
                    setattr(event.model, event.attr, event.new)
        elif isinstance(event, RootAddedEvent):
            with suppress_events(self._document):
                (isolated_root,) = self.copy_foreign_models([event.model], on_failure=on_failure)
                if isolated_root is not event.model:
                    self._document.remove_root(event.model)
                    self._document.add_root(isolated_root)
                    event.model = isolated_root

    def has_foreign_models(self, roots: Iterable[Model], checkpoint: ModelCheckpoint) -> bool:
        """Return True if these roots contain models that `copy_foreign_models` would copy or refuse."""
        roots = list(roots)
        own_models = _collect_models(roots, lambda model: self._is_own(model, checkpoint))
        return any(
            each not in own_models
            for each in [*roots, *(each for model in own_models for each in _iterate_children(model))]
        )

    def _is_own(self, model: Model, checkpoint: ModelCheckpoint) -> bool:
        owner = _owners.get(model)
        return owner is self or (owner is None and not checkpoint.has_model(model))

    def _find_failure(self, model: Model) -> AppFailure | None:
        kind = type(model).__name__
        if model in _owners:
            hint = (
                "make a new one in each call, or make it outside the function: then each viewer gets a copy"
            )
            return AppFailure(self._app, f"gives one viewer a {kind} that it made for another", hint)
        if has_python_callbacks(model):
            hint = "make it inside the function, so that each viewer has one"
            return AppFailure(self._app, f"uses a {kind} with Python callbacks that it did not make", hint)
        return None


def _collect_models(seeds: Iterable[Model], is_included: Callable[[Model], bool]) -> dict[Model, None]:
    """Collect the included models that are reachable through included models, in order."""
    collected: dict[Model, None] = {}
    stack = list(seeds)
    while stack:
        model = stack.pop()
        if model not in collected and is_included(model):
            collected[model] = None
            stack += _iterate_children(model)
    return collected


def _read_model_values(model: Model) -> dict[str, Any]:
    """Read the values of a model without creating those that do not exist yet."""
    values, defaults = get_property_values(model)
    return {**defaults, **values}


def _read_references(model: Model) -> dict[str, Any]:
    """Read the values of a model that may contain models."""
    names = model.properties_with_refs()
    return {name: value for name, value in _read_model_values(model).items() if name in names}


def _iterate_children(model: Model) -> Iterator[Model]:
    for value in _read_references(model).values():
        yield from _iterate_models(value)


def _iterate_models(value: Any) -> Iterator[Model]:
    """The models in a value."""
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, Model):
            yield value
        elif isinstance(value, dict):
            stack += [*value, *value.values()]
        elif isinstance(value, list | tuple | set):
            stack += value
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            stack += [getattr(value, field.name) for field in dataclasses.fields(value)]


def _replace_models(value: Any, copies: dict[Model, Model]) -> Any:
    """Copy a value's lists and dictionaries, and replace the models in them by their copies."""
    if isinstance(value, Model):
        return copies.get(value, value)
    if isinstance(value, PropertyValueColumnData):
        return dict(value)  # a viewer's changes of columns are applied to copies
    if isinstance(value, dict):
        return {_replace_models(key, copies): _replace_models(each, copies) for key, each in value.items()}
    if isinstance(value, list):
        return [_replace_models(each, copies) for each in value]
    if isinstance(value, set):
        return {_replace_models(each, copies) for each in value}
    if type(value) is tuple:
        return tuple(_replace_models(each, copies) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return dataclasses.replace(
            value, **{name: _replace_models(each, copies) for name, each in fields.items()}
        )
    return value
