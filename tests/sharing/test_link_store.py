"""What is remembered of a notebook's link, without a kernel."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from filelock import FileLock

from bokeh_share.server.auth.password import SCRYPT_COST, Password
from bokeh_share.sharing import link_record
from bokeh_share.sharing.link_store import DAMAGED_RECORD_NOTE, LINK_IN_USE_NOTE, LinkStore

NOTEBOOK = Path("sales.ipynb")


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """Another process, which lives until its input ends."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of passwords that take no time."""
    monkeypatch.setitem(SCRYPT_COST, "n", 2)


def get_password(found: LinkStore) -> Password:
    password = found.build_password(5006)
    assert password is not None, "there is no password"
    return password


def file_of(folder: Path) -> Path:
    (file,) = folder.glob("*.json")
    return file


def owned_by(folder: Path, owner: Any) -> None:
    """As if another kernel had written it."""
    file = file_of(folder)
    file.write_text(json.dumps({**json.loads(file.read_text()), "owner": owner}))


def test_a_notebook_has_its_port_and_prefix_again(tmp_path: Path) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    first.set_port(5007)
    first.release()
    again = LinkStore.load(NOTEBOOK, tmp_path)
    assert (again.port, again.prefix, again.note) == (5007, first.prefix, "")


def test_a_kernel_that_was_killed_leaves_its_link_to_the_next(
    tmp_path: Path, other: subprocess.Popen[bytes]
) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    first.set_port(5007)
    owned_by(tmp_path, [other.pid, psutil.Process(other.pid).create_time()])
    other.kill()  # and not waited for: its number is still taken
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    again = LinkStore.load(NOTEBOOK, tmp_path)
    assert (again.port, again.prefix) == (5007, first.prefix)


def test_of_two_kernels_of_a_notebook_the_second_has_a_link_of_its_own(
    tmp_path: Path, other: subprocess.Popen[bytes]
) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    first.set_port(5007)
    owned_by(tmp_path, [other.pid, psutil.Process(other.pid).create_time()])
    written = file_of(tmp_path).read_text()
    second = LinkStore.load(NOTEBOOK, tmp_path)
    assert (second.port, second.note) == (None, LINK_IN_USE_NOTE)
    assert second.prefix != first.prefix
    second.set_port(5008)
    second.replace_link()
    second.release()
    assert file_of(tmp_path).read_text() == written


def test_a_link_that_another_kernel_took_between_two_shares_is_left_to_it(
    tmp_path: Path, other: subprocess.Popen[bytes]
) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    first.set_port(5007)
    first.release()
    former = first.prefix
    owned_by(tmp_path, [other.pid, psutil.Process(other.pid).create_time()])
    first.acquire()
    assert (first.port, first.note) == (None, LINK_IN_USE_NOTE)
    assert first.prefix != former


def test_a_process_that_only_has_the_same_number_is_not_the_owner(tmp_path: Path) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    owned_by(tmp_path, [os.getppid(), 1.0])
    assert LinkStore.load(NOTEBOOK, tmp_path).prefix == first.prefix


@pytest.mark.parametrize("name", [f"Untitled{end}.ipynb" for end in ("", "1", "-2", " 3")])
def test_a_notebook_without_a_name_of_its_own_is_not_remembered(tmp_path: Path, name: str) -> None:
    assert LinkStore.load(Path(name), tmp_path).prefix != LinkStore.load(Path(name), tmp_path).prefix
    assert list(tmp_path.iterdir()) == []


def test_a_clock_that_was_set_is_no_other_process(tmp_path: Path, other: subprocess.Popen[bytes]) -> None:
    LinkStore.load(NOTEBOOK, tmp_path)
    owned_by(tmp_path, [other.pid, psutil.Process(other.pid).create_time() + 1])
    assert LinkStore.load(NOTEBOOK, tmp_path).note == LINK_IN_USE_NOTE


def test_a_name_that_is_no_text_is_a_name(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(b"caf\xe9.ipynb"))
    assert LinkStore.load(odd, tmp_path).prefix == LinkStore.load(odd, tmp_path).prefix


