"""Apps in the manner of those that Bokeh's documentation shows, each with a viewer who uses it."""

from __future__ import annotations

import pytest
from support.app_viewer import watching_app
from support.kernel_driver import Kernel

WAVE = """
from bokeh.layouts import column, row
from bokeh.models import ColumnDataSource, Slider, TextInput
from bokeh_share import share

def wave(doc):
    x = np.linspace(0, 4 * np.pi, 200)
    source = ColumnDataSource({"x": x, "y": np.sin(x)}, name="wave")
    plot = figure(height=300, width=400, title="a sine wave", x_range=(0, 12), y_range=(-3, 3))
    plot.line("x", "y", source=source)
    text = TextInput(title="title", value="a sine wave", name="text")
    inputs = [Slider(title=title, value=value, start=-5, end=5, step=0.1, name=title)
              for title, value in (("offset", 0.0), ("amplitude", 1.0), ("phase", 0.0), ("frequency", 1.0))]
    def retitle(attr, old, new):
        plot.title.text = text.value
    def update(attr, old, new):
        offset, amplitude, phase, frequency = (each.value for each in inputs)
        source.data = {"x": x, "y": amplitude * np.sin(frequency * x + phase) + offset}
    text.on_change("value", retitle)
    for each in inputs:
        each.on_change("value", update)
    doc.add_root(row(column(text, *inputs), plot))
    doc.title = "Waves"

share(wave)
"""
SELECTION = """
from bokeh.layouts import gridplot
from bokeh.models import ColumnDataSource
from bokeh_share import share

def histogram(doc):
    rng = np.random.default_rng(7)
    x = rng.normal(0, 1, 500)
    source = ColumnDataSource({"x": x, "y": rng.normal(0, 1, 500)}, name="dots")
    plot = figure(width=300, height=300, tools="box_select,reset")
    plot.scatter("x", "y", source=source)
    counts, edges = np.histogram(x, bins=20)
    columns = {"left": edges[:-1], "right": edges[1:], "all": counts, "chosen": counts * 0}
    bars = ColumnDataSource(columns, name="bars")
    side = figure(width=300, height=150)
    side.quad(left="left", right="right", bottom=0, top="all", source=bars)
    side.quad(left="left", right="right", bottom=0, top="chosen", source=bars, color="orange")
    def update(attr, old, new):
        chosen, _ = np.histogram(x[new], bins=edges)
        bars.patch({"chosen": [(slice(0, 20), chosen)]})
    source.selected.on_change("indices", update)
    doc.add_root(gridplot([[plot], [side]]))

share(histogram)
"""
PRICES = """
from bokeh.models import ColumnDataSource, Select
from bokeh.layouts import column
from bokeh_share import share

def prices(doc):
    source = ColumnDataSource({"time": [], "price": [], "color": []}, name="prices")
    plot = figure(width=400, height=200, x_axis_type="datetime", y_axis_location="right", title="prices")
    plot.x_range.follow, plot.x_range.follow_interval = "end", 100
    plot.segment(x0="time", y0=0, x1="time", y1="price", color="color", source=source)
    kind = Select(title="average", value="12", options=["12", "26"], name="average")
    state = {"tick": 0}
    def update():
        state["tick"] += 1
        price = 100 + state["tick"] * (1 if kind.value == "12" else 10)
        source.stream({"time": [state["tick"]], "price": [price], "color": ["green"]}, 20)
        if state["tick"] == 200:
            doc.remove_periodic_callback(ticking)
    ticking = doc.add_periodic_callback(update, 10)
    doc.add_root(column(kind, plot))

share(prices)
"""
SHOPS = """
import asyncio
from bokeh.document import Document
from bokeh.layouts import column
from bokeh.models import Button, DataTable, Div, TableColumn, ColumnDataSource
from bokeh_share import share

def shops(document: Document, town: str = "Lyon"):
    table = ColumnDataSource({"shop": [f"{town} {n}" for n in range(3)], "sales": [3, 1, 2]}, name="table")
    status = Div(text=f"{len(document.session_context.request.arguments)} options", name="status")
    button = Button(label="work", name="work")
    async def work():
        status.text = "working"
        await asyncio.sleep(0.05)
        status.text = f"done, after {document.roots[0].children[1].text}"
    button.on_click(lambda: document.add_next_tick_callback(work))
    columns = [TableColumn(field="shop"), TableColumn(field="sales")]
    document.add_root(column(button, status, DataTable(source=table, columns=columns)))

share(shops)
"""


@pytest.fixture
def url(kernel: Kernel) -> str:
    """The link of a share."""
    return kernel.share()


def test_sliders_and_a_text_change_a_wave(kernel: Kernel, url: str) -> None:
    kernel.run(WAVE, "wave")
    with watching_app(url, "wave") as viewer:
        wave = viewer.find("wave")
        viewer.change(viewer.find("amplitude"), value=3)
        viewer.wait(lambda: max(wave.data["y"]) > 2.9)
        viewer.change(viewer.find("offset"), value=-5)
        viewer.wait(lambda: max(wave.data["y"]) < -1.9)
        viewer.change(viewer.find("text"), value="mine")
        viewer.wait(lambda: viewer.titles == ["mine"])
        assert viewer.document.title == "Waves"
    assert viewer.errors == []


def test_what_is_selected_is_counted_beside_it(kernel: Kernel, url: str) -> None:
    kernel.run(SELECTION, "histogram")
    with watching_app(url, "histogram") as viewer, watching_app(url, "histogram") as other:
        bars = viewer.find("bars")
        viewer.change(viewer.find("dots").selected, indices=list(range(100)))
        viewer.wait(lambda: sum(bars.data["chosen"]) == 100)
        viewer.change(viewer.find("dots").selected, indices=[7])
        viewer.wait(lambda: sum(bars.data["chosen"]) == 1)
        assert sum(other.find("bars").data["chosen"]) == 0


def test_prices_come_in_and_a_choice_counts_from_then_on(kernel: Kernel, url: str) -> None:
    kernel.run(PRICES, "prices")
    with watching_app(url, "prices") as viewer:
        prices = viewer.find("prices")
        viewer.wait(lambda: len(prices.data["price"]) == 20)
        viewer.change(viewer.find("average"), value="26")
        viewer.wait(lambda: max(prices.data["price"]) > 300)
        assert "ColumnsStreamed" in viewer.events
        viewer.wait(lambda: prices.data["time"][-1] == 200)


def test_a_document_by_its_annotation_with_options_and_a_callback_that_awaits(
    kernel: Kernel, url: str
) -> None:
    kernel.run(SHOPS, "shops")
    with watching_app(url, "shops", "town=Oslo") as viewer:
        assert viewer.find("table").data["shop"] == ["Oslo 0", "Oslo 1", "Oslo 2"]
        status = viewer.find("status")
        assert status.text == "1 options"
        viewer.click(viewer.find("work"))
        viewer.wait(lambda: status.text.startswith("done"))
        assert viewer.errors == []
