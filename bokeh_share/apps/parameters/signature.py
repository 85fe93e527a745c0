"""What a function takes: its parameters with their annotations evaluated, whatever kind of callable it is."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, get_type_hints

from bokeh.document import Document

from ..errors import BadParameter

NOTHING: Any = inspect.Parameter.empty
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Signature:
    """The parameters of one function. `*args` and `**kwargs` are none, since no option has their names."""

    function: Callable[..., Any]
    name: str
    parameters: dict[str, inspect.Parameter]
    takes_document: bool
    """Whether the first parameter, which is left out here, takes a Bokeh document."""
    takes_any: bool
    """Whether keywords of any name are taken."""

    @classmethod
    def of(cls, function: Callable[..., Any], bound: Container[str] = ()) -> Signature:
        """With `bound` ones too, but none of those takes the document."""
        parameters = dict(inspect.signature(function).parameters)
        first = next(iter(parameters.values()), None)
        takes_document = first is not None and first.name not in bound and _is_document(first)
        if first is not None and takes_document:
            del parameters[first.name]
        takes_any = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
        named = {name: each for name, each in parameters.items() if each.kind not in VARIADIC}
        return cls(function, _name(function), named, takes_document, takes_any)

    def annotation(self, name: str) -> Any:
        """What it is annotated with, or else the type of its default. Raises `BadParameter`.

        Each is evaluated by itself: an author may import types for a type checker only, whose values are
        bound or returned.
        """
        parameter = self.parameters[name]
        if parameter.annotation is NOTHING:
            return self._type_of_default(parameter)

        def stub() -> None: ...

        stub.__annotations__ = {name: parameter.annotation}
        try:
            return get_type_hints(stub, globalns=_globals(self.function), include_extras=True)[name]
        except Exception as error:  # whatever code an annotation has
            reason = f"is annotated with {parameter.annotation!r}, which cannot be evaluated ({error})"
            raise BadParameter(self.name, name, reason, "define or import that before sharing") from None

    def binding(self, name: str) -> str:
        """How an author binds this one."""
        return f"share({self.name}, {name}=…)"

    def _type_of_default(self, parameter: inspect.Parameter) -> Any:
        name, default = parameter.name, parameter.default
        binding = self.binding(name)
        if default is NOTHING:
            hint = f"annotate it, as in '{name}: int', or bind it: {binding}"
            raise BadParameter(self.name, name, "has neither a type nor a default", hint)
        if default is None:
            hint = f"annotate it, as in '{name}: int | None = None', or bind it: {binding}"
            raise BadParameter(self.name, name, "has no type, and None for its default", hint)
        if isinstance(default, list):
            types = {_type(each) for each in default}
            if len(types) != 1:
                hint = f"annotate it, as in '{name}: list[int]', or bind it: {binding}"
                raise BadParameter(self.name, name, "has no type, and its default does not tell", hint)
            return list[types.pop()]  # type: ignore[misc]  # known at run time only
        return _type(default)


def _type(value: Any) -> type:
    """The plain type that a value has, or is derived from, as numpy's floats and pandas' timestamps are."""
    plain = (Enum, bool, int, float, str, datetime, date)
    base = next((each for each in plain if isinstance(value, each)), None)
    return type(value) if base in (None, Enum) else base


def _is_document(parameter: inspect.Parameter) -> bool:
    annotation = parameter.annotation
    if parameter.kind not in POSITIONAL:
        return False
    if annotation is NOTHING:
        return parameter.name == "doc" and parameter.default in (NOTHING, None)
    if isinstance(annotation, str):
        return annotation.strip("'\"").rpartition(".")[2] == Document.__name__
    return isinstance(annotation, type) and issubclass(annotation, Document)


def _name(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__name__", type(function).__name__)


def _globals(function: Any) -> dict[str, Any]:
    """Where the names in its annotations are looked up."""
    while not hasattr(function, "__globals__"):
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, type):
            return vars(sys.modules[function.__module__])
        else:
            return getattr(inspect.unwrap(type(function).__call__), "__globals__", {})
    found: dict[str, Any] = inspect.unwrap(function).__globals__
    return found