def test_whatever_a_file_lock_raises_the_share_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise NotImplementedError("no locks here")

    monkeypatch.setattr(link_record, "FileLock", refuse)
    assert "no locks here" in LinkStore.load(NOTEBOOK, tmp_path).note


def test_two_notebooks_have_nothing_in_common(tmp_path: Path) -> None:
    assert LinkStore.load(NOTEBOOK, tmp_path).prefix != LinkStore.load(Path("other.ipynb"), tmp_path).prefix


def test_without_a_notebook_nothing_is_written(tmp_path: Path) -> None:
    LinkStore.load(None, tmp_path).set_port(5007)
    LinkStore.load(NOTEBOOK, None).set_port(5007)
    assert list(tmp_path.iterdir()) == []


def test_nobody_else_may_read_it_and_nothing_else_is_left_behind(tmp_path: Path) -> None:
    LinkStore.load(NOTEBOOK, tmp_path / "new" / "folder").set_port(5007)
    folder = tmp_path / "new" / "folder"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.suffix for path in folder.iterdir()} <= {".json", ".lock"}
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_prefix_is_in_no_repr(tmp_path: Path) -> None:
    found = LinkStore.load(NOTEBOOK, tmp_path)
    assert found.prefix not in repr(found)


def test_a_new_link_is_remembered_instead_of_the_old(tmp_path: Path) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    former = first.prefix
    first.replace_link()
    assert LinkStore.load(NOTEBOOK, tmp_path).prefix == first.prefix != former


@pytest.mark.usefixtures("quick")
def test_a_link_that_has_a_password_has_it_again_and_who_gave_it_stays_in(tmp_path: Path) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    assert first.build_password(5006) is None
    first.set_password("open sesame")
    session_token = get_password(first).issue_session_token()
    first.release()
    again = LinkStore.load(NOTEBOOK, tmp_path)
    assert again.prefix == first.prefix
    assert (get_password(again).is_correct("open sesame"), get_password(again).is_correct("another")) == (
        True,
        False,
    )
    assert get_password(again).is_valid_session_token(session_token)


@pytest.mark.usefixtures("quick")
def test_a_kernel_that_is_killed_as_soon_as_the_password_is_set_leaves_it_to_the_next(tmp_path: Path) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    first.set_password("open sesame")
    owned_by(tmp_path, None)
    assert get_password(LinkStore.load(NOTEBOOK, tmp_path)).is_correct("open sesame")


@pytest.mark.usefixtures("quick")
def test_only_a_new_link_is_without_the_password(tmp_path: Path) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    first.set_password("open sesame")
    former, secret = first.prefix, first.credentials.secret
    first.set_port(5007)
    first.release()
    first.acquire()
    assert first.build_password(5006) is not None
    first.replace_link()
    again = LinkStore.load(NOTEBOOK, tmp_path)
    for each in (first, again):
        assert each.build_password(5006) is None
        assert each.prefix != former
        assert each.credentials.secret != secret


@pytest.mark.usefixtures("quick")
def test_a_link_that_others_may_have_heard_is_replaced_and_its_password_is_kept(tmp_path: Path) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    first.set_password("open sesame")
    first.set_port(5007)
    former, session_token = first.prefix, get_password(first).issue_session_token()
    first.replace_link(keep_password=True)
    again = LinkStore.load(NOTEBOOK, tmp_path)
    for each in (first, again):
        assert each.prefix == first.prefix != former
        assert get_password(each).is_correct("open sesame")
        assert not get_password(each).is_valid_session_token(session_token)
    first.replace_link()
    first.replace_link(keep_password=True)
    assert first.build_password(5006) is None


def test_it_is_known_whether_the_kernel_before_let_go_of_the_link(
    tmp_path: Path, other: subprocess.Popen[bytes]
) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    first.set_port(5007)
    first.acquire()
    assert not first.is_unreleased, "it is the same kernel"
    owned_by(tmp_path, [other.pid, 1.0])
    killed = LinkStore.load(NOTEBOOK, tmp_path)
    assert (killed.is_unreleased, killed.port) == (True, 5007)
    killed.release()
    killed.acquire()
    assert not killed.is_unreleased


