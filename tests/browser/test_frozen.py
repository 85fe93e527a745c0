"""A program that PyInstaller has made of a script, run where there is no Python and no checkout."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from support.kernel_driver import DEADLINE, until
from support.notebook_pages import Open, Viewer, is_drawn_on
from support.plot_ids import id_of
from support.viewer import watching

HOOKS = entry_points(group="pyinstaller40", name="hook-dirs")
HAS_HOOK = any(each.module == "bokeh_share.server.pyinstaller" for each in HOOKS)
pytestmark = [
    # The hook lists our own modules; those of Bokeh come with Bokeh's own hook.
    pytest.mark.one_pairing,
    pytest.mark.skipif(
        not HAS_HOOK and "BOKEH_SHARE_WHEEL" not in os.environ,
        reason="PyInstaller finds the hook of an installed package only: `make test`, or pip install .",
    ),
]

NO_LIBRARY = "Python was built without a shared library"
"""What PyInstaller says where it can do nothing."""
UNWANTED = ("hypothesis", "mypy", "pandas", "playwright", "pytest", "setuptools", "tkinter")
"""What this environment has and the program can do without: it is frozen in half the time."""
PROGRAM = """
import signal, sys
from bokeh.models import Slider
from bokeh.plotting import figure
from bokeh_share import run, share
from bokeh_share.apps.failures import is_author_error

# What a shell runs in the background ignores it, and hands that down.
signal.signal(signal.SIGINT, signal.default_int_handler)

def line(title):
    p = figure(title=title, width=300, height=200)
    p.line([1, 2, 3], [4, 5, 6])
    return p

def trend(days: int = 30):
    return line(f"{days} days")

def page():
    live = share(line("sales"), name="sales", port=0)
    live.save("page.html")
    print(live.url, flush=True)
    live.run_until_interrupted()

def command():
    from bokeh_share.cli.main import main
    sys.exit(main(sys.argv[2:]))

def mistake():
    try:
        Slider(start=0, end=1, value="text")
    except ValueError as error:
        print(is_author_error(error), is_author_error(error.with_traceback(error.__traceback__.tb_next)))

if __name__ == "__main__":
    modes = {"page": page, "command": command, "mistake": mistake}
    modes.get(sys.argv[1], lambda: run(trend, controls=True))()
"""
SHOWS = """(title) => Bokeh.documents.some((shown) =>
    [...shown._all_models.values()].some((model) => model.type === "Title" && model.text === title))"""


class Running:
    """The program in a folder of its own, with no environment but this; what it says comes line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    @property
    def url(self) -> str:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found is not None, (line, self.process.stderr.read())
        return found[0]

    def end(self) -> tuple[int, str]:
        """Its exit code, and what it complained of."""
        self.process.send_signal(signal.SIGINT)
        _, err = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, err


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frozen once for all tests, by the real PyInstaller, with the hook that it finds by itself."""
    folder = tmp_path_factory.mktemp("frozen")
    (folder / "plot.py").write_text(PROGRAM)
    options = ["--onedir", "--console", "--log-level", "ERROR", "--python-option", "W error"]
    excluded = [option for name in UNWANTED for option in ("--exclude-module", name)]
    made = subprocess.run(
        [sys.executable, "-m", "PyInstaller", *options, *excluded, "plot.py"],
        cwd=folder, env={**os.environ, "PYINSTALLER_CONFIG_DIR": str(folder / "cache")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if NO_LIBRARY in made.stderr:
        pytest.skip(f"{NO_LIBRARY}, which PyInstaller needs")
    assert made.returncode == 0, made.stderr
    return folder / "dist" / "plot" / "plot"


@contextmanager
def running(program: Path, folder: Path, *arguments: str, **environment: str) -> Iterator[Running]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([program, *arguments], cwd=folder, env=environment, **pipes) as process:
        try:
            yield Running(process)
        finally:
            process.kill()


def said(program: Path, folder: Path, *arguments: str) -> tuple[int, str, str]:
    answer = subprocess.run(
        [program, *arguments], cwd=folder, env={}, capture_output=True, text=True, check=False
    )
    return answer.returncode, answer.stdout, answer.stderr


def test_its_app_is_drawn_and_follows_a_viewers_choice(program: Path, tmp_path: Path, visit: Open) -> None:
    with running(program, tmp_path, "--port", "0", "--no-browser") as running_program:
        viewer = visit(running_program.url)
        viewer.page.wait_for_function(SHOWS, arg="30 days")
        assert is_drawn_on(viewer.captured())
        days = viewer.page.get_by_label("Days")
        days.fill("7")
        days.press("Enter")
        viewer.page.wait_for_function(SHOWS, arg="7 days")
        with viewer.without_server():
            assert running_program.end() == (0, "")


def test_its_page_is_drawn_and_so_is_what_it_saves(
    program: Path, tmp_path: Path, visit: Open, browser: Browser
) -> None:
    with running(program, tmp_path, "page") as running_program:
        viewer = visit(running_program.url)
        viewer.wait_until_drawn([[id_of("sales"), 1]])
        assert viewer.titles() == ["sales"]
        assert is_drawn_on(viewer.captured("sales"))
        with viewer.without_server():
            assert running_program.end() == (0, "")
    saved = Viewer(browser.new_page(), (tmp_path / "page.html").as_uri())
    try:
        saved.open("saved").wait_until_drawn([[id_of("sales"), 1]])
        assert saved.troubles == []
    finally:
        saved.page.close()


def test_several_processes_of_it_serve_one_link(program: Path, tmp_path: Path) -> None:
    with running(program, tmp_path, "--port", "0", "--num-procs", "2", "--no-browser") as running_program:
        share = running_program.url.removesuffix("trend")
        for _ in range(8):
            with watching(share):
                pass
        assert running_program.end() == (0, "")


@pytest.mark.parametrize("before", [{}, {"LD_LIBRARY_PATH": "/nowhere"}])
def test_the_browser_that_it_opens_has_the_systems_libraries(
    program: Path, tmp_path: Path, before: dict[str, str]
) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    say = 'echo "$1 ${LD_LIBRARY_PATH-none}"'
    browser.write_text(f"#!/bin/sh\n{say} > {opened}.new\nmv {opened}.new {opened}\n")
    browser.chmod(0o755)
    environment = {**before, "BROWSER": str(browser), "PATH": os.environ["PATH"]}
    with running(program, tmp_path, "--port", "0", **environment) as running_program:
        url = running_program.url
        until(opened.exists, what="the browser")
        assert opened.read_text().split() == [url, before.get("LD_LIBRARY_PATH", "none")]
        assert running_program.end() == (0, "")


def test_it_runs_no_notebook_and_says_so(program: Path, tmp_path: Path) -> None:
    (tmp_path / "sales.ipynb").write_text("{}")
    reason = "needs a Python for its kernel, which a frozen program lacks"
    advice = "use python -m bokeh_share, or freeze a script"
    line = f"bokeh_share: cannot run 'sales.ipynb', which {reason}: {advice}\n"
    assert said(program, tmp_path, "command", "sales.ipynb") == (2, "", line)


def test_in_it_an_authors_mistake_is_distinguished_from_a_viewers(program: Path, tmp_path: Path) -> None:
    assert said(program, tmp_path, "mistake") == (0, "True False\n", "")
