from __future__ import annotations

import os
import sys

import pytest

from bokeh_share.compat.pyinstaller import LIBRARY_PATH_VARIABLE, use_system_libraries


@pytest.mark.parametrize("former", ["/usr/local/lib", None])
def test_what_a_frozen_program_starts_has_the_systems_libraries(
    former: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv(LIBRARY_PATH_VARIABLE, "/bundle")
    monkeypatch.delenv(f"{LIBRARY_PATH_VARIABLE}_ORIG", raising=False)
    if former is not None:
        monkeypatch.setenv(f"{LIBRARY_PATH_VARIABLE}_ORIG", former)
    with pytest.raises(OSError, match="no such program"), use_system_libraries():
        assert os.environ.get(LIBRARY_PATH_VARIABLE) == former
        raise OSError("no such program")
    assert os.environ[LIBRARY_PATH_VARIABLE] == "/bundle"


def test_other_programs_keep_the_libraries_that_their_author_has_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIBRARY_PATH_VARIABLE, "/of/the/author")
    with use_system_libraries():
        assert os.environ[LIBRARY_PATH_VARIABLE] == "/of/the/author"
