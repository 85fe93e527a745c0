"""Runs one contender in a real ipykernel."""

from __future__ import annotations

import ast
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.manager import KernelManager

from benchmarks.audience import REACH

PATIENCE = 180.0
"""Seconds after which a cell has failed."""

# An allocator keeps freed memory; glibc's can be told to release it.
TRIM = """
import ctypes, gc, sys
gc.collect()
if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim"):
    ctypes.CDLL(None).malloc_trim(0)
"""


class Kernel:
    """Runs cells as a notebook does, each with its id. Exists within `running`."""

    def __init__(self, manager: KernelManager) -> None:
        self._client = manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=PATIENCE)
        provisioner: Any = manager.provisioner
        self._process = psutil.Process(provisioner.pid)

    def run(self, code: str, cell: str = "one") -> None:
        """Run a cell to its end. Raises an error with its traceback."""
        content = {
            "code": code, "silent": False, "store_history": False,
            "user_expressions": {}, "allow_stdin": False, "stop_on_error": True,
        }  # fmt: skip
        reply = self._send(content, {"cellId": cell, "deletedCells": []})
        if reply["status"] != "ok":
            raise RuntimeError("\n".join(reply.get("traceback", [str(reply)])))

    @contextmanager
    def busy(self, step: str) -> Iterator[None]:
        """Run a cell that repeats its steps until the block ends."""
        with tempfile.TemporaryDirectory() as folder:
            begun, end = Path(folder, "begun"), Path(folder, "end")
            loop = f"while not os.path.exists({str(end)!r}): {step}"
            code = f"import os\nopen({str(begun)!r}, 'w').close()\n{loop}"
            content = {
                "code": code, "silent": False, "store_history": False,
                "user_expressions": {}, "allow_stdin": False, "stop_on_error": True,
            }  # fmt: skip
            message = self._client.session.msg("execute_request", content)
            message["metadata"] = {"cellId": "long", "deletedCells": []}
            self._client.shell_channel.send(message)
            deadline = time.monotonic() + PATIENCE
            while not begun.exists() and time.monotonic() < deadline:
                time.sleep(0.005)
            try:
                yield
            finally:
                end.touch()
                self._answer_to(message)

    def ask(self, expression: str) -> Any:
        """The value of an expression, by a request outside of cells."""
        content = {
            "code": "", "silent": True, "store_history": False, "allow_stdin": False,
            "user_expressions": {"it": f"__import__('json').dumps({expression})"},
        }  # fmt: skip
        answer = self._send(content, {})["user_expressions"]["it"]
        if answer["status"] != "ok":
            raise RuntimeError("\n".join(answer["traceback"]))
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def memory(self) -> int:
        """Bytes that only this process uses, after it has released unused memory."""
        self.run(TRIM, "trimming")
        return int(self._process.memory_full_info().uss)

    def close(self) -> None:
        self._client.stop_channels()

    def _send(self, content: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
        message = self._client.session.msg("execute_request", content)
        message["metadata"] = metadata
        self._client.shell_channel.send(message)
        return self._answer_to(message)

    def _answer_to(self, message: dict[str, Any]) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while True:
            reply = self._client.get_shell_msg(timeout=max(0.0, deadline - time.monotonic()))
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                answer: dict[str, Any] = reply["content"]
                return answer


@contextmanager
def running() -> Iterator[Kernel]:
    manager = KernelManager()
    # Its warnings about loopback without encryption would be between the tables.
    manager.start_kernel(extra_arguments=["--log-level=ERROR"])
    try:
        kernel = Kernel(manager)
        try:
            kernel.run(REACH)
            yield kernel
        finally:
            kernel.close()
    finally:
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
