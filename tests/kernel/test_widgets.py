"""Plots that ipywidgets' outputs collect: they belong to the output that shows them, and to its cell."""

from __future__ import annotations

import pytest
from support.kernel_driver import Kernel
from support.viewer import Viewer

INTERACT = "from ipywidgets import interact\ninteract(lambda x: show(fig(f'{title} {{x}}')), x=(0, 9));"
OUTPUT = "import ipywidgets as w\nout = w.Output()\n"


def ids(viewer: Viewer) -> list[str]:
    return [plot["id"] for plot in viewer.plots]


def report_outputs(kernel: Kernel) -> None:
    """Send the contents of an output to the kernel, as front ends do after it was cleared or printed to."""
    for texts in ((), ("on the page",)):
        outputs = [{"output_type": "stream", "name": "stdout", "text": text} for text in texts]
        kernel.move(kernel.widget("OutputModel"), outputs=outputs)


@pytest.mark.parametrize("cell", ["c1", None])
def test_each_move_of_interact_changes_one_plot_in_place_and_a_rerun_too(
    kernel: Kernel, viewer: Viewer, cell: str | None
) -> None:
    kernel.run(INTERACT.format(title="a"), cell)
    viewer.shows(["a 4"])
    before = ids(viewer)
    for value in (5, 6, 7):
        kernel.move(kernel.widget("IntSliderModel"), value=value)
        viewer.shows([f"a {value}"])
    kernel.run(INTERACT.format(title="a"), cell)
    viewer.shows(["a 4"])
    kernel.move(kernel.widget("IntSliderModel"), value=8)
    viewer.shows(["a 8"])
    assert ids(viewer) == before
    kernel.run("show(fig('next'))", "c2")
    viewer.shows(["a 8", "next"])


