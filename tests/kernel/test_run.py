"""A script with `run()`, option by option, as the program that people write by hand has them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from support import warm_python
from support.app_viewer import ask, watching_app
from support.kernel_driver import DEADLINE, is_free, until
from support.ordinary import ORDINARY
from support.viewer import watching

PLOT = '''
import signal, sys
from bokeh.plotting import figure
from bokeh_share import run, share

# What a shell runs in the background ignores it, and hands that down.
signal.signal(signal.SIGINT, signal.default_int_handler)

def plot(blue: bool = False, days: int = 30):
    """Daily sales."""
    p = figure(title=f"{days} days in {'blue' if blue else 'red'}")
    p.line([1, 2, 3], [4, 5, 6], line_color="blue" if blue else "red")
    return p

def table(doc):
    """All numbers."""
    from bokeh.models import Div
    doc.add_root(Div(text="1 2 3", name="numbers"))
    doc.on_session_destroyed(lambda context: print("the table's document has ended", flush=True))

if __name__ == "__main__":
    run(plot)
    print("after")
'''


class Script:
    """A process that runs one, its output line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    @property
    def url(self) -> str:
        """The first link that it prints."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        match = re.search(r"http://\S+", line)
        assert match is not None, (line, self.process.stderr and self.process.stderr.read())
        return match[0]

    def end(self, number: int = signal.SIGINT) -> tuple[int, str, str]:
        """Its exit code, the rest of what it printed, and its stderr."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> tuple[int, str, str]:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        out, err = self.process.stdout.read(), self.process.stderr.read()
        return self.process.wait(DEADLINE), out, err


@contextmanager
def running(folder: Path, *options: str, code: str = PLOT, **environment: str) -> Iterator[Script]:
    (folder / "plot.py").write_text(ORDINARY + code)
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [sys.executable, "-W", "error", "plot.py", *options]
    with warm_python.Popen(command, cwd=folder, env={**os.environ, **environment}, **pipes) as process:
        try:
            yield Script(process)
        finally:
            for child in psutil.Process(process.pid).children() if process.poll() is None else []:
                child.kill()
            process.kill()


def parted(url: str) -> tuple[str, str]:
    """The link of the share, and the name of the app."""
    share, _, name = url.rpartition("/")
    return f"{share}/", name


def test_a_script_without_options_shows_its_plot_to_whoever_has_the_link(tmp_path: Path) -> None:
    with running(tmp_path, "--no-browser") as script:
        share, name = parted(script.url)
        assert name == "plot"
        with watching_app(share, name) as viewer:
            assert viewer.titles == ["30 days in red"]
        assert script.end() == (0, "             stop with Ctrl-C\nafter\n", "")


@pytest.mark.parametrize("option", ["-b", "--blue"])
def test_an_option_of_the_function_is_what_viewers_begin_with(tmp_path: Path, option: str) -> None:
    with running(tmp_path, option, "--days", "7", "--no-browser") as script:
        share, name = parted(script.url)
        with watching_app(share, name) as viewer, watching_app(share, name, "days=8") as other:
            assert viewer.titles == ["7 days in blue"]
            assert other.titles == ["8 days in blue"]


def test_the_port_is_the_one_that_was_asked_for(tmp_path: Path) -> None:
    with running(tmp_path, "-p", "5077", "--no-browser") as script:
        assert ":5077/" in script.url
    assert is_free(5077)


def test_without_a_port_the_first_free_one_is_taken(tmp_path: Path) -> None:
    with running(tmp_path, "--no-browser") as one, running(tmp_path, "--no-browser") as other:
        ports = [int(script.url.split(":")[2].split("/")[0]) for script in (one, other)]
        assert ports[0] != ports[1]
        assert min(ports) >= 5006


