"""The options of a shared function: its own parameters, but those that the author has bound."""

from __future__ import annotations

import argparse
import copy
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from bokeh.document import Document

from ..errors import BadParameter, BadValue, UnknownOption, shown, suggestion
from . import cli_flags
from .parameter import REQUIRED, Parameter
from .signature import NOTHING, Signature
from .value_types import NAMES

OURS = "bokeh-"
"""How names in an address begin that are Bokeh's."""
TRACKING = (
    *("utm_", "mc_", "_ga", "_gl", "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid"),
    *("twclid", "ttclid", "igsh", "li_fat_id"),
)
"""How those begin that mails, messengers and search engines add to links."""
TYPES = f"{', '.join(each.__name__ for each in NAMES)}, Literal, Enum, or a list of one"


class Parameters:
    """The open parameters of one function, in the order of its signature; lives as long as that is shared.

    Values go in and out as a dict with one for each open parameter.
    """

    def __init__(
        self, signature: Signature, bound: Mapping[str, Any], open_ones: Mapping[str, Parameter]
    ) -> None:
        self.name = signature.name
        """What the function is called."""
        self.bound = dict(bound)
        self.takes_document = signature.takes_document
        self._function = signature.function
        self._open = dict(open_ones)

    @classmethod
    def of(cls, function: Callable[..., Any], bound: Mapping[str, Any] | None = None) -> Parameters:
        """Those of `function` but for `bound` ones, and what a `partial` binds. Raises `BadParameter`."""
        given = function.keywords if isinstance(function, functools.partial) else {}
        bound = {**given, **(bound or {})}
        signature = Signature.of(function, bound)
        for name, each in signature.parameters.items():
            if each.kind is inspect.Parameter.POSITIONAL_ONLY:
                hint = "take the '/' out of the signature"
                raise BadParameter(signature.name, name, "can be given by position only", hint)
        bound = {name: _bound(signature, name, value) for name, value in bound.items()}
        names = [name for name in signature.parameters if name not in bound]
        return cls(signature, bound, {name: _open(signature, name) for name in names})

    def starting_with(self, values: Mapping[str, Any]) -> Parameters:
        """The same with these values as defaults."""
        others = copy.copy(self)
        others._open = {each.name: replace(each, default=values[each.name]) for each in self}
        return others

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._open.values())

    def __len__(self) -> int:
        return len(self._open)

    def __getitem__(self, name: str) -> Parameter:
        return self._open[name]

    def __contains__(self, name: object) -> bool:
        return name in self._open

    def call(self, values: Mapping[str, Any], document: Document | None = None) -> Any:
        """What the function returns for these values, and for the document if it takes one."""
        first = (document,) if self.takes_document else ()
        return self._function(*first, **{**self.bound, **values})

    def check(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """With defaults for what is left out, and each as pydantic converts it. Raises `BadValue`."""
        for name in values:
            if name not in self._open:
                raise UnknownOption.among(name, (values[name],), self._open)
        return {
            each.name: each.check(values[each.name]) if each.name in values else each.fresh_default()
            for each in self
        }

    def from_query(self, arguments: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """The values that an address asks for, parsed with blank values kept. Raises `BadValue`.

        What is Bokeh's own, or was added to a link on its way, is let pass.
        """
        for name, texts in arguments.items():
            if name not in self._open and not name.startswith((OURS, *TRACKING)):
                raise UnknownOption.among(name, texts, self._open)
        return {
            each.name: each.read(_of_query(each, arguments[each.name]))
            if each.name in arguments
            else each.fresh_default()
            for each in self
        }

    def to_query(self, values: Mapping[str, Any]) -> str:
        """What an address says, after its `?`, of those values that differ from the defaults.

        One text for each set of values, whatever order or spelling they came in. Raises `BadValue`.
        """
        values = self.check(values)
        told = [each for each in self if not each.is_default(values[each.name])]
        return urlencode([(each.name, text) for each in told for text in _for_query(each, values[each.name])])

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Make each an option of a command line, after the parser's own. Raises `BadParameter`.

        Wrong values end the program as others do: with the usage, a sentence and 2.
        """
        for each in self:
            if not cli_flags.add(parser, each):
                reason = (
                    f"cannot be {cli_flags.long_name(each)} in a command, where that means something else"
                )
                hint = f"rename it, or bind it: share({self.name}, {each.name}=…)"
                raise BadParameter(self.name, each.name, reason, hint)

    def from_namespace(self, namespace: argparse.Namespace) -> dict[str, Any]:
        """The values that a command line gave."""
        return {each.name: cli_flags.value(namespace, each) for each in self}

    def describe(self) -> list[str]:
        """A line for each."""
        return [f"{each.name}: {each.describe()}" for each in self]


def _of_query(parameter: Parameter, texts: Sequence[str]) -> Sequence[str]:
    """An empty text before a list's others only says that it is a list, even if none follow."""
    return texts[1:] if parameter.kind.is_list and texts and texts[0] == "" else texts


def _for_query(parameter: Parameter, value: Any) -> list[str]:
    texts = parameter.written(value)
    return ["", *texts] if parameter.kind.is_list and (not texts or texts[0] == "") else texts


def _open(signature: Signature, name: str) -> Parameter:
    default = signature.parameters[name].default
    try:
        return Parameter.of(name, signature.annotation(name), REQUIRED if default is NOTHING else default)
    except BadValue as error:
        reason = f"cannot be {shown(error.given[0] if error.given else None)} by default"
        raise BadParameter(signature.name, name, reason, f"give {error.allowed}") from None
    except ValueError as error:
        hint = f"annotate it with {TYPES}, or bind it: {signature.binding(name)}"
        raise BadParameter(signature.name, name, str(error), hint) from None


def _bound(signature: Signature, name: str, value: Any) -> Any:
    """The value that the author binds: any where options have no word for the type, or there is none."""
    if name not in signature.parameters:
        if signature.takes_any:
            return value
        hint = suggestion(name, signature.parameters)
        raise BadParameter(signature.name, name, "cannot be bound, as there is no such parameter", hint)
    if signature.parameters[name].annotation is NOTHING:
        return value
    try:
        parameter = Parameter.of(name, signature.annotation(name))
    except (BadParameter, ValueError):
        return value
    try:
        return parameter.check(value)
    except BadValue as error:
        reason = f"cannot be {shown(error.given[0] if error.given else None)}"
        raise BadParameter(signature.name, name, reason, f"bind {error.allowed}") from None
