"""What a page loads before it draws a document, and how the document waits for it. Nothing is compiled."""

from __future__ import annotations

import json
import weakref
from typing import Any

import pytest
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent
from bokeh.io import curdoc
from bokeh.model import Model
from bokeh.models import Div
from bokeh.util.compiler import JavaScript

from bokeh_share.apps.container import CONTAINER_NAME
from bokeh_share.apps.document_assets import DocumentAssets


class Marked(Div):
    """An author's own model."""

    __implementation__ = JavaScript("exports.Marked = class {}")


class Session:
    """Bokeh's session of a viewer, as far as events are sent to it."""

    def __init__(self, document: Document) -> None:
        self.session = self
        self.events: list[str] = []
        document._session_context = weakref.ref(self)  # type: ignore[arg-type]
        document.callbacks.on_change_dispatch_to(self)

    def _document_patched(self, event: DocumentPatchedEvent) -> None:
        self.events.append(event.kind)


def make_document(*roots: Model) -> Document:
    document = Document()
    for root in roots:
        document.add_root(root)
    return document


@pytest.fixture
def compiled() -> list[Any]:
    """The classes that are to be compiled."""
    return []


def make_assets(document: Document, compiled: list[Any]) -> DocumentAssets:
    return DocumentAssets(document, compiled.extend)


def test_models_of_bokehs_own_need_nothing(compiled: list[Any]) -> None:
    assets = make_assets(make_document(Div()), compiled)
    assert assets.list_required() == []
    assert compiled == []


def test_a_model_of_the_authors_own_is_compiled_and_loaded(compiled: list[Any]) -> None:
    assets = make_assets(make_document(Div(), Marked()), compiled)
    (asset,) = assets.list_required()
    asset = json.loads(asset)
    assert (asset["kind"], compiled) == ("custom", [Marked])
    assert asset["type"].endswith("Marked")


def test_the_current_document_is_put_back(compiled: list[Any]) -> None:
    before = curdoc()
    make_assets(make_document(Marked()), compiled).list_required()
    assert curdoc() is before


def test_a_plot_needs_another_page_if_its_types_were_not_loaded(compiled: list[Any]) -> None:
    assets = make_assets(make_document(Div()), compiled)
    assets.list_required()
    assert assets.has_loaded_types(Div())
    assert not assets.has_loaded_types(Marked())
    assert compiled == [Marked]  # for the next page
    assets = make_assets(make_document(Marked()), compiled)
    assets.list_required()
    assert assets.has_loaded_types(Marked())


def test_a_document_is_hidden_until_the_page_has_loaded(compiled: list[Any]) -> None:
    roots = [Div(text="a"), Marked(text="b")]
    document = make_document(*roots)
    assets = make_assets(document, compiled)
    assert not assets.is_awaited
    assets.wait()
    (waiting,) = document.roots
    assert assets.is_awaited
    assert (waiting.name, waiting.tags) == (CONTAINER_NAME, ["", "waiting", []])
    assets.resume()
    assert not assets.is_awaited
    assert document.roots == roots


def test_the_page_that_has_loaded_is_sent_no_events(compiled: list[Any]) -> None:
    document = make_document(Marked())
    session = Session(document)
    assets = make_assets(document, compiled)
    assets.wait()
    assert session.events == ["RootRemoved", "RootAdded"]
    session.events.clear()
    assets.resume()  # as it requests the whole document
    assert session.events == []
    document.title = "later"
    assert session.events == ["TitleChanged"]
