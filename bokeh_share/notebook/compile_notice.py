"""What a cell says of a plot whose models are compiled after the cell."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from IPython import get_ipython
from IPython.display import DisplayHandle

from ..plots.custom_models import CustomModels
from ..text import encodable, printable, say


def tell_when_known(custom: CustomModels, types: Collection[str], announced: str) -> None:
    """Say why pages cannot show what has models of these types, or else `announced`, which may be empty.

    As long as neither is known a place is kept in the notebook, where it is said then; in a terminal, where
    there is none, a problem is said as a line.
    """
    problem = custom.problem(types)
    waiting = f"{announced} as soon as {' and '.join(sorted(types))} is compiled" if announced else ""
    if problem is not None:
        _say(_about(problem) or announced)
    elif hasattr(get_ipython(), "kernel"):
        handle = DisplayHandle()

        def tell(problem: str) -> None:
            handle.update(_bundle(_about(problem) or announced), raw=True)

        custom.when_known(types, tell)  # first, since the author may interrupt the cell at any time
        handle.display(_bundle(waiting), raw=True)
        if (problem := custom.problem(types)) is not None:
            tell(problem)
    else:
        _say(waiting)
        custom.when_known(types, lambda problem: _say(_about(problem)))


def _about(problem: str) -> str:
    return f"viewers cannot see this: {problem}" if problem else ""


def _say(text: str) -> None:
    if text:
        say(text)


def _bundle(text: str) -> dict[str, Any]:
    return {"text/plain": encodable(f"bokeh_share: {printable(text)}") if text else ""}
