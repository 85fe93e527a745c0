"""The command line's entry: a relay, or the share of a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ..text import print_line
from .program_name import find_program_name

RELAY_WORD = "relay"


def main(argv: Sequence[str] | None = None) -> int:
    """Run `python -m bokeh_share` or `bokeh-share`. Return the exit code: 2 for a wrong command line."""
    _ensure_streams()
    words = sys.argv[1:] if argv is None else argv
    if words[:1] == [RELAY_WORD]:
        return _run_relay(words[1:])
    # Not imported for a relay, which runs without Bokeh.
    from .share_command import run_share_command

    return run_share_command(argv)


def _run_relay(words: Sequence[str]) -> int:
    try:
        from ..relay import run_relay_command
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        advice = 'pip install "bokeh_share[relay]"'
        print_line(f"a relay needs the package {package!r}, which is not installed: {advice}", is_error=True)
        return 2
    return run_relay_command(words, find_program_name())


def _ensure_streams() -> None:
    """Discard the output if there is no stdout or stderr, as in a task that the system runs."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass  # otherwise this process and its children take the next opened file for a stream
    os.close(descriptor)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  # open for as long as the process lives
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal's encoding may lack `…`
