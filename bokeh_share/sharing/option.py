"""Describes one option: how it is written at each front, what it applies to, and its help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .option_parser import FreeTextAction
from .option_values import strip_quotes


class Front(Enum):
    """A place where an author gives options."""

    MAGIC = "%bokeh_share"
    FUNCTION = "share()"
    RUN = "run()"
    """The command line of a script that calls `run()`."""
    COMMAND = "python -m bokeh_share"


class Group(Enum):
    """A heading in the help, with the options that stand below it."""

    WHERE = "where to share"
    WHO = "who can watch"
    PLOTS = "plots on the page"
    DAILY = "daily use"
    PROGRAM = "the command"
    RERUN = "run it again, and update open pages in place"


class Scope(Enum):
    """The thing that an option applies to."""

    SHARE = "the share"
    ACTION = "the share that runs"
    CELL = "the plots of one cell"
    CALL = "the plot or app that is given"
    PROGRAM = "the command"


EVERYWHERE = frozenset(Front)
NOTEBOOK_ONLY = frozenset({Front.MAGIC})
PYTHON_ONLY = frozenset({Front.FUNCTION})
FLAG_ONLY = EVERYWHERE - PYTHON_ONLY
TERMINAL = frozenset({Front.RUN, Front.COMMAND})


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option: how it is written at each front, and its help there."""

    name: str
    """The parameter of `share()`, and the name of the flag; `max_viewers` is written `--max-viewers`."""
    help: str
    """One phrase: what the option does."""
    details: str = ""
    """Text that the docs add to `help`; Markdown."""
    python_help: str = ""
    """The help in `share()`'s docstring, if the parameter differs from the flag."""
    group: Group = Group.WHERE
    scope: Scope = Scope.SHARE
    fronts: frozenset[Front] = EVERYWHERE
    letter: str = ""
    """The short flag: `e` for `-e`."""
    parse: Callable[[str], Any] | None = None
    """Converts the text after the flag into the value; None for a flag that takes no text."""
    metavar: str | None = None
    is_free_text: bool = False
    """True if the value is any text, with spaces as well."""
    has_many_values: bool = False
    is_for_cells: bool = False
    """True for an option of the share that may apply to one cell instead."""
    default: Any = None
    method: str = ""
    """The method of `Share` that does the same. Empty: the one with the option's name, if there is one."""
    parameter: str = ""
    """The parameter that the flag sets to false: `--no-token` sets `token`. Empty: the option's own name."""

    @property
    def flag(self) -> str:
        return f"--{self.name.replace('_', '-')}"

    @property
    def flags(self) -> tuple[str, ...]:
        return (f"-{self.letter}", self.flag) if self.letter else (self.flag,)

    @property
    def is_switch(self) -> bool:
        return self.parse is None

    def build_argument(self, front: Front) -> dict[str, Any]:
        """Build the keyword arguments of `argparse`'s `add_argument` for this front."""
        argument: dict[str, Any] = {"help": self.help.replace("%", "%%")}
        if self.is_switch:
            return {**argument, "action": "store_true"}
        # IPython leaves the quotes in place, which a shell removes
        is_quoted = front is Front.MAGIC and self.parse is str
        argument |= {"type": strip_quotes if is_quoted else self.parse, "default": self.default}
        if self.is_free_text:
            argument["action"] = FreeTextAction
        if self.has_many_values:
            argument["nargs"] = "+"
        return {**argument, "metavar": self.metavar} if self.metavar is not None else argument
