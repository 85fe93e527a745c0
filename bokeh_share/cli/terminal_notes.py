"""Writes notes for a terminal, where the author gives options on a command line and not in a notebook."""

from __future__ import annotations

import re

MAGIC_COMMAND_PATTERN = re.compile(r"%bokeh_share(?= -(?!-(?:save|status|drop|order|pause|resume|stop)\b))")
"""The magic before options that a command line has too."""


def adapt_note(note: str, command: str) -> str:
    """Return a note that names the options of this command, such as `python plot.py`, not of the magic."""
    return MAGIC_COMMAND_PATTERN.sub(lambda match: command, note)
