from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bokeh_share.cli.notebook_source import CodeCell, NotebookSource, parse_notebook, read_notebook
from bokeh_share.errors import CannotRun


def code(id: str, source: str | list[str], **more: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": id,
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    } | more


def text(*cells: dict[str, Any], minor: int = 5, **metadata: Any) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": list(cells)})


def test_of_a_notebook_its_code_cells_and_its_kernel_are_read() -> None:
    markdown = {"cell_type": "markdown", "id": "m", "source": "# Sales", "metadata": {}}
    book = parse_notebook(
        text(
            code("a", "x = 1"),
            markdown,
            code("b", ["y\n", "z"]),
            kernelspec={"name": "py", "display_name": "P"},
        )
    )
    assert book.cells == (CodeCell("a", "x = 1"), CodeCell("b", "y\nz"))
    assert book.kernel == "py"


def test_empty_cells_and_those_tagged_to_be_skipped_are_not_run() -> None:
    skipped = code("b", "1/0", metadata={"tags": ["skip-execution"]})
    failing = code("c", "2/0", metadata={"tags": ["raises-exception"]})
    assert parse_notebook(text(code("a", " \n"), skipped, failing)).cells == (
        CodeCell("c", "2/0", can_fail=True),
    )


def test_outputs_counts_text_and_kernel_are_no_difference() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "1"}
    markdown = {"cell_type": "markdown", "id": "m", "source": "new", "metadata": {}}
    ran = code("a", "x", outputs=[output], execution_count=3, metadata={"collapsed": True})
    assert parse_notebook(text(code("a", "x"))) == parse_notebook(
        text(ran, markdown, kernelspec={"name": "other"})
    )


@pytest.mark.parametrize(
    "other",
    [[code("a", "y")], [code("b", "x")], [code("a", "x"), code("b", "z")], []],
    ids=["code", "id", "another cell", "none"],
)
def test_code_ids_and_order_are(other: list[dict[str, Any]]) -> None:
    assert parse_notebook(text(code("a", "x"))) != parse_notebook(text(*other))


def test_where_cells_have_no_ids_their_place_counts() -> None:
    cells = [{key: value for key, value in code("", source).items() if key != "id"} for source in "xy"]
    assert [cell.id for cell in parse_notebook(text(*cells, minor=4)).cells] == ["0", "1"]


def test_two_cells_of_one_id_are_two() -> None:
    assert [cell.id for cell in parse_notebook(text(code("a", "x"), code("a", "y"))).cells] == ["a", "a-1"]


def test_a_notebook_of_an_old_format_is_read() -> None:
    cell = {"cell_type": "code", "input": "x = 1", "metadata": {}, "outputs": [], "language": "python"}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}
    assert parse_notebook(json.dumps(old)) == NotebookSource((CodeCell("0", "x = 1"),))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"nbformat": 4}',
        b'{"nbformat": 9}',
        b'{"nbformat": 4, "cells": [1]}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_notebook_is_refused_in_a_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.ipynb"
    file.write_bytes(content)
    with pytest.raises(CannotRun) as refused:
        read_notebook(file)
    assert str(refused.value).startswith("cannot run 'a.ipynb', which ")
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("# Plot of sales\nshow(p)", "Plot of sales"),
        ("\n\nx = 1", "x = 1"),
        ("#%% first\nx", "first"),
        ("# \nx = 1", "x = 1"),
        ("x" * 60, "x" * 47 + "…"),
    ],
)
def test_a_cells_first_line_stands_for_it(source: str, title: str) -> None:
    assert CodeCell("a", source).title == title


@pytest.mark.parametrize(
    "source",
    [
        "%bokeh_share -e",
        "x = 1\n  %bokeh_share -t Sales --external",
        "%bokeh_share sales --external\np",
        "%bokeh_share -et 'Sales overview'",
        "%bokeh_share --external --port {port}",
        "%bokeh_share -a eth0",
        "%bokeh_share -a $address",
        "%bokeh_share --address=all",
        "from bokeh_share import share\nshare(p, external=True)",
        "share(\n    p,\n    address='10.0.0.5',\n)",
    ],
)
def test_a_cell_that_shares_on_the_network_is_known_by_its_words(source: str) -> None:
    assert parse_notebook(text(code("a", "x"), code("b", source))).external_cell_number == 2


@pytest.mark.parametrize(
    "source",
    [
        "%bokeh_share",
        "%bokeh_share -t external",
        "%bokeh_share --status",
        "# %bokeh_share -e",
        "%bokeh_share --extrnal",
        "%bokeh_share --ext",
        "%bokeh_share -extrnal",
        "%bokeh_share --external --bad",
        "%bokeh_share --external --port many",
        "%bokeh_share --external --title 'Sales",
        "%%bokeh_share sales --external\np",
        "%bokeh_share -a localhost",
        "%bokeh_share --address 127.0.0.1",
        "share(p)\nexternal = True",
        "share(p, external=False)",
        "share(p, address='localhost')",
    ],
)
def test_a_cell_that_does_not_is_not_taken_for_one(source: str) -> None:
    assert parse_notebook(text(code("a", source))).external_cell_number is None
