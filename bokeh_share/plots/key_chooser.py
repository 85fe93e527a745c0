"""Chooses the key under which a plot is on the page, so that a re-run of its code finds it again.

Other rooms collect the facts; only this module has the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .page import PlotKey

MAX_UNNAMED_PLOTS = 20
"""Maximum number of unnamed plots from outside of cells on the page; more replace the oldest. Also the
maximum for code that runs after its cell, such as a widget's, in one output area of the cell."""
SCRIPT_CODE_NAME = "script"
"""The name for the code of a script, if no variable names a plot."""


@dataclass(frozen=True)
class CellFacts:
    """The run of a cell that shows a plot."""

    id: str
    has_id: bool = True
    """True if the front end gave the id, which then is the same in each run; otherwise it comes from the
    code."""
    name: str | None = None
    """The author's name for the cell's plots."""
    shown_keys: Sequence[PlotKey] = ()
    """The keys of the plots that this run has shown, including those that were cleared."""


@dataclass(frozen=True)
class OutputFacts:
    """The output that shows a plot: below a cell, in a widget, or the whole output of a script."""

    key: PlotKey | None = None
    """The key that this same object has in the output."""
    shown_keys: Sequence[PlotKey] = ()
    """The keys of the plots in the output, in the order in which they were shown."""
    cleared_keys: Sequence[PlotKey] = ()
    """The keys of plots that were cleared there, or around it, and that no other plot has replaced."""
    is_widget: bool = False


@dataclass(frozen=True, kw_only=True)
class KeyFacts:
    """The facts about a plot, and about the code that shows it. They determine its key."""

    name: str | None = None
    """The name that the author gives the plot."""
    shared_name: str | None = None
    """The name under which the author has shown this same object."""
    variable: str | None = None
    """The author's variable that has this same object."""
    is_variable_name: bool = False
    """True if the variable's name is also the plot's: the variables of a script name its plots."""
    known_keys: Sequence[PlotKey] = ()
    """The keys at which this same object is on the page."""
    output: OutputFacts = OutputFacts()
    cell: CellFacts | None = None
    """The cell that the output belongs to; None outside of cells."""
    is_late: bool = False
    """True if the code runs after its cell, such as a widget's callback or a task."""
    code_name: str = ""
    """The name of the code that runs outside of cells."""


def choose_key(facts: KeyFacts, numbers: Iterator[int]) -> PlotKey:
    """Choose the author's name, else the cell and the position in it, else the variable.

    `numbers` gives a number to a plot that nothing else identifies.
    """
    if facts.name is not None:
        return PlotKey("name", facts.name)
    if facts.output.key is not None:
        return facts.output.key
    # a task continues after its cell, and might use up its keys
    cell = None if facts.is_late and not facts.output.is_widget else facts.cell
    if cell is not None and cell.name is not None:
        return _choose_position(PlotKey("name", cell.name), cell.shown_keys, facts)
    if facts.shared_name is not None:
        return PlotKey("name", facts.shared_name)
    if (name := choose_name(facts)) is not None:
        return _choose_position(PlotKey("name", name), facts.output.shown_keys, facts)
    if cell is not None:
        return _choose_cell_key(cell, facts)
    return _choose_code_key(facts, numbers)


def choose_name(facts: KeyFacts) -> str | None:
    """Choose the plot's own name, which it keeps wherever it is shown."""
    return facts.name if facts.name is not None or not facts.is_variable_name else facts.variable


def _choose_cell_key(cell: CellFacts, facts: KeyFacts) -> PlotKey:
    other_keys = [key for key in facts.known_keys if key.identifier != cell.id]
    if other_keys and not cell.has_id:  # for example if a line of a console shows it again
        return other_keys[0]
    return _choose_position(PlotKey("cell", cell.id), cell.shown_keys, facts)


def _choose_code_key(facts: KeyFacts, numbers: Iterator[int]) -> PlotKey:
    """Choose the key of a plot that is shown outside of cells."""
    if facts.output.cleared_keys:
        return facts.output.cleared_keys[0]
    if facts.variable is not None:
        return PlotKey("variable", facts.variable)
    if facts.known_keys:
        return facts.known_keys[0]
    return PlotKey("code", facts.code_name, next(numbers))


def _choose_position(base_key: PlotKey, shown_keys: Sequence[PlotKey], facts: KeyFacts) -> PlotKey:
    """Choose the key of a cleared plot, else the next after those of `shown_keys`; late code shares a few."""

    def is_match(key: PlotKey) -> bool:
        return key.kind == base_key.kind and (key.kind == "cell" or key.identifier == base_key.identifier)

    free_key = next(filter(is_match, facts.output.cleared_keys), None)
    if free_key is not None:
        return free_key
    output_keys = list(filter(is_match, facts.output.shown_keys))
    if facts.is_late and len(output_keys) >= MAX_UNNAMED_PLOTS:
        return output_keys[0]
    return base_key._replace(position=sum(map(is_match, shown_keys)))


def find_variable_name(value: Any, namespace: Mapping[str, Any]) -> str | None:
    """Find the author's variable that has this same object."""
    variables = list(namespace.items())  # another thread may assign one meanwhile
    return next((name for name, each in variables if each is value and not name.startswith("_")), None)
