"""Assets that a viewer's page loads before it can draw a document, and the wait for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bokeh.document import Document
from bokeh.io.doc import patch_curdoc
from bokeh.model import Model
from bokeh.models.widgets import Div

from ..compat import restore_curdoc
from ..plots import list_custom_classes, list_custom_types
from .container import CONTAINER_NAME
from .extension_assets import list_required_assets
from .update import suppress_events


class DocumentAssets:
    """The extensions of BokehJS and the author's own models that one viewer's document needs."""

    def __init__(self, document: Document, on_custom_models: Callable[[Iterable[type[Model]]], None]) -> None:
        self._document = document
        self._on_custom_models = on_custom_models
        self.is_awaited = False
        """True if the viewer's page has to load more before it can draw the document."""
        self._loaded_types: set[str] = set()
        """Types of the author's own models that the viewer's page was asked to load."""
        self._detached_roots: list[Model] = []
        """The roots, while the page loads."""

    def list_required(self) -> list[str]:
        """List the assets that the viewer's page has to load before it can draw the document."""
        self._loaded_types = list_custom_types(self._document.models)
        self._on_custom_models(list_custom_classes(self._document.models))
        with restore_curdoc(), patch_curdoc(self._document):
            return list_required_assets(self._document)

    def has_loaded_types(self, root: Model) -> bool:
        """Return True if the viewer's page was asked to load all types of the author's own models in
        `root`."""
        self._on_custom_models(list_custom_classes(root.references()))
        return self._loaded_types >= list_custom_types(root.references())

    def wait(self) -> None:
        """Let the viewer's page load what it needs, and open the document once more."""
        document = self._document
        self.is_awaited = True
        self._detached_roots = list(document.roots)
        for root in self._detached_roots:
            document.remove_root(root)
        document.add_root(Div(name=CONTAINER_NAME, tags=["", "waiting", []]))

    def resume(self) -> None:
        """Restore the roots: the page has loaded what it needs, and requests the document again."""
        document = self._document
        self.is_awaited = False
        with suppress_events(document):
            document.remove_root(document.roots[0])
            for root in self._detached_roots:
                document.add_root(root)
        self._detached_roots = []
