"""Defines the sessions that `make` runs, each in its own environment below `.envs`."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
from pathlib import Path

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parent
sys.path.append(str(ROOT / "tools"))

import npm  # noqa: E402
from debian import is_root  # noqa: E402
from environments import ENVIRONMENTS, list_requirements, list_tools  # noqa: E402
from interpreters import Pairing, find_pairings  # noqa: E402
from pytest_arguments import can_isolate, count_workers, distribute  # noqa: E402
from steps import (  # noqa: E402
    get_version,
    install,
    install_release,
    install_wheel,
    make_empty,
    run_installed,
    run_pytest,
    succeeds,
    use_installed,
)
from summary import FAILED, OK, Summary  # noqa: E402

nox.needs_version = ">=2026.10.20"
nox.options.default_venv_backend = "virtualenv"  # pip follows the machine's configuration, uv does not
nox.options.envdir = str(ENVIRONMENTS)
nox.options.reuse_venv = "yes"  # `install` makes an environment anew where needed
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["lint", "docs", "tests", "installed"]

PAIRINGS = find_pairings()
OLDEST, NEWEST = (PAIRINGS[0], PAIRINGS[-1]) if PAIRINGS else (None, None)
ON_OLDEST, ON_NEWEST = (pairing.interpreter if pairing else False for pairing in (OLDEST, NEWEST))
ONLY = os.environ.get("BOKEH_SHARE_ON") or None
"""The version of Python that `make test ON=3.11` chooses."""
TESTED = [pairing for pairing in PAIRINGS if ONLY in (None, pairing.version)]
NO_PYTHON = "no Python {} with venv was found on the path or among pyenv's (Debian: apt install python3-venv)"
ANY = "3.11 or newer"

summary = Summary()


@atexit.register
def print_summary() -> None:
    """Print the results in the last line, after nox's own output."""
    if line := str(summary):
        print(f"\n== {line}", flush=True)


@nox.session(python=ON_OLDEST)
def lint(session: nox.Session) -> None:
    """Run ruff, mypy, import-linter, the checks of wording and of the page's scripts, even if one fails."""
    checks = {
        "ruff": ["check"],
        "mypy": [],
        "lint-imports": ["--no-cache"],
        "codespell": [],
        "wording": [],
    }
    for name in (*checks, "scripts"):
        summary.begin(name)
    # One pairing is enough, and the oldest is the strictest: newer syntax and newer names fail there.
    pairing = OLDEST or session.error(NO_PYTHON.format(ANY))
    install(session, *list_requirements("run", "tls", "panel", group="lint"), pairing.bokeh)
    for name, arguments in checks.items():
        command = ["python", "tools/wording.py"] if name == "wording" else [name, *arguments]
        summary.record(name, OK if succeeds(session, *command) else FAILED)
    summary.record("scripts", check_scripts(session))
    if summary.has_failed(*checks, "scripts"):
        session.error("not all checks passed")


def check_scripts(session: nox.Session) -> str:
    """Check the types of the page's scripts with TypeScript, and run their unit tests with Node.js."""
    if not (ROOT / "tsconfig.json").exists():
        return "skipped, as there is no tsconfig.json"
    typescript = npm.fetch(npm.TYPESCRIPT)
    if typescript is None or not npm.has_node():
        return f"skipped, as there is no npm with Node.js {npm.OLDEST_NODE} or newer"
    commands = [["node", str(typescript / "bin" / "tsc"), "-p", "tsconfig.json"]]
    if files := sorted(map(str, (ROOT / "tests" / "server" / "static").rglob("*.test.*js"))):
        commands.append(["node", "--test", *files])
    results = [succeeds(session, *command, external=True) for command in commands]
    return OK if all(results) else FAILED


@nox.session(python=ON_OLDEST)
def docs(session: nox.Session) -> None:
    """Build the documentation into build/docs, without network; a warning or a broken link fails."""
    summary.begin("docs")
    pairing = OLDEST or session.error(NO_PYTHON.format(ANY))
    install(session, *list_requirements(), *list_tools("docs"), pairing.bokeh)
    output = ROOT / "build" / "docs"
    shutil.rmtree(output, ignore_errors=True)  # or pages that did not change would not be checked
    strict = ("--fail-on-warning", "--nitpicky", "--quiet")
    session.run("python", "-m", "sphinx", *strict, "--conf-dir", "docs", ".", str(output))
    session.log(f"the documentation begins at {output / 'index.html'}")
    summary.record("docs", OK)


