"""Finds the Pythons that run the tests, and pairs each with its version of Bokeh."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST, NEWEST = 11, 14
"""The oldest Python 3 that the package supports, and the newest that bokeh and JupyterLab support."""

# Prints the version and path of a released Python that can make environments; inside an environment, its
# base.
PROBE = """
import ensurepip, sys, sysconfig, venv
assert sys.version_info.releaselevel == "final" and not sysconfig.get_config_var("Py_GIL_DISABLED")
print("%d.%d" % sys.version_info[:2], getattr(sys, "_base_executable", sys.executable))
"""


@dataclass(frozen=True)
class Pairing:
    """A Python and the version of Bokeh for its tests."""

    version: str
    interpreter: str
    bokeh: str


def find_pairings() -> list[Pairing]:
    """Find Python 3.11, for the oldest Bokeh, and the newest Python, for the newest, if installed."""
    found = {minor: path for minor in range(OLDEST, NEWEST + 1) if (path := find_interpreter(minor))}
    pairings = []
    if OLDEST in found:
        pairings.append(Pairing(f"3.{OLDEST}", found[OLDEST], "bokeh==3.9.*"))
    if newest := max(found.keys() - {OLDEST}, default=None):
        pairings.append(Pairing(f"3.{newest}", found[newest], "bokeh>=3.10"))
    return pairings


def find_interpreter(minor: int) -> str | None:
    """Find the executable of this Python 3: on PATH, else the newest of pyenv's."""
    answers = map(probe, list_candidates(minor))
    return next((answer[1] for answer in answers if answer and answer[0] == f"3.{minor}"), None)


def list_candidates(minor: int) -> Iterator[str]:
    """List executables that may be this Python 3."""
    yield from filter(shutil.which, (sys.executable, f"python3.{minor}", "python3"))
    # nox does not find versions that `pyenv global` has not put on PATH.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    paths = map(str, pyenv.glob(f"3.{minor}.*/bin/python"))
    yield from sorted(paths, key=lambda path: (len(path), path), reverse=True)


@functools.cache
def probe(python: str) -> tuple[str, str] | None:
    """Version and path of this Python; None if it does not run (as pyenv's stubs may) or is unsuitable."""
    answer = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, check=False)
    version, _, path = answer.stdout.strip().partition(" ")
    return (version, path) if answer.returncode == 0 else None
