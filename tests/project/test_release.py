"""A release has one version, and says the same of the package everywhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_string
from email.message import Message
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from environments import ROOT
from interpreters import NEWEST, OLDEST

import bokeh_share

pytestmark = pytest.mark.one_pairing
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = ROOT / "CITATION.cff"
made_by_the_check = pytest.mark.skipif(
    "BOKEH_SHARE_WHEEL" not in os.environ, reason="`make test` makes sdist and wheel"
)


def check_citation(path: Path) -> str:
    """The faults that the schema finds in a citation; empty if there are none."""
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format"]
    command = [*checker, "--output-format", "json", str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, Any] = json.loads(answer.stdout)
    assert answer.returncode in (0, 1), answer.stderr
    return "" if found["status"] == "ok" else answer.stdout


def test_the_citation_is_valid() -> None:
    assert check_citation(CITATION) == ""


def test_a_citation_that_its_schema_refuses_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "CITATION.cff"
    wrong.write_text(CITATION.read_text(encoding="utf-8").replace("type: software", "type: plot"))
    assert "plot" in check_citation(wrong)


def test_the_citation_is_of_this_version_and_has_its_license_authors_and_addresses() -> None:
    found = yaml.safe_load(CITATION.read_text(encoding="utf-8"))
    assert found["version"] == bokeh_share.__version__
    assert found["license"] == PROJECT["license"]
    assert found["authors"] == PROJECT["authors"]
    urls = PROJECT["urls"]
    assert (found.get("url"), found.get("repository-code")) == (urls.get("Homepage"), urls.get("Source"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(rf"^## \[{re.escape(found['version'])}\] - (\S+)$", changelog, re.M)
    assert released in ([], [str(found["date-released"])])


def test_the_version_has_three_numbers_and_pyproject_toml_does_not_repeat_it() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", bokeh_share.__version__)
    assert "version" not in PROJECT


def test_the_classifiers_name_each_python_that_is_tested() -> None:
    named = [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if " 3." in name]
    assert named == [f"3.{minor}" for minor in range(OLDEST, NEWEST + 1)]
    assert PROJECT["requires-python"] == f">=3.{OLDEST}"


@made_by_the_check
def test_wheel_and_sdist_describe_the_package_alike() -> None:
    installed = metadata("bokeh_share")
    assert installed["License-Expression"] == PROJECT["license"]
    assert installed["Description-Content-Type"] == "text/markdown"
    assert installed["Summary"] == PROJECT["description"]
    (wheel,), (sdist,) = (ROOT / "dist").glob("*.whl"), (ROOT / "dist").glob("*.tar.gz")
    of_wheel, of_sdist = read_wheel(wheel), read_sdist(sdist)
    assert of_wheel.items() == of_sdist.items()
    assert of_wheel.get_payload() == of_sdist.get_payload() == (ROOT / "README.md").read_text()


def read_wheel(path: Path) -> Message:
    with zipfile.ZipFile(path) as wheel:
        return message_from_string(wheel.read(f"{stem()}.dist-info/METADATA").decode())


def read_sdist(path: Path) -> Message:
    with tarfile.open(path) as sdist:
        file = sdist.extractfile(f"{stem()}/PKG-INFO")
        assert file
        return message_from_string(file.read().decode())


def stem() -> str:
    return f"bokeh_share-{bokeh_share.__version__}"


@made_by_the_check
def test_the_sdist_has_what_building_testing_and_reading_need_and_nothing_that_was_made() -> None:
    (path,) = (ROOT / "dist").glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        names = {member.name.partition("/")[2] for member in sdist.getmembers()}
    files = ["LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md"]
    needed = {*files, "SECURITY.md", "pyproject.toml", "noxfile.py", "Makefile", "recipe/recipe.yaml"}
    assert needed - names == set()
    made = ("build/", "dist/", ".envs/", ".git/", ".mypy_cache/", ".ruff_cache/")
    assert [name for name in names if name.startswith(made) or "__pycache__" in name] == []
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "bokeh_share").rglob("*") if path.is_file()}
    assert {name for name in ours if "__pycache__" not in name} - names == set()
