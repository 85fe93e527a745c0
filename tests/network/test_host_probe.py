from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bokeh_share.network import host_probe as module
from bokeh_share.network.host_probe import (
    HOST_PROBE,
    LIBRARIES,
    HostProbe,
    driver,
    files,
    libraries_of_the_system,
    text,
)


def test_what_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert text(str(tmp_path / "none")) is None
    assert text(str(tmp_path)) is None
    assert files(str(tmp_path / "none")) == ()
    assert driver("none") == driver("lo") == "", "loopback has none"


def test_what_is_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("two")
    (tmp_path / "a").touch()
    (tmp_path / "c").write_bytes(b"\xff")
    assert files(str(tmp_path)) == ["a", "b", "c"]
    assert [text(str(tmp_path / name)) for name in "abc"] == ["", "two", None]


def test_a_variable_counts_if_it_says_something() -> None:
    asked = HostProbe({"A": "1", "B": "", "USER": "ada"})
    assert (asked.has("A"), asked.has("B"), asked.has("A", "C")) == (True, False, False)
    assert asked.user == "ada"
    assert HostProbe({"LOGNAME": "eve"}).user == "eve"
    assert HostProbe({}).user == "<you>"


def test_another_system_counts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from bokeh_share.network.environment import is_on_hub

    monkeypatch.setattr(module, "HOST_PROBE", HostProbe({"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}))
    assert is_on_hub()
    monkeypatch.setattr(module, "HOST_PROBE", HostProbe({}))
    assert not is_on_hub()
    assert HOST_PROBE.name()


@pytest.mark.parametrize("former", ["/usr/local/lib", None])
def test_what_a_frozen_program_starts_has_the_systems_libraries(
    former: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv(LIBRARIES, "/bundle")
    monkeypatch.delenv(f"{LIBRARIES}_ORIG", raising=False)
    if former is not None:
        monkeypatch.setenv(f"{LIBRARIES}_ORIG", former)
    with pytest.raises(OSError, match="no such program"), libraries_of_the_system():
        assert os.environ.get(LIBRARIES) == former
        raise OSError("no such program")
    assert os.environ[LIBRARIES] == "/bundle"


def test_other_programs_keep_the_libraries_that_their_author_has_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIBRARIES, "/of/the/author")
    with libraries_of_the_system():
        assert os.environ[LIBRARIES] == "/of/the/author"
