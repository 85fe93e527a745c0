"""What the author's documents do in JavaScript once they are drawn, as part of the plots that it is about.

Bokeh gives the current document's callbacks to the document that it makes of each plot it shows. So does
the page, but for callbacks that mention models, such as the `args` of a `CustomJS`, and none of the plot's:
they are about another plot, which would be sent with each. They are carried by the plot's root, next to its
own callbacks, under a name that no event of Bokeh's has; `plot.js` runs them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from bokeh.document import Document
from bokeh.events import DocumentReady
from bokeh.io import curdoc
from bokeh.model import Model
from bokeh.model.util import visit_immediate_value_references

READY_EVENT = "bokeh_share.ready"
"""The name under which a root carries them."""


def list_documents(models: Iterable[Model]) -> list[Document]:
    """The current document and those that own the models, each once."""
    owners = [model.document for model in models if model.document is not None]
    return [*dict.fromkeys([curdoc(), *owners])]


def list_ready_scripts(document: Document) -> list[Model]:
    """Its callbacks for when it is drawn. Those for connections are for apps: a plot has none."""
    # one that was destroyed has none any more
    by_event: Mapping[str, Any] = getattr(document.callbacks, "js_event_callbacks", {})
    return [*by_event.get(DocumentReady.event_name, ())]


def select_scripts(scripts: Iterable[Model], ids: Container[str]) -> tuple[Model, ...]:
    """Those that mention a model with one of these ids, or no model at all; each once."""

    def is_about(script: Model) -> bool:
        mentioned: list[Model] = []
        visit_immediate_value_references(script, mentioned.append)
        return not mentioned or any(model.id in ids for model in mentioned)

    return tuple(filter(is_about, dict.fromkeys(scripts)))
