"""What cells display by HoloViews, hvPlot and Panel, as a real kernel has it."""

from __future__ import annotations

import re

import pytest
from support.kernel_driver import Kernel
from support.viewer import Viewer

HOLOVIEWS = """
import holoviews as hv
hv.extension("bokeh", logo=False)

def curve(title, **options):
    return hv.Curve([(0, 1), (1, 3), (2, 2)]).opts(title=title, **options)
"""
PANEL = f"""{HOLOVIEWS}
import panel as pn
pn.extension()
"""
HVPLOT = """
import hvplot.pandas, pandas as pd
frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": [4.0, 5.0, 6.0, 7.0], "of": [*"abab"]})
"""
PANELS = "application/vnd.holoviews_exec.v0+json"


def plots(kernel: Kernel) -> list[list[object]]:
    code = "[[plot.name, plot.generation] for plot in __import__('bokeh_share').share().plots]"
    found: list[list[object]] = kernel.ask(code)
    return found


@pytest.mark.parametrize("code", ["{}", "display({})", "for each in [{}]:\n    display(each)"])
def test_a_curve_that_a_cell_displays_is_on_the_page(kernel: Kernel, viewer: Viewer, code: str) -> None:
    kernel.run(HOLOVIEWS, "c0")
    output = kernel.run(code.format("curve('a')"), "c1")
    viewer.shows(["a"])
    assert output.stdout == ""


def test_the_output_is_as_without_us(kernel: Kernel) -> None:
    code = "curve('a')"
    ids = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|p?\d{4,}|[0-9a-f]{32}")

    def run() -> list[dict[str, str]]:
        displays = kernel.run(code, "c1").displays
        return [{mime: ids.sub("", text) for mime, text in bundle.items()} for bundle in displays]

    kernel.run(HOLOVIEWS, "c0")
    without = run()
    kernel.share()
    assert run() == without
    assert PANELS in without[-1]
    assert len(plots(kernel)) == 1


def test_what_a_semicolon_hides_is_not_on_the_page(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(HOLOVIEWS, "c0")
    kernel.run("curve('hidden');", "c1")
    kernel.run("curve('a')", "c2")
    viewer.shows(["a"])


def test_a_cell_that_is_run_again_changes_its_plot(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(HOLOVIEWS, "c0")
    kernel.run("curve('a')", "c1")
    kernel.run("curve('b')", "c2")
    viewer.shows(["a", "b"])
    former = [root.id for root in viewer.roots]
    kernel.run("curve('c')", "c1")
    viewer.shows(["c", "b"])
    assert [root.id for root in viewer.roots] == former
    kernel.run("curve('c')", "c1")
    assert plots(kernel) == [[None, 2], [None, 1]]
    kernel.run("'nothing any more'", "c1")
    viewer.shows(["b"])


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("curve('a') * curve('b')", "figure"),
        ("curve('a') + curve('b')", "GridPlot"),
        ("hv.NdOverlay({1: curve('a'), 2: curve('b')})", "figure"),
        ("curve('a').hist()", "GridPlot"),
        ("hv.GridSpace({(1, 2): curve('a'), (2, 2): curve('b')}, ['i', 'j'])", "GridPlot"),
        ("hv.Table([(1, 2)], 'a', 'b')", "DataTable"),
    ],
)
def test_what_is_made_of_elements_is_on_the_page(
    kernel: Kernel, viewer: Viewer, code: str, kind: str
) -> None:
    kernel.run(HOLOVIEWS, "c0")
    output = kernel.run(code, "c1")
    viewer.until(lambda: viewer.in_step and len(viewer.plots) == 1)
    (root,) = viewer.roots
    assert kind in {type(model).__name__ for model in root.references()}
    assert output.stdout == ""


