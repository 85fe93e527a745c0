"""Uses private names of Panel, where it has no public ones."""

from __future__ import annotations

from functools import partial
from typing import Any

from bokeh.document import Document


def notify_panel_on_load(document: Document) -> None:
    """Notify Panel when a viewer's page has drawn the document. Until then Panel delays changes and the
    callbacks of `pn.state.onload`.

    Panel's own handlers do this too, but they show the author's traceback to viewers, and leave `curdoc()` at
    a viewer's document.
    """
    from panel.io.state import state as panel_state

    document.on_event("document_ready", partial(panel_state._schedule_on_load, document))


def list_panel_views(document: Document) -> list[Any]:
    """Return the Panel objects in a document, including those that callbacks added. Panel has no public
    list."""
    from panel.io.state import state as panel_state

    return [view for view, _, shown_in, _ in panel_state._views.values() if shown_in is document]
