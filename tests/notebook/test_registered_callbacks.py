"""Callbacks of documents, as the cells that register them are run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from bokeh.document import Document
from bokeh.events import DocumentReady
from bokeh.io import curdoc
from bokeh.io.state import curstate
from bokeh.model import Model
from bokeh.models import CustomJS

from bokeh_share.notebook.cell import CellRun
from bokeh_share.notebook.registered_callbacks import RegisteredCallbacks


class Notebook:
    """Runs cells that register callbacks."""

    def __init__(self) -> None:
        self.cell: CellRun | None = None
        self.registered = RegisteredCallbacks(lambda: self.cell)

    def run(self, id: str, *codes: str | CustomJS, fails: bool = False) -> None:
        self.cell = CellRun(id)
        for code in codes:
            script = code if isinstance(code, Model) else CustomJS(code=code)
            curdoc().js_on_event(DocumentReady, script)
        self.registered.finish_run(self.cell, success=not fails)
        self.cell = None

    @property
    def codes(self) -> list[str]:
        return [
            script.code for script in self.registered.list_callbacks(curdoc()) if isinstance(script, CustomJS)
        ]


@pytest.fixture
def notebook() -> Iterator[Notebook]:
    former = curdoc()
    curstate().document = Document()
    yield Notebook()
    curstate().document = former


def test_a_cell_that_is_run_again_replaces_what_it_registered(notebook: Notebook) -> None:
    notebook.run("a", "one", "two")
    notebook.run("b", "other")
    assert notebook.codes == ["one", "two", "other"]
    notebook.run("a", "three")
    assert notebook.codes == ["other", "three"]
    assert len(curdoc().callbacks.js_event_callbacks["document_ready"]) == 4
    notebook.run("a")
    assert notebook.codes == ["other"]
    notebook.run("c")
    assert notebook.codes == ["other"]


def test_of_a_run_that_fails_before_nothing_is_replaced(notebook: Notebook) -> None:
    notebook.run("a", "one")
    notebook.run("a", fails=True)
    assert notebook.codes == ["one"]
    notebook.run("a", "two", fails=True)
    assert notebook.codes == ["two"]


def test_while_a_cell_runs_what_it_registered_before_goes_first(notebook: Notebook) -> None:
    notebook.run("a", "one")
    notebook.cell = CellRun("a")
    assert notebook.codes == ["one"]
    curdoc().js_on_event(DocumentReady, CustomJS(code="two"))
    assert notebook.codes == ["two"]


def test_the_same_object_registered_again_counts_for_the_run_that_did(notebook: Notebook) -> None:
    script = CustomJS(code="one")
    notebook.run("a", script)
    notebook.run("a", script)
    assert set(notebook.codes) == {"one"}
    notebook.run("b", script)
    notebook.run("a")
    assert set(notebook.codes) == {"one"}


def test_what_no_cell_registered_stays(notebook: Notebook) -> None:
    curdoc().js_on_event(DocumentReady, CustomJS(code="before"))
    notebook = Notebook()
    notebook.run("a", "one")
    curdoc().js_on_event(DocumentReady, CustomJS(code="between"))
    notebook.registered.update()
    notebook.run("a")
    assert notebook.codes == ["before", "between"]


def test_another_documents_callbacks_are_looked_at_alike(notebook: Notebook) -> None:
    document = Document()
    look: Callable[[], list[Model]] = lambda: notebook.registered.list_callbacks(document)  # noqa: E731
    notebook.cell = CellRun("a")
    document.js_on_event(DocumentReady, one := CustomJS(code="one"))
    assert look() == [one]
    notebook.cell = CellRun("a")
    document.js_on_event(DocumentReady, two := CustomJS(code="two"))
    assert look() == [two]
