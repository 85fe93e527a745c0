"""The parameters of any callable, with their annotations evaluated."""

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

from .errors import BadParameter

UNSPECIFIED: Any = inspect.Parameter.empty
VARIADIC_KINDS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
POSITIONAL_KINDS = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Signature:
    """The parameters of one function, without `*args` and `**kwargs`, which give no names for options."""

    function: Callable[..., Any]
    name: str
    parameters: dict[str, inspect.Parameter]
    has_document_parameter: bool
    """True if the first parameter, which is left out here, takes a Bokeh document."""
    has_var_keyword: bool
    """True if it accepts keywords of any name."""

    @classmethod
    def from_function(cls, function: Callable[..., Any], bound: Container[str] = ()) -> Signature:
        """Read the signature, including `bound` parameters, none of which takes the document."""
        parameters = dict(inspect.signature(function).parameters)
        first = next(iter(parameters.values()), None)
        has_document_parameter = (
            first is not None and first.name not in bound and _is_document_parameter(first)
        )
        if first is not None and has_document_parameter:
            del parameters[first.name]
        has_var_keyword = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
        named = {name: each for name, each in parameters.items() if each.kind not in VARIADIC_KINDS}
        return cls(function, _get_function_name(function), named, has_document_parameter, has_var_keyword)

    def evaluate_annotation(self, name: str) -> Any:
        """Return the annotation, or else the type of the default. Raises `BadParameter`.

        Annotations are evaluated one by one: those of bound parameters and of the returned value may use
        types that are imported for a type checker only.
        """
        parameter = self.parameters[name]
        if parameter.annotation is UNSPECIFIED:
            return self._infer_annotation(parameter)

        def stub() -> None: ...

        stub.__annotations__ = {name: parameter.annotation}
        try:
            return get_type_hints(stub, globalns=_get_globals(self.function), include_extras=True)[name]
        except Exception as error:  # whatever code an annotation has
            reason = f"has the annotation {parameter.annotation!r}, which cannot be evaluated ({error})"
            raise BadParameter(self.name, name, reason, "define or import it before you share") from None

    def format_binding(self, name: str) -> str:
        """Return the code that binds this parameter."""
        return f"share({self.name}, {name}=…)"

    def _infer_annotation(self, parameter: inspect.Parameter) -> Any:
        name, default = parameter.name, parameter.default
        binding = self.format_binding(name)
        if default is UNSPECIFIED:
            hint = f"annotate it, as in '{name}: int', or bind it: {binding}"
            raise BadParameter(self.name, name, "has no type and no default", hint)
        if default is None:
            hint = f"annotate it, as in '{name}: int | None = None', or bind it: {binding}"
            raise BadParameter(self.name, name, "has no type, and its default is None", hint)
        if isinstance(default, list):
            types = {_infer_type(each) for each in default}
            if len(types) != 1:
                hint = f"annotate it, as in '{name}: list[int]', or bind it: {binding}"
                raise BadParameter(
                    self.name, name, "has no type, and its default does not show the type", hint
                )
            return list[types.pop()]  # type: ignore[misc]  # known at run time only
        return _infer_type(default)


def _infer_type(value: Any) -> type:
    """Return the plain type that a value has or derives from, as numpy's floats and pandas' timestamps do."""
    plain = (Enum, bool, int, float, str, datetime, date)
    base = next((each for each in plain if isinstance(value, each)), None)
    return type(value) if base in (None, Enum) else base


def _is_document_parameter(parameter: inspect.Parameter) -> bool:
    annotation = parameter.annotation
    if parameter.kind not in POSITIONAL_KINDS:
        return False
    if annotation is UNSPECIFIED:
        return parameter.name == "doc" and parameter.default in (UNSPECIFIED, None)
    if isinstance(annotation, str):
        return annotation.strip("'\"").rpartition(".")[2] == Document.__name__
    return isinstance(annotation, type) and issubclass(annotation, Document)


def _get_function_name(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__name__", type(function).__name__)


def _get_globals(function: Any) -> dict[str, Any]:
    """Return the globals in which its annotations are evaluated."""
    while not hasattr(function, "__globals__"):
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, type):
            return vars(sys.modules[function.__module__])
        else:
            return getattr(inspect.unwrap(type(function).__call__), "__globals__", {})
    namespace: dict[str, Any] = inspect.unwrap(function).__globals__
    return namespace
