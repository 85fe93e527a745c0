"""Describes values that Bokeh cannot show: their kind, their library, and what to use instead."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence, Set
from types import ModuleType
from typing import Any, NamedTuple

from bokeh.document import Document
from bokeh.model import Model

SHOWABLE_HINT = "share a Bokeh figure, layout, widget or table"
NOT_BOKEH_HINT = "Bokeh cannot show it"
FRAME_HINT = "make a Bokeh table or plot of it, such as bokeh.models.DataTable, and share that"


class ForeignValue(NamedTuple):
    """The kind of a value, and advice; the fields are those of `NotAModel`."""

    kind: str
    hint: str


class _Library(NamedTuple):
    """A library whose objects people share."""

    kind: str
    hint: str


LIBRARIES = {
    "matplotlib": _Library("{type} of Matplotlib", "draw it with Bokeh, or {panel}"),
    "seaborn": _Library("{type} of seaborn", "draw it with Bokeh, or {panel}"),
    "plotnine": _Library("{type} of plotnine", "draw it with Bokeh"),
    "plotly": _Library("{type} of Plotly", "draw it with Bokeh"),
    "altair": _Library("{type} of Altair", "draw it with Bokeh"),
    "PIL": _Library("an image of Pillow", "draw it with figure().image_rgba(…), or {panel}"),
    "ipywidgets": _Library("{type} of ipywidgets", "use a widget of Bokeh, or of Panel"),
    "panel": _Library("{type} of Panel", "share({name}) makes it an app"),
    "folium": _Library("{type} of folium", "draw it with Bokeh, whose figures can have map tiles"),
    "networkx": _Library("{type} of NetworkX", "draw it with bokeh.plotting.from_networkx"),
    "pandas": _Library("{type} of pandas", FRAME_HINT),
    "polars": _Library("{type} of Polars", FRAME_HINT),
    "pyarrow": _Library("{type} of PyArrow", FRAME_HINT),
    "geopandas": _Library("{type} of GeoPandas", FRAME_HINT),
    "xarray": _Library("{type} of xarray", "draw it with Bokeh, or with hvPlot: {name}.hvplot()"),
    "numpy": _Library("{type} of NumPy", "draw it with Bokeh, and share the figure"),
}
"""Libraries by the package of an object's class, or of a base class."""
PANEL_PANES = {
    "matplotlib": "Matplotlib({name})",
    "seaborn": "Matplotlib({name}.figure)",
    "PIL": "Image({name})",
}
"""Panes of Panel that show such an object as a picture, so that it can be shared as an app."""


def describe_value(value: Any, name: str | None = None) -> ForeignValue:
    """Describe a value that Bokeh cannot show; `name` is the author's variable."""
    return (
        _describe_nothing(value)
        or _describe_module_or_class(value)
        or _describe_bokeh_object(value)
        or _describe_library_object(value, name)
        or _describe_function(value, name)
        or _describe_collection(value)
        or ForeignValue(f"of type {format_type(value)!r}", SHOWABLE_HINT)
    )


def format_type(value: object) -> str:
    """Return the name of a value's type, with its module unless that is `builtins`."""
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


def _describe_nothing(value: Any) -> ForeignValue | None:
    if value is not None:
        return None
    return ForeignValue("None", "assign the figure itself, as functions such as show(p) return nothing")


def _describe_module_or_class(value: Any) -> ForeignValue | None:
    if isinstance(value, ModuleType):
        return ForeignValue("a module", SHOWABLE_HINT)
    if inspect.isclass(value):
        return ForeignValue("a class", "share a plot that you make with it")
    return None


def _describe_bokeh_object(value: Any) -> ForeignValue | None:
    if isinstance(value, Document):
        return ForeignValue("a Bokeh document", "share its roots: share(document.roots[0])")
    if isinstance(value, Model):
        hint = "it is a part of a plot; share the figure that has it"
        return ForeignValue(_add_article(type(value).__name__), hint)
    return None


def _describe_library_object(value: Any, name: str | None) -> ForeignValue | None:
    packages = [str(each.__module__).partition(".")[0] for each in type(value).__mro__]  # it may be None
    package = next((each for each in packages if each in LIBRARIES), None)
    if package is None:
        return None
    kind, hint = LIBRARIES[package]
    variable = name if name is not None and name.isidentifier() else "…"
    is_part = package == "matplotlib" and type(value).__name__ != "Figure"  # such as axes
    pane = PANEL_PANES.get(package, "").format(name=f"{variable}.figure" if is_part else variable)
    is_plot = package not in ("pandas", "polars", "pyarrow", "geopandas", "numpy", "panel")
    app_name = "plot" if variable == "…" else variable
    panel = f"share it as an app: share(panel.pane.{pane}, name={app_name!r})"
    advice = hint.format(name=variable, panel=panel)
    return ForeignValue(
        kind.format(type=_add_article(type(value).__name__)),
        f"{NOT_BOKEH_HINT}; {advice}" if is_plot else advice,
    )


def _describe_function(value: Any, name: str | None) -> ForeignValue | None:
    variable = name if name is not None and name.isidentifier() else None
    if inspect.isroutine(value):
        return ForeignValue("a function", f"share({variable or 'function'}) makes it an app")
    if callable(value):  # without a name of its own
        hint = f"share({variable or 'function'}, name={variable or 'plot'!r}) makes it an app"
        return ForeignValue("an object that can be called", hint)
    return None


def _add_article(word: str) -> str:
    return f"{'an' if word[0] in 'AEIOUaeiou' else 'a'} {word}"


def _describe_collection(value: Any) -> ForeignValue | None:
    if isinstance(value, str | bytes):
        return ForeignValue("a text" if isinstance(value, str) else "bytes", SHOWABLE_HINT)
    if isinstance(value, Mapping):
        return ForeignValue("a dictionary", "share its plots as a list: share([*plots.values()])")
    if isinstance(value, Iterator | Set):
        return ForeignValue(f"a {type(value).__name__}", "share a list of plots: share([…])")
    if not isinstance(value, Sequence):
        return None
    type_name = type(value).__name__
    if not value:
        return ForeignValue(f"an empty {type_name}", "put plots in it")
    wrong = next(((index, each) for index, each in enumerate(value) if not isinstance(each, Model)), None)
    if wrong is None:
        return ForeignValue(f"a {type_name} with parts of plots", "share a list of whole figures")
    index, item = wrong
    is_list = isinstance(item, Sequence) and not isinstance(item, str | bytes)  # which may contain itself
    item_kind = "another list" if is_list else describe_value(item).kind
    return ForeignValue(
        f"a {type_name} whose item {index} is {item_kind}",
        "share a list of figures, layouts, widgets or tables",
    )