def test_a_port_that_is_taken_is_reported_in_one_line(tmp_path: Path) -> None:
    with running(tmp_path, "-p", "5078", "--no-browser") as script:
        assert script.url
        with running(tmp_path, "-p", "5078", "--no-browser") as other:
            _, err = other.process.communicate(timeout=DEADLINE)
            assert other.process.returncode == 2
    reason = "port 5078 cannot be used at '127.0.0.1' (address already in use)"
    last = f"plot.py: error: {reason}: give another with --port, or leave --port out"
    assert err.splitlines()[-1] == last


def test_the_browser_is_opened_at_the_app(tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$@" >> {opened}\n')
    browser.chmod(0o755)
    with running(tmp_path, BROWSER=str(browser)) as script:
        url = script.url
        until(opened.exists, what="the browser")
        until(opened.read_text, what="the link")
    assert opened.read_text().strip() == url


def test_without_a_token_the_link_is_short_and_the_output_names_who_can_look(tmp_path: Path) -> None:
    with running(tmp_path, "--no-token", "--no-browser") as script:
        url = script.url
        assert re.fullmatch(r"http://localhost:\d+/plot", url)
        assert ask(url)[0] == 200
        _, out, _ = script.end()
    assert "no token, no password: anyone on this machine can open the page" in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_and_other_signals_end_it_cleanly(tmp_path: Path, number: int) -> None:
    table = PLOT.replace("run(plot)", "run(table)")
    with running(tmp_path, "-p", "5079", "--no-browser", code=table) as script:
        share, name = parted(script.url)
        with watching(share) as page, watching_app(share, name) as viewer:
            assert viewer.find("numbers").text == "1 2 3"
            script.process.send_signal(number)
            closed = [viewer.wait_until_closed(), page.until_closed()]
        code, out, err = script.ended()
    assert (code, err) == (0, "")
    assert closed == [(4000, "sharing ended")] * 2
    assert out.splitlines()[1:] == ["the table's document has ended", "after"]
    assert is_free(5079)


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("work", ["print('whole', flush=True)", "while True: pass"])
def test_it_ends_as_cleanly_while_a_callback_runs_also_one_without_end(
    tmp_path: Path, number: str, work: str
) -> None:
    code = PLOT.replace("run(plot)", "run(ends)").replace(
        "if __name__",
        "def ends(doc):\n"
        "    import os\n"
        "    from bokeh.events import ConnectionLost\n"
        "    from bokeh.models import Div\n"
        "    def end(event):\n"
        f"        os.kill(os.getpid(), signal.{number})\n"
        f"        {work}\n"
        "    doc.on_event(ConnectionLost, end)\n"
        "    doc.add_root(Div())\n\n"
        "if __name__",
    )
    with running(tmp_path, "--no-browser", code=code) as script:
        share, name = parted(script.url)
        with watching(share) as page:
            with watching_app(share, name):
                pass
            assert page.until_closed() == (4000, "sharing ended")
        ended, out, err = script.ended()
    has_end = work.startswith("print")
    assert (ended, out.splitlines()[1:]) == (0, ["whole", "after"] if has_end else ["after"])
    assert not has_end or err == ""


def test_several_apps_are_listed_at_the_link(tmp_path: Path) -> None:
    with running(tmp_path, "--no-browser", code=PLOT.replace("run(plot)", "run([plot, table])")) as script:
        url = script.url
        with watching(url) as page, watching_app(url, "plot"), watching_app(url, "table") as viewer:
            assert [[app["name"], app["about"]] for app in page.page["apps"]] == [
                ["plot", "Daily sales."],
                ["table", "All numbers."],
            ]
            assert viewer.find("numbers").text == "1 2 3"


def test_a_dictionary_names_its_apps(tmp_path: Path) -> None:
    code = PLOT.replace("run(plot)", "run({'one': plot, 'two': table}, title='Both')")
    with running(tmp_path, "--no-browser", code=code) as script:
        url = script.url
        with watching(url) as page, watching_app(url, "one", "days=7") as viewer:
            assert [app["name"] for app in page.page["apps"]] == ["one", "two"]
            assert page.title == "Both"
            assert viewer.titles == ["7 days in red"]


def test_several_processes_serve_one_link_and_end_together(tmp_path: Path) -> None:
    with running(tmp_path, "--num-procs", "2", "--no-browser") as script:
        share, name = parted(script.url)
        parent = psutil.Process(script.process.pid)
        until(lambda: len(parent.children()) == 2, what="both processes")
        children = parent.children()
        until(lambda: {ask(f"{share}{name}/token")[0] for _ in range(20)} == {200}, what="both apps")
        for days in range(4):
            with watching_app(share, name, f"days={days}") as viewer:
                assert viewer.titles == [f"{days} days in red"]
        code, out, err = script.end(signal.SIGTERM)
        assert (code, err) == (0, "")
        assert "after" in out
        psutil.wait_procs(children, timeout=DEADLINE)
        assert not any(child.is_running() for child in children)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--days", "many"], "days cannot be 'many': give a whole number"),
        (["--port", "70000"], "port cannot be 70000: give a number from 1 to 65535, or 0 for any free port"),
        (["--address", "eth77"], "cannot share at 'eth77'"),
        (["--max-viewers", "0"], "max_viewers cannot be 0: give 1 or more"),
        (["--num-procs", "-1"], "--num-procs cannot be '-1': give 0 or more"),
        (["--num-procs", "many"], "--num-procs cannot be 'many': give 0 or more"),
        (["--colour", "red"], "there is no option --colour: --help lists the options"),
    ],
)
def test_a_wrong_command_line_ends_with_a_sentence_and_2(
    tmp_path: Path, options: list[str], expected: str
) -> None:
    with running(tmp_path, *options, "--no-browser") as script:
        out, err = script.process.communicate(timeout=DEADLINE)
    assert (script.process.returncode, out) == (2, "")
    assert expected in err.splitlines()[-1]
    assert "Traceback" not in err


