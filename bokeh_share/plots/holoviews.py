"""Draws HoloViews objects by HoloViews, which is not imported here: its objects exist only if it is."""

from __future__ import annotations

import sys
from typing import Any

from bokeh.document import Document

from ..errors import CannotRender


def is_element(value: object) -> bool:
    """Return True if this is an object of HoloViews."""
    core = sys.modules.get("holoviews.core")
    kind = getattr(core, "Dimensioned", None)  # missing while another thread imports it
    return kind is not None and isinstance(value, kind)


def is_drawn_with_bokeh() -> bool:
    """Return True if Bokeh is HoloViews' default backend."""
    store = getattr(sys.modules.get("holoviews"), "Store", None)
    return store is not None and store.current_backend == "bokeh"


def render_element(value: Any, *, name: str | None = None) -> Any:
    """Return the Bokeh model that HoloViews draws for its object; return any other value unchanged.

    Costs as much as `hv.render`; each call makes another model. Raises `CannotRender`.
    """
    return build_plot(value, name=name).state if is_element(value) else value


def render_in_document(value: Any, *, name: str | None = None) -> Any:
    """Render the object like `render_element`, in a separate document as by `attach_document`."""
    return attach_document(build_plot(value, name=name)) if is_element(value) else value


def build_plot(value: Any, *, name: str | None = None) -> Any:
    """Return HoloViews' plot of an object, whose `state` is the Bokeh model. Raises `CannotRender`.

    If the object has streams, they keep the plot alive and up to date until its `cleanup()`.
    """
    kind = type(value).__name__
    if sliders := _list_sliders(value):
        reason = f"it has sliders ({', '.join(sliders)}), which need Panel"
        hint = "share it as an app, with its sliders: share(panel.panel(…), name='plot')"
        raise CannotRender(name, kind, reason, hint)
    try:
        plot = sys.modules["holoviews"].renderer("bokeh").get_plot(value)
    except Exception as error:
        hint = "check that HoloViews can show it with the backend 'bokeh'"
        raise CannotRender(name, kind, str(error) or type(error).__name__, hint) from error
    if any(not each.__module__.startswith("bokeh.") for each in plot.state.references()):
        hint = "share it as an app: share(panel.panel(…), name='plot')"
        raise CannotRender(name, kind, "it needs more than BokehJS", hint)
    return plot


def attach_document(plot: Any) -> Any:
    """Put the Bokeh model of HoloViews' plot into a separate document, and return the model.

    The document has HoloViews' theme, and raises events for changes that streams make.
    """
    document = Document()
    if plot.renderer.theme:
        document.theme = plot.renderer.theme
    plot.document = document
    document.add_root(plot.state)
    return plot.state


def _list_sliders(value: Any) -> list[str]:
    """List the dimensions that need a slider; without one only the first frame would be drawn."""
    core = sys.modules["holoviews.core"]
    holomaps = value.traverse(lambda each: each, [core.HoloMap])  # a DynamicMap is a HoloMap as well
    streamed = {name for each in holomaps for name in _list_streamed_dimensions(each)}
    names = [dimension.name for each in holomaps for dimension in each.kdims]
    return [name for name in dict.fromkeys(names) if name not in streamed]


def _list_streamed_dimensions(value: Any) -> list[str]:
    """List the dimensions of a DynamicMap that its streams set."""
    return [name for stream in getattr(value, "streams", ()) for name in stream.contents]