def test_what_interact_shows_ends_with_its_cell(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(INTERACT.format(title="a"), "c1")
    kernel.move(kernel.widget("IntSliderModel"), value=5)
    viewer.shows(["a 5"])
    kernel.run("pass", "c1")
    viewer.shows([])
    kernel.move(kernel.widget("IntSliderModel"), value=6)
    kernel.run("show(fig('next'))", "c2")
    viewer.shows(["next"])


def test_what_interact_shows_ends_when_its_cell_is_deleted(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(INTERACT.format(title="a"), "c1")
    kernel.move(kernel.widget("IntSliderModel"), value=5)
    kernel.run("show(fig('next'))", "c2", deleted=["c1"])
    kernel.move(kernel.widget("IntSliderModel"), value=6)
    viewer.shows(["next"])


def test_in_a_subshell_it_is_the_same(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(INTERACT.format(title="a"), "c1")
    viewer.shows(["a 4"])
    before = ids(viewer)
    with kernel.subshell() as subshell:
        for value in (5, 6):
            kernel.move(kernel.widget("IntSliderModel"), subshell=subshell, value=value)
            viewer.shows([f"a {value}"])
    assert ids(viewer) == before


def test_two_interacts_of_a_cell_have_a_place_each(kernel: Kernel, viewer: Viewer) -> None:
    cell = "\n".join(INTERACT.format(title=title) for title in "ab")
    for _ in range(2):
        kernel.run(cell + "\nshow(fig('c'))", "c1")
        viewer.shows(["a 4", "b 4", "c"])
        for number, value in ((-2, 5), (-1, 6), (-2, 7)):
            kernel.move(kernel.widget("IntSliderModel", number), value=value)
        viewer.shows(["a 7", "b 6", "c"])


def test_several_plots_at_each_move_and_fewer_or_more_of_them(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        "from ipywidgets import interact\n"
        "def several(x):\n"
        "    for number in range(x): show(fig(f'{x}.{number}'))\n"
        "interact(several, x=(0, 4));",
        "c1",
    )
    viewer.shows(["2.0", "2.1"])
    slider = kernel.widget("IntSliderModel")
    for value in (1, 3, 0, 2):
        kernel.move(slider, value=value)
        viewer.shows([f"{value or 3}.{number}" for number in range(value or 3)])


def test_a_move_that_prints_instead_takes_the_plot_away(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        "from ipywidgets import interact\n"
        "interact(lambda x: show(fig(f'a {x}')) if x else print('nothing'), x=(0, 9));",
        "c1",
    )
    viewer.shows(["a 4"])
    kernel.move(kernel.widget("IntSliderModel"), value=0)
    viewer.shows([])
    kernel.move(kernel.widget("IntSliderModel"), value=3)
    viewer.shows(["a 3"])


def test_interactive_output_is_where_it_is_displayed(kernel: Kernel, viewer: Viewer) -> None:
    make = (
        "import ipywidgets as w\nslider = w.IntSlider(4)\n"
        "out = w.interactive_output(lambda x: show(fig(f'a {x}')), {'x': slider})"
    )
    for _ in range(2):
        kernel.run(make, "c1")
        kernel.run("show(fig('between'))", "c2")
        kernel.run("w.VBox([slider, out])", "c3")
        kernel.move(kernel.widget("IntSliderModel"), value=5)
        viewer.until(lambda: viewer.titles is not None and sorted(viewer.titles) == ["a 5", "between"])
    kernel.run("pass", "c1")
    kernel.move(kernel.widget("IntSliderModel"), value=6)
    viewer.until(lambda: viewer.titles is not None and sorted(viewer.titles) == ["a 6", "between"])
    kernel.run("pass", "c3")
    viewer.shows(["between"])
    kernel.move(kernel.widget("IntSliderModel"), value=7)
    kernel.run("show(fig('next'))", "c4")
    viewer.shows(["between", "next"])


def test_a_slider_that_drives_an_output_of_a_former_run_shows_once(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("import ipywidgets as w\nslider = w.IntSlider(4)\nslider", "c1")
    for _ in range(3):
        kernel.run("w.interactive_output(lambda x: show(fig(f'a {x}')), {'x': slider})", "c2")
    kernel.move(kernel.widget("IntSliderModel"), value=5)
    viewer.shows(["a 5"])


def test_interact_manual_shows_when_its_button_is_clicked(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        "from ipywidgets import interact_manual\ninteract_manual(lambda x: show(fig(f'a {x}')), x=(0, 9));",
        "c1",
    )
    viewer.shows([])
    for value in (5, 6):
        kernel.move(kernel.widget("IntSliderModel"), value=value)
        kernel.click(kernel.widget("ButtonModel"))
        viewer.shows([f"a {value}"])
    kernel.run("pass", "c1")
    viewer.shows([])


@pytest.mark.parametrize(
    "body",
    [
        "out.clear_output()\n    with out: show(fig(f'a {n}'))",
        "out.clear_output(wait=True)\n    with out: show(fig(f'a {n}'))",
        "out.outputs = ()\n    with out: show(fig(f'a {n}'))",
        "with out:\n        clear_output()\n        fig_ = fig(f'a {n}')\n        display(fig_)",
    ],
)
def test_a_buttons_callback_shows_in_an_output_that_it_clears(
    kernel: Kernel, viewer: Viewer, body: str
) -> None:
    kernel.run(
        f"{OUTPUT}from IPython.display import clear_output\nn, button = 0, w.Button()\ndef clicked(_):\n"
        f"    global n\n    n += 1\n    {body}\nbutton.on_click(clicked)\ndisplay(button, out)",
        "c1",
    )
    kernel.click(kernel.widget("ButtonModel"))
    viewer.shows(["a 1"])
    before = ids(viewer)
    report_outputs(kernel)
    kernel.click(kernel.widget("ButtonModel"))
    viewer.shows(["a 2"])
    assert ids(viewer) == before
    kernel.run("pass", "c1")
    viewer.shows([])


def test_without_clearing_plots_add_up_to_a_bound_in_the_cell_as_on_the_authors_screen(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run(
        f"{OUTPUT}n, button = 0, w.Button()\n@out.capture()\ndef clicked(_):\n"
        "    global n\n    n += 1\n    show(fig(f'a {n}'))\nbutton.on_click(clicked)\ndisplay(button, out)",
        "c1",
    )
    for _ in range(25):
        kernel.click(kernel.widget("ButtonModel"))
        report_outputs(kernel)
    titles = {f"a {number}" for number in range(6, 26)}
    viewer.until(lambda: viewer.titles is not None and set(viewer.titles) == titles)
    kernel.run("pass", "c1")
    viewer.shows([])


def test_capture_that_clears_is_one_plot(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        f"{OUTPUT}n, button = 0, w.Button()\n@out.capture(clear_output=True)\ndef clicked(_):\n"
        "    global n\n    n += 1\n    show(fig(f'a {n}'))\nbutton.on_click(clicked)\ndisplay(button, out)",
        "c1",
    )
    for number in range(1, 4):
        kernel.click(kernel.widget("ButtonModel"))
        viewer.shows([f"a {number}"])


def test_clearing_in_an_output_leaves_the_cell_and_other_outputs_alone(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run(
        f"{OUTPUT}other = w.Output()\ndisplay(out, other)\nshow(fig('cell'))\n"
        "with out: show(fig('out'))\nwith other: show(fig('other'))\nout.clear_output()",
        "c1",
    )
    viewer.shows(["cell", "other"])
    kernel.run("other.clear_output()\nshow(fig('next'))", "c2")
    viewer.shows(["cell", "next"])


@pytest.mark.parametrize("names", ["outer, inner", "inner, outer"])
def test_the_output_that_was_entered_last_collects(kernel: Kernel, viewer: Viewer, names: str) -> None:
    kernel.run(f"import ipywidgets as w\n{names} = w.Output(), w.Output()\ndisplay(outer, inner)", "c1")
    kernel.run(
        "with outer:\n    show(fig('outer'))\n    with inner:\n        show(fig('inner'))\n"
        "        clear_output = inner.clear_output()\n    show(fig('outer 2'))",
        "c2",
    )
    viewer.shows(["outer", "outer 2"])


def test_an_output_in_an_output_is_cleared_with_it_and_its_place_taken(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run(
        f"{OUTPUT}from IPython.display import clear_output\nfrom ipywidgets import interact, Dropdown\n"
        "@interact(kind=['a', 'b'])\ndef choose(kind):\n"
        "    interact(lambda x: show(fig(f'{kind} {x}')), x=(0, 9))",
        "c1",
    )
    viewer.shows(["a 4"])
    before = ids(viewer)
    kernel.move(kernel.widget("IntSliderModel"), value=5)
    viewer.shows(["a 5"])
    kernel.move(kernel.widget("DropdownModel"), index=1)
    viewer.shows(["b 4"])
    kernel.move(kernel.widget("IntSliderModel"), value=6)
    viewer.shows(["b 6"])
    assert ids(viewer) == before


def test_an_output_that_is_displayed_again_after_its_cell_was_cleared_is_there_again(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run(
        f"{OUTPUT}from IPython.display import clear_output\ndisplay(out)\np = fig('p')\n"
        "with out: show(p)\nclear_output()",
        "c1",
    )
    kernel.run("show(fig('next'))", "c2")
    viewer.shows(["next"])
    kernel.run("with out: show(fig('q'))\ndisplay(out)", "c3")
    viewer.shows(["next", "q"])


def test_an_output_that_is_closed_takes_its_plots_along(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(f"{OUTPUT}display(out)\nwith out: show(fig('a'))\nshow(fig('b'))", "c1")
    viewer.shows(["a", "b"])
    kernel.run("out.close()", "c2")
    viewer.shows(["b"])


def test_a_callback_that_fails_leaves_the_plot_there(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        "from ipywidgets import interact\ninteract(lambda x: show(fig(f'a {1 / x}')), x=(0, 4));", "c1"
    )
    viewer.shows(["a 0.5"])
    kernel.move(kernel.widget("IntSliderModel"), value=0, fails=True)
    kernel.run("show(fig('next'))", "c2")
    viewer.shows(["a 0.5", "next"])
    kernel.move(kernel.widget("IntSliderModel"), value=1)
    viewer.shows(["a 1.0", "next"])


def test_the_same_figure_at_each_move_is_one_plot_that_changes(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        "from ipywidgets import interact\np = fig('p')\ndef on_move(x):\n    p.title.text = f'a {x}'\n"
        "    show(p)\ninteract(on_move, x=(0, 9));",
        "c1",
    )
    for value in (5, 6):
        kernel.move(kernel.widget("IntSliderModel"), value=value)
        viewer.shows([f"a {value}"])


def test_a_skipped_cells_interact_stays_off_the_page(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("%%bokeh_share --skip\n" + INTERACT.format(title="a"), "c1")
    kernel.move(kernel.widget("IntSliderModel"), value=5)
    kernel.run("show(fig('next'))", "c2")
    viewer.shows(["next"])


def test_a_named_cells_interact_has_its_name(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("%%bokeh_share sales\n" + INTERACT.format(title="a"), "c1")
    kernel.move(kernel.widget("IntSliderModel"), value=5)
    viewer.shows(["a 5"], names=["sales"])


def test_share_in_a_callback_is_as_show(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        "from bokeh_share import share\nfrom ipywidgets import interact\n"
        "def shared(x): share(fig(f'a {x}'))\ninteract(shared, x=(0, 9));",
        "c1",
    )
    viewer.shows(["a 4"])
    for value in (5, 6):
        kernel.move(kernel.widget("IntSliderModel"), value=value)
        viewer.shows([f"a {value}"])


def test_widgets_that_there_are_before_the_extension_are_followed(kernel: Kernel) -> None:
    kernel.run(f"{OUTPUT}display(out)", "c1")
    with kernel.watch(kernel.share()) as viewer:
        for title in "ab":
            kernel.run(
                f"with out:\n    __import__('IPython').display.clear_output()\n    show(fig('{title}'))", "c2"
            )
            viewer.shows([title])
