"""The file of a notebook's link, and whose it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bokeh_share.server.auth.password import Credentials
from bokeh_share.sharing.link_record import LinkRecord, build_owner
from bokeh_share.sharing.renamed_notebooks import NotebookIdentity

PREFIX = "/x8secretx8secret"


def write(file: Path, **changes: Any) -> Path:
    record = LinkRecord(5006, PREFIX, Credentials(), build_owner())
    record.write(file, NotebookIdentity(Path("/home/ada/sales.ipynb"), frozenset({"c1"})))
    file.write_text(json.dumps(json.loads(file.read_bytes()) | changes))
    return file


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    record = LinkRecord(5006, PREFIX, Credentials(), None)
    identity = NotebookIdentity(Path("/home/ada/sales.ipynb"), frozenset({"c1"}))
    record.write(tmp_path / "record.json", identity)
    assert LinkRecord.read(tmp_path / "record.json") == record
    assert NotebookIdentity.read(tmp_path / "record.json") == identity
    assert PREFIX not in repr(record)


@pytest.mark.parametrize(
    "changes",
    [
        {"port": 0}, {"port": 65536}, {"port": "5006"}, {"port": True}, {"prefix": "/short"},
        {"prefix": None}, {"prefix": f"{PREFIX}/x"}, {"secret": "00"}, {"password": ["00"]},
    ],
)  # fmt: skip
def test_what_is_damaged_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        LinkRecord.read(write(tmp_path / "record.json", **changes))


def test_one_process_has_it_and_one_that_has_ended_did_not_release_it(tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    own = LinkRecord.read(write(file))
    assert (own.is_in_use, own.is_unreleased) == (False, False)
    released = LinkRecord.read(write(file, owner=None))
    assert (released.is_in_use, released.is_unreleased) == (False, False)
    pid, start_time = build_owner()
    former = LinkRecord.read(write(file, owner=[pid, start_time - 60]))
    assert (former.is_in_use, former.is_unreleased) == (False, True)