@pytest.mark.usefixtures("quick")
def test_the_same_password_once_more_leaves_who_gave_it_in_and_another_does_not(tmp_path: Path) -> None:
    found = LinkStore.load(NOTEBOOK, tmp_path)
    found.set_password("open sesame")
    session_token = get_password(found).issue_session_token()
    found.set_password("open sesame")
    assert get_password(found).is_valid_session_token(session_token)
    found.set_password("another")
    assert not get_password(found).is_valid_session_token(session_token)
    assert not get_password(found).is_correct("open sesame")


@pytest.mark.usefixtures("quick")
def test_it_is_known_whether_the_password_is_of_an_earlier_share(tmp_path: Path) -> None:
    for found in (LinkStore.load(NOTEBOOK, tmp_path), LinkStore()):
        assert not found.has_new_password
        found.set_password("open sesame")
        assert found.has_new_password
        found.release()
        found.acquire()
        assert not found.has_new_password
        assert get_password(found).is_correct("open sesame")


def test_only_the_salted_hash_of_a_password_is_stored(tmp_path: Path) -> None:
    found = LinkStore.load(NOTEBOOK, tmp_path)
    found.set_password("open sesame")
    written = json.loads(file_of(tmp_path).read_text())
    salt, digest = map(bytes.fromhex, written["password"])
    assert digest == hashlib.scrypt(b"open sesame", salt=salt, n=2**15, r=8, p=3, maxmem=2**26)
    assert len(salt) == 16
    assert "sesame" not in json.dumps(written) + repr(found)
    assert found.credentials.secret.hex() not in repr(found)
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.usefixtures("quick")
def test_another_kernels_link_has_the_notebooks_password_and_session_tokens_of_its_own(
    tmp_path: Path, other: subprocess.Popen[bytes]
) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    first.set_password("open sesame")
    owned_by(tmp_path, [other.pid, psutil.Process(other.pid).create_time()])
    second = LinkStore.load(NOTEBOOK, tmp_path)
    assert (second.note, second.prefix != first.prefix) == (LINK_IN_USE_NOTE, True)
    assert get_password(second).is_correct("open sesame")
    assert not get_password(second).is_valid_session_token(get_password(first).issue_session_token())
    second.replace_link()
    assert second.build_password(5006) is None
    owned_by(tmp_path, None)
    assert get_password(LinkStore.load(NOTEBOOK, tmp_path)).is_correct("open sesame")


@pytest.mark.usefixtures("quick")
def test_who_loses_the_link_to_another_kernel_keeps_the_password(
    tmp_path: Path, other: subprocess.Popen[bytes]
) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    first.set_password("open sesame")
    first.release()
    second = LinkStore.load(NOTEBOOK, tmp_path)
    second.replace_link()
    owned_by(tmp_path, [other.pid, psutil.Process(other.pid).create_time()])
    first.acquire()
    assert first.prefix != second.prefix
    assert get_password(first).is_correct("open sesame")


@pytest.mark.usefixtures("quick")
def test_a_copy_of_a_notebook_has_neither_its_link_nor_its_password(tmp_path: Path) -> None:
    template = LinkStore.load(Path("template.ipynb"), tmp_path)
    template.set_password("open sesame")
    copy = LinkStore.load(Path("may.ipynb"), tmp_path)
    assert copy.build_password(5006) is None
    assert copy.prefix != template.prefix
    assert copy.credentials.secret != template.credentials.secret


@pytest.mark.parametrize("change", [lambda found: found.set_password("open sesame"), LinkStore.replace_link])
@pytest.mark.usefixtures("quick")
def test_a_former_password_does_not_return_if_the_change_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[LinkStore], None]
) -> None:
    found = LinkStore.load(NOTEBOOK, tmp_path)
    former = found.prefix

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        change(found)
    assert found.note == "the link cannot be stored for the next kernel (no space left on device)"
    assert LinkStore.load(NOTEBOOK, tmp_path).prefix != former


