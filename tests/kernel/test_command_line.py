"""`python -m bokeh_share FILE`, as people start it and end it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from kernel.test_password import Browser
from support import warm_python
from support.app_viewer import watching_app
from support.kernel_driver import DEADLINE, until
from support.ordinary import make_ordinary
from support.viewer import Viewer, watching

ENDED = (4000, "sharing ended")
FULL = "the page is full"

IMPORTS = "from bokeh.plotting import figure, show"
PLOT = "p = figure(title='{}', width=200, height=200)\np.line([1, 2, 3], [4.0, 5.0, 6.0])\nshow(p)"


class Program:
    """One run of the command line, and its output so far."""

    def __init__(
        self, folder: Path, arguments: Sequence[str], env: dict[str, str], number: int, streams: str
    ) -> None:
        self._out, self._err = folder / f"out {number}", folder / f"err {number}"
        shell = ["sh", "-c", f'exec "$@" {streams}', "sh"] if streams else []
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = warm_python.Popen(
                [*shell, sys.executable, "-m", "bokeh_share", *arguments],
                cwd=folder, env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                preexec_fn=_heed_interrupts,
            )  # fmt: skip

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        return self._err.read_text()

    def says(self, pattern: str, *, times: int = 1) -> re.Match[str]:
        """Wait until it has printed this, on either stream."""

        def find_matches() -> list[re.Match[str]]:
            found = list(re.finditer(pattern, f"{self.out}\n{self.err}"))
            assert len(found) >= times or self.process.poll() is None, f"ended:\n{self.out}\n{self.err}"
            return found if len(found) >= times else []

        until(find_matches, what=f"{pattern!r} in\n{self.out}\n{self.err}")
        return find_matches()[-1]

    @property
    def url(self) -> str:
        return self.says(r"bokeh_share: (http://\S+)")[1]

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)


def _heed_interrupts() -> None:
    """What a shell runs in the background ignores SIGINT, and hands that down."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Desk:
    """A folder with files, and programs that run there."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder = folder
        self._env = env
        self._programs: list[Program] = []

    def write(self, *cells: str, name: str = "sales.ipynb", kernel: str = "python3", **more: Any) -> None:
        """Save a notebook as a front end does: each cell with an id, that of its place."""
        self.write_cells({f"c{index}": code for index, code in enumerate(cells)}, name, kernel, **more)

    def write_cells(
        self,
        cells: dict[str, str],
        name: str = "sales.ipynb",
        kernel: str = "python3",
        outputs: Sequence[dict[str, Any]] = (),
    ) -> None:
        saved = [
            {
                "cell_type": "code", "id": id, "source": code, "metadata": {}, "outputs": list(outputs),
                "execution_count": None,
            }
            for id, code in cells.items()
        ]  # fmt: skip
        metadata = {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}}
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": saved}
        self.save(name, json.dumps(notebook))

    def save(self, name: str, text: str) -> None:
        """All of it or nothing, as editors do."""
        (self.folder / "new").write_text(text)
        (self.folder / "new").replace(self.folder / name)

    def start(self, *arguments: str, browser: bool = False, streams: str = "", **env: str) -> Program:
        """Run it; `streams` is what a shell redirects."""
        more = [] if browser else ["--no-browser"]
        program = Program(
            self.folder, [*arguments, *more], {**self._env, **env}, len(self._programs), streams
        )
        self._programs.append(program)
        return program

    def refused(self, *arguments: str, code: int = 2, **env: str) -> str:
        """The last line that it prints when it cannot be run."""
        program = self.start(*arguments, **env)
        assert program.process.wait(DEADLINE) == code, program.err
        assert "Traceback" not in program.err
        return program.err.splitlines()[-1]

    def end(self) -> None:
        for program in self._programs:
            if program.process.poll() is None:
                program.process.terminate()
                program.process.wait(DEADLINE)


def is_up(url: str) -> bool:
    with suppress(OSError):
        urlopen(url).close()
        return True
    return False


@pytest.fixture
def desk(tmp_path: Path, environment: dict[str, str]) -> Iterator[Desk]:
    ipython = tmp_path / "ipython"
    make_ordinary(ipython)
    folders = {"JUPYTER_DATA_DIR": str(tmp_path / "data"), "IPYTHONDIR": str(ipython)}
    desk = Desk(tmp_path, {**environment, **folders})
    try:
        yield desk
    finally:
        desk.end()


@contextmanager
def viewed(program: Program, titles: Sequence[str]) -> Iterator[Viewer]:
    with watching(program.url) as viewer:
        viewer.shows(titles)
        yield viewer


def test_a_notebooks_plots_are_live_and_each_cell_has_a_line(desk: Desk) -> None:
    opened, browser = desk.folder / "opened", desk.folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$@" > {opened}\n')
    browser.chmod(0o755)
    desk.write(
        IMPORTS, "# Plot of sales\n" + PLOT.format("one"), "print('hello')\nimport os; print(os.getcwd())"
    )
    program = desk.start("sales.ipynb", browser=True, BROWSER=str(browser))
    with viewed(program, ["one"]) as viewer:
        assert viewer.title == "sales"
        program.says("ran 3 cells in .* s · 1 plot on the page")
        until(lambda: opened.exists() and opened.read_text().endswith("\n"), what="a browser")
    link, *lines = program.out.splitlines()
    assert opened.read_text().strip() in link
    assert [re.sub(r"\d+\.\d s", "T", line) for line in lines] == [
        "             stop with Ctrl-C",
        "[1/3] from bokeh.plotting import figure, show … T",
        "[2/3] Plot of sales … T",
        "[3/3] print('hello') …",
        "    hello",
        f"    {desk.folder}",
        "[3/3] print('hello') … T",
        "bokeh_share: ran 3 cells in T · 1 plot on the page",
    ]
    assert program.err == ""


def test_plots_appear_while_later_cells_run(desk: Desk) -> None:
    wait = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)"
    desk.write(IMPORTS, PLOT.format("one"), wait, PLOT.format("two"))
    program = desk.start("sales.ipynb", "-t", "Sales of today")
    with viewed(program, ["one"]) as viewer:
        assert viewer.title == "Sales of today"
        (desk.folder / "go").touch()
        viewer.shows(["one", "two"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order_and_the_next_run_has_the_same_link(desk: Desk, number: int) -> None:
    desk.write(IMPORTS, PLOT.format("one"))
    program = desk.start("sales.ipynb", "-p", "0")
    url = program.url
    with viewed(program, ["one"]) as viewer:
        program.says("ran 2 cells")
        program.process.send_signal(number)
        assert viewer.until_closed() == ENDED
        assert program.process.wait(DEADLINE) == 0
    assert program.out.endswith("bokeh_share: sharing ended\n")
    assert program.err == ""
    again = desk.start("sales.ipynb")
    assert again.url == url


def test_a_notebook_that_goes_onto_the_network_by_itself_says_so_first(desk: Desk) -> None:
    desk.write(IMPORTS, "%load_ext bokeh_share\nif False:\n    %bokeh_share --external", PLOT.format("one"))
    program = desk.start("sales.ipynb")
    program.says("ran 3 cells")
    first, *others = program.out.splitlines()
    assert first == "bokeh_share: cell 2 shares this notebook on the network, even without --external here"
    assert not any("on the network" in line for line in others)


@pytest.mark.one_pairing  # the streams are opened before Python and Bokeh do anything
@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"])
def test_without_streams_it_shares_all_the_same(desk: Desk, streams: str) -> None:
    desk.write(IMPORTS, "print('one')", PLOT.format("one"))
    url = desk.start("sales.ipynb").url  # which the next one has again, and does not say
    desk.end()
    process = desk.start("sales.ipynb", streams=streams).process
    until(lambda: process.poll() is not None or is_up(url), what="the page")
    with watching(url) as viewer:
        viewer.shows(["one"])
        process.send_signal(signal.SIGHUP)
        assert viewer.until_closed() == ENDED
    assert process.wait(DEADLINE) == 0


def test_a_signal_ends_a_cell_that_runs_too(desk: Desk) -> None:
    desk.write(IMPORTS, PLOT.format("one"), "import time\nwhile True: time.sleep(0.01)")
    program = desk.start("sales.ipynb")
    with viewed(program, ["one"]) as viewer:
        program.process.send_signal(signal.SIGINT)
        assert viewer.until_closed() == ENDED
    assert program.process.wait(DEADLINE) == 0
    assert program.err == ""


def test_a_failing_cell_is_reported_and_the_last_good_state_stays(desk: Desk) -> None:
    desk.write(IMPORTS, PLOT.format("one"), PLOT.format("two"))
    program = desk.start("sales.ipynb", "--watch")
    with viewed(program, ["one", "two"]) as viewer:
        program.says("waiting for changes")
        desk.write(IMPORTS, "1/0", PLOT.format("three"))
        program.says("cell 2 of 3 failed with ZeroDivisionError; 1 cell after it did not run")
        program.says("the page keeps its last good state: 2 plots on the page")
        assert "ZeroDivisionError: division by zero" in program.err
        assert "\x1b" not in program.err
        assert re.search(r"\[2/3\] 1/0 … failed after \d", program.out)
        program.says("waiting for changes", times=2)
        desk.write(IMPORTS, PLOT.format("uno"), PLOT.format("three"))
        viewer.shows(["uno", "three"])


def test_a_notebook_that_fails_at_once_is_shared_all_the_same(desk: Desk) -> None:
    desk.write("input()", IMPORTS)
    program = desk.start("sales.ipynb")
    program.says("cell 1 of 2 failed with StdinNotImplementedError: .* cannot ask for input; 1 cell after it")
    with viewed(program, []):
        pass
    assert program.end() == 0


def test_watching_changes_pages_in_place(desk: Desk) -> None:
    desk.write(IMPORTS, PLOT.format("one"))
    program = desk.start("sales.ipynb", "--watch")
    with viewed(program, ["one"]) as viewer:
        (before,) = viewer.plots
        program.says("waiting for changes")
        desk.write(IMPORTS, PLOT.format("another"))
        viewer.shows(["another"])
        (after,) = viewer.plots
        (patch,) = [frame for frame in viewer.frames if frame["kind"] == "plot" and frame["base"] is not None]
    assert (after["id"], after["generation"]) == (before["id"], before["generation"] + 1)
    assert patch["base"] == before["generation"]


def test_a_cell_that_went_from_the_file_takes_its_plots_with_it(desk: Desk) -> None:
    desk.write_cells({"a": IMPORTS, "b": PLOT.format("one"), "c": PLOT.format("two")})
    program = desk.start("sales.ipynb", "--watch")
    with viewed(program, ["one", "two"]) as viewer:
        program.says("waiting for changes")
        desk.write_cells({"a": IMPORTS, "c": PLOT.format("two")})
        viewer.shows(["two"])


def test_saving_outputs_runs_nothing_and_a_half_written_file_is_tried_again(desk: Desk) -> None:
    cells = (IMPORTS, PLOT.format("one"))
    desk.write(*cells)
    program = desk.start("sales.ipynb", "--watch")
    with viewed(program, ["one"]) as viewer:
        program.says("waiting for changes")
        desk.write(*cells, outputs=[{"output_type": "stream", "name": "stdout", "text": "new"}])
        desk.save("sales.ipynb", '{"cells": [')
        # It was looked at twice since: nothing else is printed about it.
        program.says("which is no notebook .*; the file is read again until this works")
        desk.write(IMPORTS, PLOT.format("two"))
        viewer.shows(["two"])
    program.says("ran 2 cells", times=2)
    assert program.out.count("ran 2 cells") == 2
    assert program.err.count("no notebook") == 1


def test_on_a_schedule_it_is_run_again_and_again(desk: Desk) -> None:
    count = "n = globals().get('n', 0) + 1\n"
    desk.write(IMPORTS, count + PLOT.format("one").replace("'one'", "str(n)"))
    program = desk.start("sales.ipynb", "--every", "1s")
    with watching(program.url) as viewer:
        viewer.until(lambda: viewer.titles)
        for _ in range(2):  # it may have been run any number of times before
            (before,) = viewer.titles or ()
            viewer.until(lambda before=before: viewer.titles and int(viewer.titles[0]) > int(before))
        assert len(viewer.plots) == 1
    program.says(r"again at \d\d:\d\d:\d\d", times=2)


def test_what_the_notebook_itself_says_of_sharing_goes_on_working(desk: Desk) -> None:
    magic = "%load_ext bokeh_share\n%bokeh_share -t 'From the notebook'"
    desk.write(magic, IMPORTS, "%%bokeh_share costs\n" + PLOT.format("one"))
    program = desk.start("sales.ipynb", "--watch")
    with viewed(program, ["one"]) as viewer:
        viewer.shows(["one"], names=["costs"])
        assert viewer.title == "From the notebook"
        program.says("waiting for changes")
        desk.write(magic, IMPORTS, "%%bokeh_share costs\n" + PLOT.format("two"))
        viewer.shows(["two"], names=["costs"])
    program.says("ran 3 cells", times=2)
    assert program.out.count("http://") == 1
    assert program.err == ""


def test_a_notebook_without_a_plot_is_told_how_to_show_one(desk: Desk) -> None:
    desk.write(f"{IMPORTS}\np = figure()")
    program = desk.start("sales.ipynb")
    program.says(
        r"ran 1 cell in .* s · 0 plots on the page: let a cell show one by show\(\), or as its last .*"
    )


def test_a_notebook_that_ends_sharing_is_shared_again_by_its_next_run(desk: Desk) -> None:
    desk.write(IMPORTS, PLOT.format("one"), "%bokeh_share --stop")
    program = desk.start("sales.ipynb", "--watch")
    url = program.url
    program.says("the notebook has stopped sharing")
    desk.write(IMPORTS, PLOT.format("two"))
    program.says("bokeh_share: http", times=2)
    assert program.url == url
    with viewed(program, ["two"]):
        pass


def test_a_plot_that_is_not_on_the_page_is_named(desk: Desk) -> None:
    desk.write(IMPORTS, PLOT.format("one"), "p.tags = [object()]\nshow(p)")
    program = desk.start("sales.ipynb")
    assert "cannot serialize" in program.says("bokeh_share: ⚠ .*")[0]


def test_when_the_kernel_dies_that_is_reported_and_the_end(desk: Desk) -> None:
    desk.write("import os\nos._exit(3)")
    program = desk.start("sales.ipynb")
    assert program.process.wait(DEADLINE) == 1
    assert program.err == "bokeh_share: the kernel of 'sales.ipynb' died: run the command again\n"


def test_a_kernel_that_is_not_here_is_replaced_by_this_pythons(desk: Desk) -> None:
    desk.write(IMPORTS, PLOT.format("one"), kernel="of-another-machine")
    program = desk.start("sales.ipynb")
    program.says("there is no kernel 'of-another-machine' here, so the kernel 'python3' runs it")
    with viewed(program, ["one"]):
        pass


def test_a_script_that_shows_is_shared_when_it_has_ended(desk: Desk) -> None:
    script = (
        f"import sys\n{IMPORTS}\n{PLOT.format('one')}\nshow(figure(title='two', width=1))\nprint(sys.argv)"
    )
    desk.save("plot.py", "from bokeh.plotting import output_file\noutput_file('plot.html')\n" + script)
    program = desk.start("plot.py", "--fast", "-t", "Sales", "7")
    with viewed(program, ["one", "two"]) as viewer:
        assert viewer.names == ["p", None]
        assert viewer.title == "Sales"
        url = program.url
        program.process.send_signal(signal.SIGINT)
        assert viewer.until_closed() == ENDED
    assert program.process.wait(DEADLINE) == 0
    assert program.out.startswith(f"{[str(desk.folder / 'plot.py'), '--fast', '7']}\n")
    assert "Traceback" not in program.err
    assert desk.start("plot.py").url == url


def test_a_watched_script_is_run_again_in_place(desk: Desk) -> None:
    extra = "\nshow(figure(title='more'))"
    desk.save("plot.py", f"{IMPORTS}\n{PLOT.format('one')}{extra}")
    program = desk.start("plot.py", "--watch")
    with viewed(program, ["one", "more"]) as viewer:
        before = viewer.plots
        program.says("waiting for changes")
        desk.save("plot.py", f"{IMPORTS}\n{PLOT.format('two')}{extra}")
        viewer.shows(["two", "more"])
        assert [plot["id"] for plot in viewer.plots] == [plot["id"] for plot in before]
        desk.save("plot.py", f"{IMPORTS}\n{PLOT.format('three')}\n1/0")
        program.says("the page keeps its last good state · 2 plots on the page")
        viewer.shows(["three", "more"])
        desk.save("plot.py", f"{IMPORTS}\n{PLOT.format('four')}")
        viewer.shows(["four"])
    assert program.end(signal.SIGTERM) == 0


def test_a_script_that_fails_ends_as_it_does_in_python(desk: Desk) -> None:
    desk.save("plot.py", "def f():\n    1/0\n\nf()\n")
    program = desk.start("plot.py")
    assert program.process.wait(DEADLINE) == 1
    plain = subprocess.run(
        [sys.executable, "plot.py"], cwd=desk.folder, capture_output=True, text=True, check=False
    )
    assert program.err == plain.stderr


def test_a_script_that_exits_with_success_is_shared_and_one_that_has_no_plots_is_not(desk: Desk) -> None:
    desk.save("plot.py", f"import sys\n{IMPORTS}\n{PLOT.format('one')}\nsys.exit(0)")
    with viewed(desk.start("plot.py"), ["one"]):
        pass
    desk.save("quiet.py", "raise SystemExit")
    assert desk.start("quiet.py").process.wait(DEADLINE) == 0
    desk.save("wrong.py", f"import sys\n{IMPORTS}\n{PLOT.format('one')}\nsys.exit('no data')")
    assert desk.refused("wrong.py", code=1) == "no data"


def test_a_script_that_shares_by_itself_is_left_to_it(desk: Desk) -> None:
    shown = PLOT.format("one").replace("show(p)", "share(p, port=0).run_until_interrupted()\nprint('after')")
    desk.save("plot.py", f"{IMPORTS}\nfrom bokeh_share import share\nlive = share(port=0)\n"
              f"print('bokeh_share:', live.url, flush=True)\n{shown}")  # fmt: skip
    program = desk.start("plot.py")
    with viewed(program, ["one"]) as viewer:
        program.process.send_signal(signal.SIGTERM)
        assert viewer.until_closed() == ENDED
    assert program.process.wait(DEADLINE) == 0
    assert program.out.endswith("after\n")


RUN = """
from bokeh.plotting import figure
from bokeh_share import run

