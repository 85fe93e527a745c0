"""What `show()` and a last expression put on the page, and what the author's cell sees of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.kernel_driver import DRAW_HINT, Kernel
from support.viewer import Viewer

INLINE = "from bokeh.resources import INLINE; output_notebook(INLINE, hide_banner=True)"


def test_show_puts_the_plot_on_the_page_and_says_so_in_one_line(kernel: Kernel, viewer: Viewer) -> None:
    output = kernel.run("show(fig('a'))", "c1")
    viewer.shows(["a"])
    assert output.lines == ["bokeh_share: 1 plot on the page", DRAW_HINT]
    assert output.displays == []


def test_show_writes_no_file_and_opens_no_browser(
    kernel: Kernel, viewer: Viewer, environment: dict[str, str]
) -> None:
    kernel.run("show(fig('a'))", "c1")
    kernel.run("fig('b')", "c2")
    viewer.shows(["a", "b"])
    assert list(kernel.folder.iterdir()) == []
    assert not Path(environment["OPENED"]).exists()


def test_what_was_shown_before_sharing_is_on_the_page(kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share", "c0")
    output = kernel.run("show(fig('a'))", "c1")
    assert output.lines == ["bokeh_share: 1 plot kept for the page; %bokeh_share starts sharing", DRAW_HINT]
    with kernel.watch(kernel.share()) as viewer:
        viewer.shows(["a"])


def test_after_output_notebook_show_is_as_without_us_and_the_plot_is_on_the_page(kernel: Kernel) -> None:
    kernel.run(INLINE, "c0")
    before = kernel.run("show(fig('a'))", "c1")
    with kernel.watch(kernel.share()) as viewer:
        after = kernel.run("show(fig('a'))", "c1")
        viewer.shows(["a"])
    assert after.mimes == before.mimes
    assert (after.stdout, before.stdout) == ("", "")


def test_output_notebook_works_when_it_comes_after_us_too(kernel: Kernel, viewer: Viewer) -> None:
    loading = kernel.run(INLINE, "c0")
    assert any("application/javascript" in bundle for bundle in loading.displays)
    output = kernel.run("show(fig('a'))", "c1")
    viewer.shows(["a"])
    assert (output.stdout, len(output.displays)) == ("", 2)


def test_a_notebook_handle_pushes_as_ever(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(INLINE, "c0")
    kernel.run("p = fig('a')\nhandle = show(p, notebook_handle=True)", "c1")
    viewer.shows(["a"])
    assert kernel.ask("type(handle).__name__") == "CommsHandle"
    output = kernel.run("p.title.text = 'b'\npush_notebook(handle=handle)", "c2")
    viewer.shows(["b"])
    assert output.displays == []


def test_a_last_expression_is_on_the_page(kernel: Kernel, viewer: Viewer) -> None:
    output = kernel.run("fig('a')", "c1")
    viewer.shows(["a"])
    assert output.lines == ["bokeh_share: 1 plot on the page", DRAW_HINT]
    assert output.displays == []


def test_a_last_expression_is_drawn_inline_where_bokehjs_was_loaded(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(INLINE, "c0")
    shown = kernel.run("show(fig('a'))", "c1")
    output = kernel.run("fig('b')", "c2")
    viewer.shows(["a", "b"])
    assert (output.stdout, output.mimes) == ("", shown.mimes)


def test_a_part_of_a_plot_as_last_expression_is_left_alone(kernel: Kernel, viewer: Viewer) -> None:
    output = kernel.run("figure().line([1], [2])", "c1")
    (bundle,) = output.displays
    assert "GlyphRenderer" in bundle["text/plain"]
    kernel.run("show(fig('a'))", "c2")
    viewer.shows(["a"])


def test_show_and_last_expression_of_the_same_figure_are_one_plot(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('a')\nshow(p)\np", "c1")
    kernel.run("show(fig('b'))", "c2")
    viewer.shows(["a", "b"])


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("from bokeh.layouts import row; row(fig('a'), fig('b'))", "Row"),
        ("from bokeh.layouts import gridplot; gridplot([[fig('a'), fig('b')]])", "GridPlot"),
        ("from bokeh.models import Slider; Slider(start=0, end=9, value=3)", "Slider"),
        ("from bokeh.models import Div; Div(text='hello')", "Div"),
        (
            "from bokeh.models import DataTable, TableColumn;"
            "DataTable(source=ColumnDataSource({'x': [1, 2]}), columns=[TableColumn(field='x', title='X')])",
            "DataTable",
        ),
        (
            "from bokeh.models import TabPanel, Tabs; Tabs(tabs=[TabPanel(child=fig('a'), title='A')])",
            "Tabs",
        ),
    ],
)
def test_layouts_widgets_tables_and_tabs_are_shown(
    kernel: Kernel, viewer: Viewer, code: str, kind: str
) -> None:
    *statements, last = code.split(";")
    kernel.run("\n".join([*statements, f"show({last.strip()})"]), "c1")
    kernel.run("\n".join([*statements, last.strip()]), "c2")
    viewer.until(lambda: viewer.in_step and len(viewer.plots) == 2)
    assert [type(root).__name__ for root in viewer.roots] == [kind, kind]


def test_a_list_is_one_plot(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p, q = fig('a'), fig('b')\nshow([p, q])", "c1")
    viewer.until(lambda: viewer.in_step and viewer.plots)
    (root,) = viewer.roots
    assert [child.title.text for child in root.children] == ["a", "b"]
    kernel.run("q.title.text = 'c'", "c2")
    viewer.until(lambda: viewer.in_step and viewer.roots[0].children[1].title.text == "c")


def test_a_list_after_output_notebook_does_what_it_does_without_us(kernel: Kernel) -> None:
    """On Bokeh 3.9 it raises, and leaves the document broken."""
    anew = f"__import__('bokeh.io').io.state.curstate().reset()\n{INLINE}"
    cell = "show([fig('a'), fig('b')])"
    kernel.run(anew, "c0")
    before = kernel.run(cell, "c1", fails=True)
    kernel.run(anew, "c0")
    with kernel.watch(kernel.share()) as viewer:
        after = kernel.run(cell, "c1", fails=True)
        assert (after.error, after.mimes, after.stdout) == (before.error, before.mimes, before.stdout)
        kernel.run(f"{anew}\nshow(fig('later'))", "c2")
        viewer.until(lambda: viewer.in_step and len(viewer.plots) == (1 if before.error else 2))


def test_the_documents_theme_is_on_the_page_and_the_authors_model_untouched(
    kernel: Kernel, viewer: Viewer
) -> None:
    kernel.run("curdoc().theme = 'dark_minimal'\np = fig('a')\nshow(p)", "c1")
    viewer.shows(["a"])
    assert viewer.roots[0].background_fill_color == "#20262B"
    assert kernel.ask("p.background_fill_color") == "#ffffff"
    assert kernel.ask("p.document is None")


def test_the_authors_figure_can_be_laid_out_later(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("p = fig('a')\nshow(p)", "c1")
    kernel.run("from bokeh.layouts import row\nshow(row(p, fig('b')))", "c2")
    viewer.until(lambda: viewer.in_step and len(viewer.plots) == 2)
    assert viewer.roots[0].title.text == viewer.roots[1].children[0].title.text == "a"