@pytest.mark.usefixtures("quick")
def test_a_link_that_comes_back_unprotected_whatever_is_done_is_announced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise OSError(30, "Read-only file system")

    found = LinkStore.load(NOTEBOOK, tmp_path)
    monkeypatch.setattr(Path, "unlink", refuse)
    monkeypatch.setattr(link_record.private_files, "write_private_file", refuse)
    found.set_password("open sesame")
    note = "the link cannot be stored for the next kernel (read-only file system)"
    assert found.note == f"{note}; the next kernel has the former link"
    assert get_password(found).is_correct("open sesame")


GOOD = {"port": 5006, "prefix": "/abcdefghijklmnopqrstuv", "owner": None, "secret": "aa" * 32}
GOOD["password"] = ["bb" * 16, "cc" * 64]


@pytest.mark.parametrize(
    "change",
    [
        {"secret": None},
        {"secret": ""},
        {"secret": "aa" * 31},
        {"secret": "x" * 64},
        {"password": ""},
        {"password": {}},
        {"password": ["bb" * 16]},
        {"password": ["bb" * 16, "cc" * 63]},
        {"password": ["bb" * 16, None]},
        {"password": ["x" * 32, "cc" * 64]},
    ],
)
def test_a_link_whose_password_cannot_be_read_is_not_used_without_a_password(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    LinkStore.load(NOTEBOOK, tmp_path)
    file_of(tmp_path).write_text(json.dumps(GOOD))
    assert LinkStore.load(NOTEBOOK, tmp_path).prefix == GOOD["prefix"]
    file_of(tmp_path).write_text(json.dumps({**GOOD, **change}))
    found = LinkStore.load(NOTEBOOK, tmp_path)
    assert (found.note, found.prefix != GOOD["prefix"]) == (DAMAGED_RECORD_NOTE, True)


@pytest.mark.parametrize("missing", ["secret", "password"])
def test_what_an_older_version_wrote_says_nothing_of_a_password_so_the_link_is_new(
    tmp_path: Path, missing: str
) -> None:
    LinkStore.load(NOTEBOOK, tmp_path)
    file_of(tmp_path).write_text(json.dumps({key: each for key, each in GOOD.items() if key != missing}))
    assert LinkStore.load(NOTEBOOK, tmp_path).note == DAMAGED_RECORD_NOTE


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
def test_a_damaged_or_foreign_file_is_replaced_and_that_is_announced_once(
    tmp_path: Path, text: bytes
) -> None:
    LinkStore.load(NOTEBOOK, tmp_path)
    file_of(tmp_path).write_bytes(text)
    found = LinkStore.load(NOTEBOOK, tmp_path)
    assert (found.port, found.note) == (None, DAMAGED_RECORD_NOTE)
    again = LinkStore.load(NOTEBOOK, tmp_path)
    assert (again.prefix, again.note) == (found.prefix, "")


@pytest.mark.parametrize("owner", [None, 7, "me", [], [1], [-1, 0], [2**70, 0], [None, None], {"pid": 1}])
def test_an_owner_that_makes_no_sense_is_nobody(tmp_path: Path, owner: Any) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    owned_by(tmp_path, owner)
    assert LinkStore.load(NOTEBOOK, tmp_path).prefix == first.prefix


def test_where_nothing_can_be_written_the_share_goes_on_and_says_so(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    found = LinkStore.load(NOTEBOOK, in_the_way)
    assert found.note.startswith("the link cannot be stored for the next kernel (")
    found.set_port(5007)
    found.replace_link()
    assert found.port == 5007


def test_a_file_that_somebody_holds_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_record, "LOCK_TIMEOUT", 0.0)
    LinkStore.load(NOTEBOOK, tmp_path)
    with FileLock(tmp_path / "records.lock"):
        assert "cannot be stored" in LinkStore.load(NOTEBOOK, tmp_path).note


def test_a_write_that_breaks_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = LinkStore.load(NOTEBOOK, tmp_path)
    written = file_of(tmp_path).read_text()

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    first.set_port(5007)
    assert "no space left on device" in first.note
    assert file_of(tmp_path).read_text() == written
    assert len(list(tmp_path.glob("*.json"))) == len([*tmp_path.iterdir()]) - 1  # and the file of the lock
