"""A renamed notebook has the link it had, and no other notebook has it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bokeh_share.sharing import renamed_notebooks
from bokeh_share.sharing.link_store import LINK_IN_USE_NOTE, LinkStore
from bokeh_share.sharing.record_search import COPIED_NOTEBOOK_NOTE, MOVED_NOTEBOOK_NOTE, UNKNOWN_NOTEBOOK_NOTE


def save(notebook: Path, cells: str) -> Path:
    """A notebook as front ends save it, with a cell for each letter."""
    notebook.parent.mkdir(exist_ok=True)
    notebook.write_text(json.dumps({"cells": [{"id": cell, "source": ""} for cell in cells]}))
    return notebook


def link_of(notebook: Path, data: Path) -> str:
    """The secret part of the link that a kernel of this notebook has, from its start to its end."""
    memory = LinkStore.load(notebook, data)
    memory.set_port(5007)
    memory.release()
    return memory.prefix


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """Another process, which lives until its input ends."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    return save(tmp_path / "sales.ipynb", "abc")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.mark.parametrize("name", ["sales.ipynb", "Untitled.ipynb"])
def test_a_renamed_notebook_keeps_its_link(tmp_path: Path, data: Path, name: str) -> None:
    sales = save(tmp_path / name, "abc")
    first = LinkStore.load(sales, data)
    first.set_port(5007)
    costs = sales.rename(tmp_path / "costs.ipynb")
    first.release()
    save(costs, "xabc")  # and went on
    again = LinkStore.load(costs, data)
    assert (again.port, again.prefix, again.note) == (5007, first.prefix, "")
    again.release()
    assert link_of(costs, data) == first.prefix
    assert link_of(costs.rename(tmp_path / "gains.ipynb"), data) == first.prefix


@pytest.mark.parametrize("name", ["sales.ipynb", "Untitled.ipynb"])
def test_a_kernel_that_goes_by_the_old_name_finds_its_notebook_again_and_again(
    tmp_path: Path, data: Path, name: str
) -> None:
    sales = save(tmp_path / name, "abc")
    former = link_of(sales, data)
    costs = sales.rename(tmp_path / "costs.ipynb")
    for _ in range(2):
        again = LinkStore.load(sales, data)
        assert (again.prefix, again.note, again.notebook_path) == (former, "", costs)
        again.release()
    gains = costs.rename(tmp_path / "gains.ipynb")
    for name in (sales, costs, gains):
        assert link_of(name, data) == former


def test_cells_that_came_before_it_was_renamed_are_its_own_too(
    tmp_path: Path, data: Path, sales: Path
) -> None:
    first = LinkStore.load(sales, data, list_cell_ids=lambda: "abcdefgh")
    save(sales.rename(tmp_path / "costs.ipynb"), "abcdefgh")
    first.release()
    assert link_of(tmp_path / "costs.ipynb", data) == first.prefix


def test_a_share_that_goes_on_after_its_notebook_was_renamed_has_the_link_it_had(
    tmp_path: Path, data: Path, sales: Path
) -> None:
    first = LinkStore.load(sales, data)
    former = first.prefix
    sales.rename(tmp_path / "costs.ipynb")
    save(tmp_path / "copy.ipynb", "abc")
    first.release()
    first.acquire()
    assert (first.prefix, first.note) == (former, "")


@pytest.mark.parametrize(
    ("cells", "copy", "note"),
    [
        ("abc", "abc", COPIED_NOTEBOOK_NOTE),
        ("abcd", "xabc", COPIED_NOTEBOOK_NOTE),
        ("ax", "", UNKNOWN_NOTEBOOK_NOTE),
        ("abcdefg", "", UNKNOWN_NOTEBOOK_NOTE),
    ],
)
def test_a_renamed_notebook_that_could_be_another_has_a_new_link_and_that_is_said(
    tmp_path: Path, data: Path, sales: Path, cells: str, copy: str, note: str
) -> None:
    former = link_of(sales, data)
    sales.unlink()
    costs = save(tmp_path / "costs.ipynb", cells)
    if copy:
        save(tmp_path / "copy.ipynb", copy)
    by_old_name, by_new = LinkStore.load(sales, data), LinkStore.load(costs, data)
    assert former not in (by_old_name.prefix, by_new.prefix)
    assert by_old_name.note == note
    assert by_new.note == (note if copy else "")  # of those that have other cells nothing is known


