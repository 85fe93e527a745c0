from __future__ import annotations

import json
from typing import Any

import pytest

from bokeh_share.broker.errors import InvalidEntry
from bokeh_share.broker.share_info import ShareInfo
from bokeh_share.server.auth.password import PasswordHash

INFO = ShareInfo("3.9.2", {"bokeh": "ab" * 32}, ("http://192.0.2.7:5006",), PasswordHash(b"salt", b"digest"))


def test_facts_are_read_as_they_were_written() -> None:
    assert ShareInfo.decode(INFO.encode()) == INFO
    assert ShareInfo.decode(ShareInfo("3.10.0").encode()) == ShareInfo("3.10.0")
    assert "salt" not in repr(INFO)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"3", b"{}", b"\xff"])
def test_other_data_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidEntry):
        ShareInfo.decode(data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bokeh", 3),
        ("scripts", {"bokeh": 1}),
        ("scripts", ["bokeh"]),
        ("urls", [1]),
        ("urls", None),
        ("password", "ab"),
        ("password", ["xy", "ab"]),
        ("password", ["ab"]),
    ],
)
def test_facts_of_another_form_are_refused(name: str, value: Any) -> None:
    fields = {**json.loads(INFO.encode()), name: value}
    with pytest.raises(InvalidEntry):
        ShareInfo.decode(json.dumps(fields).encode())
