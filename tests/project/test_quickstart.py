"""The notebook that a new user opens first, run from top to bottom."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

PATH = Path(__file__).resolve().parents[2] / "notebooks" / "quickstart.ipynb"
ASK = """
import json
from bokeh_share import share
plots = [[plot.name, plot.generation, plot.size] for plot in share().plots]
print(json.dumps(plots))
"""


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text_of(cell: NotebookNode) -> str:
    return "".join(
        output.text if output.output_type == "stream" else output.data.get("text/plain", "")
        for output in cell.outputs
    )


@pytest.fixture(scope="module")
def executed() -> NotebookNode:
    """A copy that shares on loopback only, with a last cell that asks what is on the page."""
    notebook = nbformat.read(PATH, as_version=4)
    for cell in code_cells(notebook):
        cell.source = cell.source.replace("%bokeh_share --external", "%bokeh_share")
    notebook.cells.append(nbformat.v4.new_code_cell(ASK))
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return notebook


def test_it_runs_from_top_to_bottom_without_an_error_or_a_warning(executed: NotebookNode) -> None:
    outputs = [output for cell in code_cells(executed) for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error"] == []
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []


def test_its_first_cell_shares_and_the_next_ones_plot(executed: NotebookNode) -> None:
    first, *plotting, _ = code_cells(executed)
    assert re.search(r"http://localhost:\d+/[\w-]{22}/", text_of(first))
    for cell in plotting:
        kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
        assert "application/vnd.bokehjs_exec.v0+json" in kinds


def test_each_of_its_plots_is_on_the_page(executed: NotebookNode) -> None:
    plots = json.loads(text_of(code_cells(executed)[-1]))
    assert len(plots) == 4
    assert "mass" in [name for name, _, _ in plots]
    assert all(size > 5_000 for _, _, size in plots)


def test_it_is_kept_as_a_new_user_should_find_it() -> None:
    notebook = nbformat.read(PATH, as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code_cells(notebook))
    assert code_cells(notebook)[0].source == "%load_ext bokeh_share\n%bokeh_share --external"
    assert not any("--stop" in cell.source for cell in code_cells(notebook))
