from __future__ import annotations

from pathlib import Path

import pytest

from bokeh_share.network import host_probe as module
from bokeh_share.network.host_probe import HOST_PROBE, HostProbe, list_files, read_driver, read_text


def test_what_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert read_text(str(tmp_path / "none")) is None
    assert read_text(str(tmp_path)) is None
    assert list_files(str(tmp_path / "none")) == ()
    assert read_driver("none") == read_driver("lo") == "", "loopback has none"


def test_what_is_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("two")
    (tmp_path / "a").touch()
    (tmp_path / "c").write_bytes(b"\xff")
    assert list_files(str(tmp_path)) == ["a", "b", "c"]
    assert [read_text(str(tmp_path / name)) for name in "abc"] == ["", "two", None]


def test_a_variable_counts_if_it_says_something() -> None:
    asked = HostProbe({"A": "1", "B": "", "USER": "ada"})
    assert (asked.has_variables("A"), asked.has_variables("B"), asked.has_variables("A", "C")) == (
        True,
        False,
        False,
    )
    assert asked.user == "ada"
    assert HostProbe({"LOGNAME": "eve"}).user == "eve"
    assert HostProbe({}).user == "<you>"


def test_another_system_counts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from bokeh_share.network.environment import is_on_hub

    monkeypatch.setattr(module, "HOST_PROBE", HostProbe({"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}))
    assert is_on_hub()
    monkeypatch.setattr(module, "HOST_PROBE", HostProbe({}))
    assert not is_on_hub()
    assert HOST_PROBE.get_hostname()
