"""Lists the options of the command lines that do not apply to the share."""

from __future__ import annotations

from .option import TERMINAL, Front, Group, Option, Scope
from .option_values import parse_interval, parse_process_count

PROGRAM_OPTIONS = (
    Option(
        name="no_browser",
        group=Group.PROGRAM,
        scope=Scope.PROGRAM,
        fronts=TERMINAL,
        help="do not open a browser",
    ),
    Option(
        name="num_procs",
        group=Group.PROGRAM,
        scope=Scope.PROGRAM,
        fronts=frozenset({Front.RUN}),
        parse=parse_process_count,
        metavar="N",
        default=1,
        help="serve viewers from N processes; 0 means one for each processor",
        details="Each process counts its own viewers.",
    ),
    Option(
        name="watch",
        group=Group.RERUN,
        scope=Scope.PROGRAM,
        fronts=frozenset({Front.COMMAND}),
        help="run again when the code in the file changes; saved outputs do not count",
    ),
    Option(
        name="every",
        group=Group.RERUN,
        scope=Scope.PROGRAM,
        fronts=frozenset({Front.COMMAND}),
        parse=parse_interval,
        metavar="TIME",
        help="run again at an interval, such as 30s, 10m, 1h or 1d",
    ),
)