def test_it_looks_as_holoviews_has_it(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(HOLOVIEWS, "c0")
    kernel.run("curve('a', width=500, color='red')", "c1")
    viewer.shows(["a"])
    (root,) = viewer.roots
    assert (root.width, root.title.text_font_size) == (500, "12pt")
    assert [renderer.glyph.line_color for renderer in root.renderers] == ["red"]


def test_plots_of_hvplot_are_on_the_page_also_as_those_of_pandas(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(HVPLOT, "c0")
    kernel.run("frame.hvplot('x', 'y', title='a')", "c1")
    output = kernel.run(
        "pd.options.plotting.backend = 'hvplot'\nframe.plot('x', 'y', title='b', by='of')", "c2"
    )
    viewer.shows(["a", "b"])
    assert output.stdout == ""


def test_one_object_of_a_cell_is_one_plot_as_it_was_displayed_last(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(HOLOVIEWS, "c0")
    kernel.run("c = curve('a')\ndisplay(c, curve('b'))\nc.opts(title='c')", "c1")
    viewer.shows(["c", "b"])


def test_the_cell_magic_names_it(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(HOLOVIEWS, "c0")
    kernel.run("%%bokeh_share sales --caption 'in thousands'\ncurve('a')", "c1")
    kernel.run("%%bokeh_share --skip\ncurve('b')", "c2")
    kernel.run("curve('c')", "c3")
    viewer.shows(["a", "c"])
    assert viewer.names == ["sales", None]


def test_what_is_shared_by_name_is_the_same_plot_when_it_is_displayed(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(HOLOVIEWS, "c0")
    kernel.run("c = curve('a')", "c1")
    kernel.run("%bokeh_share c", "c2")
    kernel.run("from bokeh_share import share\nd = curve('d')\nshare(d, name='other');", "c3")
    kernel.run("c.opts(title='b')", "c4")
    kernel.run("d", "c5")
    kernel.run("share(d); d", "c6")
    viewer.shows(["b", "d"])
    assert viewer.names == ["c", "other"]
    kernel.run("e = curve('e')\nshare(e); e", "c7")
    viewer.shows(["b", "d", "e"])


def test_a_dropped_one_stays_away_and_its_cell_says_so(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(HOLOVIEWS, "c0")
    kernel.run("curve('a')", "c1")
    viewer.shows(["a"])
    kernel.run(f"%bokeh_share --drop {viewer.plots[0]['id']}", "c2")
    output = kernel.run("display(curve('b'))", "c1")
    assert [line.split(":")[1] for line in output.lines] == [" not shared, since you took it off the page"]
    assert plots(kernel) == []


def test_streams_change_the_plot_while_the_cell_goes_on(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(HOLOVIEWS, "c0")
    kernel.run(
        "pipe = hv.streams.Pipe(data=[1, 2])\nd = hv.DynamicMap(hv.Curve, streams=[pipe])",
        "c1",
    )
    kernel.run("d", "c2")
    viewer.until(lambda: viewer.in_step and len(viewer.plots) == 1)
    waiting = "import pathlib, time\nwhile not pathlib.Path('seen').exists():\n    time.sleep(0.01)"
    output = kernel.begin(f"pipe.send([5, 6, 7])\n{waiting}", "c3")

    def values() -> list[float]:
        (root,) = viewer.roots
        return [*map(float, root.renderers[0].data_source.data["y"])]

    viewer.until(lambda: viewer.in_step and values() == [5, 6, 7])
    assert not output.ended
    (kernel.folder / "seen").touch()
    kernel.finish(output)
    (kernel.folder / "seen").unlink()


def test_streams_forget_plots_that_left_the_page(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(HOLOVIEWS, "c0")
    kernel.run("pipe = hv.streams.Pipe(data=[1, 2])\nd = hv.DynamicMap(hv.Curve, streams=[pipe])", "c1")
    count = "len(pipe._subscribers)"
    kernel.run("%unload_ext bokeh_share\nd", "c2")
    one = kernel.ask(count)
    kernel.run("%load_ext bokeh_share", "c3")
    kernel.run("d", "c2")
    ours = kernel.ask(count) - 2 * one
    assert ours > 0
    kernel.run("d", "c2")
    assert kernel.ask(count) == 3 * one + ours
    kernel.run("%unload_ext bokeh_share", "c4")
    assert kernel.ask(count) == 3 * one


def test_what_the_authors_notebook_logged_is_not_logged_again(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        f"{HOLOVIEWS}\nimport warnings\ndef hook(plot, element):\n"
        "    plot.param.warning('a word')\n    warnings.warn('another', UserWarning)\n"
        "warnings.simplefilter('always')",
        "c0",
    )
    output = kernel.run("curve('a', hooks=[hook])", "c1", fails=True)
    viewer.shows(["a"])
    assert (output.stderr.count(": a word"), output.stderr.count("UserWarning: another")) == (1, 1)
    assert kernel.ask("warnings.filters[0][0]") == "always"


SLIDERS = (
    "(it has sliders (day), which need Panel): share it as an app, with its sliders:"
    " share(panel.panel(…), name='plot')"
)
MADE = "is not on the page, since Panel draws it: share a function that makes and returns it"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("hv.HoloMap({day: curve('a') for day in (1, 2)}, 'day')", f"cannot draw this HoloMap {SLIDERS}"),
        ("hv.DynamicMap(lambda day: curve('a'), kdims=[hv.Dimension('day', values=[1, 2])])",
         f"cannot draw this DynamicMap {SLIDERS}"),
        ("hv.Div('text')",
         "cannot draw this Div (it needs more than BokehJS): share it as an app:"
         " share(panel.panel(…), name='plot')"),
        ("pn.Row(curve('a'), 'text')", f"this Row {MADE}"),
        ("pn.pane.Bokeh(fig('a'))", f"this Bokeh {MADE}"),
        ("pn.Tabs(('a', pn.Column(curve('a'))))", f"this Tabs {MADE}"),
        ("pn.rx('a').rx.pipe(curve)",
         "this rx is not on the page, since Panel draws it: share a function that returns"
         " panel.panel(…) of it"),
    ],
)  # fmt: skip
def test_what_cannot_be_on_the_page_is_announced_once_in_the_cell(
    kernel: Kernel, code: str, expected: str
) -> None:
    kernel.share()
    kernel.run(PANEL, "c0")
    output = kernel.run(f"for _ in range(2):\n    display({code})\n{code}", "c1")
    assert output.lines == [f"bokeh_share: {expected}"]
    assert sum(PANELS in bundle for bundle in output.displays) == 3
    assert plots(kernel) == []
    assert kernel.run(code, "c1").lines == [f"bokeh_share: {expected}"]
    assert kernel.run(f"%%bokeh_share --skip\n{code}", "c1").lines == []


def test_a_hint_that_was_cleared_comes_again(kernel: Kernel) -> None:
    kernel.share()
    kernel.run(PANEL, "c0")
    code = "from IPython.display import clear_output\nrow = pn.Row(curve('a'), 'text')\ndisplay(row)\n"
    output = kernel.run(f"{code}clear_output()\ndisplay(row)\ndisplay(row)", "c1")
    assert output.lines == [f"bokeh_share: this Row {MADE}"] * 2


def test_widgets_of_hvplots_are_announced_not_to_be_on_the_page(kernel: Kernel) -> None:
    kernel.share()
    kernel.run(HVPLOT, "c0")
    (line,) = kernel.run("frame.hvplot('x', 'y', groupby='of', widget_location='left')", "c1").lines
    assert line == f"bokeh_share: this Row {MADE}"
    (line,) = kernel.run("frame.hvplot('x', 'y', groupby='of')", "c2").lines
    assert line.startswith("bokeh_share: cannot draw this DynamicMap (it has sliders (of), which need Panel)")
    (line,) = kernel.run("frame.interactive().head(2).hvplot('x', 'y')", "c3").lines
    assert line.endswith("Panel draws it: share a function that returns its .layout()")
    assert plots(kernel) == []


def test_a_widget_of_jupyters_with_a_plot_is_announced_not_to_be_on_the_page(kernel: Kernel) -> None:
    """As `jupyter_bokeh` makes them, which need not be there."""
    kernel.share()
    kernel.run(
        "class BokehModel:\n    def _repr_mimebundle_(self, **_):\n"
        "        return {'application/vnd.jupyter.widget-view+json': {}}\n"
        "BokehModel.__module__ = 'jupyter_bokeh.widgets'",
        "c0",
    )
    output = kernel.run("BokehModel()", "c1")
    why = "since Jupyter draws it: share its Bokeh plot, share(p)"
    assert output.lines == [f"bokeh_share: this BokehModel is not on the page, {why}"]
    assert output.mimes == [["application/vnd.jupyter.widget-view+json", "text/plain"]]


@pytest.mark.parametrize(
    "code",
    [
        "hv.Dataset([1, 2, 3], 'x')",
        "hv.Curve",
        "pn.Row('only text', pn.widgets.IntSlider())",
        "pn.widgets.DataFrame()",
        "pn.rx(1) + 1",
        "hv.Curve([1, 2]).opts(color='no colour', clone=True)",
        "shared",
    ],
)
def test_what_bokeh_does_not_draw_is_not_announced(kernel: Kernel, code: str) -> None:
    kernel.share()
    kernel.run(f"{PANEL}\nfrom bokeh_share import share\nshared = pn.Row(curve('a'))", "c0")
    kernel.run("share(shared, name='app');", "c1")
    output = kernel.run(code, "c2", fails=True)
    assert (output.stdout, output.error, len(output.displays) > 0) == ("", "", True)
    assert plots(kernel) == []


def test_what_another_backend_draws_is_left_alone(kernel: Kernel) -> None:
    kernel.share()
    kernel.run(HOLOVIEWS, "c0")
    kernel.run("c = curve('a')\nhv.Store.current_backend, hooks = 'another', hv.Store._display_hooks", "c1")
    kernel.run(
        "hv.Store._display_hooks = {'html': {hv.core.Dimensioned: lambda _: ({'text/html': 'b'}, {})}}", "c2"
    )
    output = kernel.run("c", "c3")
    kernel.run("hv.Store.current_backend, hv.Store._display_hooks = 'bokeh', hooks", "c4")
    assert (output.stdout, output.displays[-1]["text/html"], plots(kernel)) == ("", "b", [])


def test_an_error_of_the_authors_own_is_theirs(kernel: Kernel) -> None:
    kernel.share()
    kernel.run(HOLOVIEWS, "c0")
    kernel.run("class Broken(hv.Curve):\n    def _repr_mimebundle_(self, **_):\n        1 / 0", "c1")
    output = kernel.run("Broken([1, 2])", "c2", fails=True)
    assert "ZeroDivisionError" in output.traceback
    assert "bokeh_share" not in output.traceback
    assert [bundle["text/plain"].split()[0] for bundle in output.displays] == [":Broken"]
    assert output.stdout == ""


def test_nothing_is_imported_for_it(fresh: Kernel) -> None:
    fresh.share()
    fresh.run("fig('a')\n{}", "c1")
    assert (
        fresh.ask("sorted({'holoviews', 'panel', 'param', 'hvplot'} & __import__('sys').modules.keys())")
        == []
    )
