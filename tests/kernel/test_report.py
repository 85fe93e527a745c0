"""The notebook that mixes all libraries, run from top to bottom on its real data."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from support.kernel_driver import Kernel

for package in ("matplotlib", "seaborn", "plotnine", "plotly", "kaleido", "altair", "vl_convert"):
    pytest.importorskip(package)

PATH = Path(__file__).resolve().parents[2] / "notebooks" / "report.ipynb"
TITLE = "Penguins, with every library"
EXPECTED = [
    ["table", "The data"],
    ["table", "The data"],
    ["bokeh", "Bills"],
    ["image", "Bills"],
    ["image", "Bills"],
    ["image", "Bills"],
    ["image", "Body mass"],
    ["image", "Body mass"],
    ["text", "Body mass"],
]


def test_all_of_it_is_on_the_page_below_its_headings(tmp_path: Path, environment: dict[str, str]) -> None:
    chromium = {"BROWSER_PATH": path} if (path := os.environ.get("BOKEH_SHARE_CHROMIUM")) else {}
    kernel = Kernel(tmp_path, env={**environment, **chromium, "JPY_SESSION_NAME": str(PATH)}, is_warm=False)
    try:
        notebook = nbformat.read(PATH, as_version=4)
        share, *cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert "%bokeh_share --external --all --headings" in share.source
        with kernel.watch(kernel.share("--all --headings", cell=share.id)) as viewer:
            for cell in cells:
                kernel.run(cell.source, cell.id)
            viewer.until(
                lambda: (
                    viewer.in_step
                    and [[plot["kind"], plot["section"][-1][1]] for plot in viewer.plots] == EXPECTED
                )
            )
            assert {plot["section"][0][1] for plot in viewer.plots} == {TITLE}
        assert "cannot share" not in kernel.card
    finally:
        kernel.end()


def test_it_is_kept_without_outputs() -> None:
    notebook = nbformat.read(PATH, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
