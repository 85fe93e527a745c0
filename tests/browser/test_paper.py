"""On paper: title, time and link on top, and each plot whole, as wide as the sheet at most, and light."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bokeh.models import Range1d
from bokeh.plotting import figure
from bokeh.themes import Theme
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser, expect
from pypdfium2 import PdfDocument
from support.notebook_pages import Kernel, Open, Viewer, picture_of
from support.plot_ids import id_of

from bokeh_share.plots.page import Page as Plots
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.sharing.export import save_page

MARK = (200, 30, 90)
"""The colour of the plots, which nothing else on the sheet has."""
SCALE = 2
"""Pixels of a picture for each point of a sheet."""
MARGIN = 12 / 25.4 * 72
"""The margin of a sheet, in points."""
UNDRAWN = "This plot was not drawn yet."
Box = tuple[int, int, int, int]


def marked(width: int, height: int, **options: Any) -> figure:
    look = {"border_fill_color": "#c81e5a", "background_fill_color": "white", "title": "Sales"}
    p = figure(width=width, height=height, x_range=Range1d(0, 10), y_range=Range1d(0, 10), **look, **options)
    p.line([0, 5, 10], [0, 9, 3], line_width=3)
    return p


SIZES = {
    "small": (300, 250),
    "wide": (1700, 300),
    "high": (500, 1500),
    "first": (500, 400),
    "next": (500, 450),
}
"""Width and height of each plot. Some are larger than a sheet."""
NOON = 1_767_268_800_000
ZOOM = """async () => {
    const figure = Bokeh.documents.flatMap((each) => each.roots()).find(({ width }) => width === 300);
    figure.x_range.setv({ start: 4, end: 6 });
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
}"""
"""Zooms the small plot."""
RECORD_PRINTING = """() => {
    window.print = () => { window.__printed = document.querySelectorAll(".card[data-generation]").length; };
}"""
"""Records the number of plots that are drawn when the page is printed."""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved page with these plots."""
    plots = Plots(title="Weekly review")
    for name, (width, height) in SIZES.items():
        snapshot = capture_plot(marked(width, height), theme=Theme(json={})).snapshot
        plots = plots.put(PlotKey("name", name), snapshot, now=NOON, caption=f"Caption of {name}")
    return save_page(plots, tmp_path_factory.mktemp("paper") / "page.html", now=NOON)


class Sheets:
    """A page on paper, as pictures and as text."""

    def __init__(self, pdf: bytes) -> None:
        document = PdfDocument(pdf)
        self.pictures = [page.render(scale=SCALE).to_pil().convert("RGB") for page in document]
        self.texts = [page.get_textpage().get_text_bounded() for page in document]

    def find_plots(self) -> list[tuple[int, Box]]:
        """The sheet and the extent of each plot, top to bottom."""
        found = []
        for number, picture in enumerate(self.pictures):
            difference = ImageChops.difference(picture, Image.new("RGB", picture.size, MARK)).convert("L")
            marks = difference.point(lambda value: 255 if value < 12 else 0)
            rows = [marks.crop((0, y, marks.width, y + 1)).getbbox() is not None for y in range(marks.height)]
            start = None
            for y, is_marked in enumerate([*rows, False]):
                if is_marked and start is None:
                    start = y
                elif not is_marked and start is not None:
                    band = marks.crop((0, start, marks.width, y)).getbbox()
                    assert band
                    found.append((number, (band[0], start, band[2], y)))
                    start = None
        return found


