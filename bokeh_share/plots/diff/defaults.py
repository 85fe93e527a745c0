"""The defaults of models' properties, as a snapshot has values."""

from __future__ import annotations

from functools import cache

from bokeh.core.has_props import HasProps
from bokeh.core.serialization import Serializer
from bokeh.model import Model

from ..snapshot import Value, encode_json


def find_default(kind: str, name: str) -> Value | None:
    """What a property is when nobody sets it; None where that is a model, or not to be told."""
    cls = Model.model_class_reverse_map.get(kind)
    # the author may define a class of theirs again
    return None if cls is None else _encode_default(cls, name)


@cache
def _encode_default(cls: type[HasProps], name: str) -> Value | None:
    try:
        return Value(encode_json(Serializer(references=set()).encode(cls.lookup(name).class_default(cls))))
    except Exception:  # a default may be anything, with no value at all, or a model
        return None
