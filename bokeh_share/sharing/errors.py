"""Errors of options that are shown to the author; subclasses of `bokeh_share.errors.BokehShareError`."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import BokehShareError
from .option_parser import PASSWORD_ADVICE


@dataclass(eq=False)
class PasswordIsNoText(BokehShareError):
    """The password has another type. The message has no value, which may be the password."""

    type_name: str

    def __str__(self) -> str:
        return f"password cannot be of type {self.type_name!r}: give a text, or True to be asked for it"


@dataclass(eq=False)
class PasswordInLine(BokehShareError):
    """The line has the password after `--password`. The message does not repeat it."""

    def __str__(self) -> str:
        return PASSWORD_ADVICE
