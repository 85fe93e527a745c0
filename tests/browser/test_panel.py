"""Panel's and HoloViews' objects in a real browser: drawn, with their own scripts and Python callbacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bokeh
import pytest
from browser.test_apps import opened
from playwright.sync_api import expect
from support.hand import Hand, middle_of
from support.notebook_pages import Kernel, Kernels, Open, Viewer, is_drawn_on

DAYS = """
import panel as pn
from bokeh.plotting import figure
from bokeh_share import share

def made():
    slider = pn.widgets.IntSlider(label="Days", value=7, start=1, end=30)
    def draw(days):
        p = figure(title=f"{days} days", width=300, height=200)
        p.line([1, 2, 3], [4, 5, days])
        return p
    return pn.Column(slider, pn.bind(draw, slider))
"""


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernels]:
    """Panel and HoloViews change a kernel for good: how it displays, and which models there are."""
    with Kernels(tmp_path_factory.mktemp("ipython")) as kernels:
        yield kernels


DRAWN = """() => Bokeh.documents.flatMap((shown) => shown.roots())
    .flatMap((root) => [...root.references()])
    .filter(({ title }) => title?.text).map(({ title }) => title.text)"""


def titles(viewer: Viewer) -> list[str]:
    """Of what is drawn; BokehJS remembers for a while what is not any more."""
    found: list[str] = viewer.page.evaluate(DRAWN)
    return found


def until_titled(viewer: Viewer, *titles: str) -> None:
    viewer.page.wait_for_function(f"(titles) => `${{({DRAWN})()}}` === `${{titles}}`", arg=list(titles))


def move(viewer: Viewer, steps: int = 1) -> None:
    slider = viewer.page.get_by_role("slider")
    slider.focus()
    for _ in range(steps):
        slider.press("ArrowRight")


def styles_of(viewer: Viewer) -> list[str]:
    """The addresses of the style sheets that have been loaded."""
    read = "() => performance.getEntriesByType('resource').map(({ name }) => name)"
    return [name for name in viewer.page.evaluate(read) if ".css" in name]


def test_a_tap_wakes_a_figure_in_panels_layouts(kernel: Kernel, link: str, visit: Open) -> None:
    layout = "pn.Tabs(('one', pn.Card(pn.Row(draw(7)), title='card')), ('two', slider))"
    code = DAYS.replace("pn.Column(slider, pn.bind(draw, slider))", layout)
    kernel.run(f"{code}\nshare(made, name='days')", cell="days")
    options = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    viewer = opened(visit(f"{link}days", **options))
    hand, middle = Hand(viewer.page), middle_of(viewer.page.locator(".bk-Canvas"))
    hand.tap(middle)
    expect(viewer.page.locator("[data-awake]")).to_have_count(1)
    read = """() => {
        const models = Bokeh.documents.flatMap((shown) => [...shown._all_models.values()]);
        return models.find(({ type }) => type === "Figure").x_range.start;
    }"""
    before = viewer.page.evaluate(read)
    hand.drag(middle, (middle[0] + 60, middle[1]))
    viewer.page.wait_for_function(f"(before) => ({read})() !== before", arg=before)


def test_a_slider_of_panels_changes_a_plot_by_its_python_callback(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(f"{DAYS}\nshare(made, name='days')", cell="days")
    viewer = opened(visit(f"{link}days"))
    assert titles(viewer) == ["7 days"]
    viewer.mark()
    move(viewer)
    until_titled(viewer, "8 days")
    assert not viewer.was_reloaded
    assert any("static/extensions/panel/css" in url for url in styles_of(viewer))


def test_a_function_makes_an_object_for_each_viewer(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(f"{DAYS}\ndef days():\n    return made()\nshare(days)", cell="days")
    one, other = opened(visit(f"{link}days")), opened(visit(f"{link}days"))
    move(one, 2)
    until_titled(one, "9 days")
    assert titles(other) == ["7 days"]
    move(other)
    until_titled(other, "8 days")
    assert titles(one) == ["9 days"]


OBJECT = """
import holoviews as hv
import panel as pn
from bokeh_share import share
hv.extension("bokeh")
slider = pn.widgets.IntSlider(label="Days", value=7, start=1, end=30)
view = pn.Column(slider, pn.bind(lambda days: hv.Curve([1, days]).opts(title=f"{days} days"), slider))
share(view)
"""


def test_one_object_has_one_state_for_all_as_panel_has_it(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(OBJECT, cell="view")
    one, other = opened(visit(f"{link}view")), opened(visit(f"{link}view"))
    move(one)
    until_titled(one, "8 days")
    until_titled(other, "8 days")
    kernel.run("slider.value = 20", cell="later")
    until_titled(one, "20 days")
    until_titled(other, "20 days")


def test_another_object_takes_the_place_of_the_former(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(OBJECT, cell="view")
    viewer = opened(visit(f"{link}view"))
    viewer.mark()
    kernel.run(OBJECT.replace("} days", "} nights"), cell="view")
    until_titled(viewer, "7 nights")
    assert not viewer.was_reloaded


def test_with_controls_another_choice_is_another_document(kernel: Kernel, link: str, visit: Open) -> None:
    code = (
        DAYS
        + """
