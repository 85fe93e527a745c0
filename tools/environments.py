"""Reads the requirements of an environment, and records them in it; needs the standard library only."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".envs"
STAMP = "made-from"


def list_requirements(*extras: str, group: str | None = None) -> list[str]:
    """List the requirements of the package, of these extras, and of a group of pyproject.toml."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = pyproject["project"]
    requirements = list(project["dependencies"])
    for extra in extras:
        requirements += project["optional-dependencies"][extra]
    return requirements + (list_group(group, pyproject) if group else [])


def list_tools(group: str) -> list[str]:
    """List the requirements of a group of pyproject.toml alone."""
    return list_group(group, tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")))


def list_group(name: str, pyproject: Mapping[str, Any]) -> list[str]:
    """List the requirements of a group, with the groups that it includes."""

    def walk(group: str) -> Iterator[str]:
        for each in pyproject["dependency-groups"][group]:
            if isinstance(each, str):
                yield each
            else:
                yield from walk(each["include-group"])

    return list(walk(name))


def is_made_from(environment: Path, words: Iterable[str]) -> bool:
    """Return true if this environment was made from these words, completely."""
    stamp = environment / STAMP
    return stamp.is_file() and stamp.read_text() == digest(environment, words)


def mark_made_from(environment: Path, words: Iterable[str]) -> None:
    """Call this last, so that an interrupted installation starts over."""
    (environment / STAMP).write_text(digest(environment, words))


def digest(environment: Path, words: Iterable[str]) -> str:
    # With the path, since an environment cannot be moved.
    return hashlib.sha256("\n".join([str(environment), *words]).encode()).hexdigest()
