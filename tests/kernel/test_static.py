"""The card in a notebook that is looked at without a kernel."""

from __future__ import annotations

import re

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter


def test_nbconverts_static_html_has_the_card_with_its_link_and_time() -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("%load_ext bokeh_share\n%bokeh_share --port 0")]
    )
    NotebookClient(notebook, timeout=60).execute()
    html, _ = HTMLExporter().from_notebook_node(notebook)
    card = html[html.index('class="bokeh-share-card"') :]
    assert "http://localhost:" in card
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d"
    assert re.search(rf"<b>live</b> at <time [^>]*>{moment}</time> · 0 plots · 0 viewers", card)
    assert re.search(f"as of {moment}", card)
    assert "Starting" not in card


def test_a_notebook_that_stops_sharing_in_its_last_cell_is_saved_without_the_link() -> None:
    cells = ["%load_ext bokeh_share\n%bokeh_share --port 0\nlink = __import__('bokeh_share').share().url"]
    cells += ["%bokeh_share --stop"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    NotebookClient(notebook, timeout=60).execute()
    html, _ = HTMLExporter().from_notebook_node(notebook)
    card = html[html.index('class="bokeh-share-card"') :]
    assert "<b>ended</b> at" in card
    assert "http://localhost:" not in card
    assert "%bokeh_share starts again" in card
