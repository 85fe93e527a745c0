"""A second host for tests: network namespaces joined by a veth pair, which only exist while a test runs."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

_numbers = count()


@dataclass(frozen=True)
class Host:
    """One namespace, with its one address on `eth0`."""

    name: str
    ip: str

    def wrap(self, argv: Sequence[str | Path]) -> list[str]:
        """The command that runs `argv` on this host."""
        return ["ip", "netns", "exec", self.name, *map(str, argv)]

    def run(self, argv: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run to the end; fails the test if the command does."""
        return subprocess.run(
            self.wrap(argv), **{"check": True, "text": True, "capture_output": True, "timeout": 60, **options}
        )

    def popen(self, argv: Sequence[str | Path], **options: Any) -> subprocess.Popen[Any]:
        """Start it; the caller ends it, before the host does."""
        return subprocess.Popen(self.wrap(argv), **options)

    def wrapper(self, folder: Path, program: str | Path) -> Path:
        """A script in `folder` that is `program` on this host, for what takes a path only (Playwright)."""
        script = folder / f"{Path(program).name}-{self.name}"
        script.write_text(f'#!/bin/sh\nexec {shlex.join(self.wrap([program]))} "$@"\n')
        script.chmod(0o755)
        return script


@cache
def can_make_namespaces() -> str | None:
    """None if this process can, else the reason."""
    name = _name("probe")
    try:
        _ip("netns", "add", name)
        try:
            # Some containers let a namespace be made, but nothing be run or joined in it.
            _ip("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
            _ip("netns", "exec", name, "true")
        finally:
            _ip("netns", "delete", name)
    except FileNotFoundError:
        return "no `ip` command (Debian: iproute2)"
    except subprocess.CalledProcessError as error:
        return f"`{shlex.join(error.cmd)}`: {error.stderr.strip()}"
    return None


def require_namespaces() -> None:
    """Skip the test where namespaces can't be made, or fail it where they have to be (in CI)."""
    if reason := can_make_namespaces():
        if os.environ.get("BOKEH_SHARE_REQUIRE_NETNS"):
            pytest.fail(f"no network namespaces: {reason}")
        pytest.skip(f"no network namespaces: {reason}")


@contextmanager
def two_hosts(
    author_ip: str = "10.77.0.1/24", colleague_ip: str = "10.77.0.2/24"
) -> Iterator[tuple[Host, Host]]:
    """An author's and a colleague's host that reach each other and nothing else: no default route."""
    require_namespaces()
    author = Host(_name("author"), author_ip.partition("/")[0])
    colleague = Host(_name("colleague"), colleague_ip.partition("/")[0])
    with ExitStack() as undo:
        for host in (author, colleague):
            _ip("netns", "add", host.name)
            # A namespace takes its end of the pair with it, and the pair its other end.
            undo.callback(_ip, "netns", "delete", host.name)
        # Named as a network card is, since a `veth…` would be taken for a container's.
        _ip(
            "link",
            "add",
            "eth0",
            "netns",
            author.name,
            "type",
            "veth",
            "peer",
            "eth0",
            "netns",
            colleague.name,
        )
        for host, address in ((author, author_ip), (colleague, colleague_ip)):
            # `nodad`: an IPv6 address can be used at once.
            extra = ["nodad"] if ":" in address else []
            _ip("-n", host.name, "address", "add", address, "dev", "eth0", *extra)
            _ip("-n", host.name, "link", "set", "lo", "up")
            _ip("-n", host.name, "link", "set", "eth0", "up")
        for host in (author, colleague):
            _wait_until_up(host)
        yield author, colleague


def _wait_until_up(host: Host) -> None:
    """The kernel tells that a link is up some milliseconds after it is."""
    deadline = time.monotonic() + 10
    while host.run(["cat", "/sys/class/net/eth0/operstate"]).stdout != "up\n":
        if time.monotonic() > deadline:
            raise TimeoutError(f"eth0 of {host.name} does not come up")
        time.sleep(0.01)


def _name(role: str) -> str:
    return f"bokeh-share-{os.getpid()}-{next(_numbers)}-{role}"


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, text=True, capture_output=True)