def days(unit: str = "days"):
    return pn.Column(made(), pn.pane.Markdown(f"in {unit}"))
share(days, controls=True)"""
    )
    kernel.run(code, cell="days")
    viewer = opened(visit(f"{link}days"))
    viewer.mark()
    box = viewer.page.get_by_role("textbox")
    box.fill("weeks")
    box.press("Enter")
    expect(viewer.page.get_by_text("in weeks")).to_be_visible()
    expect(viewer.page.get_by_text("in days")).to_have_count(0)
    viewer.page.wait_for_url(f"{link}days?unit=weeks")
    assert viewer.page.evaluate("window.__mark") == "still here"


def test_what_a_component_loads_later_comes_from_here_too(kernel: Kernel, link: str, visit: Open) -> None:
    code = """
import pandas as pd
import panel as pn
from bokeh_share import share
pn.extension("tabulator", "codeeditor")

def table():
    button = pn.widgets.Button(label="More")
    column = pn.Column(button, pn.widgets.Tabulator(pd.DataFrame({"a": [1, 2]}), theme="site"))
    button.on_click(lambda event: column.extend([
        pn.widgets.Tabulator(pd.DataFrame({"b": [3, 4]}), theme="modern"),
        pn.widgets.CodeEditor(value="later = 1", language="python"),
        pn.indicators.LoadingSpinner(value=True),
    ]))
    return column
share(table)"""
    kernel.run(code, cell="table")
    viewer = opened(visit(f"{link}table"))
    expect(viewer.page.get_by_role("columnheader", name="a", exact=True)).to_be_visible()
    viewer.page.get_by_role("button", name="More").click()
    expect(viewer.page.get_by_role("columnheader", name="b", exact=True)).to_be_visible()
    expect(viewer.page.get_by_text("later = 1")).to_be_visible()


def test_what_is_to_run_once_the_page_is_there_runs(kernel: Kernel, link: str, visit: Open) -> None:
    code = (
        DAYS
        + """
def days():
    text = pn.pane.Markdown("not yet")
    def loaded():
        text.object = "loaded"
    pn.state.onload(loaded)
    return text
share(days)"""
    )
    kernel.run(code, cell="days")
    viewer = opened(visit(f"{link}days"))
    expect(viewer.page.get_by_text("loaded", exact=True)).to_be_visible()


@pytest.mark.skipif(
    bokeh.__version__.startswith("3.9."),
    reason="Panel 1.9, which goes with it, loads only what is declared by pn.extension",
)
def test_a_component_that_was_not_declared_loads_its_script_from_here(
    kernel: Kernel, link: str, visit: Open
) -> None:
    """In a notebook Panel would take it from a CDN."""
    code = """
import panel as pn
from bokeh_share import share
pn.extension()

def editor():
    button = pn.widgets.Button(label="More")
    column = pn.Column(button)
    button.on_click(lambda event: column.append(pn.widgets.JSONEditor(value={"later": 1})))
    return column
share(editor)"""
    kernel.run(code, cell="editor")
    viewer = opened(visit(f"{link}editor"))
    viewer.page.get_by_role("button", name="More").click()
    expect(viewer.page.locator(".jsoneditor").first).to_be_visible()


@pytest.mark.parametrize(
    ("base", "esm"),
    [
        (
            "JSComponent",
            """export function render({ model }) {
                const button = document.createElement("button");
                const tell = () => { button.textContent = `${model.days} days`; };
                button.onclick = () => { model.days += 1; };
                model.on("days", tell);
                tell();
                return button;
            }""",
        ),
        (
            "AnyWidgetComponent",
            """export default { render({ model, el }) {
                const button = document.createElement("button");
                const tell = () => { button.textContent = `${model.get("days")} days`; };
                button.onclick = () => { model.set("days", model.get("days") + 1); model.save_changes(); };
                model.on("change:days", tell);
                tell();
                el.append(button);
            } }""",
        ),
    ],
)
def test_a_component_of_the_authors_own_runs(
    kernel: Kernel, link: str, visit: Open, base: str, esm: str
) -> None:
    code = f"""
import panel as pn
import param
from bokeh_share import share
from panel.custom import {base}
pn.extension()

class Days(pn.custom.{base}):
    days = param.Integer(default=7)
    _esm = {esm!r}

share(lambda: Days(), name="days")"""
    kernel.run(code, cell="days")
    viewer = opened(visit(f"{link}days"))
    viewer.page.get_by_role("button", name="7 days").click()
    expect(viewer.page.get_by_role("button", name="8 days")).to_be_visible()


def test_what_needs_workers_or_plays_works(kernel: Kernel, link: str, visit: Open, tmp_path: Path) -> None:
    code = f"""
