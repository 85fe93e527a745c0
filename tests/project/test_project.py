"""What holds the project together, and no single module."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import bokeh_share

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(bokeh_share.__file__).parent

made_by_the_check = pytest.mark.skipif(
    "BOKEH_SHARE_WHEEL" not in os.environ, reason="`make test` installs the wheel"
)


@made_by_the_check
def test_it_is_the_wheel_that_is_tested() -> None:
    assert not PACKAGE.is_relative_to(ROOT / "bokeh_share")
    assert version("bokeh_share") == bokeh_share.__version__


@made_by_the_check
def test_a_process_that_a_test_starts_has_the_wheel_too() -> None:
    code = "import bokeh_share; print(bokeh_share.__file__)"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert Path(answer.stdout.strip()).parent == PACKAGE


@made_by_the_check
def test_the_wheel_has_every_file_of_the_package() -> None:
    assert files(PACKAGE) == files(ROOT / "bokeh_share")


def files(package: Path) -> set[str]:
    found = (path.relative_to(package) for path in package.rglob("*") if path.is_file())
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


# Whatever the import would add to bokeh, to IPython or to the process shows in one of these.
STATE = """
import signal, sys, threading
from bokeh.io import notebook, state
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()

def now():
    return (
        threading.enumerate(),
        {name: list(them) for name, them in shell.events.callbacks.items()},
        list(shell.input_transformers_cleanup + shell.input_transformers_post),
        {name: set(them) for name, them in shell.magics_manager.magics.items()},
        {
            name: (set(formatter.type_printers), set(formatter.deferred_printers))
            for name, formatter in shell.display_formatter.formatters.items()
        },
        {name: dict(hooks) for name, hooks in notebook._HOOKS.items()},
        state.curstate().notebook_type,
        (sys.displayhook, sys.excepthook, sys.meta_path[:], signal.getsignal(signal.SIGINT)),
    )

before = now()
import bokeh_share
assert now() == before
"""


def test_importing_it_changes_nothing() -> None:
    answer = subprocess.run([sys.executable, "-c", STATE], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr


def test_importing_it_loads_nothing_of_it_but_the_front_door() -> None:
    code = "import sys, bokeh_share; print(sorted(name for name in sys.modules if name.startswith('bokeh')))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.stdout == "['bokeh_share']\n", answer.stderr
