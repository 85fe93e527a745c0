"""Pictures, tables and texts that cells display, on open pages and in saved files."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from browser.test_paper import MARGIN, SCALE, Sheets
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, expect
from support.notebook_pages import Kernel, Open, link_in

HELPERS = Path(__file__).parents[1] / "support" / "small_pictures.py"
PRELUDE = f"""
import runpy
from IPython.display import HTML, Image, Latex, Markdown, SVG, clear_output, display
build_png = runpy.run_path({str(HELPERS)!r})["build_png"]
def picture(color, width=300, height=120, **size):
    return Image(build_png(width, height, color), format="png", **size)
"""
AWAY = "http://127.0.0.1:9"
"""An address of nobody: a request there is one too many."""
HACK = "window.top.hacked = parent.hacked = window.hacked = 1"
SVGS = [
    f'<svg xmlns="http://www.w3.org/2000/svg" width="50" height="20" onload="{HACK}">'
    f'<script>{HACK}</script><rect width="50" height="20" fill="teal" onclick="{HACK}"/>'
    f'<image href="{AWAY}/a.png" width="9" height="9"/><style>@import url({AWAY}/a.css);</style>'
    f'<foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="{AWAY}/b"/>'
    f'<img xmlns="http://www.w3.org/1999/xhtml" src="{AWAY}/c.png" onerror="{HACK}"/></foreignObject>'
    f'<animate attributeName="href" values="javascript:{HACK}"/><use href="{AWAY}/d.svg#x"/>'
    f'<a href="javascript:{HACK}"><text y="9">x</text></a></svg>',
]
HTMLS = [
    f"<p>a<img src={AWAY}/e.png onerror='{HACK}'><svg onload='{HACK}'></svg><a href='javascript:{HACK}'>b",
    f"<p>c<style>@import '{AWAY}/f.css'; p {{ display: none }}</style><link rel=stylesheet href={AWAY}/g>",
    f"<p>d<form action={AWAY}><input autofocus onfocus='{HACK}'></form><video src={AWAY}/h></video>",
    f"<table><tr><td style='background: url({AWAY}/i.png)'>e<img src=x onerror='{HACK}'></td></tr></table>",
    f"<table><tr><td onmouseover='{HACK}'>f</td></tr></table><math href='javascript:{HACK}'>x</math>",
]
MARKDOWNS = [
    f"# g <img src=x onerror='{HACK}'> [h](javascript:{HACK.replace(' ', '')}) ![i]({AWAY}/j.png)",
    f"<script>{HACK}</script>\n\n[k](data:text/html,<script>{HACK}</script>)\n\n<iframe src={AWAY}/l>",
    f"$\\href{{javascript:{HACK}}}{{x}}$ $\\style{{background: url({AWAY}/m.png)}}{{y}}$",
]
SHOW_HOSTILE = f"""
for each in {SVGS!r}: display(SVG(each))
for each in {HTMLS!r}: display(HTML(each))
for each in {MARKDOWNS!r}: display(Markdown(each))
"""
COUNT = len(SVGS) + len(HTMLS) + len(MARKDOWNS)
POKE = """() => {
    const unsafe = ".plot :is(script, iframe, link, form, video, svg)";
    for (const element of document.querySelectorAll(".plot *")) {
        element.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
        if (!element.closest("a")) element.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    }
    return [window.hacked ?? null, document.querySelectorAll(unsafe).length];
}"""


@pytest.fixture
def link(kernel: Kernel) -> str:
    kernel.run(PRELUDE)
    return link_in(kernel.run("%bokeh_share -t Plots --all", cell="the sharing cell"))


def test_hostile_outputs_run_and_load_nothing_on_the_page_and_in_a_saved_file(
    kernel: Kernel, link: str, visit: Open, browser: Browser, tmp_path: Path
) -> None:
    kernel.run(SHOW_HOSTILE, cell="hostile")
    viewer = visit(link)
    requests: list[str] = []
    viewer.page.on("request", lambda request: requests.append(request.url))
    viewer.page.reload()
    viewer.in_step_with(kernel)
    assert viewer.page.locator(".card").count() == COUNT
    assert viewer.page.locator(".plot img").evaluate_all("images => images.every(({ complete }) => complete)")
    assert viewer.page.evaluate(POKE) == [None, 0]
    file = tmp_path / "saved.html"
    kernel.run(f"%bokeh_share --save {file}")
    page = browser.new_page()
    try:
        page.on("request", lambda request: requests.append(request.url))
        page.goto(file.as_uri())
        page.wait_for_function(f"document.querySelectorAll('.drawing:not(.offscreen)').length === {COUNT}")
        assert page.evaluate(POKE) == [None, 0]
    finally:
        page.close()
    foreign = [url for url in requests if not url.startswith((link, "data:", "blob:", "file:"))]
    assert foreign == []


def test_a_picture_changes_in_its_place(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run("%%bokeh_share shot\npicture(10)", cell="c1")
    kernel.run("%%bokeh_share below\nMarkdown('below')", cell="c2")
    viewer = visit(link).in_step_with(kernel)
    viewer.mark()
    image, below = viewer.card("shot").locator("img"), viewer.card("below")
    top = below.bounding_box()
    assert image.evaluate("image => [image.naturalWidth, image.width, image.alt]") == [300, 300, "Picture"]
    kernel.run(
        "%%bokeh_share shot\nfor red in (20, 200):\n    clear_output(wait=True)\n    display(picture(red))",
        cell="c1",
    )
    viewer.in_step_with(kernel)
    viewer.page.wait_for_function("document.querySelectorAll('#shot .drawing').length === 1")
    pixel = Image.open(io.BytesIO(image.screenshot())).convert("RGB").getpixel((9, 9))
    assert pixel == (200, 0, 0)
    assert below.bounding_box() == top
    kernel.run(
        "%%bokeh_share shot\np = figure(height=120, width=300); p.line([1, 2], [1, 2]); show(p)", cell="c1"
    )
    viewer.in_step_with(kernel)
    assert viewer.card("shot").locator("img.picture").count() == 0
    kernel.run("%%bokeh_share shot\npicture(40, width=150)", cell="c1")
    viewer.in_step_with(kernel)
    assert image.evaluate("image => image.width") == 150
    assert not viewer.was_reloaded


def test_the_place_of_a_picture_is_kept_until_it_comes_and_on_narrow_pages(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run("%%bokeh_share wide\npicture(10, width=1200, height=600)", cell="c1")
    record = """addEventListener("DOMContentLoaded", () => {
        window.heights = new Set();
        const look = () => {
            const plot = document.querySelector("#wide .plot");
            if (plot?.clientHeight) heights.add(Math.round(plot.clientHeight));
            requestAnimationFrame(look);
        };
        look();
    })"""
    viewer = visit(link, viewport={"width": 390, "height": 800}, script=record).in_step_with(kernel)
    image = viewer.card("wide").locator("img").bounding_box()
    assert image is not None
    assert image["width"] < 390
    assert image["height"] == pytest.approx(image["width"] / 2, abs=1)
    heights = viewer.page.evaluate("[...heights]")
    assert max(heights) - min(heights) <= 1, heights


def test_tables_and_formulas_are_set_by_the_page(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(
        "%%bokeh_share table\nimport pandas as pd\n"
        "pd.DataFrame({'city': ['Bern', 'Oslo'], 'people': [134.5, 709.0]}).style.set_caption('Cities')"
        ".set_properties(subset='people', color='#ff0000')",
        cell="c1",
    )
    kernel.run("%%bokeh_share text\nMarkdown('## Sales\\n\\n$$x^2$$ [a](https://example.org/)')", cell="c2")
    viewer = visit(link).in_step_with(kernel)
    table = viewer.card("table").locator("table")
    assert table.locator("caption").inner_text() == "Cities"
    assert table.locator("tbody tr").all_inner_texts() == ["0\tBern\t134.500000", "1\tOslo\t709.000000"]
    color, align = table.locator("tbody td").last.evaluate(
        "cell => [getComputedStyle(cell).color, getComputedStyle(cell).textAlign]"
    )
    assert (color, align) == ("rgb(255, 0, 0)", "right")
    text = viewer.card("text")
    assert text.locator("h4.heading-2").inner_text() == "Sales"
    formula = text.locator("img.formula")
    assert formula.get_attribute("alt") == "x^2"
    assert json.loads(
        formula.evaluate("image => JSON.stringify(image.naturalWidth > 5 && image.height > 10)")
    )
    assert text.locator("a").evaluate("link => [link.href, link.rel, link.target]") == [
        "https://example.org/", "noopener noreferrer", "_blank",
    ]  # fmt: skip


def open_menu(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Menu of {name}", exact=True).click()


@pytest.mark.one_pairing
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (3840, 2160)])
def test_a_picture_fills_the_full_screen_and_changes_there(
    kernel: Kernel, link: str, visit: Open, width: int, height: int
) -> None:
    kernel.run("%%bokeh_share shot\npicture(10)", cell="c1")
    viewer = visit(link, viewport={"width": width, "height": height}).in_step_with(kernel)
    page, image = viewer.page, viewer.card("shot").locator("img")
    open_menu(page, "shot")
    page.get_by_role("menuitem", name="Full screen", exact=True).click()
    is_magnified = """() => {
        const plot = document.querySelector(".full-screen > .plot");
        return plot !== null && new DOMMatrix(getComputedStyle(plot).transform).a > 2;
    }"""
    page.wait_for_function(is_magnified)
    box = image.bounding_box()
    assert box is not None
    assert box["width"] > 0.88 * width, "but for the margins"
    assert box["width"] / box["height"] == pytest.approx(300 / 120, rel=0.01)
    assert box["x"] + box["width"] <= width + 1
    kernel.run("%%bokeh_share shot\npicture(200)", cell="c1")
    viewer.in_step_with(kernel)
    page.wait_for_function("document.querySelectorAll('#shot .drawing').length === 1")
    page.wait_for_function(is_magnified)
    assert image.bounding_box() == box
    screen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    assert screen.getpixel((round(box["x"]) + 40, round(box["y"]) + 40)) == (200, 0, 0)
    page.keyboard.press("Escape")
    page.wait_for_function("document.querySelector('#shot img').width === 300")
    page.wait_for_function("!document.querySelector('.full-screen')")
    small = image.bounding_box()
    assert small is not None
    assert (small["width"], small["height"]) == (300, 120)


@pytest.mark.one_pairing
def test_pictures_and_tables_are_on_the_wall_as_large_as_they_fit(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run("%%bokeh_share shot\npicture(10)", cell="c1")
    kernel.run("%%bokeh_share table\nimport pandas as pd\npd.DataFrame([range(9)] * 12)", cell="c2")
    viewer = visit(f"{link}?wall=3600&plots=2", viewport={"width": 1920, "height": 1080})
    page = viewer.page
    page.wait_for_function("""() => [...document.querySelectorAll("section.card:not([inert]) .plot")].filter(
        (plot) => new DOMMatrix(getComputedStyle(plot).transform).a > 1.3).length === 2""")
    for selector, ratio in (("#shot img", 300 / 120), ("#table table", None)):
        box = page.locator(selector).bounding_box()
        assert box is not None
        assert max(box["width"] / 960, box["height"] / 1080) > 0.6, selector
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1920
        assert box["y"] + box["height"] <= 1080
        if ratio:
            assert box["width"] / box["height"] == pytest.approx(ratio, rel=0.01)


@pytest.mark.one_pairing
def test_a_picture_is_whole_on_paper(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run("%%bokeh_share wide\npicture(200, width=1600, height=400)", cell="c1")
    sheets = Sheets(visit(link).in_step_with(kernel).page.pdf(format="A4"))
    sheet = sheets.pictures[0]
    red = ImageChops.difference(sheet, Image.new("RGB", sheet.size, (200, 0, 0))).convert("L")
    box = red.point(lambda value: 255 if value < 12 else 0).getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert min(left, sheet.width - right) >= MARGIN * SCALE - 2
    assert right - left == pytest.approx(sheet.width - 2 * MARGIN * SCALE, abs=4), "as wide as the sheet"
    assert (right - left) / (bottom - top) == pytest.approx(4, rel=0.03)


@pytest.mark.one_pairing
def test_all_rows_and_columns_of_a_table_are_on_paper(kernel: Kernel, link: str, visit: Open) -> None:
    frame = "pd.DataFrame([[f'r{row}c{column}' for column in range(18)] for row in range(60)])"
    kernel.run(f"%%bokeh_share table\nimport pandas as pd\n{frame}", cell="c1")
    sheets = Sheets(visit(link).in_step_with(kernel).page.pdf(format="A4"))
    words = " ".join(sheets.texts).split()
    assert {f"r{row}c{column}" for row in range(60) for column in range(18)} <= {*words}
    assert words.count("17") >= 1, "the last column's heading"
    for sheet in sheets.pictures:
        edge = sheet.crop((sheet.width - round(MARGIN * SCALE) + 2, 0, sheet.width, sheet.height))
        assert edge.convert("L").getextrema() == (255, 255), "nothing is in the margin"


@pytest.mark.one_pairing
def test_a_picture_is_saved_as_it_came_and_a_table_as_csv(
    kernel: Kernel, link: str, visit: Open, tmp_path: Path
) -> None:
    kernel.run("%%bokeh_share shot\npicture(10)", cell="c1")
    frame = "{'city': ['Bern', '=1+1'], 'people': [1.5, 2.0]}, index=['a', 'b,c']"
    kernel.run(f"%%bokeh_share table\nimport pandas as pd\npd.DataFrame({frame})", cell="c2")
    kernel.run("%%bokeh_share text\nMarkdown('some *words*')", cell="c3")
    page = visit(link).in_step_with(kernel).page
    items = page.get_by_role("menuitem")
    pictures = ["Save as PNG", "Save as PNG, twice as large", "Copy as picture"]
    expected = {"shot": [], "table": ["Download data…"], "text": []}
    for name, downloads in expected.items():
        open_menu(page, name)
        expect(items).to_have_text(["Full screen", *downloads, *pictures, "Copy link to this plot"])
        page.keyboard.press("Escape")

    def save(name: str, item: str) -> bytes:
        open_menu(page, name)
        with page.expect_download() as download:
            items.get_by_text(item, exact=True).click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        return file.read_bytes()

    kernel.run(f"open({str(tmp_path / 'own.png')!r}, 'wb').write(picture(10).data)")
    assert save("shot", "Save as PNG") == (tmp_path / "own.png").read_bytes()
    large = Image.open(io.BytesIO(save("shot", "Save as PNG, twice as large")))
    assert (large.size, large.convert("RGB").getpixel((9, 9))) == ((600, 240), (10, 0, 0))
    assert save("table", "Download data…").decode("utf-8-sig").splitlines() == [
        '"",city,people', "a,Bern,1.5", "\"b,c\",'=1+1,2.0",
    ]  # fmt: skip
    text = Image.open(io.BytesIO(save("text", "Save as PNG"))).convert("L")
    assert text.getextrema()[0] < 90, "words are drawn"


def test_headings_of_the_notebook_stand_above_the_plots_of_their_sections(
    kernel: Kernel, visit: Open, tmp_path: Path
) -> None:
    notebook = tmp_path / "report.ipynb"

    def save(*headings: str) -> None:
        texts = [{"cell_type": "markdown", "id": f"m{n}", "source": text} for n, text in enumerate(headings)]
        codes = [{"cell_type": "code", "id": f"c{n}"} for n in range(len(texts))]
        cells = [cell for pair in zip(texts, codes, strict=True) for cell in pair]
        notebook.write_text(json.dumps({"cells": cells}))

    save("# Report <b>x</b>", "text", "## Details")
    kernel.run(f"__vsc_ipynb_file__ = {str(notebook)!r}\n%reload_ext bokeh_share")
    kernel.run(PRELUDE)
    link = link_in(kernel.run("%bokeh_share -t Plots --all --headings", cell="the sharing cell"))
    for number in range(3):
        kernel.run(f"picture({number})", cell=f"c{number}")
    viewer = visit(link).in_step_with(kernel)
    read = """() => [...document.querySelector(".cards").children].map((each) =>
        each.matches(".section-heading") ? each.textContent : each.dataset.plot)"""
    first, second, third = (plot[0] for plot in kernel.plots())
    expected = ["Report <b>x</b>", first, second, "Details", third]
    assert viewer.page.evaluate(read) == expected
    save("# Report", "text", "text")
    kernel.run("1", cell="c9")
    expected = ["Report", first, second, third]
    viewer.page.wait_for_function(
        f"expected => JSON.stringify(({read})()) === JSON.stringify(expected)", arg=expected
    )
