"""The kernel that runs a notebook for the command line."""

from __future__ import annotations

import ast
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, NoSuchKernel
from jupyter_client.manager import KernelManager

from ..errors import CannotRun, KernelDied, MissingExtra

KERNEL_POLL_INTERVAL = 0.1
"""Maximum number of seconds until an interrupt is handled."""
KERNEL_STARTUP_TIMEOUT = 60.0
"""Seconds within which a kernel must start."""
KERNEL_SHUTDOWN_TIMEOUT = 10.0
"""Seconds within which a kernel must end: the running cell is interrupted, and pages are notified."""


class StopRequested(Exception):
    """The command line was stopped by a signal."""


@dataclass
class CellFailure:
    """The error of a cell or an expression."""

    name: str
    value: str
    traceback: str


@dataclass
class ExecuteReply:
    """The result of a request."""

    failure: CellFailure | None = None
    expression_values: dict[str, Any] = field(default_factory=dict)
    """The values of the expressions by their names, if the request succeeded."""


class KernelProcess:
    """One kernel process, from construction to `stop`.

    It has its own session, so that Ctrl-C in the terminal does not also interrupt the cell. Every wait calls
    `is_stop_requested` many times per second, and raises `StopRequested` if it returns True.
    """

    def __init__(
        self,
        notebook: Path,
        kernel: str,
        environment: Mapping[str, str],
        *,
        is_stop_requested: Callable[[], bool],
        on_output: Callable[[str, str], None],
    ) -> None:
        """Start it in the notebook's folder, with `environment` added to this process's.

        `on_output` is called with `stdout` or `stderr` and what is printed there once it is connected.
        Raises `CannotRun` or `MissingExtra`.
        """
        self._notebook, self._is_stop_requested, self._on_output = notebook, is_stop_requested, on_output
        self._is_connected = False
        self.name, self._manager = _build_kernel_manager(notebook, kernel)
        self._client: BlockingKernelClient | None = None
        # Its output outside of cells, which shows the reason if it dies.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `stop`
        # Like Jupyter's server: the link is stored under this path. The launcher sets the parent's id.
        env = {**os.environ, **environment, "JPY_SESSION_NAME": str(notebook)}
        try:
            self._manager.start_kernel(cwd=str(notebook.parent), env=env, stdout=self._log, stderr=self._log)
        except Exception as error:  # kernels are started in many ways, each with its own errors
            self.stop()
            reason = f"needs a kernel that does not start ({error})"
            hint = f"check the kernel {self.name!r}, which `jupyter kernelspec list` lists"
            raise CannotRun(notebook.name, reason, hint) from None

    def connect(self) -> None:
        """Wait until the kernel answers on both channels. Raises `KernelDied` or `StopRequested`."""
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        deadline = time.monotonic() + KERNEL_STARTUP_TIMEOUT
        while time.monotonic() < deadline:
            # Its publications are lost until the channel is open, so the request is repeated.
            with suppress(TimeoutError):
                self._execute("", timeout=1.0)
                self._is_connected = True
                return
        reason = f"has a kernel ({self.name!r}) that does not answer"
        raise CannotRun(self._notebook.name, reason, "run the command again")

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression with a JSON result, by a request that runs no hooks, or a
        failure."""
        return self._execute("", expressions={"it": expression}).expression_values["it"]

    def run(self, code: str, *, cell_id: str, deleted_cells: Sequence[str], expression: str) -> ExecuteReply:
        """Run a cell to its end, as JupyterLab does, and evaluate an expression if it succeeded."""
        metadata = {"cellId": cell_id, "deletedCells": list(deleted_cells), "recordTiming": False}
        try:
            return self._execute(code, metadata=metadata, expressions={"it": expression})
        except UnicodeEncodeError as error:  # it cannot be sent, and Python would reject it too
            return ExecuteReply(CellFailure(type(error).__name__, str(error), str(error)))

    def forward_output(self) -> None:
        """Pass on spontaneous output of the kernel, for a moment."""
        self._read_iopub()

    def stop(self) -> None:
        """Interrupt the kernel and shut it down in order, so that the share stops and notifies pages."""
        if self._client is not None:
            self._client.stop_channels()
        if self._manager.has_kernel:
            self._manager.shutdown_kernel()
        self._manager.cleanup_resources()
        self._log.close()

    def _execute(
        self,
        code: str,
        *,
        metadata: dict[str, Any] | None = None,
        expressions: dict[str, str] | None = None,
        timeout: float | None = None,
    ) -> ExecuteReply:
        """Send a request, which is a cell's if it has `metadata`. Raises `TimeoutError` after `timeout`."""
        assert self._client is not None
        content = {
            "code": code, "silent": metadata is None, "store_history": metadata is not None,
            "user_expressions": expressions or {}, "allow_stdin": False,
            "stop_on_error": False,  # otherwise later requests would be aborted after an error
        }  # fmt: skip
        message: Any = self._client.session.msg("execute_request", content, metadata=metadata)
        id = message["header"]["msg_id"]
        self._client.shell_channel.send(message)
        deadline = time.monotonic() + timeout if timeout is not None else None
        reply, idle = None, False
        while reply is None or not idle:
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError
            idle = id in self._read_iopub() or idle
            with suppress(Empty):
                shell_message = self._client.get_shell_msg(timeout=0)
                if shell_message["parent_header"].get("msg_id") == id:
                    reply = shell_message["content"]
        return _parse_reply(reply)

    def _read_iopub(self) -> list[str]:
        """Read the kernel's publications for a moment. Return the ids of requests that have ended."""
        assert self._client is not None
        if self._is_stop_requested():
            raise StopRequested
        try:
            message = self._client.get_iopub_msg(timeout=KERNEL_POLL_INTERVAL)
        except Empty:
            if not self._manager.is_alive():
                raise KernelDied(self._notebook.name, self._read_last_log_line()) from None
            return []
        kind, content = message["msg_type"], message["content"]
        if kind == "stream" and self._is_connected:
            self._on_output(content["name"], content["text"])
        is_idle = kind == "status" and content["execution_state"] == "idle"
        return [message["parent_header"].get("msg_id", "")] if is_idle else []

    def _read_last_log_line(self) -> str:
        """Return the last line of the log, without ipykernel's initial warnings."""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").split("\n")
        log_lines = [line.strip() for line in lines if line.strip() and "WARNING" not in line]
        return log_lines[-1][:200] if log_lines else ""


