"""What the author clears is gone on the page, and its place is taken by what is shown next."""

from __future__ import annotations

import pytest
from support.kernel_driver import DRAW_HINT, Kernel, Output
from support.viewer import Viewer

LOOP = """
from IPython.display import clear_output
for number in range(8):
    clear_output({wait})
    show(fig(f'{title} {{number}}'))
"""


DELAY = "__import__('bokeh_share.notebook.output_areas').notebook.output_areas.REMOVAL_DELAY"


@pytest.fixture(autouse=True)
def _patient(kernel: Kernel) -> None:
    """What is cleared keeps its place until the cell shows more, however long that takes here."""
    kernel.run(f"{DELAY} = 600.0", silent=True)


def ids(viewer: Viewer) -> list[str]:
    return [plot["id"] for plot in viewer.plots]


@pytest.mark.parametrize("wait", ["wait=True", "wait=False"])
@pytest.mark.parametrize("cell", ["c1", None])
def test_a_loop_that_clears_and_shows_is_one_plot_that_changes_in_place(
    kernel: Kernel, viewer: Viewer, wait: str, cell: str | None
) -> None:
    kernel.run(LOOP.format(wait=wait, title="a"), cell)
    viewer.shows(["a 7"])
    before = ids(viewer)
    assert [plot["generation"] for plot in viewer.plots] == [8]
    kernel.run(LOOP.format(wait=wait, title="a"), cell)
    viewer.until(lambda: viewer.in_step and [plot["generation"] for plot in viewer.plots] == [16])
    assert ids(viewer) == before


def test_it_is_so_where_bokehjs_was_loaded(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("from bokeh.resources import INLINE; output_notebook(INLINE, hide_banner=True)", "c0")
    kernel.run(LOOP.format(wait="wait=True", title="a"), "c1")
    viewer.shows(["a 7"])
    assert [plot["generation"] for plot in viewer.plots] == [8]


def test_several_plots_that_are_cleared_have_their_places_again_in_order(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run(
        "from IPython.display import clear_output\nshow(fig('a')); show(fig('b')); show(fig('c'))", "c1"
    )
    viewer.shows(["a", "b", "c"])
    before = ids(viewer)
    kernel.run(
        "show(fig('a')); show(fig('b')); show(fig('c'))\nclear_output()\nshow(fig('A')); show(fig('B'))", "c1"
    )
    viewer.shows(["A", "B"])
    assert ids(viewer) == before[:2]


@pytest.mark.parametrize(
    ("after", "seen"),
    [
        ("clear_output()", []),
        ("clear_output(wait=True)", ["a"]),
        ("clear_output(wait=True)\nprint('ready')", []),
        ("clear_output(wait=True)\ndisplay('ready')", []),
        ("clear_output(wait=True)\n'ready'", []),
        ("clear_output(wait=True)\n'ready';", ["a"]),
        ("clear_output(wait=True)\nclear_output()", []),
        ("clear_output()\nclear_output(wait=True)", []),
        ("print('ready')\nclear_output(wait=True)", ["a"]),
        ("clear_output(wait=True)\nshow(p)", ["a"]),
        ("clear_output()\np", ["a"]),
    ],
)
def test_what_is_cleared_last_is_on_the_page_as_long_as_the_author_sees_it(
    kernel: Kernel, viewer: Viewer, after: str, seen: list[str]
) -> None:
    kernel.run(f"from IPython.display import clear_output\np = fig('a')\nshow(p)\n{after}", "c1")
    kernel.run("show(fig('next'))", "c2")
    viewer.shows([*seen, "next"])


def test_what_is_cleared_at_once_is_gone_while_the_cell_goes_on(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(f"{DELAY} = 0.1", silent=True)
    kernel.run("show(fig('kept'))", "c0")
    running = kernel.begin(
        "import os, time\nfrom IPython.display import clear_output\nshow(fig('a'))\nclear_output()\n"
        "while not os.path.exists('go on'): time.sleep(0.01)\nshow(fig('b'))",
        "c1",
    )
    viewer.shows(["kept", "a"])
    viewer.shows(["kept"])
    (kernel.folder / "go on").touch()
    kernel.finish(running)
    viewer.shows(["kept", "b"])
    (kernel.folder / "go on").unlink()


def test_other_cells_and_plots_with_a_name_of_their_own_are_not_cleared(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run("show(fig('other'))", "c1")
    kernel.run(
        "from bokeh_share import share\nfrom IPython.display import clear_output\n"
        "named = fig('named')\nshare(named, name='sales')\nshow(named)\nshow(fig('a'))\nclear_output()",
        "c2",
    )
    viewer.shows(["other", "named"])


def test_a_cell_that_fails_after_it_cleared_has_nothing_of_what_it_showed(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run("from IPython.display import clear_output\nshow(fig('a')); show(fig('b'))", "c1")
    kernel.run("show(fig('A')); clear_output(); 1 / 0", "c1", fails=True)
    viewer.shows(["b"])


def test_a_named_cell_that_clears_keeps_its_name(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("%%bokeh_share sales\n" + LOOP.format(wait="wait=True", title="a"), "c1")
    viewer.shows(["a 7"], names=["sales"])


def test_a_task_that_goes_on_after_its_cell_clears_what_it_showed(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        "from IPython.display import clear_output\n"
        "async def follow():\n"
        "    for number in range(8):\n"
        "        await asyncio.sleep(0)\n"
        "        clear_output(wait=True)\n"
        "        show(fig(f'late {number}'))\n"
        "task = asyncio.create_task(follow())",
        "c1",
    )
    kernel.run("await task\nshow(fig('next'))", "c2")
    viewer.shows(["late 7", "next"])


def test_updates_of_a_display_are_not_concerned(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        "from IPython.display import clear_output\nshow(fig('a'))\nhandle = display('x', display_id=True)\n"
        "clear_output(wait=True)\nhandle.update('y')",
        "c1",
    )
    kernel.run("show(fig('next'))", "c2")
    viewer.shows(["a", "next"])


def test_a_subshells_cell_clears_its_own(kernel: Kernel, viewer: Viewer) -> None:
    with kernel.subshell() as subshell:
        kernel.run("show(fig('main'))", "c1")
        kernel.run(LOOP.format(wait="wait=True", title="a"), "c2", subshell=subshell)
        viewer.shows(["main", "a 7"])


def test_clearing_says_nothing(kernel: Kernel, viewer: Viewer) -> None:
    output: Output = kernel.run(LOOP.format(wait="wait=True", title="a"), "c1")
    assert output.lines == [
        "bokeh_share: 1 plot on the page",
        DRAW_HINT,
        *["bokeh_share: 1 plot on the page"] * 7,
    ]
    assert output.displays == []