def test_of_two_that_are_gone_and_had_the_same_cells_none_is_the_renamed_one(
    tmp_path: Path, data: Path, sales: Path
) -> None:
    links = {link_of(sales, data), link_of(save(tmp_path / "costs.ipynb", "abc"), data)}
    sales.unlink()
    renamed = (tmp_path / "costs.ipynb").rename(tmp_path / "gains.ipynb")
    for name in (sales, renamed):
        memory = LinkStore.load(name, data)
        assert memory.prefix not in links
        assert memory.note == COPIED_NOTEBOOK_NOTE
        memory.release()


def test_a_copy_in_another_folder_is_another_notebook(tmp_path: Path, data: Path, sales: Path) -> None:
    former = link_of(sales, data)
    assert LinkStore.load(save(tmp_path / "course" / "sales.ipynb", "abc"), data).note == ""
    sales.rename(tmp_path / "course" / "costs.ipynb")
    moved = LinkStore.load(tmp_path / "course" / "costs.ipynb", data)
    assert moved.prefix != former
    assert moved.note == MOVED_NOTEBOOK_NOTE


def test_a_renamed_notebook_whose_kernel_still_shares_it_is_that_kernels(
    tmp_path: Path, data: Path, sales: Path, other: subprocess.Popen[bytes]
) -> None:
    former = link_of(sales, data)
    (record,) = data.glob("*.json")
    owner = [other.pid, psutil.Process(other.pid).create_time()]
    record.write_text(json.dumps({**json.loads(record.read_text()), "owner": owner}))
    costs = sales.rename(tmp_path / "costs.ipynb")
    second = LinkStore.load(costs, data)
    assert second.prefix != former
    assert second.note == LINK_IN_USE_NOTE


@pytest.mark.parametrize("name", ["sales.ipynb", "Untitled.ipynb"])
@pytest.mark.parametrize("cells", ["xyz", ""])
def test_a_notebook_that_was_renamed_leaves_no_link_to_the_next_of_its_name(
    tmp_path: Path, data: Path, name: str, cells: str
) -> None:
    notebook = save(tmp_path / name, "abc" if cells else "")
    first = LinkStore.load(notebook, data)
    first.set_port(5007)
    costs = notebook.rename(tmp_path / "costs.ipynb")
    first.release()
    assert link_of(save(notebook, cells), data) != first.prefix
    assert (link_of(costs, data) == first.prefix) == bool(cells)


def test_a_notebook_that_was_renamed_without_a_kernel_has_its_link_although_another_has_its_name(
    tmp_path: Path, data: Path, sales: Path
) -> None:
    former = link_of(sales, data)
    costs = sales.rename(tmp_path / "costs.ipynb")
    assert link_of(save(sales, "xyz"), data) != former
    assert link_of(costs, data) == former


def test_a_notebook_whose_cells_are_all_made_anew_is_the_same_under_its_name(data: Path, sales: Path) -> None:
    former = link_of(sales, data)
    assert link_of(save(sales, "xyz"), data) == former


def test_a_folder_with_more_than_can_be_read_leaves_no_guess(
    tmp_path: Path, data: Path, sales: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link_of(sales, data)
    costs = sales.rename(tmp_path / "costs.ipynb")
    monkeypatch.setattr(renamed_notebooks, "MAX_SCANNED_FOLDER_BYTES", 1)
    assert LinkStore.load(costs, data).note == UNKNOWN_NOTEBOOK_NOTE
    assert LinkStore.load(sales, data).note == UNKNOWN_NOTEBOOK_NOTE


@pytest.mark.parametrize("damaged", [b"", b"[]", b'{"now": 7}', b'{"notebook": "x", "cells": 7, "gone": 1}'])
def test_a_damaged_record_of_another_notebook_is_nobodys(tmp_path: Path, data: Path, damaged: bytes) -> None:
    data.mkdir()
    (data / "0.json").write_bytes(damaged)
    assert LinkStore.load(save(tmp_path / "sales.ipynb", "abc"), data).note == ""
