"""What is remembered of a notebook's link, without a kernel."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from filelock import FileLock

from bokeh_share import memory
from bokeh_share.memory import DAMAGED, TAKEN, Memory

NOTEBOOK = Path("sales.ipynb")


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """Another process, which lives until its input ends."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process


def file_of(folder: Path) -> Path:
    (file,) = folder.glob("*.json")
    return file


def owned_by(folder: Path, owner: Any) -> None:
    """As if another kernel had written it."""
    file = file_of(folder)
    file.write_text(json.dumps({**json.loads(file.read_text()), "owner": owner}))


def test_a_notebook_has_its_port_and_prefix_again(tmp_path: Path) -> None:
    first = Memory.of(NOTEBOOK, tmp_path)
    first.keep(5007)
    first.let_go()
    again = Memory.of(NOTEBOOK, tmp_path)
    assert (again.port, again.prefix, again.remark) == (5007, first.prefix, "")


def test_a_kernel_that_was_killed_leaves_its_link_to_the_next(
    tmp_path: Path, other: subprocess.Popen[bytes]
) -> None:
    first = Memory.of(NOTEBOOK, tmp_path)
    first.keep(5007)
    owned_by(tmp_path, [other.pid, psutil.Process(other.pid).create_time()])
    other.kill()  # and not waited for: its number is still taken
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    again = Memory.of(NOTEBOOK, tmp_path)
    assert (again.port, again.prefix) == (5007, first.prefix)


def test_of_two_kernels_of_a_notebook_the_second_has_a_link_of_its_own(
    tmp_path: Path, other: subprocess.Popen[bytes]
) -> None:
    first = Memory.of(NOTEBOOK, tmp_path)
    first.keep(5007)
    owned_by(tmp_path, [other.pid, psutil.Process(other.pid).create_time()])
    written = file_of(tmp_path).read_text()
    second = Memory.of(NOTEBOOK, tmp_path)
    assert (second.port, second.remark) == (None, TAKEN)
    assert second.prefix != first.prefix
    second.keep(5008)
    second.renew()
    second.let_go()
    assert file_of(tmp_path).read_text() == written


def test_a_link_that_another_kernel_took_between_two_shares_is_left_to_it(
    tmp_path: Path, other: subprocess.Popen[bytes]
) -> None:
    first = Memory.of(NOTEBOOK, tmp_path)
    first.keep(5007)
    first.let_go()
    former = first.prefix
    owned_by(tmp_path, [other.pid, psutil.Process(other.pid).create_time()])
    first.take()
    assert (first.port, first.remark) == (None, TAKEN)
    assert first.prefix != former


def test_a_process_that_only_has_the_same_number_is_not_the_owner(tmp_path: Path) -> None:
    first = Memory.of(NOTEBOOK, tmp_path)
    owned_by(tmp_path, [os.getppid(), 1.0])
    assert Memory.of(NOTEBOOK, tmp_path).prefix == first.prefix


def test_a_notebook_that_was_renamed_leaves_no_link_to_the_next_of_its_name(tmp_path: Path) -> None:
    notebook = tmp_path / "sales.ipynb"
    notebook.write_text("{}")
    first = Memory.of(notebook, tmp_path / "data")
    first.keep(5007)
    notebook.rename(tmp_path / "costs.ipynb")
    first.let_go()
    assert Memory.of(notebook, tmp_path / "data").prefix != first.prefix


@pytest.mark.parametrize("name", [f"Untitled{end}.ipynb" for end in ("", "1", "-2", " 3")])
def test_a_notebook_without_a_name_of_its_own_is_not_remembered(tmp_path: Path, name: str) -> None:
    assert Memory.of(Path(name), tmp_path).prefix != Memory.of(Path(name), tmp_path).prefix
    assert list(tmp_path.iterdir()) == []


def test_a_clock_that_was_set_is_no_other_process(tmp_path: Path, other: subprocess.Popen[bytes]) -> None:
    Memory.of(NOTEBOOK, tmp_path)
    owned_by(tmp_path, [other.pid, psutil.Process(other.pid).create_time() + 1])
    assert Memory.of(NOTEBOOK, tmp_path).remark == TAKEN


