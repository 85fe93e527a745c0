"""What holds the project together, and no single module."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

import bokeh_share

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(bokeh_share.__file__).parent
PURE = [
    "errors",
    "notebook.areas",
    "notebook.notebook_file",
    "plots.snapshot.values",
    "plots.snapshot.snapshot",
    "plots.diff.columns",
    "plots.diff.samples",
    "plots.diff.similarity",
    "plots.diff.matching",
    "plots.diff.live_properties",
    "plots.diff.redraw",
    "plots.diff.diff",
    "plots.page",
    "broadcast.hub",
    "wire.messages",
    "text",
    "apps.parameters.errors",
    "apps.parameters.value_types",
    "apps.parameters.parameter",
    "apps.parameters.signature",
    "apps.parameters.cli_flags",
    "apps.parameters.parameters",
    "apps.parameters.widget",
    "apps.parameters.widgets",
    "cli.interval",
    "cli.notebook_source",
    "cli.schedule",
    "cli.progress",
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

made_by_the_check = pytest.mark.skipif(
    "BOKEH_SHARE_WHEEL" not in os.environ, reason="`make test` installs the wheel"
)


@made_by_the_check
def test_it_is_the_wheel_that_is_tested() -> None:
    assert not PACKAGE.is_relative_to(ROOT / "bokeh_share")
    assert version("bokeh_share") == bokeh_share.__version__ == PROJECT["version"]


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


def test_conda_and_pip_agree_on_versions() -> None:
    conda = set(re.findall(r"^  - ([\w.>=-]+)$", (ROOT / "environment.yml").read_text(), re.M))
    pip = {*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]}
    named = {spec for spec in pip if re.match(r"(bokeh|ipython|jupyterlab)\W", spec)}
    assert conda - {"conda-forge", "pip"} == named | {"python" + PROJECT["requires-python"]}


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_imports_neither_tornado_nor_ipython(name: str) -> None:
    assert not {"tornado", "IPython"} & {each.partition(".")[0] for each in reached_from(name)}


def test_no_module_is_above_itself() -> None:
    paths = [path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py")]
    ours = {".".join(path.parts) for path in paths if path.name != "__init__"}
    assert [name for name in sorted(ours) if f"bokeh_share.{name}" in reached_from(name)] == []


def reached_from(module: str) -> set[str]:
    """What this module imports, and what those of ours that it imports do.

    By their source, since bokeh itself imports tornado. Imports within a function or for types only don't
    count: nothing happens when the module is imported.
    """
    reached: set[str] = set()
    todo = [module]
    while todo:
        for name in imports(todo.pop()):
            if name not in reached:
                reached.add(name)
                ours = name.removeprefix("bokeh_share.")
                if ours != name and path_of(ours).exists():
                    todo.append(ours)
    return reached


def path_of(module: str) -> Path:
    return PACKAGE.joinpath(*module.split(".")).with_suffix(".py")


def imports(module: str) -> Iterator[str]:
    for node in statements(ast.parse(path_of(module).read_text()).body):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
        elif isinstance(node, ast.ImportFrom):
            # `from . import page` names modules, `from .page import Page` is in one.
            names = [node.module] if node.module else [alias.name for alias in node.names]
            folder = ["bokeh_share", *module.split(".")][: -node.level]
            yield from (".".join([*folder, name]) for name in names)


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """All that run at import: those of an `if` or `try` too, but of no function."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from statements(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in ("body", "orelse", "finalbody"):
                yield from statements(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from statements(handler.body)


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


def test_the_magics_are_imported_by_load_ext_only() -> None:
    code = "import sys, bokeh_share; print('bokeh_share.notebook.magic' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.stdout == "False\n", answer.stderr
