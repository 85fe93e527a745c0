"""Adds the options of the table to parsers, and reads them from a parsed command line."""

from __future__ import annotations

import argparse
from typing import Any

from ..errors import ConflictingOptions
from .option import Front, Group, Option
from .option_table import OPTIONS


def list_options(front: Front, *groups: Group) -> list[Option]:
    """List the options of `front`, of these groups or of all."""
    return [each for each in OPTIONS if front in each.fronts and each.group in (groups or Group)]


def add_options(parser: argparse.ArgumentParser, front: Front) -> None:
    """Add the flags of `front` to a parser, each below the heading of its group."""
    for group in Group:
        if options := list_options(front, group):
            headed = parser.add_argument_group(group.value)
            for option in options:
                headed.add_argument(*option.flags, **option.build_argument(front))


def list_given_options(namespace: argparse.Namespace, front: Front) -> list[Option]:
    """List the options of `front` that the parsed command line gives."""
    values = vars(namespace)
    given = (each for each in list_options(front) if values.get(each.name) not in (None, each.default))
    return [each for each in given if values[each.name] is not False]


def read_parameters(namespace: argparse.Namespace, front: Front) -> dict[str, Any]:
    """Return the given values of a parsed command line, by the parameters of `share()`.

    Raises `ConflictingOptions` for a flag and its opposite.
    """
    parameters: dict[str, Any] = {}
    flags: dict[str, str] = {}
    for option in list_given_options(namespace, front):
        parameter = option.parameter or option.name
        if parameter in parameters:
            raise ConflictingOptions(flags[parameter], option.flag, "give one of them")
        flags[parameter] = option.flag
        parameters[parameter] = False if option.parameter else getattr(namespace, option.name)
    return parameters
