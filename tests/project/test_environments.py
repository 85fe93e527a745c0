"""What environments are made from, and when they are made again."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from environments import ROOT, is_made_from, list_group, list_requirements, list_tools, mark_made_from

pytestmark = pytest.mark.one_pairing
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_an_environment_is_made_again_when_its_words_change(tmp_path: Path) -> None:
    assert not is_made_from(tmp_path, ["a", "b"])
    mark_made_from(tmp_path, ["a", "b"])
    assert is_made_from(tmp_path, ["a", "b"])
    assert not is_made_from(tmp_path, ["a"])
    assert not is_made_from(tmp_path, ["b", "a"])
    assert not is_made_from(tmp_path, ["a b"])


def test_an_environment_that_was_moved_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    mark_made_from(tmp_path / "old", ["a"])
    (tmp_path / "old").rename(tmp_path / "new")
    assert not is_made_from(tmp_path / "new", ["a"])


def test_a_group_has_what_it_includes() -> None:
    groups = {"small": ["a==1"], "large": [{"include-group": "small"}, "b==2"]}
    assert list_group("large", {"dependency-groups": groups}) == ["a==1", "b==2"]


def test_requirements_are_those_of_the_package_and_of_what_is_added() -> None:
    project = PYPROJECT["project"]
    assert list_requirements() == project["dependencies"]
    run = project["optional-dependencies"]["run"]
    assert list_requirements("run", group="nox") == [*project["dependencies"], *run, *list_tools("nox")]


@pytest.mark.parametrize("group", sorted(PYPROJECT["dependency-groups"]))
def test_tools_are_pinned(group: str) -> None:
    # Which Panel it is depends on Bokeh.
    assert [tool for tool in list_tools(group) if "==" not in tool and "panel" not in tool] == []
