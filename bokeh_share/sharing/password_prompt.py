"""Checks the options before anything starts, then asks the author for the password."""

from __future__ import annotations

import getpass
import os
import warnings

from ..errors import BadOption
from . import current
from .binding import ResolvedOptions
from .errors import CannotAskPassword
from .options import Options

PASSWORD_VARIABLE = "BOKEH_SHARE_PASSWORD"
PASSWORD_HINT = f"set it in the environment as {PASSWORD_VARIABLE}, or type it when you are asked"


def resolve_options(options: Options) -> ResolvedOptions:
    """Resolve options for the share that runs, or else for a new one; then ask for the password if need be.

    Raises as `ask_password` and `current.resolve` do.
    """
    resolved = current.resolve(options)
    return resolved.replace_password(ask_password()) if options.password == "" else resolved


def ask_password() -> str:
    """Read the password from the environment, or ask the author to type it, without echo.

    Raises `CannotAskPassword` if nobody can type it, and `BadOption` if it is empty.
    """
    given = os.environ.get(PASSWORD_VARIABLE)
    if given:
        return given
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # it would show the password
            typed = getpass.getpass("Password for viewers: ")
    except (EOFError, OSError, NotImplementedError, getpass.GetPassWarning) as error:
        # As in a notebook that a program runs, where nobody can type.
        raise CannotAskPassword(PASSWORD_VARIABLE) from error
    if not typed:
        raise BadOption("--password", typed, PASSWORD_HINT)
    return typed
