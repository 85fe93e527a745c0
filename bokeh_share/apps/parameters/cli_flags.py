"""Options of a command line, one or two names for each parameter."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any

from .errors import BadValue
from .parameter import Parameter


def add_flags(parser: argparse.ArgumentParser, parameter: Parameter) -> bool:
    """Add `--name`, and a short one where that is free; whether `--name` was."""
    for flags in (_list_flags(parameter, short=True), _list_flags(parameter, short=False)):
        try:
            _add_argument(parser, parameter, flags)
        except argparse.ArgumentError:
            continue
        return True
    return False


def get_flag_value(namespace: argparse.Namespace, parameter: Parameter) -> Any:
    """What was given, or the default."""
    if hasattr(namespace, _build_dest(parameter)):
        return getattr(namespace, _build_dest(parameter))
    return parameter.copy_default()


def format_long_flag(parameter: Parameter) -> str:
    return "--" + _strip_underscores(parameter).replace("_", "-")


def _list_flags(parameter: Parameter, *, short: bool) -> list[str]:
    """With dashes, as people write them, and as the function has it."""
    flags = dict.fromkeys([format_long_flag(parameter), f"--{parameter.name}"])
    return [*([f"-{_strip_underscores(parameter)[0]}"] if short else []), *flags]


def _strip_underscores(parameter: Parameter) -> str:
    return parameter.name.strip("_") or parameter.name


def _build_dest(parameter: Parameter) -> str:
    """Where the namespace has it: no other option's place has such a name."""
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
    # The parser knows them all by now; this is what usage and help show.
    visible_flags = [name for name in action.option_strings if "_" not in name]
    action.option_strings = visible_flags or action.option_strings


def _build_metavar(parameter: Parameter) -> str:
    """`{red,blue}`, where such a text is no riddle, and argparse can break lines around it."""
    text = f"{{{','.join(parameter.value_type.choices)}}}"
    return text if re.fullmatch(r"\{[\w.,+-]{1,40}\}", text) else parameter.name.upper()


class _ParseAction(argparse.Action):
    """Takes what is written, as an address does."""

    def __init__(self, *names: Any, parameter: Parameter, **options: Any) -> None:
        super().__init__(*names, **options)
        self._parameter = parameter

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
    """Yes by the names that were given, which may begin with `no` too, and no by those argparse adds."""

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