def test_help_lists_the_options_of_the_function_and_those_of_sharing(tmp_path: Path) -> None:
    with running(tmp_path, "--help") as script:
        out, err = script.process.communicate(timeout=DEADLINE)
    assert (script.process.returncode, err) == (0, "")
    assert "Daily sales." in out
    for short, long in (("b", "blue"), ("d", "days"), ("e", "external"), ("p", "port"), ("a", "address")):
        assert re.search(rf"^  -{short}( [A-Z]+)?, --{long}\b", out, re.M), out
    for option in ("--no-token", "--no-browser", "--num-procs"):
        assert option in out


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            "run([])",
            "run() cannot be []: give it a function, a list of functions, or a dictionary of functions by"
            " name",
        ),
        (
            "run(figure())",
            "run() cannot share an object of type 'figure': give a function that returns a plot, such"
            " as run(trend)",
        ),
        ("run({'a': 3})", "run() cannot share an object of type 'int': give a function"),
        ("run({3: plot})", "name cannot be 3: give a text, such as name='sales'"),
        ("run(plot, controls='no')", "controls cannot be 'no': give True or False"),
        ("run([plot, plot])", "two apps have the name 'plot'"),
        ("run(lambda x: x)", "the name of an app cannot be '<lambda>'"),
        ("run(lambda e=1: e)", "the name of an app cannot be '<lambda>'"),
        (
            "def other(port: int = 1): ...\n    run(other)",
            "'port' of other() cannot be --port on the command line, where that option",
        ),
    ],
)
def test_what_can_be_no_app_is_reported_before_anything_starts(
    tmp_path: Path, call: str, expected: str
) -> None:
    with running(tmp_path, "--no-browser", code=PLOT.replace("run(plot)", call)) as script:
        out, err = script.process.communicate(timeout=DEADLINE)
    assert (script.process.returncode, out) == (1, "")
    assert expected in err.splitlines()[-1]
