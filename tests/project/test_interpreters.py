"""Which Pythons the tests run with, whatever is on the machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import interpreters
import pytest
from interpreters import Pairing, find_interpreter, find_pairings, probe

pytestmark = pytest.mark.one_pairing
Have = Callable[..., None]


@pytest.fixture
def have(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Have:
    """Sets which Pythons answer: their versions by path; the others do not run."""

    def have(**versions: str) -> None:
        monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
        monkeypatch.setattr(interpreters.shutil, "which", lambda name: name if name in versions else None)
        monkeypatch.setattr(interpreters, "probe", lambda path: answer(versions, path))

    return have


def answer(versions: dict[str, str], path: str) -> tuple[str, str] | None:
    return (versions[path], f"/bin/{path}") if path in versions else None


def test_the_oldest_and_the_newest_python_are_found(have: Have) -> None:
    have(**{"python3.11": "3.11", "python3.12": "3.12", "python3": "3.13"})
    assert find_pairings() == [
        Pairing("3.11", "/bin/python3.11", "bokeh==3.9.*"),
        Pairing("3.13", "/bin/python3", "bokeh>=3.10"),
    ]


def test_one_of_them_is_enough(have: Have) -> None:
    have(python3="3.11")
    assert [pairing.version for pairing in find_pairings()] == ["3.11"]
    have(python3="3.12")
    assert [(pairing.version, pairing.bokeh) for pairing in find_pairings()] == [("3.12", "bokeh>=3.10")]


def test_no_python_is_tried_that_bokeh_may_not_have(have: Have) -> None:
    have(**{"python3": "3.10", "python3.15": "3.15"})
    assert find_pairings() == []


def test_the_newest_of_pyenv_is_taken_if_none_is_on_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for version in ("3.12.9", "3.12.10", "3.12.1", "3.13.2"):
        (tmp_path / "versions" / version / "bin").mkdir(parents=True)
        (tmp_path / "versions" / version / "bin" / "python").touch()
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(interpreters.shutil, "which", lambda name: None)
    monkeypatch.setattr(interpreters, "probe", lambda path: (f"3.{path.split('.')[1]}", path))
    assert find_interpreter(12) == str(tmp_path / "versions/3.12.10/bin/python")


def test_a_python_is_asked_for_its_version_and_where_it_is() -> None:
    found = probe(sys.executable)
    assert found is not None
    version, path = found
    assert version == f"3.{sys.version_info.minor}"
    assert Path(path).is_file()


@pytest.mark.parametrize("script", ["exit 1", "echo 3.12 /bin/python3; exit 1"])
def test_a_python_that_does_not_run_is_none(tmp_path: Path, script: str) -> None:
    stub = tmp_path / "python3"
    stub.write_text(f"#!/bin/sh\n{script}\n")
    stub.chmod(0o755)
    assert probe(str(stub)) is None


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("", True),
        ("sys.version_info = (*sys.version_info[:3], 'candidate', 1)", False),
        ("sysconfig.get_config_var = lambda name: 1", False),
        ("sys.modules['venv'] = None", False),
        ("sys.modules['ensurepip'] = None", False),
    ],
)
def test_a_python_that_is_not_finished_or_makes_no_environments_is_none(
    monkeypatch: pytest.MonkeyPatch, line: str, is_found: bool
) -> None:
    before = "import sys, sysconfig, collections\n"
    if "candidate" in line:
        fields = "'major minor micro releaselevel serial'"
        line = f"sys.version_info = collections.namedtuple('V', {fields})(3, 13, 0, 'candidate', 1)"
    monkeypatch.setattr(interpreters, "PROBE", f"{before}{line}\n{interpreters.PROBE}")
    probe.cache_clear()
    assert (probe(sys.executable) is not None) is is_found
    probe.cache_clear()
