"""The data of a plot as a CSV file: the values of the author's source, in the rows that the viewer wants."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bokeh.layouts import column
from bokeh.model import Model
from bokeh.models import (
    BooleanFilter,
    CDSView,
    ColumnDataSource,
    DataTable,
    DateFormatter,
    Div,
    FactorRange,
    GeoJSONDataSource,
    HoverTool,
    Range1d,
    TableColumn,
)
from bokeh.plotting import figure
from browser.test_words import AXE
from playwright.sync_api import Browser, Locator, Page, expect
from support.colleague import PAINTED, Author, Colleague

from bokeh_share.sharing.export import render_saved_page

NAN = float("nan")
ESCAPED = r"^'(?='*[=+\-@\t\r\n＝＋－＠])"
"""The mark before a text that begins like a formula, as docs/sharing.md removes it."""
TEXTS = ["Łódź 東京 🙂", "=1+1", "'=quoted", "-5", 'a, "b"; c\nd', ""]
FRAME = pd.DataFrame(
    {
        "day": pd.to_datetime(["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02", "2024-03-03", None]),
        "moment": pd.to_datetime(
            ["2024-02-28T01:02:03.000004", "1969-12-31T23:59:59.999", None, *["2026-01-01T00:00:00"] * 3],
            format="ISO8601",
        ),
        "sales": [0.1, -2.5, NAN, float("inf"), -float("inf"), 1e-300],
        "count": np.array([-(2**31), -1, 0, 1, 2, 2**31 - 1], np.int32),
        "large": np.array([2**40, -(2**52), 0, 1, 2, 3], np.int64),
        "ratio": np.array([0.1, 1 / 3, -1e-30, 3e38, 0, 1], np.float32),
        "active": [True, False, True, True, False, False],
        "note": TEXTS,
        "unused": range(6),
    }
)


def dated() -> Model:
    p = figure(title="dated", width=400, height=200, x_axis_type="datetime", y_range=(-5, 5))
    p.scatter("day", "sales", source=ColumnDataSource({name: FRAME[name] for name in FRAME}), size=8)
    hovered = [name for name in FRAME if name not in ("day", "sales", "unused")]
    tooltips = [(name, f"@{name}{'{%F}' * (name == 'moment')}") for name in hovered]
    p.add_tools(HoverTool(tooltips=tooltips, formatters={"@moment": "datetime"}))
    return p


def filtered() -> Model:
    source = ColumnDataSource({"x": [1, 2, 3, 4, 5], "y": [1, 2, 3, 4, 5]}, name="filtered")
    x_range = Range1d(0, 6, name="filtered range")
    p = figure(width=400, height=200, x_range=x_range, y_range=(0, 6))
    p.scatter("x", "y", source=source, view=CDSView(filter=BooleanFilter([True, True, False, True, True])))
    return p


def lines() -> Model:
    p = figure(title="lines", width=400, height=200)
    for label, values in {"Sales": [1, 2], "=Costs": [3, 4]}.items():
        p.line([10, 20], values, legend_label=label, name=f"{label.lower()} line")
    return p


def table() -> Model:
    days = pd.to_datetime(["2024-01-03", "2024-01-01", "2024-01-02"])
    day = TableColumn(field="day", title="Day", formatter=DateFormatter())
    shown = [day, TableColumn(field="n", title="Number")]
    source = ColumnDataSource({"day": days, "n": [1, 2, 3], "hidden": [0, 0, 0]})
    return DataTable(source=source, columns=shown, width=400, height=150)


def points() -> Model:
    """Lines of several points; nested categories; durations; shapes of a map."""
    flat = figure(width=300, height=150, title="flat")
    grid = {"xs": list(np.arange(6).reshape(2, 3)), "ys": [[1, 0, 0], [0, 1, 0]]}
    flat.multi_line("xs", "ys", source=ColumnDataSource(grid))
    factors = [("A", "2023"), ("A", "2024"), ("B", "2023")]
    nested = figure(width=300, height=150, title="nested", x_range=FactorRange(*factors))
    nested.vbar(x=factors, top=[1, 2, 3], width=0.5)
    spent = figure(width=300, height=150, title="spent", x_axis_type="timedelta")
    spent.line(pd.to_timedelta(["0s", "-90min", "1D 00:00:01.5"]), [1, 2, 3])
    land = figure(width=300, height=150, title="land", tooltips="@name")
    shape = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [1, 1]]]}
    feature = {"type": "Feature", "properties": {"name": "Land"}, "geometry": shape}
    geojson = json.dumps({"type": "FeatureCollection", "features": [feature]})
    land.patches("xs", "ys", source=GeoJSONDataSource(geojson=geojson), name="shapes")
    return column(flat, nested, spent, land)


def empty() -> Model:
    p = figure(width=300, height=150, x_range=(0, 1), y_range=(0, 1))
    p.line("x", "y", source=ColumnDataSource({"x": [], "y": []}))
    return p


def long() -> Model:
    rows = np.arange(250_000)
    p = figure(width=300, height=150, output_backend="webgl")
    p.scatter("x", "y", source=ColumnDataSource({"x": rows / 7, "y": rows % 1000}))
    return p


PLOTS = (dated, filtered, lines, table, points, empty, long)


@dataclass
class Download:
    """A file that a viewer saved."""

    name: str
    text: str

    @property
    def lines(self) -> list[str]:
        assert self.text.startswith("\ufeff")
        return self.text.removeprefix("\ufeff").removesuffix("\r\n").split("\r\n")


@pytest.fixture(scope="module")
def author() -> Author:
    author = Author()
    for plot in PLOTS:
        author.show(plot(), name=plot.__name__)
    author.show(Div(text="No data"), name="text")
    return author


@pytest.fixture(scope="module")
def colleague(browser: Browser, author: Author) -> Iterator[Colleague]:
    colleague = Colleague(browser)
    with colleague.watching(author):
        colleague.until_drawn()
        yield colleague
    assert colleague.troubles == []
    colleague.close()


def open_menu(page: Page, name: str) -> Locator:
    button = page.get_by_role("button", name=f"Menu of {name}", exact=True)
    button.click()
    expect(page.get_by_role("menu")).to_be_visible()
    return button


def open_dialog(page: Page, name: str) -> Locator:
    open_menu(page, name)
    page.get_by_role("menuitem", name="Download data").click()
    dialog = page.get_by_role("dialog", name="Download data")
    expect(dialog).to_be_visible()
    return dialog


def save(dialog: Locator, rows: str = "All rows") -> Download:
    """Save these rows, and return the file. The dialog closes."""
    dialog.get_by_label(rows).check()
    with dialog.page.expect_download() as saving:
        dialog.get_by_role("button", name="Download CSV").click()
    expect(dialog).not_to_be_attached()
    path = Path(saving.value.path())
    return Download(saving.value.suggested_filename, path.read_bytes().decode("utf-8"))


def close(dialog: Locator) -> None:
    dialog.press("Escape")
    expect(dialog).not_to_be_attached()


def find_model(name: str) -> str:
    return f"Bokeh.documents.map((each) => each.get_model_by_name({name!r})).find(Boolean)"


def test_a_file_that_pandas_reads_equals_the_authors_source(colleague: Colleague) -> None:
    dialog = open_dialog(colleague.page, "dated")
    expect(dialog).to_contain_text("Columns: day, moment, sales, count, large, ratio, active, note")
    saved = save(dialog)
    assert saved.name == "dated.csv"
    expect(colleague.page.get_by_text("Downloaded “dated.csv”: 6 rows")).to_be_visible()
    missing: Any = {"keep_default_na": False, "na_values": [""]}
    read = pd.read_csv(StringIO(saved.text), parse_dates=["day", "moment"], **missing)
    read["note"] = read["note"].str.replace(ESCAPED, "", regex=True)
    expected = FRAME.drop(columns="unused").assign(note=FRAME["note"].where(FRAME["note"] != ""))
    pd.testing.assert_frame_equal(read.astype(expected.dtypes), expected)
    assert "'=1+1" in saved.text, "a spreadsheet would run the formula"
    assert saved.lines[-1].endswith(',""'), "an empty text is no missing value"


def test_viewers_choose_all_selected_or_visible_rows(colleague: Colleague) -> None:
    page = colleague.page
    dialog = open_dialog(page, "filtered")
    expect(dialog.get_by_label("Selected rows (0)")).to_be_disabled()
    expect(dialog.get_by_label("Visible rows (4)")).to_be_enabled()
    assert save(dialog).lines == ["x,y", "1,1", "2,2", "3,3", "4,4", "5,5"]
    page.evaluate(f"() => {{ {find_model('filtered')}.selected.indices = [4, 1] }}")
    saved = save(open_dialog(page, "filtered"), "Selected rows (2)")
    assert (saved.name, saved.lines) == ("filtered - selected rows.csv", ["x,y", "2,2", "5,5"])
    page.evaluate(f"() => {find_model('filtered range')}.setv({{ start: 2, end: 4.5 }})")
    saved = save(open_dialog(page, "filtered"), "Visible rows (2)")
    assert (saved.name, saved.lines) == ("filtered - visible rows.csv", ["x,y", "2,2", "4,4"])


def test_several_sources_are_offered_by_their_legends_and_in_one_file(colleague: Colleague) -> None:
    dialog = open_dialog(colleague.page, "lines")
    choice = dialog.get_by_label("Data of")
    assert choice.locator("option").all_inner_texts() == ["all 2, in one file", "Sales", "=Costs"]
    saved = save(dialog)
    assert (saved.name, saved.lines[0]) == ("lines.csv", "series,x,y")
    assert saved.lines[1:] == ["Sales,10,1", "Sales,20,2", "'=Costs,10,3", "'=Costs,20,4"]
    dialog = open_dialog(colleague.page, "lines")
    dialog.get_by_label("Data of").select_option("Sales")
    saved = save(dialog)
    assert (saved.name, saved.lines) == ("lines - Sales.csv", ["x,y", "10,1", "20,2"])
    colleague.page.evaluate(f"() => {{ {find_model('sales line')}.visible = false }}")
    saved = save(open_dialog(colleague.page, "lines"), "Visible rows (2)")
    assert saved.lines == ["series,x,y", "'=Costs,10,3", "'=Costs,20,4"]


def test_a_table_has_its_columns_and_the_order_that_the_viewer_chose(colleague: Colleague) -> None:
    saved = save(open_dialog(colleague.page, "table"))
    assert saved.lines == ["day,n", "2024-01-03,1", "2024-01-01,2", "2024-01-02,3"]
    colleague.page.locator(".slick-header-column", has_text="Day").click()
    saved = save(open_dialog(colleague.page, "table"), "Visible rows (3)")
    assert saved.lines == ["day,n", "2024-01-01,2", "2024-01-02,3", "2024-01-03,1"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("flat: MultiLine", ["row,xs,ys", "0,0,1", "0,1,0", "0,2,0", "1,3,0", "1,4,1", "1,5,0"]),
        ("nested: VBar", ["x 1,x 2,top", "A,2023,1", "A,2024,2", "B,2023,3"]),
        ("spent: Line", ["x,y", "P0DT0H0M0S,1", "P-1DT22H30M0S,2", "P1DT0H0M1.5S,3"]),
        ("land: shapes", ["row,xs,ys,name", "0,0,0,Land", "0,2,0,Land", "0,1,1,Land"]),
    ],
)
def test_other_kinds_of_columns_are_lines_too(colleague: Colleague, source: str, expected: list[str]) -> None:
    dialog = open_dialog(colleague.page, "points")
    dialog.get_by_label("Data of").select_option(source)
    assert save(dialog).lines == expected


def test_pandas_reads_the_durations() -> None:
    read = pd.to_timedelta(["P0DT0H0M0S", "P-1DT22H30M0S", "P1DT0H0M1.5S"])
    assert list(read) == list(pd.to_timedelta(["0s", "-90min", "1D 00:00:01.5"]))


def test_data_without_rows_say_so_and_a_text_has_no_data(colleague: Colleague) -> None:
    page = colleague.page
    open_menu(page, "empty")
    page.get_by_role("menuitem", name="Download data").click()
    expect(page.get_by_text("The data of this plot have no rows.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert not has_item(page, "text")


def has_item(page: Page, name: str) -> bool:
    """Return True if the menu of this plot offers the data; the menu is closed then."""
    page.get_by_role("button", name=f"Menu of {name}", exact=True).click()
    page.evaluate(PAINTED)  # the tools are loaded
    found = page.get_by_role("menuitem", name="Download data").count() > 0
    page.keyboard.press("Escape")
    return found


def test_the_page_stays_usable_while_a_large_file_is_written(colleague: Colleague) -> None:
    page = colleague.page
    dialog = open_dialog(page, "long")
    page.evaluate("""() => {
        window.ticks = 0;
        const tick = () => { window.ticks += 1; setTimeout(tick) };
        tick();
    }""")
    before = page.evaluate("ticks")
    saved = save(dialog)
    assert len(saved.lines) == 250_001
    assert saved.lines[-1] == f"{249_999 / 7},999"
    assert page.evaluate("ticks") - before > 5, "the page did nothing else meanwhile"


def test_a_file_that_the_browser_cannot_hold_is_refused(colleague: Colleague) -> None:
    page = colleague.page
    memory = "{ value: 0.01, configurable: true }"  # in gigabytes
    page.evaluate(f"() => {{ Object.defineProperty(navigator, 'deviceMemory', {memory}) }}")
    dialog = open_dialog(page, "long")
    dialog.get_by_role("button", name="Download CSV").click()
    refusal = re.compile(r"250,000 rows make a file of \d MB, and this browser can hold 1 MB\. Select rows")
    expect(dialog.get_by_role("status")).to_have_text(refusal)
    close(dialog)
    expect(page.get_by_role("button", name="Menu of long", exact=True)).to_be_focused()
    page.evaluate("() => { delete navigator.deviceMemory }")


def test_an_author_who_forbids_downloads_takes_them_out_of_the_menus(
    colleague: Colleague, author: Author
) -> None:
    page = colleague.page
    dialog = open_dialog(page, "filtered")
    author.update_download(False)
    colleague.deliver()
    colleague.until_received()
    dialog.get_by_role("button", name="Download CSV").click()
    expect(dialog.get_by_role("status")).to_have_text("The author does not allow downloads.")
    close(dialog)
    assert not has_item(page, "filtered")
    author.update_download(True)
    colleague.deliver()
    colleague.until_received()
    assert has_item(page, "filtered")


def test_a_plot_that_the_page_cannot_draw_gives_its_data(browser: Browser) -> None:
    p = figure(width=300, height=150)
    p.image(image=[np.zeros((2, 3, 1))], x=0, y=0, dw=4, dh=3)
    p.line([1, 2], [3, 4], name="line")
    author = Author()
    author.show(p)
    colleague = Colleague(browser)
    with colleague.watching(author):
        expect(colleague.page.locator(".card .error")).to_be_visible()
        dialog = open_dialog(colleague.page, "sales")
        dialog.get_by_label("Data of").select_option("line")
        expect(dialog.get_by_label("Visible rows (0)")).to_be_disabled()
        assert save(dialog).lines == ["x,y", "1,3", "2,4"]
    colleague.close()


def test_a_saved_page_gives_its_data_unless_the_author_forbids_it(
    browser: Browser, author: Author, tmp_path: Path
) -> None:
    context = browser.new_context()
    try:
        for can_download in (True, False):
            path = tmp_path / f"{can_download}.html"
            path.write_bytes(render_saved_page(author.page.update_download(can_download), now=1))
            page = context.new_page()
            page.goto(path.as_uri())
            page.wait_for_selector("section.card[data-generation]")
            if can_download:
                assert save(open_dialog(page, "filtered")).lines[0] == "x,y"
            else:
                assert not has_item(page, "filtered")
    finally:
        context.close()


@pytest.mark.one_pairing
def test_axe_finds_nothing_to_complain_of_in_the_dialog(browser: Browser, author: Author, axe: str) -> None:
    colleague = Colleague(browser, bypass_csp=True)
    with colleague.watching(author):
        dialog = open_dialog(colleague.page, "lines")
        for scheme in ("light", "dark"):
            colleague.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
            colleague.page.evaluate(axe)
            found: Any = colleague.page.evaluate(AXE)
            assert found == [], scheme
        close(dialog)
    colleague.close()