@nox.session(default=False)
def package(session: nox.Session) -> None:
    """Build sdist and wheel of the checkout as it is now, into dist, and check their metadata."""
    summary.begin("package")
    install(session, *list_tools("package"))
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.run("python", "-m", "build", "--no-isolation", "--outdir", "dist", ".", silent=True)
    session.run("python", "-m", "twine", "check", "--strict", *map(str, (ROOT / "dist").iterdir()))
    summary.record("package", OK)


@nox.session(requires=["package"])
@nox.parametrize(
    ("python", "pairing"),
    [nox.param(pairing.interpreter, pairing, id=pairing.version) for pairing in TESTED]
    or [nox.param(False, None, id="none")],
)
def tests(session: nox.Session, pairing: Pairing | None) -> None:
    """Run all tests, those of `one_pairing` with the newest Python only; or the arguments after -- only."""
    pairing = pairing or session.error(NO_PYTHON.format(ONLY or ANY))
    name = f"Python {pairing.version}"
    summary.begin(name)
    install(session, *list_requirements(group="test"), pairing.bokeh)
    name = summary.rename(name, f"{name} with bokeh {get_version(session, 'bokeh')}")
    install_wheel(session)
    arguments = session.posargs
    if not arguments:
        python = str(Path(session.bin) / "python")
        arguments = distribute(python, count_workers()) if can_isolate() else []
        arguments += [] if pairing is TESTED[-1] else ["-m", "not one_pairing"]
    try:
        run_pytest(session, arguments)
        summary.record(name, OK)
    except CommandFailed:
        session.log("repeating the failed tests")  # alone, since a busy machine can fail them
        run_pytest(session, [*session.posargs, "--last-failed", "--last-failed-no-failures", "none"])
        summary.record(name, "ok, BUT SOME TESTS ONLY AT THE SECOND TRY")


@nox.session(python=TESTED[-1].interpreter if TESTED else False, requires=["package"])
@nox.parametrize("kind", ["wheel", "sdist"])
def installed(session: nox.Session, kind: str) -> None:
    """Install the wheel, or the sdist, into an empty environment, and use it as a new user would."""
    name = f"installed {kind}"
    summary.begin(name)
    if not TESTED:
        session.error(NO_PYTHON.format(ONLY or ANY))
    make_empty(session)
    install_release(session, kind)
    use_installed(session)
    install_release(session, kind, extra="run")
    use_installed(session, "--notebook")
    summary.record(name, OK)


@nox.session(python=ON_NEWEST, requires=["package"], default=False)
def soak(session: nox.Session) -> None:
    """Run viewers and an author for ten minutes, or for `BOKEH_SHARE_SOAK` seconds."""
    pairing = NEWEST or session.error(NO_PYTHON.format(ANY))
    install(session, *list_requirements(group="test"), pairing.bokeh)
    install_wheel(session)
    session.env["BOKEH_SHARE_SOAK"] = os.environ.get("BOKEH_SHARE_SOAK", "600")
    patient = ("-o", "faulthandler_timeout=0")  # or pytest would report that the test hangs
    run_pytest(session, ["-s", *patient, "tests/kernel/test_soak.py", *session.posargs])


@nox.session(python=ON_NEWEST, requires=["package"], default=False)
def bench(session: nox.Session) -> None:
    """Compare the costs of sharing with other ways, and write the tables of docs/performance.md."""
    pairing = NEWEST or session.error(NO_PYTHON.format(ANY))
    install(session, *list_requirements(group="bench"), pairing.bokeh)
    install_wheel(session)
    run_installed(session, ENVIRONMENTS, ROOT / "benchmarks" / "run.py", *session.posargs)


@nox.session(python=ON_OLDEST, requires=["package"], default=False)
def pictures(session: nox.Session) -> None:
    """Take screenshots of page and card in each state into build/pictures, and the README's into docs."""
    pairing = OLDEST or session.error(NO_PYTHON.format(ANY))
    install(session, *list_requirements(group="test"), pairing.bokeh)
    install_wheel(session)
    run_installed(session, ROOT / "tests", ROOT / "tools" / "pictures.py")


@nox.session(default=False)
def lab(session: nox.Session) -> None:
    """Open JupyterLab on the quickstart notebook until it is closed."""
    install(session, *list_requirements("lab"), "--editable", str(ROOT))
    root = ["--allow-root"] if is_root() else []  # without it, Jupyter refuses to run as root
    notebook = str(ROOT / "notebooks" / "quickstart.ipynb")
    command = [str(Path(session.bin) / "jupyter"), "lab", *root, *session.posargs, notebook]
    # Replaces nox, which would end Jupyter at Ctrl-C; Jupyter itself asks the author then.
    os.execv(command[0], command)
