"""The notebook that shows what a colleague keeps, with a colleague."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from support.notebook_pages import Kernel, Open, link_in

PATH = Path(__file__).resolve().parents[2] / "notebooks" / "zoom.ipynb"
ROOF = """() => Bokeh.documents.flatMap((each) => each.roots())
    .find((root) => root.title.text.startsWith("Power"))"""
LENGTH = f"({ROOF})().renderers[0].data_source.get_length()"
SEEN = f"(({{ x_range: {{ start, end }} }}) => [start, end])(({ROOF})())"


def cells() -> dict[str, str]:
    notebook = nbformat.read(PATH, as_version=4)
    nbformat.validate(notebook)
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells)
    return {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}


@pytest.mark.parametrize("again", [1, 3])
def test_a_colleague_zooms_in_the_author_appends_todays_rows_and_the_zoom_stays(
    kernel: Kernel, visit: Open, again: int
) -> None:
    code = cells()
    link = link_in(kernel.run(code["share"].replace(" --external", ""), cell="share"))
    for id in ("roof", "today"):
        kernel.run(code[id], cell=id)
    viewer = visit(link).in_step_with(kernel)
    all_of_it = viewer.page.evaluate(SEEN)
    box = viewer.card("roof").locator(".bk-Figure").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    viewer.page.mouse.move(box["x"] + 300, middle)
    viewer.page.mouse.down()
    viewer.page.mouse.move(box["x"] + 380, middle, steps=4)
    viewer.page.mouse.up()
    viewer.page.wait_for_function(
        f"(before) => {SEEN}[0] > before[0] && {SEEN}[1] < before[1]", arg=all_of_it
    )
    zoomed: Any = viewer.page.evaluate(SEEN)
    rows = viewer.page.evaluate(LENGTH)

    for _ in range(again):
        kernel.run(code["today"], cell="today")
    viewer.in_step_with(kernel)
    assert viewer.page.evaluate(LENGTH) == rows + 24 * again
    assert viewer.page.evaluate(SEEN) == zoomed
    viewer.card("roof").get_by_title("Reset", exact=True).click()
    viewer.page.wait_for_function(
        f"(before) => {SEEN}[0] <= before[0] && {SEEN}[1] > before[1]", arg=all_of_it
    )


def test_its_streaming_cell_runs_and_is_followed(kernel: Kernel, visit: Open) -> None:
    code = cells()
    link = link_in(kernel.run(code["share"].replace(" --external", ""), cell="share"))
    kernel.run(code["roof"], cell="roof")
    kernel.run(code["streaming"].replace("range(1, 101)", "range(1, 21)"), cell="streaming")
    viewer = visit(link).in_step_with(kernel)
    assert viewer.titles() == ["Right now"]
