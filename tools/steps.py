"""Steps that several nox sessions share."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import npm
from chromium import find_chromium, install_chromium, install_headless_shell
from debian import apt, can_apt
from engines import install_engines
from environments import ROOT, is_made_from, mark_made_from
from nox import Session
from nox.command import CommandFailed
from proxies import install_proxies
from pytest_arguments import locate

PIP = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
SECONDS_TO_CLEAN_UP = 60.0
"""Seconds after Ctrl-C for programs to end their kernels, browsers and networks."""


def install(session: Session, *requirements: str) -> None:
    """Install these, unless that was done. An environment for other requirements, or an incomplete one, is
    made again."""
    location = Path(session.virtualenv.location)
    python = str(session.python or sys.executable)
    words = [python, *requirements]
    if is_made_from(location, words):
        return
    session.log(f"installing into {location}: this may take a minute or two")
    # Both are skipped if nox was told to install nothing.
    if make_empty(session):
        session.install(*requirements, env=PIP, log=False)
        mark_made_from(location, words)


def make_empty(session: Session) -> bool:
    """Make the session's environment anew, with nothing in it; False if nox was told to install nothing."""
    python = str(session.python or sys.executable)
    clear = ("-m", "virtualenv", "--quiet", "--no-periodic-update", "--clear", "-p", python)
    location = session.virtualenv.location
    return bool(session.run_install(sys.executable, *clear, location, external=True, log=False))


def install_wheel(session: Session) -> None:
    """Replace the package itself; its dependencies are there already."""
    session.install("--force-reinstall", "--no-deps", str(find_release("wheel")), env=PIP, log=False)


def install_release(session: Session, kind: str, *, extra: str = "") -> None:
    """Install the wheel or the sdist with its dependencies, and those of an extra, as users do."""
    extras = f"[{extra}]" if extra else ""
    requirement = f"bokeh_share{extras} @ {find_release(kind).as_uri()}"
    session.install("--no-compile", requirement, env=PIP, log=False)


def find_release(kind: str) -> Path:
    """The wheel or the sdist in dist, the only one there."""
    (path,) = (ROOT / "dist").glob({"wheel": "*.whl", "sdist": "*.tar.gz"}[kind])
    return path


def use_installed(session: Session, *options: str) -> None:
    """Use what is installed, by the environment's Python, which finds nothing of the checkout."""
    with session.chdir(session.create_tmp()):
        session.run("python", "-P", ROOT / "tools" / "use_installed.py", *options, env={"PYTHONPATH": None})


def get_version(session: Session, package: str) -> str:
    """Return the version of a package in the environment."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return str(session.run("python", "-c", code, silent=True, log=False)).strip()


def run_installed(session: Session, folder: Path, *arguments: str | Path) -> None:
    """Run the environment's Python in this folder; it and its subprocesses import the wheel."""
    chromium = find_chromium()
    if chromium is None:
        session.log("no Chromium or Chrome here: installing Chromium")
        chromium = install_chromium(Path(session.bin) / "python")
    environ = {"PYTHONPATH": None, "BOKEH_SHARE_CHROMIUM": chromium}
    with session.chdir(folder):
        session.run("python", *arguments, env=environ, interrupt_timeout=SECONDS_TO_CLEAN_UP)


def run_pytest(session: Session, arguments: Sequence[str]) -> None:
    """Run these tests, or all if the arguments contain no paths, from the checkout's root."""
    if can_apt() and not shutil.which("ip"):
        apt("iproute2")
    if can_apt() and not shutil.which("redis-server"):
        apt("redis-server")
    install_headless_shell()
    install_engines()
    if install_proxies():
        session.env["BOKEH_SHARE_REQUIRE_PROXIES"] = "1"
    session.env["BOKEH_SHARE_WHEEL"] = "1"
    if axe := npm.fetch(npm.AXE):
        session.env["BOKEH_SHARE_AXE"] = str(axe / "axe.min.js")
    cache = Path(session.virtualenv.location) / "pytest_cache"  # tests that fail here may pass elsewhere
    options = ("-c", ROOT / "pyproject.toml", "-o", f"cache_dir={cache}")
    run_installed(session, ROOT / "tests", "-m", "pytest", *options, *locate(arguments))


def succeeds(session: Session, *command: str, external: bool = False) -> bool:
    """Run a command in the checkout's root. Return True if it succeeded."""
    try:
        session.run(*command, external=external)
    except CommandFailed:
        return False
    return True
