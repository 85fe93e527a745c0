"""Reads what an environment is made from, and remembers it in the environment; standard library only."""

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
    """What pip installs for the package, these extras of it, and a group of pyproject.toml."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = pyproject["project"]
    requirements = list(project["dependencies"])
    for extra in extras:
        requirements += project["optional-dependencies"][extra]
    return requirements + (list_group(group, pyproject) if group else [])


def list_tools(group: str) -> list[str]:
    """What pip installs for a group of pyproject.toml alone."""
    return list_group(group, tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")))


def list_group(name: str, pyproject: Mapping[str, Any]) -> list[str]:
    """A dependency group, with the groups that it includes."""

    def walk(group: str) -> Iterator[str]:
        for each in pyproject["dependency-groups"][group]:
            if isinstance(each, str):
                yield each
            else:
                yield from walk(each["include-group"])

    return list(walk(name))


def is_made_from(environment: Path, words: Iterable[str]) -> bool:
    """Whether this environment was made from these words, to the end."""
    stamp = environment / STAMP
    return stamp.is_file() and stamp.read_text() == digest(environment, words)


def mark_made_from(environment: Path, words: Iterable[str]) -> None:
    """To be called last, so that an installation that was interrupted starts over."""
    (environment / STAMP).write_text(digest(environment, words))


def digest(environment: Path, words: Iterable[str]) -> str:
    # The path is among them, since an environment cannot be moved.
    return hashlib.sha256("\n".join([str(environment), *words]).encode()).hexdigest()
