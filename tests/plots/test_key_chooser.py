"""Which key a plot has on the page: what is known of it, and what follows."""

from __future__ import annotations

from itertools import count

import pytest

from bokeh_share.plots.key_chooser import (
    MAX_UNNAMED_PLOTS,
    CellFacts,
    KeyFacts,
    OutputFacts,
    choose_key,
    choose_name,
    find_variable_name,
)
from bokeh_share.plots.page import PlotKey

P = PlotKey
NUMBER = 7
"""Of a plot that nothing else tells apart."""
CELL = CellFacts("c")
CONSOLE_LINE = CellFacts("digest", has_id=False)
SALES = CellFacts("c", name="sales")
SCRIPT = {"is_variable_name": True, "code_name": "script"}


def in_cell(cell: CellFacts = CELL, **facts: object) -> KeyFacts:
    return KeyFacts(cell=cell, **facts)  # type: ignore[arg-type]


def after_cell(output: OutputFacts, cell: CellFacts = CELL, **facts: object) -> KeyFacts:
    """What a callback of a widget's, or a task, shows when its cell has ended."""
    return KeyFacts(cell=cell, output=output, is_late=True, **facts)  # type: ignore[arg-type]


def cleared(*keys: PlotKey) -> OutputFacts:
    return OutputFacts(cleared_keys=keys)


def shown(*keys: PlotKey, cell: str = "c", name: str | None = None) -> CellFacts:
    return CellFacts(cell, name=name, shown_keys=keys)


MANY = [P("cell", "c", each) for each in range(MAX_UNNAMED_PLOTS)]
FULL_WIDGET = OutputFacts(shown_keys=MANY, is_widget=True)

