"""Adds a command-line flag, and a short one, for each parameter."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any

from .errors import BadValue
from .parameter import Parameter


def add_flags(parser: argparse.ArgumentParser, parameter: Parameter) -> bool:
    """Add `--name`, and a short flag if that is free; return True if `--name` was free."""
    for flags in (_list_flags(parameter, short=True), _list_flags(parameter, short=False)):
        try:
            _add_argument(parser, parameter, flags)
        except argparse.ArgumentError:
            continue
        return True
    return False


def get_flag_value(namespace: argparse.Namespace, parameter: Parameter) -> Any:
    """Return the given value, or the default."""
    if hasattr(namespace, _build_dest(parameter)):
        return getattr(namespace, _build_dest(parameter))
    return parameter.copy_default()


def format_long_flag(parameter: Parameter) -> str:
    return "--" + _strip_underscores(parameter).replace("_", "-")


def _list_flags(parameter: Parameter, *, short: bool) -> list[str]:
    """List the flags with dashes, and as spelled in the function."""
    flags = dict.fromkeys([format_long_flag(parameter), f"--{parameter.name}"])
    return [*([f"-{_strip_underscores(parameter)[0]}"] if short else []), *flags]


def _strip_underscores(parameter: Parameter) -> str:
    return parameter.name.strip("_") or parameter.name


def _build_dest(parameter: Parameter) -> str:
    """Name of the namespace attribute, which no other flag uses."""
    return f"--{parameter.name}"


def _add_argument(parser: argparse.ArgumentParser, parameter: Parameter, flags: list[str]) -> None:
    options: dict[str, Any] = {"dest": _build_dest(parameter), "default": argparse.SUPPRESS}
    options["help"] = parameter.describe().replace("%", "%%")
    options["required"] = parameter.is_required
    if parameter.value_type.element_type is bool and not parameter.value_type.is_list:
        action = parser.add_argument(*flags, action=_BooleanFlagAction, **options)
    else:
        if parameter.value_type.is_list:
            options["nargs"] = "*"
        metavar = _build_metavar(parameter)
        action = parser.add_argument(
            *flags, action=_ParseAction, parameter=parameter, metavar=metavar, **options
        )
    # The parser accepts all of them; usage and help show only these.
    visible_flags = [name for name in action.option_strings if "_" not in name]
    action.option_strings = visible_flags or action.option_strings


def _build_metavar(parameter: Parameter) -> str:
    """Build `{red,blue}` if that is readable and argparse can break lines around it."""
    text = f"{{{','.join(parameter.value_type.choices)}}}"
    return text if re.fullmatch(r"\{[\w.,+-]{1,40}\}", text) else parameter.name.upper()


class _ParseAction(argparse.Action):
    """Parses a value as written in an address."""

    def __init__(self, *names: Any, parameter: Parameter, **options: Any) -> None:
        super().__init__(*names, **options)
        self._parameter = parameter
        self.takes_free_text = parameter.value_type.element_type is str and not parameter.value_type.is_list
        """True if the value may have spaces, so that quotes are suggested for it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        texts = [values] if isinstance(values, str) else list(values or ())
        try:
            setattr(namespace, self.dest, self._parameter.parse(texts))
        except BadValue as error:
            raise argparse.ArgumentError(self, str(error)) from None


class _BooleanFlagAction(argparse.BooleanOptionalAction):
    """Stores True for the given flags, which may also begin with `no`; False for those that argparse adds."""

    def __init__(self, option_strings: Sequence[str], *args: Any, **options: Any) -> None:
        super().__init__(option_strings, *args, **options)
        self._true_flags = frozenset(option_strings)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, option_string in self._true_flags)
