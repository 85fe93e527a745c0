"""Programs that tests start, whose output goes to a file."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

DEADLINE = 60.0
"""Seconds that a program has for starting, and for its end."""
T = TypeVar("T")


class Program:
    """A program with its subprocesses, as long as the block of `run_program` runs."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    def read_output(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_for(self, find: Callable[[], T | None], what: str) -> T:
        """Wait until the program has something, such as a line in its output."""
        deadline = time.monotonic() + DEADLINE
        while (found := find()) is None:
            is_late = self.process.poll() is not None or time.monotonic() > deadline
            assert not is_late, f"{self.process.args!r} has no {what}:\n{self.read_output()}"
            time.sleep(0.01)
        return found

    def wait_for_output(self, pattern: str) -> str:
        """Wait for a line with this pattern, and return its first group."""

        def find() -> str | None:
            found = re.search(pattern, self.read_output(), re.M)
            return found[1] if found else None

        return self.wait_for(find, pattern)


@contextmanager
def run_program(
    command: Sequence[str | Path], log: Path, environ: Mapping[str, str], *, folder: Path | None = None
) -> Iterator[Program]:
    """Run a program while the block runs, then end it and all that it started."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=environ, cwd=folder, start_new_session=True
        )
    try:
        yield Program(process, log)
    finally:
        for kind in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, kind)
                process.wait(10)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        process.wait(10)
