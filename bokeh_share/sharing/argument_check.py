"""Checks the types of the arguments that authors give to `share` and `run`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import BadOption

BOOLEAN_ARGUMENTS = frozenset({"external", "token", "fresh", "tls", "controls"})


def check_arguments(arguments: Mapping[str, Any]) -> None:
    """Raise `BadOption` for an argument of a wrong type; None stands for an argument that is not given.

    `external='no'` must not count as true, since the share would be on the network.
    """
    for name, value in arguments.items():
        if value is None:
            continue
        if name in BOOLEAN_ARGUMENTS and not isinstance(value, bool):
            raise BadOption(name, value, "give True or False")
