"""A second host for tests: network namespaces joined by a veth pair, which exist only while a test runs."""

from __future__ import annotations

import os
import shlex
import shutil
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
    """One namespace, with one address on `eth0`."""

    name: str
    ip: str

    def wrap(self, argv: Sequence[str | Path]) -> list[str]:
        """Return the command that runs `argv` on this host."""
        return ["ip", "netns", "exec", self.name, *map(str, argv)]

    def run(self, argv: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; the test fails if the command does."""
        return subprocess.run(
            self.wrap(argv), **{"check": True, "text": True, "capture_output": True, "timeout": 60, **options}
        )

    def popen(self, argv: Sequence[str | Path], **options: Any) -> subprocess.Popen[Any]:
        """Start a command. The caller ends it before the host ends."""
        return subprocess.Popen(self.wrap(argv), **options)

    def wrapper(self, folder: Path, program: str | Path) -> Path:
        """Write a script to `folder` that runs `program` on this host, for tools that need a path
        (Playwright)."""
        script = folder / f"{Path(program).name}-{self.name}"
        script.write_text(f'#!/bin/sh\nexec {shlex.join(self.wrap([program]))} "$@"\n')
        script.chmod(0o755)
        return script


@cache
def can_make_namespaces() -> str | None:
    """Return None if this process can make namespaces, else the reason."""
    name = _name("probe")
    try:
        _ip("netns", "add", name)
        try:
            # Some containers allow to make a namespace, but not to run or join programs in it.
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
    """Skip the test if namespaces cannot be made; fail it if they are required (in CI)."""
    if reason := can_make_namespaces():
        if os.environ.get("BOKEH_SHARE_REQUIRE_NETNS"):
            pytest.fail(f"no network namespaces: {reason}")
        pytest.skip(f"no network namespaces: {reason}")


@contextmanager
def two_hosts(
    author_ip: str = "10.77.0.1/24", colleague_ip: str = "10.77.0.2/24"
) -> Iterator[tuple[Host, Host]]:
    """Make an author's and a colleague's host that reach only each other, without a default route."""
    require_namespaces()
    with _host("author", author_ip) as author, _host("colleague", colleague_ip) as colleague:
        _join((author, "eth0", author_ip), (colleague, "eth0", colleague_ip))
        yield author, colleague


@contextmanager
def third_host(author: Host, author_ip: str = "10.78.0.1/24", ip: str = "10.78.0.2/24") -> Iterator[Host]:
    """Make one more host, connected to a temporary `eth1` of the author's host."""
    with _host("third", ip) as third:
        _join((author, "eth1", author_ip), (third, "eth0", ip))
        yield third


@contextmanager
def _host(role: str, ip: str) -> Iterator[Host]:
    host = Host(_name(role), ip.partition("/")[0])
    _ip("netns", "add", host.name)
    try:
        _ip("-n", host.name, "link", "set", "lo", "up")
        yield host
    finally:
        # A namespace removes its end of each pair, and with it the other end.
        _ip("netns", "delete", host.name)


def _join(one: tuple[Host, str, str], other: tuple[Host, str, str]) -> None:
    """Connect two hosts, each with the interface's name and address on it."""
    # Named like network cards, since a `veth…` would be treated as a container's.
    ends = [["name", interface, "netns", host.name] for host, interface, _ in (one, other)]
    _ip("link", "add", *ends[0], "type", "veth", "peer", *ends[1])
    for host, interface, address in (one, other):
        # `nodad`: an IPv6 address can be used at once.
        extra = ["nodad"] if ":" in address else []
        _ip("-n", host.name, "address", "add", address, "dev", interface, *extra)
        _ip("-n", host.name, "link", "set", interface, "up")
    for host, interface, _ in (one, other):
        wait_until_up(host, interface)


def wait_until_up(host: Host, interface: str = "eth0") -> None:
    """Wait until the kernel reports that a link is up, some milliseconds after it is."""
    deadline = time.monotonic() + 10
    while host.run(["cat", f"/sys/class/net/{interface}/operstate"]).stdout not in ("up\n", "unknown\n"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{interface} of {host.name} does not come up")
        time.sleep(0.01)


@contextmanager
def hosts_file(text: str, *hosts: Host) -> Iterator[None]:
    """Use this text as /etc/hosts of these hosts, for programs that are started inside the block."""
    base = Path("/etc/netns")
    with ExitStack() as undo:
        if not base.exists():
            base.mkdir()
            undo.callback(base.rmdir)
        for host in hosts:
            (base / host.name).mkdir()
            undo.callback(shutil.rmtree, base / host.name)
            (base / host.name / "hosts").write_text(text)
        yield


def _name(role: str) -> str:
    return f"bokeh-share-{os.getpid()}-{next(_numbers)}-{role}"


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, text=True, capture_output=True)
