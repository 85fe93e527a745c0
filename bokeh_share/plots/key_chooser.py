"""Chooses the key under which a plot is on the page, so that a re-run of its code finds it again.

The rooms that a plot comes in by gather the facts; the rules are in here only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .page import PlotKey

MAX_UNNAMED_PLOTS = 20
"""How many plots from outside of any cell, without a name, are on the page; more replace the oldest. Also how
many code that runs after its cell, as a widget's does, has in one area of the cell's."""
SCRIPT_CODE_NAME = "script"
"""The name of the code of a script, where no variable names a plot."""


@dataclass(frozen=True)
class CellFacts:
    """The run of a cell that shows a plot."""

    id: str
    has_id: bool = True
    """Whether the front end gave the id, which then is the cell's in each run; else it is of the code."""
    name: str | None = None
    """What the author calls the cell's plots."""
    shown_keys: Sequence[PlotKey] = ()
    """The keys of the plots that this run has shown, including those that were cleared."""


@dataclass(frozen=True)
class OutputFacts:
    """The output that shows a plot: below a cell, in a widget, or all that a script has shown."""

    key: PlotKey | None = None
    """The key that this very object has in the output."""
    shown_keys: Sequence[PlotKey] = ()
    """The keys of the plots in the output, in the order in which they were shown."""
    cleared_keys: Sequence[PlotKey] = ()
    """The keys of plots that were cleared there, or around it, and that no other plot has replaced."""
    is_widget: bool = False


@dataclass(frozen=True, kw_only=True)
class KeyFacts:
    """The facts about a plot, and about the code that shows it, from which its key follows."""

    name: str | None = None
    """The name that the author gives the plot."""
    shared_name: str | None = None
    """The name under which the author has shared this very object."""
    variable: str | None = None
    """The author's variable that has this very object."""
    is_variable_name: bool = False
    """Whether the variable's name is the plot's as well: a script's variables name its plots."""
    known_keys: Sequence[PlotKey] = ()
    """The keys at which this very object is on the page."""
    output: OutputFacts = OutputFacts()
    cell: CellFacts | None = None
    """The cell that the output belongs to; None outside of cells."""
    is_late: bool = False
    """Whether the code runs after its cell, as a widget's callback or a task does."""
    code_name: str = ""
    """The name of the code that runs outside of cells."""


def choose_key(facts: KeyFacts, numbers: Iterator[int]) -> PlotKey:
    """Choose the author's name, else the cell and the position in it, else the variable.

    `numbers` gives a number to a plot that nothing else tells apart.
    """
    if facts.name is not None:
        return PlotKey("name", facts.name)
    if facts.output.key is not None:
        return facts.output.key
    # a task outlives its cell, and might use up its keys
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
    """Choose the name of the plot itself, which it keeps wherever it is shown."""
    return facts.name if facts.name is not None or not facts.is_variable_name else facts.variable


def _choose_cell_key(cell: CellFacts, facts: KeyFacts) -> PlotKey:
    other_keys = [key for key in facts.known_keys if key.identifier != cell.id]
    if other_keys and not cell.has_id:  # as when a line of a console shows it again
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
    """Find the author's variable that has this very object."""
    variables = list(namespace.items())  # another thread may bind one meanwhile
    return next((name for name, each in variables if each is value and not name.startswith("_")), None)
