"""Passes the options of `python -m bokeh_share script.py` to the `run()` that the script calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class EnclosingCommand:
    """The command line that runs a script. The author's code is between it and `run()`."""

    flags: tuple[str, ...] = field(default=(), repr=False)
    """The flags that `run()` reads before the script's own; it rejects unknown ones. The broker's URL may
    contain a password."""
    password: str | None = field(default=None, repr=False)
    """The password for viewers, if the author was asked for it already."""
    text: str = ""
    """The words that the author typed before the options, such as `python -m bokeh_share plot.py`."""


_enclosing_command: ContextVar[EnclosingCommand | None] = ContextVar("enclosing_command", default=None)


def get_enclosing_command() -> EnclosingCommand:
    """Return the command line that runs this script; one without flags if there is none."""
    return _enclosing_command.get() or EnclosingCommand()


@contextmanager
def enclose(command: EnclosingCommand) -> Iterator[None]:
    """Make `command` the enclosing command of each `run()` inside the block."""
    token = _enclosing_command.set(command)
    try:
        yield
    finally:
        _enclosing_command.reset(token)
