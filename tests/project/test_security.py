"""SECURITY.md names a test for each promise, and the packages that the project is built on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_pairing  # it is the same text on each

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SECURITY.md").read_text()
PROMISES = re.findall(r"^\| (.+?) \| (`.+) \|$", TEXT.split("## Remaining risks")[0], re.M)


def named(cell: str) -> list[tuple[str, str]]:
    """File and sentence of each test that a cell of the table names."""
    found, file = [], ""
    for part in cell.split(" · "):
        if match := re.fullmatch(r"`([\w/]+)`: (.+)", part):
            file, part = match.groups()
        found.append((file, part))
    return found


@pytest.mark.parametrize(("promise", "held_by"), PROMISES)
def test_each_promise_is_held_by_tests_that_are_there(promise: str, held_by: str) -> None:
    assert promise
    for file, sentence in named(held_by):
        name = "test_" + re.sub(r"\W+", "_", sentence.lower())
        assert f"def {name}(" in (ROOT / "tests" / f"{file}.py").read_text(), (file, sentence)


def test_there_are_promises() -> None:
    assert len(PROMISES) > 20


def test_the_packages_are_those_that_come_along() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [
        *project["dependencies"],
        *project["optional-dependencies"]["tls"],
        *project["optional-dependencies"]["relay"],
    ]
    names = {re.match(r"[\w-]+", each)[0] for each in needed}  # type: ignore[index]
    listed = re.findall(r"^\| ([\w-]+)(?: \(extra `\w+`\))? \| ", TEXT.split("## Dependencies")[1], re.M)
    assert {each for each in listed if each not in ("package", "---")} - {"name"} == names
