"""The password that the author has for viewers: from the environment, or typed without echo."""

from __future__ import annotations

import getpass
import os
import warnings

from .errors import BadOption

VARIABLE = "BOKEH_SHARE_PASSWORD"
HINT = f"type one, or set {VARIABLE} in the environment"


def password() -> str:
    """Raises `BadOption` where there is none, and nobody who could type one."""
    given = os.environ.get(VARIABLE)
    if given:
        return given
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # it would be read with an echo
            typed = getpass.getpass("Password for viewers: ")
    except (EOFError, OSError, NotImplementedError, getpass.GetPassWarning) as error:
        # As in a notebook that is run by a program, where nobody could type.
        raise BadOption("--password", "asked for here", HINT) from error
    if not typed:
        raise BadOption("--password", typed, HINT)
    return typed
