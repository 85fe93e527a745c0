"""Writes the options of the table into the README and into the docstring of `share()`.

python tools/option_docs.py
"""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path

from bokeh_share import share
from bokeh_share.sharing.option import Front, Group, Option
from bokeh_share.sharing.option_parsing import list_options
from bokeh_share.sharing.option_table import OPTIONS

ROOT = Path(__file__).resolve().parent.parent
README, API = ROOT / "README.md", ROOT / "bokeh_share" / "sharing" / "api.py"
BEGIN, END = "<!-- the options -->", "<!-- end of the options -->"
WIDTH = 110
"""Of a line of code."""
TABLE_GROUPS = (Group.WHERE, Group.WHO, Group.PLOTS, Group.DAILY)
"""The groups in the README's table, in its order."""


def format_table() -> str:
    """Format the options of the magic as a Markdown table, with their flags and parameters."""
    options = [each for group in TABLE_GROUPS for each in OPTIONS if each.group is group]
    parameters = {each.name for each in list_options(Front.FUNCTION)}
    rows = ["| `%bokeh_share` | `share()` | |", "|---|---|---|"]
    for option in options:
        if Front.MAGIC in option.fronts:
            rows.append(
                f"| {_format_flags(option)} | {_format_parameter(option, parameters)} | {_describe(option)} |"
            )
    return "\n".join(rows)


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


def update_readme(text: str) -> str:
    """Return the README with the table as it is now between its markers."""
    pattern = re.escape(BEGIN) + ".*" + re.escape(END)
    return re.sub(pattern, lambda match: f"{BEGIN}\n{format_table()}\n{END}", text, flags=re.DOTALL)


def update_api(text: str) -> str:
    """Return the module of `share()` with the options as they are now in its docstring."""
    pattern = r"(?<=            function, or a Panel object\.\n).*(?=\n        bound: )"
    return re.sub(pattern, lambda match: format_docstring(), text, flags=re.DOTALL)


def _format_flags(option: Option) -> str:
    value = "" if option.is_switch else f" {option.metavar}{' …' * option.has_many_values}"
    return ", ".join(f"`{flag}{value}`" for flag in option.flags)


def _format_parameter(option: Option, parameters: set[str]) -> str:
    """Format how an option that is a flag as well is given in Python."""
    if option.parameter:
        return f"`{option.parameter}=False`"
    if option.name in parameters:
        return f"`{option.name}={'True' if option.is_switch else '…'}`"
    return ""


def _describe(option: Option) -> str:
    return _join_sentences(option.help, option.details).removesuffix(".")


def _join_sentences(first: str, details: str) -> str:
    return f"{first}. {details}" if details else f"{first}."


if __name__ == "__main__":
    for path, update in ((README, update_readme), (API, update_api)):
        path.write_text(update(path.read_text(encoding="utf-8")), encoding="utf-8")
