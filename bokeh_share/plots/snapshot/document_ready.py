"""Adds the documents' JavaScript callbacks for when they are drawn to the plots that they mention.

Bokeh adds the current document's callbacks to the document of each plot that it shows. The page does so too,
except for callbacks that mention models (such as the `args` of a `CustomJS`), but none of this plot: these
belong to another plot, which would be sent with each. The plot's root carries the callbacks, besides its own,
under an event name that Bokeh does not use; `ready_scripts.mjs` runs them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from bokeh.document import Document
from bokeh.events import DocumentReady
from bokeh.model import Model
from bokeh.model.util import visit_immediate_value_references

from ...compat import find_current_document

READY_EVENT = "bokeh_share.ready"
"""The event name under which a root carries the callbacks."""


def list_documents(models: Iterable[Model]) -> list[Document]:
    """List the current document and those that own the models, each once."""
    owners = [model.document for model in models if model.document is not None]
    return [*dict.fromkeys([find_current_document(), *owners])]


def list_ready_scripts(document: Document) -> list[Model]:
    """List the document's callbacks for when it is drawn. Callbacks for connections are for apps only."""
    # a document that was destroyed has no callbacks any more
    by_event: Mapping[str, Any] = getattr(document.callbacks, "js_event_callbacks", {})
    return [*by_event.get(DocumentReady.event_name, ())]


def select_scripts(scripts: Iterable[Model], ids: Container[str]) -> tuple[Model, ...]:
    """Select the scripts that mention a model with one of these ids, or no model at all; each once."""

    def is_about(script: Model) -> bool:
        mentioned: list[Model] = []
        visit_immediate_value_references(script, mentioned.append)
        return not mentioned or any(model.id in ids for model in mentioned)

    return tuple(filter(is_about, dict.fromkeys(scripts)))
