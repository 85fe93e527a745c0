"""Gives each viewer's document models of its own, so that nothing a viewer does reaches what others have.

A function may return a plot that stands on the page, or use a source or a formatter that it did not make.
Bokeh would put the very object into the document of the first viewer, refuse it to the second, and empty it
when the first leaves. So what the function did not make is copied into the document, without being touched.
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

from ..compat import has_python_callbacks, values_of
from .errors import AppFailed
from .update import unheard

NUMBERED = re.compile(r"p(\d+)")
"""Ids as Python gives them, in order, unless `BOKEH_SIMPLE_IDS=no`."""

_owners: WeakKeyDictionary[Model, object] = WeakKeyDictionary()
"""To whom each model belongs that is, or was, in a viewer's document."""


class Moment:
    """When something began, to tell which models were made before."""

    def __init__(self) -> None:
        numbered = NUMBERED.fullmatch(make_id())
        self._number = int(numbered[1]) if numbered else 0
        self._models: WeakSet[Model] = WeakSet()
        if not numbered:  # costs a look at all objects that there are, some 50 ms
            self._models.update(each for each in gc.get_objects() if issubclass(type(each), Model))

    def is_after(self, model: Model) -> bool:
        """Whether the model was there already; those that viewers add have other ids, and were not."""
        if not self._number:
            return model in self._models
        numbered = NUMBERED.fullmatch(model.id)
        return numbered is not None and int(numbered[1]) < self._number


class Isolation:
    """The models of one viewer's document: those that its function made, and copies of others."""

    def __init__(self, app: str, document: Document) -> None:
        self._app = app
        self._document = document
        self._began = Moment()

    def own(
        self,
        roots: Iterable[Model],
        since: Moment | None = None,
        *,
        on_failure: Callable[[AppFailed], None] | None = None,
    ) -> list[Model]:
        """The roots, with a copy of each model in them that was made before `since`, or before all began.

        A copy has no Python callbacks. Calls `on_failure` for a model that has some, or that was made for
        another viewer; without it raises `AppFailed`, and nothing has changed.
        """
        roots = list(roots)
        moment = since or self._began
        made = _reached(roots, lambda model: self._is_own(model, moment))
        seeds = [*roots, *(each for model in made for each in _below(model))]
        others = _reached(seeds, lambda model: model not in made)
        for failure in filter(None, map(self._failure, others)):
            if on_failure is None:
                raise failure
            on_failure(failure)
        copies = {each: type(each).__new__(type(each)) for each in others}
        for each, copy in copies.items():
            values = {name: _swapped(value, copies) for name, value in _values(each).items()}
            HasProps.__init__(copy, **values)  # `figure` has an `__init__` of its own, that adds axes
        for model in made if copies else ():
            for name, value in _references(model).items():
                if any(each in copies for each in _within(value)):
                    setattr(model, name, _swapped(value, copies))
        _owners.update(dict.fromkeys([*made, *copies.values()], self))
        return [copies.get(each, each) for each in roots]

    def take_roots(self, since: Moment) -> None:
        """Let the document have copies of what the function put there and did not make. Raises as `own`."""
        roots = list(self._document.roots)
        own = self.own(roots, since)
        if own != roots:
            self.clear()
            for root in own:
                self._document.add_root(root)

    def clear(self) -> None:
        """Take out what the function put there: what is in a document ends with it."""
        for root in list(self._document.roots):
            self._document.remove_root(root)

    def heed(self, event: DocumentChangedEvent, on_failure: Callable[[AppFailed], None]) -> None:
        """Let the document have copies of what a callback of the author's puts there and did not make.

        They are in the event as well, by which the viewer is told. `on_failure` is called as in `own`.
        """
        if isinstance(event, ModelChangedEvent) and event.attr in event.model.properties_with_refs():
            new = [each for each in _within(event.new) if _owners.get(each) is not self]
            with unheard(self._document):
                own = self.own(new, on_failure=on_failure)
                if own != new:
                    event.new = _swapped(event.new, dict(zip(new, own, strict=True)))
                    setattr(event.model, event.attr, event.new)
        elif isinstance(event, RootAddedEvent):
            with unheard(self._document):
                (own_root,) = self.own([event.model], on_failure=on_failure)
                if own_root is not event.model:
                    self._document.remove_root(event.model)
                    self._document.add_root(own_root)
                    event.model = own_root

    def has_others(self, roots: Iterable[Model], since: Moment) -> bool:
        """Whether there are models in these roots of which `own` would make copies, or refuse them."""
        roots = list(roots)
        made = _reached(roots, lambda model: self._is_own(model, since))
        return any(each not in made for each in [*roots, *(each for model in made for each in _below(model))])

    def _is_own(self, model: Model, since: Moment) -> bool:
        owner = _owners.get(model)
        return owner is self or (owner is None and not since.is_after(model))

    def _failure(self, model: Model) -> AppFailed | None:
        kind = type(model).__name__
        if model in _owners:
            hint = "make it anew in each call, or outside of the function, where each viewer gets a copy"
            return AppFailed(self._app, f"gives one viewer a {kind} that it made for another", hint)
        if has_python_callbacks(model):
            hint = "make it inside of the function, so that each viewer has one of their own"
            return AppFailed(self._app, f"uses a {kind} with Python callbacks that it did not make", hint)
        return None


def _reached(seeds: Iterable[Model], belongs: Callable[[Model], bool]) -> dict[Model, None]:
    """The models that one comes to by way of such as belong, in order."""
    found: dict[Model, None] = {}
    stack = list(seeds)
    while stack:
        model = stack.pop()
        if model not in found and belongs(model):
            found[model] = None
            stack += _below(model)
    return found


def _values(model: Model) -> dict[str, Any]:
    """What a model holds, read without making what is not there yet."""
    values, defaults = values_of(model)
    return {**defaults, **values}


def _references(model: Model) -> dict[str, Any]:
    """Of these, what may hold models."""
    names = model.properties_with_refs()
    return {name: value for name, value in _values(model).items() if name in names}


def _below(model: Model) -> Iterator[Model]:
    for value in _references(model).values():
        yield from _within(value)


def _within(value: Any) -> Iterator[Model]:
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


def _swapped(value: Any, copies: dict[Model, Model]) -> Any:
    """A value with the copies of models instead of them, in lists and dictionaries of its own."""
    if isinstance(value, Model):
        return copies.get(value, value)
    if isinstance(value, PropertyValueColumnData):
        return dict(value)  # what a viewer does to columns is done to copies
    if isinstance(value, dict):
        return {_swapped(key, copies): _swapped(each, copies) for key, each in value.items()}
    if isinstance(value, list):
        return [_swapped(each, copies) for each in value]
    if isinstance(value, set):
        return {_swapped(each, copies) for each in value}
    if type(value) is tuple:
        return tuple(_swapped(each, copies) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **{name: _swapped(each, copies) for name, each in fields.items()})
    return value
