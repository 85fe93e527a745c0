"""What Panel does not offer publicly."""

from __future__ import annotations

from functools import partial
from typing import Any

from bokeh.document import Document


def notify_panel_on_load(document: Document) -> None:
    """Let Panel know when a viewer's page has drawn the document: until then it holds changes back, and the
    callbacks of `pn.state.onload`. Panel's own handlers do this; they also show the author's traceback to
    viewers, and leave the author's `curdoc()` at a viewer's document."""
    from panel.io.state import state as panel_state

    document.on_event("document_ready", partial(panel_state._schedule_on_load, document))


def list_panel_views(document: Document) -> list[Any]:
    """The objects of Panel's that are in a document, whoever put them there: Panel has no list of them."""
    from panel.io.state import state as panel_state

    return [view for view, _, shown_in, _ in panel_state._views.values() if shown_in is document]
