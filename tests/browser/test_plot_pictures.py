"""Pictures of plots, saved and copied, show what the page shows, at the screen's resolution or twice that."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from bokeh.layouts import column, gridplot, row
from bokeh.models import (
    Button,
    CheckboxGroup,
    ColumnDataSource,
    DataTable,
    Div,
    Select,
    Slider,
    TableColumn,
    TabPanel,
    Tabs,
    TextInput,
)
from bokeh.plotting import figure
from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import Browser, Page, expect
from support.colleague import Author, Colleague
from support.notebook_pages import Kernel, Open

HIDE_TOOLBARS = """() => {
    const visit = (root) => root.querySelectorAll("*").forEach((each) => {
        if (each.matches(".bk-Toolbar, .bk-ToolbarPanel")) each.style.visibility = "hidden";
        if (each.shadowRoot) visit(each.shadowRoot);
    });
    visit(document);
}"""
REFUSE = """() => {
    CanvasRenderingContext2D.prototype.getImageData = () => { throw new Error("tainted"); };
}"""
ROOT = """() => {
    const root = () => document.querySelector(".plot-content > *").getBoundingClientRect();
    const { style } = document.querySelector(".cards");
    Object.assign(style, { position: "relative", left: 0, top: 0 });
    const { left, top } = root();
    // to whole pixels, as in the picture
    Object.assign(style, { left: `${Math.ceil(left) - left}px`, top: `${Math.ceil(top) - top}px` });
    const { x, y, width, height } = root();
    return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}"""


def lines(**options: Any) -> Any:
    p = figure(**{"width": 360, "height": 260, "title": "lines", **options})
    p.line([1, 2, 3, 4], [3, 1, 4, 2], legend_label="a line", line_width=2)
    p.scatter(np.arange(1, 5), [1, 2, 3, 4], size=12, color="firebrick", legend_label="points")
    p.legend.click_policy = "hide"
    return p


def with_widgets() -> Any:
    table = ColumnDataSource({"x": [1, 2, 3], "name": ["ä", "b", "c"]})
    columns = [TableColumn(field=name, title=name) for name in ("x", "name")]
    widgets = [
        Slider(start=0, end=10, value=4, title="a slider"),
        Select(options=["first", "second"], value="second", title="a choice"),
        TextInput(value="typed", title="a text"),
        CheckboxGroup(labels=["on", "off"], active=[0]),
        Button(label="press", button_type="success"),
        Div(text="<b>bold</b> and <i>italic</i> text", styles={"color": "darkgreen"}),
    ]
    return row(
        column(*widgets, width=220),
        column(lines(), DataTable(source=table, columns=columns, width=300, height=120)),
    )


PLOTS: dict[str, Callable[[], Any]] = {
    "a figure": lines,
    "a figure drawn by WebGL": lambda: lines(output_backend="webgl"),
    "a figure drawn as SVG": lambda: lines(output_backend="svg"),
    "a grid": lambda: gridplot([[lines(title="one"), lines(title="two")], [lines(title="three"), None]]),
    "tabs": lambda: Tabs(
        tabs=[TabPanel(child=lines(title=title), title=title) for title in ("one", "two")], active=1
    ),
    "widgets, a table and text": with_widgets,
    "a dark figure": lambda: lines(border_fill_color="#222", background_fill_color="#333"),
}


FINE = ["a figure", "a figure drawn by WebGL"]
"""Those that are tried on a screen with two pixels for each pixel of the page, too."""


@pytest.fixture(scope="module")
def colleagues(browser: Browser) -> Iterator[dict[int, Colleague]]:
    """One for each kind of screen."""
    colleagues = {ratio: Colleague(browser, device_scale_factor=ratio) for ratio in (1, 2)}
    yield colleagues
    for each in colleagues.values():
        each.close()


def save(page: Page, label: str) -> Image.Image:
    page.get_by_role("button", name="Menu of sales", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=label, exact=True).click()
    expect(page.get_by_role("menu")).to_have_count(0)
    assert download.value.suggested_filename == "sales.png"
    return Image.open(io.BytesIO(download.value.path().read_bytes())).convert("RGB")


def distance(one: Image.Image, other: Image.Image) -> float:
    """The part of the pixels that differ clearly, also from all their neighbours."""
    assert one.size == other.size
    found = ImageChops.difference(one.filter(ImageFilter.BoxBlur(1)), other.filter(ImageFilter.BoxBlur(1)))
    pixels = np.asarray(found).max(axis=2)
    return float((pixels > 60).mean())


@pytest.mark.parametrize(("plot", "ratio"), [*((each, 1) for each in PLOTS), *((each, 2) for each in FINE)])
def test_a_saved_picture_shows_the_plot_as_it_is_on_the_page(
    colleagues: dict[int, Colleague], plot: str, ratio: int
) -> None:
    colleague = colleagues[ratio]
    author, page = Author(), colleague.page
    author.show(PLOTS[plot]())
    with colleague.watching(author):
        colleague.until_drawn()
        before = colleague.settled()
        picture, large = save(page, "Save as PNG"), save(page, "Save as PNG, twice as large")
        changes = ImageChops.difference(colleague.settled(), before).getextrema()
        # Chromium paints an SVG below a menu again, and lines in it are a little lighter or darker then
        assert max(most for _, most in changes) <= (10 if "SVG" in plot else 0), "the page is as it was"
        page.evaluate(HIDE_TOOLBARS)
        shown = Image.open(io.BytesIO(page.screenshot(clip=page.evaluate(ROOT), caret="initial"))).convert(
            "RGB"
        )
        expect(page.locator(".card .menu-status")).to_have_text("")
        assert distance(picture, shown) < 0.002
        assert large.size == (2 * picture.width, 2 * picture.height)
        assert distance(large.resize(picture.size, Image.Resampling.BOX), picture) < 0.004
        sharpness = np.abs(np.diff(np.asarray(large.convert("L"), dtype=int), axis=1)).max()
        assert sharpness > 150, "the large one is drawn, and not enlarged"
    assert colleague.troubles == []


@pytest.mark.one_pairing
def test_where_the_browser_cannot_draw_html_figures_are_in_the_picture(browser: Browser) -> None:
    colleague, author = Colleague(browser), Author()
    author.show(column(Div(text="text"), lines()))
    with colleague.watching(author):
        colleague.until_drawn()
        whole = save(colleague.page, "Save as PNG")
        colleague.page.evaluate(REFUSE)
        figures = save(colleague.page, "Save as PNG")
        box = ImageChops.difference(whole, figures).getbbox()
        assert box
        assert box[3] < 40, "the text is left out, and the figure is there"
    assert colleague.troubles == []
    colleague.close()


def test_a_picture_is_copied_where_the_browser_allows_it(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.show(
        "sales", "p = figure(width=300, height=200, toolbar_location=None)\np.line([1, 2], [2, 1])\nshow(p)"
    )
    viewer = visit(link, permissions=["clipboard-read", "clipboard-write"]).in_step_with(kernel)
    page = viewer.page
    page.get_by_role("button", name="Menu of sales").click()
    page.get_by_role("menuitem", name="Copy as picture").click()
    expect(page.locator(".card .menu-status")).to_have_text("The picture is copied.")
    size = page.evaluate("""async () => {
        const [item] = await navigator.clipboard.read();
        const { width, height } = await createImageBitmap(await item.getType("image/png"));
        return [width, height];
    }""")
    assert size == [300, 200]
    page.context.clear_permissions()
