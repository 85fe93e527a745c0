"""The options of a shared function: its parameters except those that the author has bound."""

from __future__ import annotations

import argparse
import functools
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from bokeh.document import Document

from . import cli_flags
from .errors import BadParameter, BadValue, UnknownOption, shorten_repr, suggest_name
from .parameter import REQUIRED, Parameter
from .signature import UNSPECIFIED, Signature
from .value_types import TYPE_NAMES

BOKEH_QUERY_PREFIX = "bokeh-"
"""Prefix of Bokeh's own names in an address."""
TRACKING_PREFIXES = (
    *("utm_", "mc_", "_ga", "_gl", "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid"),
    *("twclid", "ttclid", "igsh", "li_fat_id"),
)
"""Prefixes of names that mail programs, messengers and search engines add to links."""
SUPPORTED_TYPES = f"{', '.join(each.__name__ for each in TYPE_NAMES)}, Literal, Enum, or a list of one"


class Parameters:
    """The open parameters of one function, in the order of its signature. Exists while the function is
    shared.

    Values are passed as a dict with one entry for each open parameter.
    """

    def __init__(
        self, signature: Signature, bound: Mapping[str, Any], open_parameters: Mapping[str, Parameter]
    ) -> None:
        self.name = signature.name
        """The name of the function."""
        self.bound = dict(bound)
        self.has_document_parameter = signature.has_document_parameter
        self._signature = signature
        self._open_parameters = dict(open_parameters)

    @classmethod
    def from_function(
        cls, function: Callable[..., Any], bound: Mapping[str, Any] | None = None
    ) -> Parameters:
        """Read them from `function`, except those bound by `bound` or a `partial`. Raises `BadParameter`."""
        partial_keywords = function.keywords if isinstance(function, functools.partial) else {}
        bound = {**partial_keywords, **(bound or {})}
        signature = Signature.from_function(function, bound)
        for name, each in signature.parameters.items():
            if each.kind is inspect.Parameter.POSITIONAL_ONLY:
                hint = "remove the '/' from the signature"
                raise BadParameter(signature.name, name, "is positional-only", hint)
        bound = {name: _check_bound_value(signature, name, value) for name, value in bound.items()}
        names = [name for name in signature.parameters if name not in bound]
        return cls(signature, bound, {name: _build_open_parameter(signature, name) for name in names})

    def replace_defaults(self, values: Mapping[str, Any]) -> Parameters:
        """Copy with these values as defaults."""
        open_parameters = {each.name: replace(each, default=values[each.name]) for each in self}
        return type(self)(self._signature, self.bound, open_parameters)

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._open_parameters.values())

    def __len__(self) -> int:
        return len(self._open_parameters)

    def __getitem__(self, name: str) -> Parameter:
        return self._open_parameters[name]

    def __contains__(self, name: object) -> bool:
        return name in self._open_parameters

    def call(self, values: Mapping[str, Any], document: Document | None = None) -> Any:
        """Call the function with these values, and with the document if it has a parameter for it."""
        first = (document,) if self.has_document_parameter else ()
        return self._signature.function(*first, **{**self.bound, **values})

    def check(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Convert the values by pydantic, and add defaults for missing ones. Raises `BadValue`."""
        for name in values:
            if name not in self._open_parameters:
                raise UnknownOption.from_known_names(name, (values[name],), self._open_parameters)
        return {
            each.name: each.check(values[each.name]) if each.name in values else each.copy_default()
            for each in self
        }

    def from_query(self, arguments: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """Read the values from the query of an address, parsed with blank values kept. Raises `BadValue`.

        Names of Bokeh, and those that mail programs or search engines add to links, are ignored.
        """
        if (unknown := _find_unknown(arguments, self._open_parameters)) is not None:
            raise unknown
        return {each.name: _read_value(each, arguments) for each in self}

    def from_partial_query(
        self, arguments: Mapping[str, Sequence[str]]
    ) -> tuple[dict[str, Any], BadValue | None]:
        """Read the values from an address, with defaults for invalid ones; return the first error as well.

        Raises `BadValue` if a value without a default is missing or invalid. The time grows with the number
        of arguments only linearly, since a visitor chooses it.
        """
        first_error: BadValue | None = _find_unknown(arguments, self._open_parameters)
        values: dict[str, Any] = {}
        for each in self:
            try:
                values[each.name] = _read_value(each, arguments)
            except BadValue as error:
                if each.is_required:
                    raise
                first_error = first_error or error
                values[each.name] = each.copy_default()
        return values, first_error

    def to_query(self, values: Mapping[str, Any]) -> str:
        """Format the values that differ from the defaults as the query of an address.

        Equal values give the same text, whatever their order or spelling. Raises `BadValue`.
        """
        values = self.check(values)
        changed = [each for each in self if not each.is_default(values[each.name])]
        return urlencode(
            [(each.name, text) for each in changed for text in _add_list_marker(each, values[each.name])]
        )

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Add a command-line flag for each, after the parser's own. Raises `BadParameter`.

        Invalid values end the program as argparse does: with the usage, a sentence and exit code 2.
        """
        for each in self:
            if not cli_flags.add_flags(parser, each):
                flag = cli_flags.format_long_flag(each)
                reason = f"cannot be {flag} on the command line, where that option exists already"
                hint = f"rename it, or bind it: share({self.name}, {each.name}=…)"
                raise BadParameter(self.name, each.name, reason, hint)

    def from_namespace(self, namespace: argparse.Namespace) -> dict[str, Any]:
        """Read the values from parsed arguments."""
        return {each.name: cli_flags.get_flag_value(namespace, each) for each in self}

    def describe(self) -> list[str]:
        """Return a line of help for each."""
        return [f"{each.name}: {each.describe()}" for each in self]


def _find_unknown(
    arguments: Mapping[str, Sequence[str]], known_names: Collection[str]
) -> UnknownOption | None:
    """Return the error for the first argument in an address that is no option."""
    for name, texts in arguments.items():
        if name not in known_names and not name.startswith((BOKEH_QUERY_PREFIX, *TRACKING_PREFIXES)):
            return UnknownOption.from_known_names(name, texts, known_names)
    return None


def _read_value(parameter: Parameter, arguments: Mapping[str, Sequence[str]]) -> Any:
    """Return the value in an address, or the default if it has none."""
    if parameter.name not in arguments:
        return parameter.copy_default()
    return parameter.parse(_strip_list_marker(parameter, arguments[parameter.name]))


def _strip_list_marker(parameter: Parameter, texts: Sequence[str]) -> Sequence[str]:
    """Remove the empty text that marks a list, even an empty one."""
    return texts[1:] if parameter.value_type.is_list and texts and texts[0] == "" else texts


def _add_list_marker(parameter: Parameter, value: Any) -> list[str]:
    texts = parameter.to_texts(value)
    return ["", *texts] if parameter.value_type.is_list and (not texts or texts[0] == "") else texts


def _build_open_parameter(signature: Signature, name: str) -> Parameter:
    default = signature.parameters[name].default
    try:
        return Parameter.from_annotation(
            name, signature.evaluate_annotation(name), REQUIRED if default is UNSPECIFIED else default
        )
    except BadValue as error:
        reason = f"cannot be {shorten_repr(error.given[0] if error.given else None)} by default"
        raise BadParameter(signature.name, name, reason, f"give {error.allowed}") from None
    except ValueError as error:
        hint = f"annotate it with {SUPPORTED_TYPES}, or bind it: {signature.format_binding(name)}"
        raise BadParameter(signature.name, name, str(error), hint) from None


def _check_bound_value(signature: Signature, name: str, value: Any) -> Any:
    """Check a value that the author binds. Any value is valid if the type is missing or unsupported."""
    if name not in signature.parameters:
        if signature.has_var_keyword:
            return value
        hint = suggest_name(name, signature.parameters)
        raise BadParameter(signature.name, name, "does not exist, so it cannot be bound", hint)
    if signature.parameters[name].annotation is UNSPECIFIED:
        return value
    try:
        parameter = Parameter.from_annotation(name, signature.evaluate_annotation(name))
    except (BadParameter, ValueError):
        return value
    try:
        return parameter.check(value)
    except BadValue as error:
        reason = f"cannot be {shorten_repr(error.given[0] if error.given else None)}"
        raise BadParameter(signature.name, name, reason, f"bind {error.allowed}") from None