import wave
import pandas as pd
import panel as pn
from bokeh_share import share
pn.extension("codeeditor", "perspective")
with wave.open({str(tmp_path / "silence.wav")!r}, "wb") as file:
    file.setparams((1, 2, 8000, 0, "NONE", ""))
    file.writeframes(bytes(16000))

def tools():
    return pn.Column(
        pn.widgets.CodeEditor(value='{{"here": 1}}', language="json"),
        pn.pane.Perspective(pd.DataFrame({{"column": [1, 2]}}), height=200),
        pn.pane.Audio({str(tmp_path / "silence.wav")!r}),
    )
share(tools)"""
    kernel.run(code, cell="tools")
    viewer = opened(visit(f"{link}tools"))
    expect(viewer.page.get_by_text('"here"')).to_be_visible()
    expect(viewer.page.get_by_text("column", exact=True).first).to_be_visible()
    viewer.page.wait_for_function(
        "(audio) => audio.duration", arg=viewer.page.locator("audio").element_handle()
    )


def test_a_template_gives_what_is_in_it(kernel: Kernel, link: str, visit: Open) -> None:
    code = (
        DAYS
        + """
def page():
    sidebar = [pn.pane.Markdown("on the side")]
    return pn.template.FastListTemplate(title="All", sidebar=sidebar, main=[made()])
share(page)"""
    )
    kernel.run(code, cell="page")
    viewer = opened(visit(f"{link}page"))
    expect(viewer.page.get_by_text("on the side")).to_be_visible()
    move(viewer)
    until_titled(viewer, "8 days")


def test_the_page_of_an_app_without_panel_loads_nothing_of_it(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(f"{DAYS}\ndef plain():\n    return made()[1][0].object\nshare(plain)", cell="plain")
    viewer = opened(visit(f"{link}plain"))
    loaded = viewer.page.evaluate("() => performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not [name for name in loaded if "extensions" in name]


CURVE = """
import holoviews as hv
hv.extension("bokeh")
from bokeh_share import share
curve = hv.Curve([(0, 1), (1, 3), (2, 2)]).opts(title="{title}", width=400, height=300)
share(curve, name="curve")
"""


def test_a_curve_is_on_the_page_and_changes_in_place(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(CURVE.format(title="before"), cell="curve")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    assert viewer.titles() == ["before"]
    figure = viewer.page.evaluate("() => Bokeh.documents[0].roots()[0].x_range.id")
    kernel.run(CURVE.format(title="after"), cell="curve")
    viewer.in_step_with(kernel)
    assert viewer.titles() == ["after"]
    assert viewer.page.evaluate("() => Bokeh.documents[0].roots()[0].x_range.id") == figure
    assert not viewer.was_reloaded


def test_a_curve_that_a_cell_displays_changes_in_place_and_keeps_the_zoom(
    kernel: Kernel, link: str, visit: Open
) -> None:
    code = CURVE[: CURVE.index("share(curve")].replace("from bokeh_share import share\n", "") + "curve"
    kernel.run(code.format(title="before"), cell="curve")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    assert viewer.titles() == ["before"]
    assert is_drawn_on(viewer.captured())
    x_range = "Bokeh.documents[0].roots()[0].x_range"
    viewer.page.evaluate(f"() => {x_range}.setv({{ start: 0.5, end: 1.5 }})")
    kernel.run(code.format(title="after"), cell="curve")
    viewer.in_step_with(kernel)
    assert viewer.titles() == ["after"]
    assert viewer.page.evaluate(f"() => [{x_range}.start, {x_range}.end]") == [0.5, 1.5]
    assert not viewer.was_reloaded


def test_what_streams_change_is_seen(kernel: Kernel, link: str, visit: Open) -> None:
    code = CURVE[: CURVE.index("share(curve")].format(title="one")
    pipe = "pipe = hv.streams.Pipe(data=[1, 2])"
    drawn = "hv.DynamicMap(lambda data: hv.Curve(data, label=str(data)), streams=[pipe])"
    kernel.run(f"{code}\n{pipe}\n{drawn}", cell="curve")
    viewer = visit(link).in_step_with(kernel)
    assert viewer.titles() == ["[1, 2]"]
    kernel.run("pipe.send([3, 5])", cell="send")
    viewer.in_step_with(kernel)
    assert viewer.titles() == ["[3, 5]"]


def test_a_layout_of_holoviews_is_drawn(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(
        f"{CURVE.format(title='one')}\nshare(curve * hv.Scatter(curve) + curve, name='two')", cell="two"
    )
    viewer = visit(link).in_step_with(kernel)
    assert viewer.card("two").locator(".bk-Canvas").count() == 2
