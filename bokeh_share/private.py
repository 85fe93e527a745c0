"""What of other packages is not public and has to be used all the same, each with its reason.

`tests/test_private.py` tells when one of these moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from bokeh.core.has_props import HasProps
from bokeh.core.property.descriptors import PropertyDescriptor
from bokeh.core.property.singletons import Undefined
from bokeh.core.property.wrappers import PropertyValueContainer
from bokeh.io import notebook, state
from bokeh.model import Model


def notebook_hooks(notebook_type: str) -> dict[str, Any] | None:
    """The hooks installed for a notebook type. Bokeh can install and run hooks, but not tell them, and we
    wrap what was there and put it back."""
    hooks = notebook._HOOKS.get(notebook_type)
    return dict(hooks) if hooks is not None else None


def forget_notebook_hooks(notebook_type: str) -> None:
    """Undo `install_notebook_hook`, which has no counterpart."""
    notebook._HOOKS.pop(notebook_type, None)


def show_no_longer_in_notebook() -> None:
    """Undo `State.output_notebook`. The public way, `State.reset`, would also throw away the author's
    document and `output_file`."""
    current = state.curstate()
    current._notebook = False
    current._notebook_type = None


def values_of(model: Model) -> tuple[dict[str, Any], dict[str, Any]]:
    """The very dictionaries in which a model holds its properties, as far as somebody set or read them. A
    model that no document owns tells nobody of changes, and the public way takes a thousand times as long."""
    return model._property_values, model._unstable_default_values


def has_python_callbacks(model: Model) -> bool:
    """Whether this model alone has some; `submodel_has_python_callbacks` looks for all models that there are
    below it, which takes as long as a picture of them."""
    return bool(model._callbacks or model._event_callbacks)


def set_properties(model: Model) -> dict[str, Any]:
    """What `Model.properties_with_values(include_defaults=False)` gives, which also works out the default of
    every other property, only to drop it: that is most of what serialising a figure takes."""
    descriptors, required = _serialized(type(model))
    unstable, themed = model._unstable_default_values, model.themed_values() or {}
    chosen = model._property_values.keys() | unstable.keys() | themed.keys()
    found = {}
    for name, descriptor in descriptors.items():
        is_as_made = name not in themed and isinstance(unstable.get(name), PropertyValueContainer)
        if (name in chosen and not is_as_made) or name in required:
            value = descriptor.get_value(model)  # raises for what is required and was not set
            if name in chosen:
                found[name] = value
    return found


def is_serialized_as_usual(cls: type[Model]) -> bool:
    """Whether a class leaves it to Bokeh how its models are serialised, and which of their properties."""
    return all(
        getattr(cls, name) is getattr(Model, name)
        for name in ("to_serializable", "properties_with_values", "query_properties_with_values")
    )


@cache
def _serialized(cls: type[HasProps]) -> tuple[Mapping[str, PropertyDescriptor[Any]], frozenset[str]]:
    """The properties of a class that are serialised, in Bokeh's order, and those that have no default."""
    found = {name: cls.lookup(name) for name in cls.properties(_with_props=True)}
    serialized = {name: descriptor for name, descriptor in found.items() if descriptor.serialized}
    return serialized, frozenset(name for name, each in serialized.items() if not _has_default(cls, each))


def _has_default(cls: type[HasProps], descriptor: PropertyDescriptor[Any]) -> bool:
    try:
        return descriptor.class_default(cls) is not Undefined
    except Exception:  # an author's own default may raise anything: then it is asked for each time
        return False