TABLE: dict[str, tuple[KeyFacts, PlotKey]] = {
    # the author's name goes before all else
    "name": (KeyFacts(name="sales"), P("name", "sales")),
    "name of what is on the page": (
        in_cell(SALES, name="costs", variable="p", known_keys=[P("cell", "c")], shared_name="p"),
        P("name", "costs"),
    ),
    "name of what is in the output": (
        KeyFacts(name="sales", output=OutputFacts(P("cell", "c", 1))),
        P("name", "sales"),
    ),
    # the same object in the same output
    "again in a cell": (in_cell(output=OutputFacts(P("cell", "c", 1))), P("cell", "c", 1)),
    "again in a cell with a name": (in_cell(SALES, output=OutputFacts(P("cell", "c", 1))), P("cell", "c", 1)),
    "again in a script": (
        KeyFacts(variable="q", output=OutputFacts(P("name", "p"), [P("name", "p")]), **SCRIPT),
        P("name", "p"),
    ),
    # a cell
    "first of a cell": (in_cell(), P("cell", "c", 0)),
    "second of a cell": (in_cell(shown(P("cell", "c"))), P("cell", "c", 1)),
    "after another cell's, from a widget": (in_cell(shown(P("cell", "d"))), P("cell", "c", 1)),
    "after a named one": (in_cell(shown(P("name", "x"))), P("cell", "c", 0)),
    "variable of a cell": (in_cell(variable="p"), P("cell", "c", 0)),
    "another cell's plot": (in_cell(known_keys=[P("cell", "d")]), P("cell", "c", 0)),
    "same object on a console's line": (in_cell(CONSOLE_LINE, known_keys=[P("cell", "d")]), P("cell", "d")),
    "same object on the same line": (
        in_cell(CONSOLE_LINE, known_keys=[P("cell", "digest", 1)]),
        P("cell", "digest"),
    ),
    # a cell with a name
    "first of a named cell": (in_cell(SALES), P("name", "sales", 0)),
    "second of a named cell": (in_cell(shown(P("name", "sales"), name="sales")), P("name", "sales", 1)),
    "other names do not count": (in_cell(shown(P("name", "x"), name="sales")), P("name", "sales", 0)),
    "named cell before shared name": (in_cell(SALES, shared_name="p"), P("name", "sales")),
    # what the author shared by name
    "shared by name": (in_cell(shared_name="p", known_keys=[P("name", "p")]), P("name", "p")),
    "shared by name, outside": (KeyFacts(shared_name="p", variable="q"), P("name", "p")),
    # what was cleared
    "cleared in a cell": (
        in_cell(shown(P("cell", "c")), output=cleared(P("cell", "c"))),
        P("cell", "c", 0),
    ),
    "cleared, the first that fits": (
        in_cell(output=cleared(P("variable", "p"), P("cell", "d", 3), P("cell", "c"))),
        P("cell", "d", 3),
    ),
    "cleared under the name": (
        in_cell(SALES, output=cleared(P("name", "x"), P("cell", "c"), P("name", "sales", 2))),
        P("name", "sales", 2),
    ),
    "cleared under no such name": (in_cell(SALES, output=cleared(P("cell", "c"))), P("name", "sales")),
    # code that runs after its cell
    "widget after its cell": (after_cell(OutputFacts(is_widget=True)), P("cell", "c", 0)),
    "widget of a named cell": (after_cell(OutputFacts(is_widget=True), SALES), P("name", "sales")),
    "widget with many": (after_cell(FULL_WIDGET), P("cell", "c", 0)),
    "many of a cell that runs": (
        in_cell(shown(*MANY), output=FULL_WIDGET),
        P("cell", "c", MAX_UNNAMED_PLOTS),
    ),
    "task after its cell": (after_cell(OutputFacts()), P("code", "", NUMBER)),
    "task of a named cell": (after_cell(OutputFacts(), SALES), P("code", "", NUMBER)),
    "task after it cleared": (
        after_cell(cleared(P("variable", "q"), P("cell", "c")), variable="p"),
        P("variable", "q"),
    ),
    "task with a variable": (after_cell(OutputFacts(), variable="p"), P("variable", "p")),
    # outside of cells
    "variable": (KeyFacts(variable="p", known_keys=[P("cell", "c")]), P("variable", "p")),
    "on the page": (KeyFacts(known_keys=[P("cell", "c"), P("cell", "d")]), P("cell", "c")),
    "nothing known": (KeyFacts(), P("code", "", NUMBER)),
    # a script, whose variables are names
    "variable of a script": (
        KeyFacts(variable="p", known_keys=[P("code", "script")], **SCRIPT),
        P("name", "p"),
    ),
    "another of the variable": (
        KeyFacts(variable="p", output=OutputFacts(shown_keys=[P("name", "p"), P("name", "q")]), **SCRIPT),
        P("name", "p", 1),
    ),
    "each time counts": (
        KeyFacts(variable="p", output=OutputFacts(shown_keys=[P("name", "p"), P("name", "p")]), **SCRIPT),
        P("name", "p", 2),
    ),
    "on the page of a script": (
        KeyFacts(known_keys=[P("code", "script", 2)], **SCRIPT),
        P("code", "script", 2),
    ),
    "nothing known in a script": (KeyFacts(**SCRIPT), P("code", "script", NUMBER)),
}


@pytest.mark.parametrize(("facts", "key"), TABLE.values(), ids=TABLE)
def test_the_key_follows_from_the_facts(facts: KeyFacts, key: PlotKey) -> None:
    assert choose_key(facts, count(NUMBER)) == key


def test_a_number_is_used_only_where_nothing_else_tells_a_plot_apart() -> None:
    for facts, key in TABLE.values():
        if key.position != NUMBER:
            assert choose_key(facts, iter(())) == key
        else:
            numbers = count(NUMBER)
            choose_key(facts, numbers)
            assert next(numbers) == NUMBER + 1


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        (KeyFacts(), None),
        (KeyFacts(name="sales", variable="p", is_variable_name=True), "sales"),
        (KeyFacts(variable="p", is_variable_name=True), "p"),
        (KeyFacts(variable="p"), None),
        (KeyFacts(is_variable_name=True), None),
    ],
)
def test_a_variable_names_its_plot_where_it_is_to(facts: KeyFacts, name: str | None) -> None:
    assert choose_name(facts) == name


def test_a_variable_is_known_by_the_very_object_and_is_the_authors() -> None:
    one, same = [1], [1]
    namespace = {"_": one, "_1": one, "other": same, "p": one, "q": one}
    assert find_variable_name(one, namespace) == "p"
    assert find_variable_name([1], namespace) is None
