"""What an app's viewer may add to their document, and what they may set there to what.

New models are of Bokeh's own, but for callbacks: BokehJS itself adds none, while a `CustomJS` of the author's
may add a span, a glyph or a range. Models of other packages and the author's own classes come from Python.

A property that takes a picture can be given a link or a picture, but no path: Bokeh would read that file, and
tell what is in it. One that takes something of a certain form, such as a colour, gets no long text: looking
for the form may take the square of its length. Names of former times are none: Bokeh warns of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

from bokeh.core.property.alias import Alias
from bokeh.core.property.bases import Property
from bokeh.core.property.visual import Image as Picture
from bokeh.model import Model
from bokeh.models import Callback

from .. import limits
from .errors import Refused

FREE = {
    "Any", "AnyRef", "Bool", "Bytes", "ColumnData", "Dict", "Either", "Enum", "Float", "Instance", "Int",
    "JSON", "List", "MathString", "NonEmpty", "NonNegative", "NotSerialized", "Null", "Nullable", "Positive",
    "Readonly", "Required", "Seq", "Serialized", "Set", "String", "Struct", "TextLike", "Tuple",
}  # fmt: skip
"""Kinds of properties that take any text, or none, without looking for a form in it."""
PICTURE = ("data:image/", "http://", "https://")


def class_of(name: str) -> type[Model]:
    """Of the models that are made by this name. Raises `Refused`."""
    cls = Model.model_class_reverse_map.get(name)
    if cls is None or not cls.__module__.startswith("bokeh.models.") or issubclass(cls, Callback):
        raise Refused("a viewer adds a model that is none of Bokeh's")
    return cast(type[Model], cls)


def check(cls: type[Model], name: str, value: Any) -> int:
    """How many values in this have to be looked at for their form.

    Raises `Refused` where a viewer may not set this property to what this means on the wire.
    """
    takes_picture, is_free = _traits(cls, name)
    if takes_picture:
        if value is not None and not (isinstance(value, str) and value.startswith(PICTURE)):
            raise Refused("a viewer sets a picture to what is neither a link nor a picture")
        return 1
    if is_free:
        return 0
    values = [*leaves(value)]
    if any(isinstance(each, str) and len(each) > limits.APP_TEXT for each in values):
        raise Refused("a viewer sets a property to a text that is too long for it")
    return len(values)


@lru_cache(maxsize=4096)
def _traits(cls: type[Model], name: str) -> tuple[bool, bool]:
    """Whether a property takes a picture, and whether any text. Raises `Refused` where there is none."""
    kinds = [*_kinds(find(cls, name))]
    return any(isinstance(each, cast(type, Picture)) for each in kinds), all(
        type(each).__name__ in FREE for each in kinds
    )


def find(cls: type[Model], name: str) -> Property[Any]:
    """Raises `Refused` where there is none."""
    found = cls.lookup(name).property if name in cls.properties() else None
    if found is None or isinstance(found, Alias):
        raise Refused("a viewer sets a property that there is not")
    return found


def _kinds(property: Property[Any]) -> Iterator[Property[Any]]:
    """The property, and those that it is made of."""
    stack = [property]
    while stack:
        yield (each := stack.pop())
        stack += [*getattr(each, "type_params", ()), *(kind for kind, _ in each.alternatives)]


def leaves(value: Any) -> Iterator[Any]:
    """All that is in a value of JSON, but for lists and dictionaries."""
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            stack.extend(each.values())
        elif isinstance(each, list):
            stack.extend(each)
        else:
            yield each
