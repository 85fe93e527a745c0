"""Figures, charts and tables of other libraries, as their own displays show them in the notebook."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from typing import Any

import pytest
from support.kernel_driver import Kernel, Output
from support.viewer import Viewer

for package in (
    "matplotlib",
    "seaborn",
    "plotnine",
    "plotly",
    "kaleido",
    "altair",
    "vl_convert",
    "polars",
    "great_tables",
    "PIL",
):
    pytest.importorskip(package)

PRELUDE = """
import numpy as np, pandas as pd
import matplotlib.pyplot as plt
from IPython.display import clear_output, display
frame = pd.DataFrame({"city": ["Bern", "Oslo"], "people": [134.5, 709.0]})

def draw(value=0):
    plt.plot([0, 1], [value, 1])
"""


@pytest.fixture
def kernel(fresh: Kernel) -> Kernel:
    """A kernel of their own, since these libraries change it for good."""
    return fresh


@pytest.fixture
def viewer(kernel: Kernel) -> Iterator[Viewer]:
    url = kernel.share("--all")
    kernel.run(
        f"import os; os.environ['BROWSER_PATH'] = {os.environ.get('BOKEH_SHARE_CHROMIUM', '')!r}{PRELUDE}",
        "c0",
    )
    with kernel.watch(url) as viewer:
        yield viewer


def list_pictures(output: Output) -> list[bytes]:
    """The PNG pictures that the notebook shows below a cell."""
    return [base64.b64decode(each["image/png"]) for each in output.displays if "image/png" in each]


def shown(viewer: Viewer) -> list[bytes] | None:
    return [each.data for each in viewer.media] if viewer.in_step else None


def texts(rows: list[list[Any]]) -> list[list[str]]:
    return [[cell if isinstance(cell, str) else cell[0] for cell in row] for row in rows]


def test_figures_of_matplotlib_and_what_draws_with_it(kernel: Kernel, viewer: Viewer) -> None:
    drawn = [
        kernel.run("draw(); plt.show()", "c1"),
        kernel.run("fig, ax = plt.subplots(); ax.plot([1, 2]); fig", "c2"),
        kernel.run("import seaborn as sns; sns.lineplot(frame, x='city', y='people'); plt.show()", "c3"),
        kernel.run("from plotnine import *; ggplot(frame, aes('city', 'people')) + geom_col()", "c4"),
        kernel.run("from PIL import Image; Image.new('RGB', (20, 10), 'red')", "c5"),
    ]
    pictures = [picture for output in drawn for picture in list_pictures(output)]
    assert len(pictures) >= 5
    viewer.until(lambda: shown(viewer) == pictures)
    kernel.run("%config InlineBackend.figure_format = 'retina'", "c6")
    output = kernel.run("draw(); plt.show()", "c1")
    (picture,) = list_pictures(output)
    viewer.until(lambda: picture in (shown(viewer) or []))
    media = next(each for each in viewer.media if each.data == picture)
    width = int.from_bytes(picture[16:20], "big")
    assert media.width == width // 2, "screens with small pixels show it in half its size"
    before = {plot["id"]: plot["generation"] for plot in viewer.plots}
    loop = "for number in range(5):\n    clear_output(wait=True)\n    draw(number); plt.show()"
    output = kernel.run(loop, "c1")
    viewer.until(lambda: list_pictures(output)[-1] in (shown(viewer) or []))
    changed = {
        plot["id"]: plot["generation"] for plot in viewer.plots if before[plot["id"]] != plot["generation"]
    }
    assert len(changed) == 1
    status = kernel.run("%bokeh_share --status").stdout
    assert "matplotlib figure, cell [" in status


def test_tables_of_pandas_polars_and_great_tables(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("frame", "c1")
    kernel.run("frame.style.set_caption('Cities').highlight_max(subset='people', color='yellow')", "c2")
    kernel.run("import polars as pl; pl.DataFrame({'x': [1], 'y': ['<b>']})", "c3")
    kernel.run("from great_tables import GT; GT(frame)", "c4")
    kernel.run("pd.DataFrame(np.zeros((10_000_000, 2)))", "c5")
    kernel.run("frame['people']", "c6")
    viewer.until(lambda: viewer.kinds == ["table"] * 5)
    plain, styled, polars, great, long = (each.json for each in viewer.media)
    assert texts(plain["body"]) == [["0", "Bern", "134.5"], ["1", "Oslo", "709.0"]]
    assert styled["caption"] == "Cities"
    assert styled["body"][1][2] == ["709.000000", {"background": "yellow"}]
    assert (texts(polars["head"]), texts(polars["body"])) == ([["x", "y"], ["i64", "str"]], [["1", '"<b>"']])
    assert texts(great["body"]) == [["Bern", "134.5"], ["Oslo", "709.0"]]
    assert long["notes"] == ["10000000 rows × 2 columns"]


def test_figures_of_plotly_and_altair_are_exported(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run("import plotly.express as px; px.line(frame, x='city', y='people', title='Plotly')", "c1")
    kernel.run(
        "import altair as alt; alt.Chart(frame, title='Altair').mark_bar().encode(x='city', y='people')", "c2"
    )
    viewer.until(lambda: viewer.kinds == ["image", "image"])
    assert [plot["titles"] for plot in viewer.plots] == [["Plotly"], ["Altair"]]
    assert viewer.media[0].width == 960
    kernel.run(
        "import bokeh_share.plots.media.exporter as m; m.REQUIRED_PACKAGES = {'plotly': ('no_kaleido',)}"
    )
    kernel.run("px.line(frame, x='city', y='people', title='Plotly')", "c1")
    viewer.until(lambda: viewer.kinds == ["text", "image"])
    text = (
        "The Plotly figure “Plotly” is not shown, since no_kaleido is not installed where the notebook runs."
    )
    assert viewer.media[0].json == [["p", None, text]]
    kernel.wait(lambda: "its picture needs no_kaleido: pip install no_kaleido" in kernel.card)


def test_objects_are_shared_by_name_and_follow_their_changes(kernel: Kernel, viewer: Viewer) -> None:
    kernel.run(
        "from bokeh_share import share\nfig, ax = plt.subplots(); ax.plot([1, 2]); plt.close(fig)", "c1"
    )
    kernel.run("share(fig, name='curve', caption='a curve'); share(frame, name='cities')", "c2")
    viewer.until(lambda: viewer.kinds == ["image", "table"])
    assert viewer.names == ["curve", "cities"]
    before = viewer.media[0].data
    kernel.run("%bokeh_share frame", "c3")
    viewer.until(lambda: viewer.names == ["curve", "cities", "frame"] and viewer.in_step)
    kernel.run("frame.loc[0, 'city'] = 'Basel'", "c4")
    viewer.until(lambda: viewer.in_step and texts(viewer.media[2].json["body"])[0][1] == "Basel")
    kernel.run("ax.plot([2, 1]); share(fig, name='curve', caption='a curve')", "c5")
    viewer.until(lambda: viewer.in_step and viewer.media[0].data != before)
