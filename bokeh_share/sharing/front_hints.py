"""Describes where an option is given, for authors who give it at another front."""

from __future__ import annotations

from collections.abc import Mapping

from .option import TERMINAL, Front, Option, Scope
from .option_table import OPTIONS

DEFAULTS = {
    "local": "a share is on this machine only unless you give --external",
    "download": "viewers can download the data of plots unless you give --no-download",
    "token": "a link has a token unless you give --no-token",
}
"""Options that have no effect at the fronts that lack them, with the reason."""
RUN_PARAMETERS = {"controls"}
"""Options that are parameters of `run()`, and not flags of its command line."""


def list_front_hints(front: Front) -> Mapping[str, str]:
    """List the flags that `front` does not have, each with the place where it works."""
    given = {option.flag for option in OPTIONS if front in option.fronts}
    return {option.flag: _describe_place(option, front) for option in OPTIONS if option.flag not in given}


def _describe_place(option: Option, front: Front) -> str:
    flag = option.flag
    example = f"{flag} {option.metavar}" if option.metavar is not None else flag
    if option.name in DEFAULTS:
        return f"{flag} is not needed: {DEFAULTS[option.name]}"
    if front is Front.RUN and option.name in RUN_PARAMETERS:
        return f"{flag} is an option of run(): run(…, {option.name}=…)"
    if front is Front.RUN and Front.COMMAND in option.fronts:
        return f"{flag} does not apply to a script with run(): leave it out"
    if front in TERMINAL and Front.MAGIC in option.fronts:
        command = "%%bokeh_share" if option.scope is Scope.CELL else "%bokeh_share"
        place = "on top of a cell" if option.scope is Scope.CELL else "in a cell"
        return f"{flag} is for notebooks: write {command} {example} {place}"
    if Front.COMMAND in option.fronts:
        return f"{flag} is for the command line: {Front.COMMAND.value} FILE {example}"
    if Front.RUN in option.fronts:
        return f"{flag} is for scripts with run(): python plot.py {example}"
    return f"{flag} is an option of share(): share(…, {option.name}=…)"
