"""The process of a relay on loopback, which tests start, stop and kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

DEADLINE = 30.0


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RelayProcess:
    """A relay at a port of its own, which stays the same over a restart. Exists until `stop`."""

    def __init__(self, broker: str, folder: Path, *options: str, port: int = 0, **env: str) -> None:
        self.port = port or find_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"relay-{self.port}.log"
        self._arguments = ["--address", "127.0.0.1", "--port", str(self.port), *options]
        self._env = {**os.environ, "BOKEH_SHARE_BROKER": broker, **env}
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "bokeh_share", "relay", *self._arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self._env
            )
        deadline = time.monotonic() + DEADLINE
        while not self._is_ready():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, "the relay does not answer"
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        with suppress(OSError):
            build_opener(ProxyHandler({})).open(f"{self.url}/healthz", timeout=5).close()
            return True
        return False

    def has_page(self, path: str) -> bool:
        with suppress(OSError):
            build_opener(ProxyHandler({})).open(f"{self.url}{path}", timeout=10).close()
            return True
        return False

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self._end(signal.SIGKILL)

    def terminate(self) -> int:
        """End it as a service manager does. Return its exit code."""
        return self._end(signal.SIGTERM)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.terminate()

    def _end(self, number: int) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)
