"""Decides which models an app's viewer may add to their document, and which property values they may set.

New models may be Bokeh's own, except those that contain code: BokehJS itself adds none, while a `CustomJS` of
the author may add a span, a glyph or a range. Models of other packages and the author's own classes come only
from Python.

Only the author provides code. BokehJS compiles the text of some properties, which are plain texts to Bokeh,
and the names in `args`, to a function. So a viewer can neither set a property of a model of such a class, nor
add such a model, nor set the callbacks of a model.

An image property can be set to a link or an image, but not to a path: Bokeh would read that file and send its
content. A property with a format, such as a colour, accepts no long text: parsing it may take time
proportional to the square of its length. Deprecated names are refused, since Bokeh warns about each.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

from bokeh.core.property.alias import Alias
from bokeh.core.property.bases import Property
from bokeh.core.property.instance import Instance
from bokeh.core.property.visual import Image
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
"""Types of properties that accept any text, or none, without parsing it."""
IMAGE_URL_PREFIXES = ("data:image/", "http://", "https://")
CODE_MODEL_CLASSES = (
    Callback, CanvasTexture, CustomJSCompare, CustomJSExpr, CustomJSFilter, CustomJSHover, CustomJSTicker,
    CustomJSTickFormatter, CustomJSTransform, CustomLabelingPolicy, HTMLTemplateFormatter,
)  # fmt: skip
"""Bokeh's classes that contain code; their subclasses are included."""
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
"""Properties of Panel's classes and their subclasses that its scripts execute, or load scripts from. Panel
forwards some of a viewer's values to all viewers of the same object."""
CALLBACK_PROPERTIES = {"js_event_callbacks", "js_property_callbacks", "subscribed_events"}
"""The callbacks of any model. Other properties for callbacks are found by their type."""


def resolve_model_class(name: str) -> type[Model]:
    """Return the class of new models with this name. Raises `MessageError`."""
    cls = Model.model_class_reverse_map.get(name)
    if cls is None or not cls.__module__.startswith("bokeh.models."):
        raise MessageError("app message adds a model that is not Bokeh's")
    if issubclass(cls, CODE_MODEL_CLASSES):
        raise MessageError("app message adds a model with code")
    return cast(type[Model], cls)


def check_property_value(cls: type[Model], name: str, value: Any) -> int:
    """Return the number of contained values that Bokeh has to parse.

    Raises `MessageError` if a viewer may not set this property to this encoded value.
    """
    is_image, is_free_text = _classify_property(cls, name)
    if is_image:
        if value is not None and not (isinstance(value, str) and value.startswith(IMAGE_URL_PREFIXES)):
            raise MessageError("app message sets an image to neither a link nor an image")
        return 1
    if is_free_text:
        return 0
    values = [*walk_leaves(value)]
    if any(isinstance(each, str) and len(each) > limits.MAX_APP_PATTERN_LENGTH for each in values):
        raise MessageError("app message with a text too long for its property")
    return len(values)


@lru_cache(maxsize=4096)
def _classify_property(cls: type[Model], name: str) -> tuple[bool, bool]:
    """Return True if the property takes an image, and True if it takes any text. Raises `MessageError`."""
    property_types = [*_walk_property_types(resolve_property(cls, name))]
    if (
        issubclass(cls, CODE_MODEL_CLASSES)
        or name in CALLBACK_PROPERTIES
        or any(_is_callback_property(each) for each in property_types)
    ):
        raise MessageError("app message sets code")
    if _is_panel_code(cls, name):
        raise MessageError("app message sets code of Panel")
    return any(isinstance(each, cast(type, Image)) for each in property_types), all(
        type(each).__name__ in FREE_PROPERTY_TYPES for each in property_types
    )


def _is_callback_property(property_type: Property[Any]) -> bool:
    return isinstance(property_type, Instance) and issubclass(property_type.instance_type, Callback)


def _is_panel_code(cls: type[Model], name: str) -> bool:
    """Compare by name, since Panel may not be imported."""
    return any(
        name in PANEL_CODE_PROPERTIES.get(each.__name__, ())
        for each in cls.__mro__
        if each.__module__.startswith("panel.")
    )


def resolve_property(cls: type[Model], name: str) -> Property[Any]:
    """Find a property by its name. Raises `MessageError` if it does not exist."""
    result = cls.lookup(name).property if name in cls.properties() else None
    if result is None or isinstance(result, Alias):
        raise MessageError("app message with an unknown property")
    return result


def _walk_property_types(property: Property[Any]) -> Iterator[Property[Any]]:
    """Iterate over the property and the types it consists of."""
    stack = [property]
    while stack:
        yield (each := stack.pop())
        stack += [*getattr(each, "type_params", ()), *(alternative for alternative, _ in each.alternatives)]


def walk_leaves(value: Any) -> Iterator[Any]:
    """Iterate over all scalars in a JSON value."""
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            stack.extend(each.values())
        elif isinstance(each, list):
            stack.extend(each)
        else:
            yield each