def _build_kernel_manager(notebook: Path, kernel: str) -> tuple[str, KernelManager]:
    """Build the manager of the kernel with this name, or of this Python's own kernel if there is none."""
    for name in filter(None, (kernel, NATIVE_KERNEL_NAME)):
        manager = KernelManager(kernel_name=name, shutdown_wait_time=KERNEL_SHUTDOWN_TIMEOUT)
        with suppress(NoSuchKernel):
            spec = manager.kernel_spec
            if spec is not None and spec.language.lower() not in ("python", ""):
                reason = f"is written in {spec.language}"
                raise CannotRun(notebook.name, reason, "give a notebook with a Python kernel")
            return name, manager
    raise MissingExtra("ipykernel")


def _parse_reply(content: Any) -> ExecuteReply:
    if content["status"] != "ok":
        return ExecuteReply(_parse_cell_failure(content))
    return ExecuteReply(
        expression_values={
            name: _parse_expression_value(each) for name, each in content["user_expressions"].items()
        }
    )


def _parse_expression_value(content: Any) -> Any:
    if content["status"] != "ok":
        return _parse_cell_failure(content)
    return json.loads(ast.literal_eval(content["data"]["text/plain"]))


def _parse_cell_failure(content: Any) -> CellFailure:
    traceback = "\n".join(content.get("traceback", ()))
    return CellFailure(content.get("ename", content["status"]), content.get("evalue", ""), traceback)
