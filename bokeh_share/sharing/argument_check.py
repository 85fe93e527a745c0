"""Checks the types of the arguments that authors give to `share` and `run`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..errors import BadOption
from .errors import BrokerIsNoText, PasswordIsNoText

BOOLEAN_ARGUMENTS = frozenset(
    {"external", "token", "fresh", "tls", "controls", "download", "all", "headings", "pointing"}
)
TEXT_ARGUMENTS = {
    "name": "name='sales'",
    "caption": "caption='in thousands'",
    "title": "title='Sales overview'",
    "address": "address='eth0'",
    "public_url": "public_url='https://example.com:5006'",
}
"""Arguments that are texts, with an example of each."""
PATH_ARGUMENTS = {"certfile": "certfile='cert.pem'", "keyfile": "keyfile='key.pem'"}
"""Arguments that are texts or paths, with an example of each."""


def check_arguments(arguments: Mapping[str, Any]) -> None:
    """Raise `BadOption` for an argument of a wrong type; None stands for an argument that is not given.

    `external='no'` must not count as true, since the share would be on the network.
    """
    for name, value in arguments.items():
        if value is None:
            continue
        if name in BOOLEAN_ARGUMENTS and not isinstance(value, bool):
            raise BadOption(name, value, "give True or False")
        if name in TEXT_ARGUMENTS and not isinstance(value, str):
            raise BadOption(name, value, f"give a text, such as {TEXT_ARGUMENTS[name]}")
        if name == "name" and not value.strip():
            raise BadOption(name, value, f"give a text that is not empty, such as {TEXT_ARGUMENTS[name]}")
        if name in PATH_ARGUMENTS and not isinstance(value, str | os.PathLike):
            raise BadOption(name, value, f"give the path of a file, such as {PATH_ARGUMENTS[name]}")
        if name == "broker" and value is not False and not isinstance(value, str):
            raise BrokerIsNoText(type(value).__name__)
        if name == "password" and not isinstance(value, bool | str):  # its value may be the password
            raise PasswordIsNoText(type(value).__name__)
