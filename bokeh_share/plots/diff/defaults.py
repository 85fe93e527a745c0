"""The defaults of models' properties, as values of a snapshot."""

from __future__ import annotations

from functools import cache

from bokeh.core.has_props import HasProps
from bokeh.core.serialization import Serializer
from bokeh.model import Model

from ..snapshot import Value, encode_json


def find_default(kind: str, name: str) -> Value | None:
    """Return the default of a property; None if that is a model, or unknown."""
    cls = Model.model_class_reverse_map.get(kind)
    # the author may redefine a class
    return None if cls is None else _encode_default(cls, name)


@cache
def _encode_default(cls: type[HasProps], name: str) -> Value | None:
    try:
        return Value(encode_json(Serializer(references=set()).encode(cls.lookup(name).class_default(cls))))
    except Exception:  # a default may be any value, missing, or a model
        return None
