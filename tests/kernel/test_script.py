"""Outside a kernel: a plain Python script, and IPython in a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import warm_python
from support.kernel_driver import DEADLINE, is_free
from support.viewer import watching

SCRIPT = """
import signal
from bokeh.plotting import figure
from bokeh_share import share

# What a shell runs in the background ignores it, and hands that down.
signal.signal(signal.SIGINT, signal.default_int_handler)
p = figure(title="a")
p.line([1, 2], [3, 4])
live = share(p, port=0)
print(live.url, flush=True)
live.run_until_interrupted()
print("after", bool(live.url))
"""


@contextmanager
def running(folder: Path, code: str) -> Iterator[subprocess.Popen[str]]:
    (folder / "sales.py").write_text(code)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with warm_python.Popen([sys.executable, "sales.py"], cwd=folder, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_script_shares_until_it_is_interrupted_and_ends_without_noise(tmp_path: Path) -> None:
    with running(tmp_path, SCRIPT) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with watching(url) as viewer:
            viewer.shows(["a"], names=["p"])
            assert viewer.title == "sales"
            process.send_signal(signal.SIGINT)
            assert viewer.until_closed() == (4000, "sharing ended")
        out, err = process.communicate(timeout=DEADLINE)
    assert (process.returncode, out, err) == (0, "after False\n", "")
    assert is_free(int(url.split(":")[2].split("/")[0]))


def test_a_script_whose_share_cannot_start_gets_the_error_and_leaves_nothing_open(tmp_path: Path) -> None:
    code = """
import gc, warnings
from bokeh_share import BokehShareError, share
warnings.simplefilter("error")
for port in (70000, 0, 70000):
    try:
        live = share(port=port)
    except BokehShareError as error:
        print(error)
    else:
        live.stop()
gc.collect()
"""
    with running(tmp_path, code) as process:
        out, err = process.communicate(timeout=DEADLINE)
    assert (process.returncode, err) == (0, "")
    assert out.count("port cannot be 70000") == 2


def test_a_script_that_ends_while_sharing_ends_without_noise(tmp_path: Path) -> None:
    with running(tmp_path, SCRIPT.replace("live.run_until_interrupted()", "")) as process:
        _, err = process.communicate(timeout=DEADLINE)
    assert (process.returncode, err) == (0, "")


class Terminal:
    """IPython on a pseudo-terminal: what is typed, and what stands there."""

    def __init__(self, folder: Path) -> None:
        self.leader, follower = pty.openpty()
        self.text = ""
        self._seen = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "IPython", "--no-banner", "--no-confirm-exit"],
            cwd=folder, stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
            env={**os.environ, "IPYTHONDIR": str(folder), "TERM": "dumb"},
        )  # fmt: skip
        os.close(follower)

    def type(self, line: str) -> str:
        """Type a line; what stands there until the next prompt."""
        os.write(self.leader, line.encode() + b"\r")
        return self.prompt()

    def prompt(self) -> str:
        return self.until(r"In \[\d+\]: $")

    def until(self, pattern: str) -> str:
        deadline = time.monotonic() + DEADLINE
        while not re.search(pattern, self.text[self._seen :]):
            assert time.monotonic() < deadline, self.text
            if select.select([self.leader], [], [], 0.1)[0]:
                try:
                    data = os.read(self.leader, 65536)
                except OSError:  # the other end was closed
                    assert self.process.wait(DEADLINE) is not None
                    break
                self.text += re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", data.decode(errors="replace")).replace(
                    "\r", ""
                )
        new_text, self._seen = self.text[self._seen :], len(self.text)
        return new_text

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.leader)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    try:
        yield terminal
    finally:
        terminal.end()


def test_in_ipythons_terminal_viewers_are_served_while_the_prompt_waits(terminal: Terminal) -> None:
    terminal.prompt()
    terminal.type("%load_ext bokeh_share")
    match = re.search(r"http://localhost\S+", terminal.type("%bokeh_share --port 0"))
    assert match is not None, terminal.text
    terminal.type("from bokeh.plotting import figure, show; p = figure(title='a'); p.line([1], [2]);")
    with watching(match[0]) as viewer:
        assert "bokeh_share: on the page" in terminal.type("show(p)")
        viewer.shows(["a"])
        terminal.type("p.title.text = 'b'")
        viewer.shows(["b"])
        assert "42" in terminal.type("6 * 7")
    assert "ended" in terminal.type("%bokeh_share --stop")
    assert match[0] in terminal.type("%bokeh_share")
    with watching(match[0]) as viewer:
        viewer.shows(["b"])
    terminal.type("%unload_ext bokeh_share")
    assert "43" in terminal.type("6 * 7 + 1")
    os.write(terminal.leader, b"exit\r")
    left = terminal.until("never")
    assert terminal.process.wait(DEADLINE) == 0
    assert "Traceback" not in terminal.text + left
    assert "Warning" not in terminal.text


def test_ipythons_terminal_ends_quietly_while_sharing(terminal: Terminal) -> None:
    terminal.prompt()
    terminal.type("%load_ext bokeh_share")
    terminal.type("%bokeh_share --port 0")
    os.write(terminal.leader, b"exit\r")
    terminal.until("never")
    assert terminal.process.wait(DEADLINE) == 0
    assert "Traceback" not in terminal.text
    assert "Exception" not in terminal.text
