"""Options of a command line, one or two names for each parameter."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any

from ..errors import BadValue
from .parameter import Parameter


def add(parser: argparse.ArgumentParser, parameter: Parameter) -> bool:
    """Add `--name`, and a short one where that is free; whether `--name` was."""
    for names in (_names(parameter, short=True), _names(parameter, short=False)):
        try:
            _add(parser, parameter, names)
        except argparse.ArgumentError:
            continue
        return True
    return False


def value(namespace: argparse.Namespace, parameter: Parameter) -> Any:
    """What was given, or the default."""
    if hasattr(namespace, _place(parameter)):
        return getattr(namespace, _place(parameter))
    return parameter.fresh_default()


def long_name(parameter: Parameter) -> str:
    return "--" + _bare(parameter).replace("_", "-")


def _names(parameter: Parameter, *, short: bool) -> list[str]:
    """With dashes, as people write them, and as the function has it."""
    names = dict.fromkeys([long_name(parameter), f"--{parameter.name}"])
    return [*([f"-{_bare(parameter)[0]}"] if short else []), *names]


def _bare(parameter: Parameter) -> str:
    return parameter.name.strip("_") or parameter.name


def _place(parameter: Parameter) -> str:
    """Where the namespace has it: no other option's place has such a name."""
    return f"--{parameter.name}"


def _add(parser: argparse.ArgumentParser, parameter: Parameter, names: list[str]) -> None:
    options: dict[str, Any] = {"dest": _place(parameter), "default": argparse.SUPPRESS}
    options["help"] = parameter.describe().replace("%", "%%")
    options["required"] = parameter.is_required
    if parameter.kind.of is bool and not parameter.kind.is_list:
        action = parser.add_argument(*names, action=_YesOrNo, **options)
    else:
        if parameter.kind.is_list:
            options["nargs"] = "*"
        metavar = _metavar(parameter)
        action = parser.add_argument(*names, action=_Read, parameter=parameter, metavar=metavar, **options)
    # The parser knows them all by now; this is what usage and help show.
    short = [name for name in action.option_strings if "_" not in name]
    action.option_strings = short or action.option_strings


def _metavar(parameter: Parameter) -> str:
    """`{red,blue}`, where such a text is no riddle, and argparse can break lines around it."""
    text = f"{{{','.join(parameter.kind.choices)}}}"
    return text if re.fullmatch(r"\{[\w.,+-]{1,40}\}", text) else parameter.name.upper()


class _Read(argparse.Action):
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
            setattr(namespace, self.dest, self._parameter.read(texts))
        except BadValue as error:
            raise argparse.ArgumentError(self, str(error)) from None


class _YesOrNo(argparse.BooleanOptionalAction):
    """Yes by the names that were given, which may begin with `no` too, and no by those argparse adds."""

    def __init__(self, option_strings: Sequence[str], *args: Any, **options: Any) -> None:
        super().__init__(option_strings, *args, **options)
        self._yes = frozenset(option_strings)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, option_string in self._yes)
