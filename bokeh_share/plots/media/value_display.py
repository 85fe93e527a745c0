"""Reads an object that the author gives to `share`, as a cell would display it: a figure, chart or table."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from IPython.core.pylabtools import print_figure

from .display import Display
from .display_reader import PLOTLY_TYPE, read_display
from .raster import read_png_size

REPRESENTATIONS = {
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_latex_": "text/latex",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
}
"""The methods by which objects describe themselves to IPython, with their media types."""


def read_value_display(value: Any) -> Display | None:
    """Return what pages show of an object of another library; None if it has nothing of the kind.

    Costs as much as displaying it. Raises what the object's own methods raise.
    """
    if value is None or isinstance(
        value, type | str | bytes | int | float | bool | Mapping | list | tuple | set
    ):
        return None
    for read in (_read_matplotlib, _read_plotly, _read_altair, _read_plotnine):
        if (display := read(value)) is not None:
            return display
    return _read_methods(value)


def can_change(value: Any, display: object) -> bool:
    """Return True if an object may look different from how it was read: a figure of matplotlib that knows of
    a change, and any table or figure of another library."""
    figure = _find_figure(value)
    if figure is not None:
        return bool(getattr(figure, "stale", True))
    return isinstance(display, Display) and (display.noun == "table" or bool(display.exporter))


def _find_figure(value: Any) -> Any:
    """Return the matplotlib figure that an object is or has, as axes and grids of seaborn have; else None."""
    figure_class = getattr(sys.modules.get("matplotlib.figure"), "Figure", None)
    if figure_class is None:
        return None
    if isinstance(value, figure_class):
        return value
    packages = {str(each.__module__).partition(".")[0] for each in type(value).__mro__}
    figure = getattr(value, "figure", None) if packages & {"matplotlib", "seaborn"} else None
    return figure if isinstance(figure, figure_class) else None


def _read_matplotlib(value: Any) -> Display | None:
    figure = _find_figure(value)
    if figure is None:
        return None
    # twice the pixels, for screens with small ones
    png = print_figure(figure, fmt="png", base64=False, dpi=2 * figure.dpi)
    if png is None:
        raise ValueError("the figure is empty")
    return Display("image/png", png, _halve_size(png), noun="matplotlib figure")


def _halve_size(png: bytes) -> Mapping[str, Any]:
    width, height = read_png_size(png)
    return {"width": width / 2, "height": height / 2}


def _read_plotly(value: Any) -> Display | None:
    figure_class = getattr(sys.modules.get("plotly.basedatatypes"), "BaseFigure", None)
    if figure_class is None or not isinstance(value, figure_class):
        return None
    return Display(PLOTLY_TYPE, json.loads(value.to_json()), noun="Plotly figure", exporter="plotly")


def _read_altair(value: Any) -> Display | None:
    mixin = getattr(
        sys.modules.get("altair.vegalite.v5.api") or sys.modules.get("altair"), "TopLevelMixin", None
    )
    if mixin is None or not isinstance(value, mixin):
        return None
    return Display(
        "application/vnd.vegalite.v5+json", value.to_dict(), noun="Altair chart", exporter="altair"
    )


def _read_plotnine(value: Any) -> Display | None:
    plot_class = getattr(sys.modules.get("plotnine"), "ggplot", None)
    if plot_class is None or not isinstance(value, plot_class):
        return None
    return _read_matplotlib(value.draw())


def _read_methods(value: Any) -> Display | None:
    """Return what an object's own methods give."""
    bundle: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    method = _find_method(value, "_repr_mimebundle_")
    if method is not None:
        result = method(include=None, exclude=None)
        data, extra = result if isinstance(result, tuple) else (result, {})
        bundle, metadata = dict(data or {}), dict(extra or {})
    for name, media_type in REPRESENTATIONS.items():
        if media_type not in bundle and (method := _find_method(value, name)) is not None:
            result = method()
            content, extra = result if isinstance(result, tuple) else (result, None)
            if content is not None:
                bundle[media_type] = content
                if extra:
                    metadata[media_type] = extra
    display = read_display(bundle, metadata)
    return display if display is None or display.noun != "HTML output" else None


def _find_method(value: Any, name: str) -> Callable[..., Any] | None:
    """Return a method of the object's class; objects that answer to every name have none."""
    if not callable(getattr(type(value), name, None)):
        return None
    method: Callable[..., Any] = getattr(value, name)
    return method
