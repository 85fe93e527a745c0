"""The representation of a display that pages show."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.small_pictures import PNG

from bokeh_share.plots.media.display_reader import PLOTLY_TYPE, read_display

TABLE = "<div><table><tr><td>1</td></tr></table></div>"
FIGURE = {"data": [{"type": "bar", "y": [1]}], "layout": {"title": {"text": "T"}}}
SPEC = {"$schema": "https://vega.github.io/schema/vega-lite/v6.1.0.json", "mark": "bar"}
ARGUMENTS = f'"x",  {json.dumps(FIGURE["data"])}, {json.dumps(FIGURE["layout"])}, {{"responsive": true}}'
PLOTLY_HTML = f'<div id="x"></div><script>Plotly.newPlot(  {ARGUMENTS})</script>'
CALL = f'}})({json.dumps(SPEC)}, {{"mode": "vega-lite"}});'
ALTAIR_HTML = f'<div id="altair-viz"></div><script>(function(spec, embedOpt){{ var a = {{}}; {CALL}</script>'


@pytest.mark.parametrize(
    ("data", "media_type", "noun"),
    [
        (
            {"image/png": PNG, "text/plain": "<Figure size 640x480 with 1 Axes>"},
            "image/png",
            "matplotlib figure",
        ),
        ({"image/png": PNG, "text/plain": "<PIL.Image>"}, "image/png", "picture"),
        ({"image/png": PNG, "image/svg+xml": "<svg/>"}, "image/svg+xml", "picture"),
        ({"image/jpeg": PNG}, "image/jpeg", "picture"),
        ({"text/html": TABLE, "image/png": PNG}, "text/html", "table"),
        ({"text/html": [TABLE], "text/plain": "1"}, "text/html", "table"),
        ({"text/html": "<div>a</div>", "image/png": PNG}, "image/png", "picture"),
        ({"text/markdown": "a", "text/plain": "a"}, "text/markdown", "text"),
        ({"text/latex": "$x$", "image/png": PNG}, "text/latex", "formula"),
        ({"text/html": "<b>a</b>"}, "text/html", "HTML output"),
        ({"text/html": TABLE + TABLE}, "text/html", "HTML output"),
        ({"text/html": "<script>x</script>"}, "text/html", "HTML output"),
        ({PLOTLY_TYPE: FIGURE, "text/html": PLOTLY_HTML}, PLOTLY_TYPE, "Plotly figure"),
        ({"text/html": PLOTLY_HTML}, PLOTLY_TYPE, "Plotly figure"),
        (
            {"application/vnd.vegalite.v6.1.0+json": SPEC},
            "application/vnd.vegalite.v6.1.0+json",
            "Altair chart",
        ),
        ({"application/vnd.vega.v5+json": SPEC, "image/png": PNG}, "image/png", "picture"),
        ({"text/html": ALTAIR_HTML}, "application/vnd.vegalite.v5+json", "Altair chart"),
    ],
)
def test_the_best_representation_is_chosen(data: dict[str, Any], media_type: str, noun: str) -> None:
    display = read_display(data)
    assert display is not None
    assert (display.media_type, display.noun) == (media_type, noun)


def test_figures_have_the_json_of_their_display() -> None:
    for data in ({PLOTLY_TYPE: FIGURE}, {"text/html": PLOTLY_HTML}):
        display = read_display(data)
        assert display is not None
        assert (display.content, display.exporter, display.is_ready) == (FIGURE, "plotly", False)
    display = read_display({"text/html": ALTAIR_HTML})
    assert display is not None
    assert (display.content, display.exporter) == (SPEC, "altair")


def test_the_metadata_are_those_of_the_representation() -> None:
    display = read_display({"image/png": PNG}, {"image/png": {"width": 5}, "text/plain": {"x": 1}})
    assert display is not None
    assert display.metadata == {"width": 5}
    display = read_display({"image/png": PNG}, {"image/png": None})
    assert display is not None
    assert display.metadata == {}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"text/plain": "1"},
        {"text/html": " "},
        {"text/html": "<div id='a'></div><style>p {}</style>"},
        {"text/html": "<div id='p1' data-root-id='p2' style='display: contents;'></div>"},
        {"text/html": "<div class='bk-notebook-logo'></div>Loading BokehJS"},
        {"application/vnd.bokehjs_exec.v0+json": "", "text/html": TABLE},
        {"application/vnd.jupyter.widget-view+json": {}, "text/html": TABLE},
        {"application/vnd.holoviews_exec.v0+json": "", "image/png": PNG},
        {"text/html": TABLE, "text/plain": "bokeh_share  http://127.0.0.1:5006/"},
        {"application/json": {}},
        {"image/png": ""},
        {"text/html": None},
    ],
)
def test_other_outputs_are_none(data: dict[str, Any]) -> None:
    assert read_display(data) is None


@pytest.mark.parametrize(
    "source",
    [
        "<script>Plotly.newPlot(</script>",
        "<script>Plotly.newPlot('x', [], {})</script>",
        '<script>Plotly.newPlot("x", {}, [])</script>',
        "<script>vega })({</script>",
        '<script>vega })({"a": 1})</script>',
        "<script>vega })({" + "[" * 100_000 + "</script>",
    ],
)
def test_scripts_without_json_are_html(source: str) -> None:
    display = read_display({"text/html": source})
    assert display is not None
    assert display.noun == "HTML output"
