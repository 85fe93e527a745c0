from __future__ import annotations

import pytest

from bokeh_share.notebook.magic import transform_cell_magic


def test_the_cell_magic_becomes_a_statement_and_lines_keep_their_numbers() -> None:
    lines = ["%%bokeh_share sales\n", "await x\n", "show(p)\n"]
    assert transform_cell_magic(lines) == [
        "get_ipython().run_cell_magic('bokeh_share', 'sales', '\\n')\n",
        "await x\n",
        "show(p)\n",
    ]


def test_empty_lines_above_it_stay() -> None:
    assert transform_cell_magic(["\n", "%%bokeh_share a\n", "x\n"])[0] == "\n"


def test_another_cell_magic_below_it_still_works() -> None:
    changed = transform_cell_magic(["%%bokeh_share a\n", "%%time\n", "x\n"])
    assert changed[1:] == ["get_ipython().run_cell_magic('time', '', 'x\\n')\n"]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["\n"],
        ["%bokeh_share sales\n"],
        ["%%bokeh_shared sales\n", "x\n"],
        ["x = 1\n", "%%bokeh_share sales\n"],
        ["%%bokeh_share?\n"],
        ["%%time\n", "x\n"],
    ],
)
def test_other_cells_stay_as_they_are(lines: list[str]) -> None:
    assert transform_cell_magic(list(lines)) == lines


def test_quotes_in_its_arguments_are_no_code() -> None:
    (line,) = transform_cell_magic(["%%bokeh_share a'b\"c\n"])
    compile(line, "cell", "exec")
