"""What an app's viewer may add to their document, and what they may set there to what.

New models are of Bokeh's own, but for those that carry code: BokehJS itself adds none, while a `CustomJS` of
the author's may add a span, a glyph or a range. Models of other packages and the author's own classes come
from Python.

Code is the author's. BokehJS makes a function of the text in some properties, which are plain texts to Bokeh,
and of the names in `args`. So no viewer sets anything of a model of such a class, adds such a model, or says
which callbacks a model has.

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
from bokeh.core.property.instance import Instance
from bokeh.core.property.visual import Image as Picture
from bokeh.model import Model
from bokeh.models import (
    Callback,
    CanvasTexture,
    CustomJSCompare,
    CustomJSExpr,
    CustomJSFilter,
    CustomJSHover,
    CustomJSTicker,
    CustomJSTickFormatter,
    CustomJSTransform,
    CustomLabelingPolicy,
)
from bokeh.models.widgets.tables import HTMLTemplateFormatter

from ... import limits
from .errors import MessageError

FREE_PROPERTY_TYPES = {
    "Any", "AnyRef", "Bool", "Bytes", "ColumnData", "Dict", "Either", "Enum", "Float", "Instance", "Int",
    "JSON", "List", "MathString", "NonEmpty", "NonNegative", "NotSerialized", "Null", "Nullable", "Positive",
    "Readonly", "Required", "Seq", "Serialized", "Set", "String", "Struct", "TextLike", "Tuple",
}  # fmt: skip
"""Kinds of properties that take any text, or none, without looking for a form in it."""
IMAGE_URL_PREFIXES = ("data:image/", "http://", "https://")
CODE_MODEL_CLASSES = (
    Callback, CanvasTexture, CustomJSCompare, CustomJSExpr, CustomJSFilter, CustomJSHover, CustomJSTicker,
    CustomJSTickFormatter, CustomJSTransform, CustomLabelingPolicy, HTMLTemplateFormatter,
)  # fmt: skip
"""Of Bokeh's own classes those that carry code, and their subclasses."""
PANEL_CODE_PROPERTIES = {
    "DeckGLPlot": {"configuration"},
    "DataTabulator": {"columns", "configuration"},
    "ECharts": {"data", "js_events", "options"},
    "ExternalResourcesMixin": {"external_resources"},
    "HTML": {"run_scripts"},
    "IPyWidget": {"bundle"},
    "ReactiveESM": {"bundle", "class_name", "dev", "esm", "importmap"},
    "ReactiveHTML": {"attrs", "callbacks", "html", "looped", "nodes", "scripts"},
    "TabulatorColumn": {"editor", "formatter"},
    "VegaPlot": {"data"},
}
"""Of Panel's classes and their subclasses the properties that its scripts run, or load scripts by. Panel
hands some of what a viewer sets on to all who look at the same object."""
CALLBACK_PROPERTIES = {"js_event_callbacks", "js_property_callbacks", "subscribed_events"}
"""Which callbacks any model has; so does each property for a callback."""


def resolve_model_class(name: str) -> type[Model]:
    """Of the models that are made by this name. Raises `Refused`."""
    cls = Model.model_class_reverse_map.get(name)
    if cls is None or not cls.__module__.startswith("bokeh.models."):
        raise MessageError("a viewer adds a model that is none of Bokeh's")
    if issubclass(cls, CODE_MODEL_CLASSES):
        raise MessageError("a viewer adds a model that carries code")
    return cast(type[Model], cls)


def check_property_value(cls: type[Model], name: str, value: Any) -> int:
    """How many values in this have to be looked at for their form.

    Raises `Refused` where a viewer may not set this property to what this means on the wire.
    """
    is_image, is_free_text = _classify_property(cls, name)
    if is_image:
        if value is not None and not (isinstance(value, str) and value.startswith(IMAGE_URL_PREFIXES)):
            raise MessageError("a viewer sets a picture to what is neither a link nor a picture")
        return 1
    if is_free_text:
        return 0
    values = [*walk_leaves(value)]
    if any(isinstance(each, str) and len(each) > limits.MAX_APP_PATTERN_LENGTH for each in values):
        raise MessageError("a viewer sets a property to a text that is too long for it")
    return len(values)


@lru_cache(maxsize=4096)
def _classify_property(cls: type[Model], name: str) -> tuple[bool, bool]:
    """Whether a property takes a picture, and whether any text. Raises `Refused` where none may be set."""
    property_types = [*_walk_property_types(resolve_property(cls, name))]
    if (
        issubclass(cls, CODE_MODEL_CLASSES)
        or name in CALLBACK_PROPERTIES
        or any(_is_callback_property(each) for each in property_types)
    ):
        raise MessageError("a viewer sets what is code, or runs some")
    if _is_panel_code(cls, name):
        raise MessageError("a viewer sets what is code to Panel")
    return any(isinstance(each, cast(type, Picture)) for each in property_types), all(
        type(each).__name__ in FREE_PROPERTY_TYPES for each in property_types
    )


def _is_callback_property(property_type: Property[Any]) -> bool:
    return isinstance(property_type, Instance) and issubclass(property_type.instance_type, Callback)


def _is_panel_code(cls: type[Model], name: str) -> bool:
    """Told by names, since Panel is imported only where the author has."""
    return any(
        name in PANEL_CODE_PROPERTIES.get(each.__name__, ())
        for each in cls.__mro__
        if each.__module__.startswith("panel.")
    )


def resolve_property(cls: type[Model], name: str) -> Property[Any]:
    """Raises `Refused` where there is none."""
    result = cls.lookup(name).property if name in cls.properties() else None
    if result is None or isinstance(result, Alias):
        raise MessageError("a viewer sets a property that there is not")
    return result


def _walk_property_types(property: Property[Any]) -> Iterator[Property[Any]]:
    """The property, and those that it is made of."""
    stack = [property]
    while stack:
        yield (each := stack.pop())
        stack += [*getattr(each, "type_params", ()), *(alternative for alternative, _ in each.alternatives)]


def walk_leaves(value: Any) -> Iterator[Any]:
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