def test_a_name_that_is_no_text_is_a_name(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(b"caf\xe9.ipynb"))
    assert Memory.of(odd, tmp_path).prefix == Memory.of(odd, tmp_path).prefix


def test_whatever_a_lock_raises_the_share_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise NotImplementedError("no locks here")

    monkeypatch.setattr(memory, "FileLock", refuse)
    assert "no locks here" in Memory.of(NOTEBOOK, tmp_path).remark


def test_two_notebooks_have_nothing_in_common(tmp_path: Path) -> None:
    assert Memory.of(NOTEBOOK, tmp_path).prefix != Memory.of(Path("other.ipynb"), tmp_path).prefix


def test_without_a_notebook_nothing_is_written(tmp_path: Path) -> None:
    Memory.of(None, tmp_path).keep(5007)
    Memory.of(NOTEBOOK, None).keep(5007)
    assert list(tmp_path.iterdir()) == []


def test_nobody_else_may_read_it_and_nothing_else_is_left_behind(tmp_path: Path) -> None:
    Memory.of(NOTEBOOK, tmp_path / "new" / "folder").keep(5007)
    folder = tmp_path / "new" / "folder"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.suffix for path in folder.iterdir()} <= {".json", ".lock"}
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_prefix_is_in_no_repr(tmp_path: Path) -> None:
    found = Memory.of(NOTEBOOK, tmp_path)
    assert found.prefix not in repr(found)


def test_a_new_link_is_remembered_instead_of_the_old(tmp_path: Path) -> None:
    first = Memory.of(NOTEBOOK, tmp_path)
    former = first.prefix
    first.renew()
    assert Memory.of(NOTEBOOK, tmp_path).prefix == first.prefix != former


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"port": "5006", "prefix": "/abcdefghijklmnopqrstuv", "owner": null}',
        b'{"port": true, "prefix": "/abcdefghijklmnopqrstuv", "owner": null}',
        b'{"port": 70000, "prefix": "/abcdefghijklmnopqrstuv", "owner": null}',
        b'{"port": 5006, "prefix": "", "owner": null}',
        b'{"port": 5006, "prefix": "/../etc/passwd/and/more", "owner": null}',
        b'{"port": 5006, "prefix": 7, "owner": null}',
    ],
)
def test_a_damaged_or_foreign_file_is_replaced_and_that_is_said_once(tmp_path: Path, text: bytes) -> None:
    Memory.of(NOTEBOOK, tmp_path)
    file_of(tmp_path).write_bytes(text)
    found = Memory.of(NOTEBOOK, tmp_path)
    assert (found.port, found.remark) == (None, DAMAGED)
    again = Memory.of(NOTEBOOK, tmp_path)
    assert (again.prefix, again.remark) == (found.prefix, "")


@pytest.mark.parametrize("owner", [None, 7, "me", [], [1], [-1, 0], [2**70, 0], [None, None], {"pid": 1}])
def test_an_owner_that_makes_no_sense_is_nobody(tmp_path: Path, owner: Any) -> None:
    first = Memory.of(NOTEBOOK, tmp_path)
    owned_by(tmp_path, owner)
    assert Memory.of(NOTEBOOK, tmp_path).prefix == first.prefix


def test_where_nothing_can_be_written_the_share_goes_on_and_says_so(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    found = Memory.of(NOTEBOOK, in_the_way)
    assert found.remark.startswith("the link cannot be remembered for the next kernel (")
    found.keep(5007)
    found.renew()
    assert found.port == 5007


def test_a_file_that_somebody_holds_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "PATIENCE", 0.0)
    Memory.of(NOTEBOOK, tmp_path)
    with FileLock(file_of(tmp_path).with_suffix(".lock")):
        assert "cannot be remembered" in Memory.of(NOTEBOOK, tmp_path).remark


def test_a_write_that_breaks_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Memory.of(NOTEBOOK, tmp_path)
    written = file_of(tmp_path).read_text()

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    first.keep(5007)
    assert "no space left on device" in first.remark
    assert file_of(tmp_path).read_text() == written
    assert len(list(tmp_path.glob("*.json"))) == len([*tmp_path.iterdir()]) - 1  # and the lock