def trend(days: int = 30):
    "Sales, by day."
    p = figure(title=f"{days} days", width=200, height=200)
    p.line([1, 2], [3, 4])
    return p

if __name__ == "__main__":
    run(trend)
"""


def test_a_script_that_runs_functions_has_all_options(desk: Desk) -> None:
    desk.save("plot.py", RUN)
    program = desk.start("plot.py", "--days", "7", "-t", "Sales", "-p", "0", "--no-token")
    url = program.url
    assert url.endswith("/trend")
    with watching_app(url.removesuffix("trend"), "trend") as viewer:
        assert viewer.titles == ["7 days"]
        program.process.send_signal(signal.SIGINT)
        assert viewer.wait_until_closed() == ENDED
    assert program.process.wait(DEADLINE) == 0
    assert program.err == ""


@pytest.mark.parametrize("name", ["sales.ipynb", "plot.py"])
def test_a_fresh_link_and_its_password_are_made_once_and_kept(desk: Desk, name: str) -> None:
    code = f"{IMPORTS}\n{PLOT.format('a')}"
    desk.write(code)
    desk.save("plot.py", code)
    first = desk.start(name, "-p", "0")
    old = first.url
    first.end()
    second = desk.start(name, "--fresh", "--max-viewers", "1")
    assert urlsplit(second.url).path != urlsplit(old).path
    with viewed(second, ["a"]), pytest.raises(AssertionError, match=FULL), watching(second.url):
        pass
    second.end()
    third = desk.start(name, "--password", BOKEH_SHARE_PASSWORD="open sesame")
    assert urlsplit(third.url).path == urlsplit(second.url).path
    third.end()
    fourth = desk.start(name)
    assert (fourth.url, Browser(fourth.url).ask()[0]) == (third.url, 401)
    fourth.says("viewers need the password that was set earlier")
    fourth.end()
    expected = "bokeh_share: --fresh and --no-token exclude each other: give one of them"
    assert desk.refused(name, "--fresh", "--no-token") == expected


def test_after_a_scripts_name_help_is_the_scripts(desk: Desk) -> None:
    desk.save("plot.py", RUN)
    program = desk.start("plot.py", "--help")
    assert program.process.wait(DEADLINE) == 0
    assert "--days DAYS" in program.out
    desk.save("plain.py", "")
    plain = desk.start("plain.py", "--help")
    assert plain.process.wait(DEADLINE) == 0
    assert "--every TIME" in plain.out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "error: give a notebook (.ipynb) or a script (.py)"),
        (("none.ipynb",), "cannot run 'none.ipynb', which does not exist: check its spelling"),
        (("notes.txt",), "which is neither a notebook (.ipynb) nor a script (.py): give one of these"),
        (("folder.py",), "cannot run 'folder.py', which is a folder: give a notebook or a script in it"),
        (
            ("broken.ipynb",),
            "cannot run 'broken.ipynb', which is no notebook (Notebook does not appear to be",
        ),
        (
            ("good.ipynb", "--every", "soon"),
            "--every cannot be 'soon': give a number with s, m, h or d, such as 30s or 10m",
        ),
        (("good.ipynb", "--days", "7"), "there is no option --days: --help lists the options"),
        (("good.ipynb", "-p", "70000"), "bokeh_share: port cannot be 70000: give a number from 1 to 65535"),
        (("good.ipynb", "-a", "no-such"), "bokeh_share: cannot share at 'no-such', which"),
        (
            ("ruby.ipynb",),
            "cannot run 'ruby.ipynb', which is written in ruby: give a notebook with a Python kernel",
        ),
        (("run.py", "--watch"), "--watch does not apply to a script with run(): leave it out"),
        (("run.py", "--fresh"), "--fresh does not apply to a script with run(): leave it out"),
        (("good.ipynb", "--pause"), "--pause is for notebooks: write %bokeh_share --pause in a cell"),
        (("good.ipynb", "ruby.ipynb"), "give one file: 'ruby.ipynb' is one too many"),
        (("run.py", "--dayz", "7"), "there is no option --dayz: did you mean --days 7?"),
        (("script.py", "-fresh", "-help", "-port=7"), "the script's own: ['-fresh', '-help', '-port=7']"),
        (("nothing.py",), "which has shown no plot: let it call show(), or bokeh_share.run()"),
    ],
)
def test_wrong_input_is_reported_in_a_line(desk: Desk, arguments: tuple[str, ...], expected: str) -> None:
    desk.write("1", name="good.ipynb")
    desk.write("1", name="ruby.ipynb", kernel="iruby")
    desk.save("broken.ipynb", "{")
    desk.save("notes.txt", "")
    desk.save("run.py", RUN)
    desk.save(
        "script.py", 'import sys\nprint(f"the script\'s own: {sys.argv[1:]}", file=sys.stderr)\nsys.exit(2)'
    )
    desk.save("nothing.py", "1")
    (desk.folder / "folder.py").mkdir()
    spec = desk.folder / "data" / "kernels" / "iruby"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(
        json.dumps({"argv": ["iruby"], "language": "ruby", "display_name": "R"})
    )
    assert expected in desk.refused(*arguments, code=1 if arguments == ("nothing.py",) else 2)


def test_a_misspelt_option_that_goes_to_a_script_is_reported(desk: Desk) -> None:
    desk.save("nothing.py", "1")
    program = desk.start("nothing.py", "--wach", "--data=7")
    assert program.process.wait(DEADLINE) == 1
    assert program.err.splitlines()[0] == (
        "bokeh_share: --wach was passed to nothing.py; did you mean --watch?"
    )
    assert "--data" not in program.err


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("-p", "70000"), "port cannot be 70000"),
        (("-a", "no-such"), "cannot share at 'no-such'"),
        (("--tls", "--certfile", "none.pem"), "as a certificate (no such file or directory)"),
    ],
)
@pytest.mark.parametrize("script", ["plain.py", "run.py"])
def test_what_makes_no_sense_is_reported_before_a_script_runs(
    desk: Desk, script: str, options: tuple[str, ...], expected: str
) -> None:
    desk.save("plain.py", f"print('it runs')\n{IMPORTS}\n{PLOT}")
    desk.save("run.py", f"print('it runs')\n{RUN}")
    program = desk.start(script, *options)
    assert program.process.wait(DEADLINE) == 2
    assert expected in program.err
    assert program.out == ""


def test_where_nobody_reads_on_it_shares_all_the_same_and_ends_without_noise(desk: Desk) -> None:
    count = "n = globals().get('n', 0) + 1\n"
    desk.write(IMPORTS, count + PLOT.format("one").replace("'one'", "str(n)"))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [sys.executable, "-m", "bokeh_share", "sales.ipynb", "--no-browser", "--every", "1s"]
    with warm_python.Popen(command, cwd=desk.folder, **pipes) as process:
        try:
            url = process.stdout.readline().split()[1]
            process.stdout.close()
            with watching(url) as viewer:
                viewer.until(lambda: viewer.titles and int(viewer.titles[0]) > 2)
                process.send_signal(signal.SIGINT)
                assert viewer.until_closed() == ENDED
            assert process.wait(DEADLINE) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()


@pytest.mark.parametrize("package", ["nbformat", "jupyter_client"])
def test_a_missing_extra_is_named(desk: Desk, package: str) -> None:
    desk.write("1")
    (desk.folder / "without").mkdir()
    (desk.folder / "without" / "sitecustomize.py").write_text(
        f"import sys\nsys.modules[{package!r}] = None\n"
    )
    path = os.pathsep.join([str(desk.folder / "without"), os.environ.get("PYTHONPATH", "")])
    assert desk.refused("sales.ipynb", PYTHONPATH=path) == (
        f"bokeh_share: notebooks need the package {package!r}, which is not installed:"
        ' pip install "bokeh_share[run]"'
    )


def test_plots_of_a_script_that_come_in_another_order_are_the_same(desk: Desk) -> None:
    script = (
        IMPORTS + "\ndef fig(title):\n    p = figure(title=title)\n    p.line([1, 2], [3, 4])\n    return p\n"
    )
    show = "for title in {!r}: show(fig(title))\n"
    desk.save("sales.py", script + show.format("abc"))
    program = desk.start("sales.py", "--watch")
    with viewed(program, ["a", "b", "c"]) as viewer:
        program.says("waiting for changes")
        before, frames = viewer.plots, len(viewer.frames)
        desk.save("sales.py", script + show.format("cb"))
        viewer.shows(["c", "b"])
        assert [plot["id"] for plot in viewer.plots] == [plot["id"] for plot in before[:0:-1]]
        assert "plot" not in {frame["kind"] for frame in viewer.frames[frames:]}


@pytest.mark.parametrize("name", ["sales.ipynb", "plot.py", "app.py"])
def test_the_authors_link_is_printed_and_opened(desk: Desk, name: str) -> None:
    opened, browser = desk.folder / "opened", desk.folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$@" >> {opened}\n')
    browser.chmod(0o755)
    desk.write(IMPORTS, PLOT.format("one"))
    desk.save("plot.py", f"{IMPORTS}\n{PLOT.format('one')}\n")
    desk.save("app.py", "import bokeh_share\ndef trend(days: int = 7): ...\nbokeh_share.run(trend)\n")
    program = desk.start(name, "--author", browser=True, BROWSER=str(browser))
    link = program.says(r"open as author: (http://\S+)")[1]
    until(lambda: opened.exists() and opened.read_text().endswith("\n"), what="a browser")
    assert opened.read_text().split() == [link], "and not the link for viewers"
    base, _, query = link.partition("?")
    assert (Browser(base).ask(f"?{query}", "POST")[0], Browser(base).ask(f"?{query}", "POST")[0]) == (
        204,
        405,
    )


def test_the_author_controls_one_process(desk: Desk) -> None:
    desk.save("app.py", "import bokeh_share\ndef trend(days: int = 7): ...\nbokeh_share.run(trend)\n")
    program = desk.start("app.py", "--author", "--num-procs", "2")
    program.says("--author and --num-procs exclude each other: a page controls one process only")
    assert program.process.wait(DEADLINE) == 2
