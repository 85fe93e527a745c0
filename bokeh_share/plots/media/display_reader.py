"""Chooses, of the representations of a displayed object, the one that pages show best."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .display import SVG_MEDIA_TYPE, Display
from .html_tokens import has_script, tokenize_html

OTHER_ROADS = (
    "application/vnd.bokehjs_exec.v0+json",
    "application/vnd.bokehjs_load.v0+json",
    "application/vnd.holoviews_exec.v0+json",
    "application/vnd.holoviews_load.v0+json",
    "application/vnd.jupyter.widget-view+json",
)
"""Representations of plots that come to the page by other roads, and of widgets, which need their kernel."""
BOKEH_HTML_MARKS = ("bk-notebook-logo", "data-root-id=")
"""Texts in the HTML of Bokeh's own outputs: that of `output_notebook()`, and of a plot."""
MAX_EXAMINED_HTML = 100_000
"""Maximum number of characters of HTML that is examined for texts."""
PLOTLY_TYPE = "application/vnd.plotly.v1+json"
VEGA_TYPE_PATTERN = re.compile(r"application/vnd\.vega(?:lite)?\.v[0-9]+(?:\.[0-9]+)*(?:\+json|\.json)")
OWN_TEXT_PREFIX = "bokeh_share"
"""The text of our own outputs, such as the card, begins so."""
MATPLOTLIB_TEXT_PATTERN = re.compile(r"<Figure size .* Axes>", re.IGNORECASE)
PLOTLY_SCRIPT = "Plotly.newPlot("
VEGA_SCRIPT = "})({"
MAX_SEARCHED_HTML = 50_000_000
"""Maximum number of characters of HTML that is searched for the JSON of a figure."""
NOUNS = {"text/markdown": "text", "text/latex": "formula"}
PICTURE_TYPES = (SVG_MEDIA_TYPE, "image/png", "image/jpeg")


def read_display(data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> Display | None:
    """Return the best representation of a display; None if pages show none of them, or by another road.

    The order is that of JupyterLab, except that pictures are preferred to HTML without a table.
    """
    plain = data.get("text/plain", "")
    if any(each in data for each in OTHER_ROADS) or str(plain).startswith(OWN_TEXT_PREFIX):
        return None
    source = data.get("text/html")
    source = "".join(source) if isinstance(source, list) else source if isinstance(source, str) else ""
    if (figure := _read_figure(data, source)) is not None:
        return figure
    if re.search(r"<table[\s>]", source, re.IGNORECASE) and len(re.findall(r"<table[\s>]", source)) == 1:
        return Display("text/html", source, noun="table")
    for media_type in ("text/markdown", "text/latex", *PICTURE_TYPES):
        if data.get(media_type):
            noun = NOUNS.get(media_type) or _describe_picture(str(plain))
            return Display(media_type, data[media_type], _read_metadata(metadata, media_type), noun)
    return Display("text/html", source, noun="HTML output") if _has_visible_content(source) else None


def _has_visible_content(source: str) -> bool:
    """Return True if HTML shows something, as far as can be seen, and is not Bokeh's."""
    beginning = source[:MAX_EXAMINED_HTML]
    if not beginning.strip() or any(each in beginning for each in BOKEH_HTML_MARKS):
        return False
    texts = "".join(text for tag, _, text in tokenize_html(beginning) if not tag)
    return bool(texts.strip()) or has_script(beginning)


def _describe_picture(plain: str) -> str:
    return "matplotlib figure" if MATPLOTLIB_TEXT_PATTERN.fullmatch(plain) else "picture"


def _read_metadata(metadata: Mapping[str, Any] | None, media_type: str) -> Mapping[str, Any]:
    found = (metadata or {}).get(media_type, {})
    return found if isinstance(found, Mapping) else {}


def _read_figure(data: Mapping[str, Any], source: str) -> Display | None:
    """Return a figure of Plotly or Altair, whose JSON may stand in a script of its HTML only."""
    plotly = data.get(PLOTLY_TYPE)
    if not isinstance(plotly, Mapping):
        plotly = _find_plotly_json(source)
    if plotly is not None:
        return Display(PLOTLY_TYPE, plotly, noun="Plotly figure", exporter="plotly")
    vega_type = next((each for each in data if VEGA_TYPE_PATTERN.fullmatch(each)), None)
    spec = data[vega_type] if vega_type is not None else _find_vega_json(source)
    if not isinstance(spec, Mapping) or any(data.get(each) for each in PICTURE_TYPES):
        return None  # with a picture of its own, nothing has to be exported
    kind = vega_type or "application/vnd.vegalite.v5+json"
    return Display(kind, spec, noun="Altair chart", exporter="altair")


def _find_plotly_json(source: str) -> Mapping[str, Any] | None:
    """Return the figure that a script in HTML draws by `Plotly.newPlot(id, data, layout)`."""
    position = source.find(PLOTLY_SCRIPT, 0, MAX_SEARCHED_HTML)
    if position < 0:
        return None
    arguments = _decode_json_values(source, position + len(PLOTLY_SCRIPT), 3)
    match arguments:
        case [_, list() as traces, dict() as layout]:
            return {"data": traces, "layout": layout}
        case [_, list() as traces, *_]:
            return {"data": traces, "layout": {}}
    return None


def _find_vega_json(source: str) -> Mapping[str, Any] | None:
    """Return the specification that a script in HTML draws: the argument of the function that it calls."""
    if "vega" not in source[:MAX_SEARCHED_HTML]:
        return None
    position = source.find(VEGA_SCRIPT, 0, MAX_SEARCHED_HTML)
    arguments = _decode_json_values(source, position + len(VEGA_SCRIPT) - 1, 1) if position >= 0 else []
    is_spec = bool(arguments) and isinstance(arguments[0], dict) and "$schema" in arguments[0]
    return arguments[0] if is_spec else None


def _decode_json_values(source: str, position: int, count: int) -> list[Any]:
    """Return the first arguments of a call, as far as they are JSON."""
    decoder, values = json.JSONDecoder(), []
    skip_spaces = re.compile(r"[\s,]*")
    try:
        for _ in range(count):
            match = skip_spaces.match(source, position)
            value, position = decoder.raw_decode(source, match.end() if match else position)
            values.append(value)
    except (ValueError, RecursionError):
        pass  # the rest of the call is no JSON, such as a function
    return values
