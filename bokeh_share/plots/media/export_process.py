"""Runs the worker that exports figures, with limits of time and size, and ends it when it is not needed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ...text import shorten
from .export_worker import DEFAULT_FIGURE_SIZE, EXPORT_SCALE, read_packet, write_packet

EXPORT_TIMEOUT = 45.0
"""Seconds after which an export is given up. The first one starts a browser, in the case of Plotly."""
MAX_FIGURE_BYTES = 50_000_000
"""Maximum size of the JSON of a figure that is exported."""
WORKER_MODULE = "bokeh_share.plots.media.export_worker"

__all__ = ["DEFAULT_FIGURE_SIZE", "EXPORT_SCALE", "ExportProcess"]


class ExportProcess:
    """A process of Python that exports one figure at a time. Used by one thread."""

    def __init__(self, *, timeout: float = EXPORT_TIMEOUT, module: str = WORKER_MODULE) -> None:
        """`module` is the program that the process runs."""
        self._timeout = timeout
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    def export(self, exporter: str, figure: Mapping[str, Any]) -> bytes:
        """Return a PNG picture of a figure. Raises `ValueError` with the reason if there is none.

        A process that fails or hangs is ended; the next export starts another one.
        """
        request = json.dumps({"exporter": exporter, "figure": figure}, default=str).encode()
        if len(request) > MAX_FIGURE_BYTES:
            raise ValueError(
                f"its data has {len(request) / 1e6:,.1f} MB and the limit is {MAX_FIGURE_BYTES / 1e6:,.0f} MB"
            )
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        has_timed_out = threading.Event()

        def give_up() -> None:
            has_timed_out.set()
            _kill(process)

        timer = threading.Timer(self._timeout, give_up)
        timer.daemon = True
        timer.start()
        answer = None
        try:
            write_packet(process.stdin, request)
            answer = read_packet(process.stdout)
        except OSError:
            pass  # it has ended
        finally:
            timer.cancel()
        if answer is None:
            self.close()
            if has_timed_out.is_set():
                raise ValueError(f"its export took longer than {self._timeout:.0f} seconds")
            raise ValueError("its export ended without a picture")
        if answer[:1] != b"+":
            raise ValueError(f"its export failed ({shorten(answer[1:].decode('utf-8', 'replace'))})")
        return answer[1:]

    def close(self) -> None:
        """End the process, if there is one. Any thread may call it."""
        process, self._process = self._process, None
        if process is not None:
            _kill(process)
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            return subprocess.Popen(
                [sys.executable, "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,  # an interrupt is for the author's cell, and its browser ends with it
            )
        except OSError as error:
            raise ValueError(f"its export could not be started ({error.strerror})") from error


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it has started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
