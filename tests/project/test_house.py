"""Rooms, their front doors, and the direction of imports; import-linter's contracts are in pyproject.toml."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bokeh_share

pytestmark = pytest.mark.one_pairing  # our sources are the same text on each

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(bokeh_share.__file__).parent
TESTS = ROOT / "tests"
INNER_FRONT_DOORS = ("plots.snapshot", "plots.diff", "plots.media", "server.auth")
"""Rooms in a room, which others may import from."""
OF_SOME_MODULES = {"browser", "kernel", "lan", "project", "support"}
"""Folders of tests that are of no single module."""
SAME_MEANING = {"log", "T", "main", "__all__", "__dir__", "__getattr__"}
"""Names that several modules may have."""


def list_modules() -> dict[str, Path]:
    """Files by dotted name below `bokeh_share`; packages by the name of the package."""
    paths = {path.relative_to(PACKAGE): path for path in PACKAGE.rglob("*.py")}
    names = {".".join(relative.with_suffix("").parts): path for relative, path in paths.items()}
    return {name.removesuffix("__init__").rstrip("."): path for name, path in names.items()}


MODULES = list_modules()
ROOMS = {name for name, path in MODULES.items() if path.name == "__init__.py" and name}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter on the package in `folder`, with the contracts of the project."""
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    config = ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    command = [sys.executable, "-c", code, *config]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("plots/page.py", "from ..server import csp", "Rooms import in one direction"),
        ("broadcast/hub.py", "from ..apps import AppRegistry", "Rooms import in one direction"),
        ("plots/page.py", "from .tracker import PlotTracker", "No module of a room is above itself"),
        ("plots/diff/columns.py", "import tornado", "Pure modules"),
        ("server/csp.py", "import bokeh", "Light rooms"),
    ],
)
def test_import_contracts_refuse(tmp_path: Path, module: str, line: str, contract: str) -> None:
    shutil.copytree(PACKAGE, tmp_path / "bokeh_share", ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "bokeh_share" / module
    file.write_text(f"{file.read_text()}\n\n{line}\n")
    result = lint_imports(tmp_path)
    assert result.returncode == 1, result.stderr
    broken = [each for each in result.stdout.splitlines() if each.startswith(contract)]
    assert broken, result.stdout
    assert broken[0].endswith("BROKEN")


def test_the_package_has_at_most_sixteen_entries() -> None:
    names = {path.name for path in PACKAGE.iterdir()} - {"__pycache__", "__init__.py", "__init__.pyi"}
    assert len(names - {"__main__.py", "py.typed"}) <= 16


def test_no_class_has_more_than_fifteen_methods() -> None:
    """But for `Share`, which has all that authors call."""
    classes = [
        (
            f"{name}.{node.name}",
            sum(isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) for each in node.body),
        )
        for name, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    ]
    assert [name for name, methods in classes if methods > 15] == ["sharing.share.Share"]


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_says_in_a_sentence_what_it_is_for(room: str) -> None:
    assert ast.get_docstring(ast.parse(MODULES[room].read_text()))


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_is_at_most_300_lines_long(module: str) -> None:
    assert len(MODULES[module].read_text().splitlines()) <= 300


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"", "__main__"}))
def test_others_are_imported_by_their_front_doors(module: str) -> None:
    room = module if module in ROOMS else module.rpartition(".")[0]
    assert [name for name in list_imported(module) if is_behind_a_front_door(name, room)] == []


def list_imported(module: str) -> Iterator[str]:
    """The modules of ours that a module imports from, wherever in it."""
    folder = module if module in ROOMS else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = folder.split(".") if folder else []
            base = parts[: len(parts) - node.level + 1] + (node.module.split(".") if node.module else [])
            yield ".".join(base)


def is_behind_a_front_door(imported: str, room: str) -> bool:
    """Return True if a module of `room` must import a front door instead of this."""
    parts = imported.split(".")
    for depth in range(1, len(parts)):
        front_door = ".".join(parts[:depth])
        is_inside = room == front_door or room.startswith(f"{front_door}.")
        rest = any(imported == inner and not is_inside for inner in INNER_FRONT_DOORS)
        if not is_inside and front_door in ROOMS and not rest:
            return True
    return False


def test_a_front_door_is_no_way_around() -> None:
    assert is_behind_a_front_door("plots.page", "sharing")
    assert is_behind_a_front_door("plots.diff.matching", "broadcast")
    assert is_behind_a_front_door("apps.protocol", "sharing")
    assert not is_behind_a_front_door("plots.diff", "broadcast")
    assert not is_behind_a_front_door("plots.snapshot.values", "plots.snapshot")
    assert not is_behind_a_front_door("plots.page", "plots")


@pytest.mark.parametrize("module", sorted(MODULES))
def test_nothing_of_ours_is_imported_for_types_only(module: str) -> None:
    """Such an import can hide a circle; what calls back gets a `Protocol`."""
    for block in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test):
            assert not [each for each in block.body if isinstance(each, ast.ImportFrom) and each.level]


def test_a_name_means_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for module, path in MODULES.items():
        for name in list_defined(ast.parse(path.read_text())):
            places.setdefault(name, []).append(module)
    twice = {name: where for name, where in places.items() if len(where) > 1 and name not in SAME_MEANING}
    assert twice == {}


def list_defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_every_test_module_has_its_module() -> None:
    strangers = []
    for path in TESTS.rglob("test_*.py"):
        folder = path.relative_to(TESTS).parent
        if folder.parts[:1] and folder.parts[0] in OF_SOME_MODULES:
            continue
        room = ".".join(folder.parts)
        modules = [name for name in MODULES if name.rpartition(".")[0] == room]
        stem = path.stem.removeprefix("test_")
        if not any(stem == leaf or stem.startswith(f"{leaf}_") for leaf in map(last_part, modules)):
            strangers.append(str(path.relative_to(TESTS)))
    assert strangers == []


def last_part(name: str) -> str:
    return name.rpartition(".")[2]


@pytest.mark.parametrize(
    "module",
    [
        "wire.messages",
        "server.listener",
        "server.auth.guard",
        "broadcast.connection",
        "limits",
        "broker.page_stream",
        "relay.relay_hub",
        "relay.share_follower",
        "relay.command",
        "relay.server",
        "cli.main",
    ],
)
def test_what_a_relay_needs_loads_no_bokeh(module: str) -> None:
    code = (
        f"import sys, bokeh_share.{module}; print(sorted({{'bokeh', 'numpy', 'IPython'}} & {{*sys.modules}}))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.stdout == "[]\n", answer.stderr
