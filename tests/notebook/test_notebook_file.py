"""The file of a notebook, as the front end saved it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bokeh_share.notebook.notebook_file import NotebookFile


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cells": 3}', '{"cells": [3]}', "\xff"])
def test_a_file_that_is_no_notebook_changes_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(content, "latin-1")
    file = NotebookFile(path)
    file.update_order()
    assert file.find_index("a") is None
    NotebookFile(tmp_path / "missing").update_order()
