"""The defaults of models' properties, as values of a snapshot."""

from __future__ import annotations

from functools import cache

from bokeh.core.has_props import HasProps
from bokeh.core.serialization import Serializer
from bokeh.model import Model

from ..snapshot import Node, Value, encode_json


def find_default(kind: str, name: str) -> Value | None:
    """Return the default of a property; None if that is a model, or unknown."""
    cls = Model.model_class_reverse_map.get(kind)
    # the author may redefine a class
    return None if cls is None else _encode_default(cls, name)


def has_comparable_values(before: Node, after: Node) -> bool:
    """Return False if one of two models of a type has a property that the other lacks, and that has no
    default: no event can set or unset it."""
    unset = before.attributes.keys() ^ after.attributes.keys()
    if before.columns is not None and after.columns is None:
        unset = {*unset, "data"}
    return all(find_default(after.model_type, name) is not None for name in unset)


@cache
def _encode_default(cls: type[HasProps], name: str) -> Value | None:
    try:
        return Value(encode_json(Serializer(references=set()).encode(cls.lookup(name).class_default(cls))))
    except Exception:  # a default may be any value, missing, or a model
        return None
