"""Prints, below a cell, if pages can show a plot whose custom models are compiled later."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from IPython import get_ipython
from IPython.display import DisplayHandle

from ..plots import CustomModels
from ..text import make_encodable, make_printable, print_line


def print_compile_notice(custom: CustomModels, types: Collection[str], announcement: str) -> None:
    """Print the reason why pages cannot show models of these types, or else `announcement`, which may be
    empty.

    Until the result is known, the notebook has an empty output, which is then updated. In a terminal, where
    outputs cannot be updated, a problem is printed as a line.
    """
    problem = custom.find_problem(types)
    waiting_text = (
        f"{announcement} as soon as {' and '.join(sorted(types))} is compiled" if announcement else ""
    )
    if problem is not None:
        _say_unless_empty(_format_compile_problem(problem) or announcement)
    elif hasattr(get_ipython(), "kernel"):
        handle = DisplayHandle()

        def on_compiled(problem: str) -> None:
            handle.update(build_text_bundle(_format_compile_problem(problem) or announcement), raw=True)

        # first, since the author may interrupt the cell at any time
        custom.add_done_callback(types, on_compiled)
        handle.display(build_text_bundle(waiting_text), raw=True)
        if (problem := custom.find_problem(types)) is not None:
            on_compiled(problem)
    else:
        _say_unless_empty(waiting_text)
        custom.add_done_callback(types, lambda problem: _say_unless_empty(_format_compile_problem(problem)))


def _format_compile_problem(problem: str) -> str:
    return f"viewers cannot see this: {problem}" if problem else ""


def _say_unless_empty(text: str) -> None:
    if text:
        print_line(text)


def build_text_bundle(text: str) -> dict[str, Any]:
    """Build the output of a line of ours; an empty one for an empty text."""
    return {"text/plain": make_encodable(f"bokeh_share: {make_printable(text)}") if text else ""}
