"""Writes the options of the table into docs/reference.md and into the docstring of `share()`.

python tools/option_docs.py
"""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path

from bokeh_share import Share, share
from bokeh_share.sharing.option import Front, Group, Option
from bokeh_share.sharing.option_parsing import list_options
from bokeh_share.sharing.option_table import OPTIONS

ROOT = Path(__file__).resolve().parent.parent
REFERENCE, API = ROOT / "docs" / "reference.md", ROOT / "bokeh_share" / "sharing" / "api.py"
BEGIN = (
    "<!-- options: `python tools/option_docs.py` writes them from `bokeh_share/sharing/option_table.py` -->"
)
END = "<!-- options end -->"
WIDTH = 110
"""Of a line of code."""
FRONTS = {
    Front.MAGIC: "notebook",
    Front.COMMAND: "command line",
    Front.RUN: "script with `run()`",
    Front.FUNCTION: "`share()`",
}
"""The fronts as the tables call them, in their order."""


def format_tables() -> str:
    """Format the options as Markdown: a table for each group, in the order of the groups."""
    groups = dict.fromkeys(option.group for option in OPTIONS)
    order = [group for group in Group if group in groups]
    return "\n\n".join(_format_group(group) for group in order)


def _format_group(group: Group) -> str:
    title = group.value[:1].upper() + group.value[1:]
    flagged = {option.parameter for option in OPTIONS}  # `token` is in the row of `--no-token`
    rows = [
        _format_row(option)
        for option in OPTIONS
        if option.group is group and not (option.fronts == {Front.FUNCTION} and option.name in flagged)
    ]
    return "\n".join(
        [f"### {title}", "", "| flag | in Python | where | effect |", "|---|---|---|---|", *rows]
    )


def _format_row(option: Option) -> str:
    cells = (_format_flags(option), _format_python(option), _format_fronts(option), _describe(option))
    return f"| {' | '.join(cells)} |"


def format_docstring() -> str:
    """Format the parameters of `share()` that are options, as lines of its docstring."""
    by_name = {option.name: option for option in list_options(Front.FUNCTION)}
    lines = []
    for name in inspect.signature(share).parameters:
        if name in by_name:
            option = by_name[name]
            text = _join_sentences(option.python_help or option.help, option.details)
            lines += textwrap.wrap(
                f"{name}: {text}", WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 12
            )
    return "\n".join(lines)


def update_reference(text: str) -> str:
    """Return the reference with the tables as they are now between its markers."""
    pattern = re.escape(BEGIN) + ".*" + re.escape(END)
    return re.sub(pattern, lambda match: f"{BEGIN}\n\n{format_tables()}\n\n{END}", text, flags=re.DOTALL)


def update_api(text: str) -> str:
    """Return the module of `share()` with the options as they are now in its docstring."""
    pattern = r"^        name: .*?(?=\n        bound: )"
    return re.sub(pattern, lambda match: format_docstring(), text, flags=re.DOTALL | re.MULTILINE)


def _format_flags(option: Option) -> str:
    if option.fronts == {Front.FUNCTION}:
        return ""
    value = "" if option.is_switch else f" {option.metavar}{' …' * option.has_many_values}"
    return ", ".join(f"`{flag}{value}`" for flag in option.flags)


def _format_python(option: Option) -> str:
    """Format the parameter of `share()`, or the method of `Share` that does the same."""
    if option.parameter:
        return f"`{option.parameter}=False`"
    if option.fronts == {Front.FUNCTION}:
        is_switch = inspect.signature(share).parameters[option.name].default is False
        return f"`{option.name}={'True' if is_switch else '…'}`"
    if Front.FUNCTION in option.fronts:
        return f"`{option.name}={'True' if option.is_switch else '…'}`"
    method = option.method or option.name
    if hasattr(Share, method):
        return f"`Share.{method}()`"
    return ""


def _format_fronts(option: Option) -> str:
    """Format where an option can be given; nothing for everywhere."""
    if option.fronts | {Front.FUNCTION} == set(FRONTS):
        return "everywhere"
    return ", ".join(name for front, name in FRONTS.items() if front in option.fronts)


def _describe(option: Option) -> str:
    return _join_sentences(option.help, option.details).removesuffix(".")


def _join_sentences(first: str, details: str) -> str:
    return f"{first}. {details}" if details else f"{first}."


if __name__ == "__main__":
    for path, update in ((REFERENCE, update_reference), (API, update_api)):
        path.write_text(update(path.read_text(encoding="utf-8")), encoding="utf-8")
