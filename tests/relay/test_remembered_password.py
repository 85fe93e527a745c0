from __future__ import annotations

import pytest

from bokeh_share.relay.remembered_password import RememberedPassword
from bokeh_share.server.auth.password import PasswordHash


def test_only_the_first_correct_password_and_wrong_ones_take_time(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = PasswordHash.from_password("open sesame")
    remembered = RememberedPassword(hashed.salt, hashed.digest)
    checked: list[str] = []
    check = PasswordHash.is_correct

    def record(self: PasswordHash, password: str) -> bool:
        checked.append(password)
        return check(self, password)

    monkeypatch.setattr(PasswordHash, "is_correct", record)
    found = [remembered.is_correct(each) for each in ("wrong", "open sesame", "open sesame", "wrong")]
    assert found == [False, True, True, False]
    assert checked == ["wrong", "open sesame", "wrong"]
    assert "sesame" not in repr(remembered)
