"""The notebook that shows apps, with a colleague."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from browser.test_apps import opened, titles, until_titled
from playwright.sync_api import expect
from support.notebook_pages import Kernel, Open, link_in

PATH = Path(__file__).resolve().parents[2] / "notebooks" / "apps.ipynb"


def cells() -> dict[str, str]:
    notebook = nbformat.read(PATH, as_version=4)
    nbformat.validate(notebook)
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells)
    return {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}


@pytest.fixture
def link(kernel: Kernel) -> str:
    """Of the share, after all cells were run."""
    code = cells()
    url = link_in(kernel.run(code["share"].replace(" --external", ""), cell="share"))
    for id, source in code.items():
        if id != "share":
            kernel.run(source, cell=id)
    return url


def test_the_page_lists_its_apps(link: str, visit: Open) -> None:
    viewer = visit(link)
    expect(viewer.page.locator("section.app h2")).to_have_text(["sales", "Oslo", "dice"])


def test_a_colleague_chooses_and_the_author_changes_the_colour(
    kernel: Kernel, link: str, visit: Open
) -> None:
    viewer = opened(visit(f"{link}sales"))
    viewer.page.get_by_label("shop").select_option("Porto")
    until_titled(viewer, "Porto, the last 90 days")
    kernel.run(cells()["options"].replace("#2a7f9e", "#9e2a7f"), cell="options")
    viewer.page.wait_for_function(
        """() => Bokeh.documents.flatMap((each) => [...each._all_models.values()])
            .some(({ type, line_color }) => type === "Line" && line_color?.value === "#9e2a7f")"""
    )
    assert titles(viewer) == ["Porto, the last 90 days"]
    expect(viewer.page.get_by_label("shop")).to_have_value("Porto")


def test_what_the_author_bound_is_no_option(link: str, visit: Open) -> None:
    viewer = opened(visit(f"{link}Oslo?last=30"))
    assert titles(viewer) == ["Oslo, the last 30 days"]
    expect(viewer.page.get_by_label("shop")).to_have_count(0)


def test_each_viewer_throws_dice_of_their_own(link: str, visit: Open) -> None:
    one, other = opened(visit(f"{link}dice")), opened(visit(f"{link}dice?sides=20"))
    one.page.get_by_role("button", name="Throw 100 times").click()
    until_titled(one, "100 throws")
    assert titles(other) == ["Nothing thrown yet"]