def print_saved(browser: Browser, saved: Path, scheme: Any, zoom: bool = True) -> tuple[Sheets, Image.Image]:
    """The sheets, and a picture of the small plot on screen."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    try:
        viewer = Viewer(context.new_page(), saved.as_uri())
        viewer.open("saved").wait_until_drawn([[id_of(name), 1] for name in SIZES])
        if zoom:
            viewer.page.evaluate(ZOOM)
        on_screen = picture_of(viewer.card("small").locator(".bk-Figure"))
        assert viewer.troubles == []
        return Sheets(viewer.page.pdf(format="A4")), on_screen
    finally:
        context.close()


def test_each_plot_is_whole_and_fits_the_sheet(browser: Browser, saved: Path) -> None:
    sheets, _ = print_saved(browser, saved, "light")
    plots = sheets.find_plots()
    assert len(plots) == len(SIZES)
    for (number, box), (name, (width, height)) in zip(plots, SIZES.items(), strict=True):
        (left, top, right, bottom), sheet = box, sheets.pictures[number]
        assert min(left, sheet.width - right) >= MARGIN * SCALE - 2, name
        assert min(top, sheet.height - bottom) >= MARGIN * SCALE - 2, name
        assert (right - left) / (bottom - top) == pytest.approx(width / height, rel=0.03), f"{name} is cut"
        natural = width * 0.75 * SCALE
        is_scaled = name in ("wide", "high")
        assert right - left == pytest.approx(natural, abs=4) or is_scaled
        text = sheets.texts[number]
        assert f"Caption of {name}" in text, "on the same sheet"
    _, (left, _, right, _) = plots[1]
    printable = sheets.pictures[0].width - 2 * MARGIN * SCALE
    assert right - left == pytest.approx(printable, abs=4), "the wide one is as wide as the sheet"
    assert "Weekly review" in sheets.texts[0]
    assert "Saved on" in sheets.texts[0]
    assert "Printed:" in sheets.texts[0]
    assert "file:" not in "".join(sheets.texts)
    assert UNDRAWN not in "".join(sheets.texts)


def test_paper_shows_what_the_viewer_zoomed_to_without_toolbars(browser: Browser, saved: Path) -> None:
    sheets, on_screen = print_saved(browser, saved, "light")
    number, box = sheets.find_plots()[0]
    on_paper = sheets.pictures[number].crop(box).resize(on_screen.size, Image.Resampling.LANCZOS)
    without_toolbar = (0, 0, on_screen.width - 40, on_screen.height)
    assert mean_difference(on_paper.crop(without_toolbar), on_screen.crop(without_toolbar)) < 8
    other, _ = print_saved(browser, saved, "light", zoom=False)
    number, box = other.find_plots()[0]
    not_zoomed = other.pictures[number].crop(box).resize(on_screen.size, Image.Resampling.LANCZOS)
    assert mean_difference(not_zoomed, on_paper) > 2
    toolbar = on_paper.crop((on_screen.width - 28, 30, on_screen.width - 4, 150))
    assert mean_difference(toolbar, Image.new("RGB", toolbar.size, MARK)) < 4, "there is no toolbar"


def mean_difference(one: Image.Image, other: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def test_dark_pages_look_like_light_ones_on_paper(browser: Browser, saved: Path) -> None:
    light, _ = print_saved(browser, saved, "light")
    dark, _ = print_saved(browser, saved, "dark")
    assert len(light.pictures) == len(dark.pictures)
    for one, other in zip(light.pictures[1:], dark.pictures[1:], strict=True):
        assert ImageChops.difference(one, other).getbbox() is None
    # the first sheet has the minute in which it was printed
    assert mean_difference(light.pictures[0], dark.pictures[0]) < 1


PLOTS = """
for number in range(30):
    p = figure(title=f"title {number}", height=300, width=500)
    p.line([1, 2], [2, 1])
    show(p)
"""


def test_print_in_the_menu_draws_all_plots_first_and_the_browsers_own_says_what_is_missing(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(PLOTS, cell="plots")
    viewer = visit(link, color_scheme="dark")
    page = viewer.page
    expect(page.locator("section.card")).to_have_count(30)
    page.wait_for_selector("html[data-version]", state="attached")
    text = "".join(Sheets(page.pdf(format="A4")).texts)
    drawn = 30 - text.count(UNDRAWN)
    assert 0 < drawn < 30
    assert "title 29" in text
    page.reload()
    viewer.wait_for_state("live")
    expect(page.locator("section.card")).to_have_count(30)
    page.evaluate(RECORD_PRINTING)
    page.get_by_role("button", name="Menu of this page").click()
    page.get_by_role("menuitem", name="Print").click()
    page.wait_for_function("window.__printed !== undefined")
    assert page.evaluate("window.__printed") == 30
    assert UNDRAWN not in "".join(Sheets(page.pdf(format="A4")).texts)


def test_a_printed_page_has_its_link_without_the_token(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.show("sales", "p = figure(height=200)\np.line([1, 2], [2, 1])\nshow(p)")
    viewer = visit(link).in_step_with(kernel)
    (text,) = Sheets(viewer.page.pdf(format="A4")).texts
    token = link.rstrip("/").rsplit("/", 1)[-1]
    assert len(token) > 20
    assert link.replace(token, "…") in text
    assert token not in text
    assert "Last change:" in text
