"""Drives a real ipykernel the way JupyterLab does: cells with ids, and notices of deleted cells."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any
from urllib.parse import urlsplit

import jupyter_client.launcher
import pytest
from jupyter_client.manager import KernelManager
from support import warm_python
from support.ordinary import FORGET, ORDINARY
from support.viewer import Viewer, watching

DEADLINE = 60.0
"""Seconds after which a wait in a test fails."""
PATIENCE = 5.0
"""Seconds after which an interrupt that had no effect is repeated."""
LEFTOVERS_DEADLINE = 40.0
"""Seconds that what a test leaves may take to end: Bokeh collects garbage for each document, up to 60."""

PRELUDE = """
import bokeh, asyncio, numpy as np
from bokeh.io import curdoc, output_notebook, push_notebook, show
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

def fig(title, **options):
    p = figure(title=title, width=200, height=200, **options)
    p.line([1, 2, 3], [4.0, 5.0, 6.0])
    return p
"""

STATE = "__import__('kernel_state').state"
STATE_FILE = str(Path(__file__).with_name("kernel_state.py"))
KEEP_STATE = f"""
import importlib.util, sys
spec = importlib.util.spec_from_file_location("kernel_state", {STATE_FILE!r})
kernel_state = sys.modules["kernel_state"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(kernel_state)
kernel_state.begin(get_ipython())
"""


def until(
    condition: Callable[[], object], *, seconds: float = DEADLINE, what: str | Callable[[], str] = ""
) -> None:
    """Poll for a condition that no event announces."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"never came: {what if isinstance(what, str) else what()}"
        time.sleep(0.01)


def is_free(port: int) -> bool:
    """Return True if another program can listen at this port."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


DRAW_HINT = "bokeh_share: output_notebook() draws plots here too"
"""What stands below the first cell whose plots the notebook does not draw."""


@dataclass
class Output:
    """The output of one run of a cell so far."""

    stdout: str = ""
    stderr: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)
    """MIME bundles, of updates of this cell's own displays too."""
    notices: dict[str, list[str]] = field(default_factory=dict)
    """By display id: what our lines below the cell have said, one after the other; not in `displays`."""
    number: int = 0
    """The number that a front end shows beside the cell; 0 if it shows none."""
    error: str = ""
    """The exception's name."""
    traceback: str = ""
    ended: bool = False

    @property
    def lines(self) -> list[str]:
        """What was printed, and what our lines say now."""
        return [*self.stdout.splitlines(), *(texts[-1] for texts in self.notices.values())]

    @property
    def mimes(self) -> list[list[str]]:
        return [sorted(bundle) for bundle in self.displays]


class Kernel:
    """One kernel process, from construction to `end`; `folder` is its working directory."""

    def __init__(
        self,
        folder: Path,
        *,
        host: Any = None,
        env: dict[str, str] | None = None,
        is_shared: bool = False,
        is_warm: bool = True,
    ) -> None:
        """A kernel that `is_shared` by tests can be cleaned. One that `is_warm` has imported Bokeh
        already."""
        self.folder = folder
        self._is_shared = is_shared
        self.displays: dict[str, dict[str, Any]] = {}
        """The current display by display id, whichever request changed it."""
        self._shown_in: dict[str, Output] = {}
        """The output that a display stands in, by display id."""
        self.widgets: dict[str, dict[str, Any]] = {}
        """Widgets by id, in order of creation, with their initial state."""
        self._outputs: dict[str, Output] = {}
        self._sent: list[Output] = []
        # By files, since another network namespace cannot reach these ports.
        options = {"transport": "ipc", "connection_file": str(folder / "k.json")} if host is not None else {}
        self.manager = KernelManager(**options)
        spec = self.manager.kernel_spec
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec.argv = host.wrap(argv) if host is not None else argv
        self._popen = warm_python.Popen if is_warm else subprocess.Popen
        with self._launching():
            self.manager.start_kernel(cwd=str(folder), env={**os.environ, **(env or {})})
        self._connect()

    @contextmanager
    def _launching(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(jupyter_client.launcher, "Popen", self._popen)
            yield

    @property
    def outputs(self) -> list[Output]:
        """The outputs of all cells that tests have sent."""
        return list(self._sent)

    def _connect(self) -> None:
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=DEADLINE)
        if self._is_shared:
            self.run(KEEP_STATE, silent=True)
        self.run(PRELUDE, silent=True)

    def end(self) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def restart(self) -> None:
        self.client.stop_channels()
        with self._launching():
            self.manager.restart_kernel()
        self._connect()

    def clean(self) -> None:
        """Restore the initial state, except for imports. Fails if something that a test left is still
        running."""
        self.run(f"{FORGET}; {STATE}.restore()", silent=True)
        self.run(PRELUDE, silent=True)
        left: list[str] = []

        def is_clean() -> bool:
            left[:] = self.ask(f"{STATE}.list_leftovers()")
            return not left

        until(is_clean, seconds=LEFTOVERS_DEADLINE, what=lambda: f"the end of what the test has left: {left}")
        for path in self.folder.iterdir():
            if path.name != "k.json":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.run("", silent=True)  # so that all messages for the test have arrived
        for kept in (self._outputs, self._sent, self.displays, self._shown_in, self.widgets):
            kept.clear()

    def begin(
        self,
        code: str,
        cell: str | None = None,
        *,
        deleted: Sequence[str] = (),
        silent: bool = False,
        history: bool = True,
        asks: bool = False,
        subshell: str | None = None,
    ) -> Output:
        """Send a cell without waiting for it. A cell that `asks` may read typed input."""
        content = {
            "code": code, "silent": silent, "store_history": history and not silent,
            "user_expressions": {}, "allow_stdin": asks, "stop_on_error": True,
        }  # fmt: skip
        message = self.client.session.msg("execute_request", content)
        if cell is not None:
            message["metadata"] = {"cellId": cell, "deletedCells": list(deleted), "recordTiming": False}
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        output = self._outputs[message["header"]["msg_id"]] = Output()
        self._sent.append(output)
        self.client.shell_channel.send(message)
        return output

    @contextmanager
    def subshell(self) -> Iterator[str]:
        """Yield the id of a thread of the kernel that runs separate cells."""
        id = self._control("create_subshell_request")["subshell_id"]
        try:
            yield id
        finally:
            self._control("delete_subshell_request", subshell_id=id)

    def _control(self, kind: str, **content: Any) -> dict[str, Any]:
        message = self.client.session.msg(kind, content)
        self.client.control_channel.send(message)
        reply = self.client.get_control_msg(timeout=DEADLINE)
        assert reply["content"]["status"] == "ok", reply
        return dict(reply["content"])

    def wait(self, condition: Callable[[], object], *, what: str = "") -> None:
        """Receive the kernel's messages until `condition`."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"never came: {what}"
            try:
                self._take(self.client.get_iopub_msg(timeout=0.02))
            except Empty:
                assert self.client.is_alive(), "the kernel died"

    def interrupt(self, output: Output) -> Output:
        """Interrupt a running cell, and wait for its end.

        Python may raise an interrupt at a place that ignores it and prints it, such as a destructor. The
        author would press the button again.
        """
        while not output.ended:
            self.manager.interrupt_kernel()
            deadline = time.monotonic() + PATIENCE
            self.wait(lambda deadline=deadline: output.ended or time.monotonic() > deadline)
        return output

    def finish(self, output: Output, *, fails: bool = False) -> Output:
        self.wait(lambda: output.ended, what="the end of the cell")
        if not fails:
            assert not output.error, output.traceback
            assert output.stderr == "", output.stderr
        return output

    def run(self, code: str, cell: str | None = None, *, fails: bool = False, **options: Any) -> Output:
        """Run a cell to its end. Unless it is expected to fail, it must print nothing to stderr."""
        return self.finish(self.begin(code, cell, **options), fails=fails)

    def widget(self, model: str, number: int = -1) -> str:
        """Return the id of a widget with this model name in the front end, by default the newest one."""
        return [id for id, state in self.widgets.items() if state.get("_model_name") == model][number]

    def move(self, widget: str, subshell: str | None = None, *, fails: bool = False, **state: Any) -> Output:
        """Change a widget as the author does in the front end, and wait for the kernel's reaction."""
        content = {"method": "update", "state": state, "buffer_paths": []}
        return self.finish(self._send_to_widget(widget, content, subshell), fails=fails)

    def click(self, widget: str) -> Output:
        return self.finish(self._send_to_widget(widget, {"method": "custom", "content": {"event": "click"}}))

    def _send_to_widget(self, widget: str, data: dict[str, Any], subshell: str | None = None) -> Output:
        message = self.client.session.msg("comm_msg", {"comm_id": widget, "data": data})
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        output = self._outputs[message["header"]["msg_id"]] = Output()
        self.client.shell_channel.send(message)
        return output

    def run_typing(self, code: str, typed: str, cell: str | None = None, *, fails: bool = False) -> Output:
        """Run a cell that reads typed text without echo."""
        output = self.begin(code, cell, asks=True)
        request = self.client.get_stdin_msg(timeout=DEADLINE)
        assert request["content"]["password"], "it is asked for without echo"
        self.client.input(typed)
        return self.finish(output, fails=fails)

    def refused(self, code: str, cell: str | None = None) -> str:
        """Run a cell with an error of the author's, and return the one line that it prints."""
        output = self.run(code, cell, fails=True)
        assert "Traceback" not in output.stdout + output.stderr
        (line,) = output.stderr.splitlines()
        return line

    def ask(self, expression: str) -> Any:
        """Return the value of an expression, by a request that runs no hooks."""
        message = self.client.session.msg("execute_request", {
            "code": "", "silent": True, "store_history": False, "allow_stdin": False,
            "user_expressions": {"it": f"__import__('json').dumps({expression})"},
        })  # fmt: skip
        self.client.shell_channel.send(message)
        while True:
            reply = self.client.get_shell_msg(timeout=DEADLINE)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                answer = reply["content"]["user_expressions"]["it"]
                assert answer["status"] == "ok", answer
                return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def share(self, options: str = "", cell: str = "the share's") -> str:
        """Run `%bokeh_share` with `options`, and return the link on its card."""
        if not self.ask("bool(get_ipython().find_line_magic('bokeh_share'))"):
            self.run(ORDINARY, silent=True)
            self.run("%load_ext bokeh_share")
        output = self.run(f"%bokeh_share {options}", cell)
        match = re.search(r"(https?://\S+)  \(", output.displays[-1]["text/plain"])
        assert match is not None, output
        return match[1]

    @property
    def card(self) -> str:
        """Return the newest card in its current state."""
        cards = [
            bundle["text/plain"]
            for bundle in self.displays.values()
            if bundle["text/plain"].startswith("bokeh_share  ")
        ]
        return cards[-1] if cards else ""

    @property
    def url(self) -> str:
        return str(self.ask("__import__('bokeh_share').share().url"))

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    @contextmanager
    def watch(self, url: str | None = None, **options: Any) -> Iterator[Viewer]:
        """Open a viewer of the running share."""
        with watching(url or self.url, **options) as viewer:
            yield viewer

    def _take(self, message: dict[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        output = self._outputs.setdefault(message["parent_header"].get("msg_id", ""), Output())
        if kind == "stream":
            setattr(output, content["name"], getattr(output, content["name"]) + content["text"])
        elif kind in ("display_data", "execute_result", "update_display_data"):
            name, data = content.get("transient", {}).get("display_id"), content["data"]
            # A former test's card may still be told that its share has ended.
            if kind == "update_display_data" and name not in self.displays:
                return
            if name is not None:
                self.displays[name] = data
                # A card of another cell is updated at any time, also while this cell runs.
                if self._shown_in.setdefault(name, output) is not output:
                    return
            if [*data] == ["text/plain"] and name and data["text/plain"].startswith("bokeh_share: "):
                output.notices.setdefault(name, []).append(data["text/plain"])
            else:
                output.displays.append(data)
        elif kind == "execute_input":
            output.number = content["execution_count"]
        elif kind == "comm_open":
            if content["target_name"] == "jupyter.widget":
                self.widgets[content["comm_id"]] = content["data"]["state"]
        elif kind == "error":
            output.error = content["ename"]
            output.traceback = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(content["traceback"]))
        elif kind == "status" and content["execution_state"] == "idle":
            output.ended = True
