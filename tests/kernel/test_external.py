"""`--external`, on a host of its own: a network namespace."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.hosts import Host, two_hosts
from support.kernel_driver import Kernel

FETCH = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=10).status)"
REFUSED = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=10)
except ConnectionRefusedError:
    print("refused")
"""
WATCH = """
import json, struct, sys
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

with connect(sys.argv[1].replace("http:", "ws:") + "ws", max_size=None, proxy=None) as connection:
    try:
        while True:
            frame = connection.recv(timeout=60)
            (length,) = struct.unpack("!I", frame[:4])
            print(frame[4:4 + length].decode(), flush=True)
    except ConnectionClosed as end:
        print(json.dumps({"kind": "closed", "code": end.rcvd.code}), flush=True)
"""


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    with two_hosts() as both:
        yield both


@pytest.fixture
def author(hosts: tuple[Host, Host], tmp_path: Path, environment: dict[str, str]) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path, host=hosts[0], env=environment)
    try:
        yield kernel
    finally:
        kernel.end()


def test_external_is_reached_by_both_and_local_takes_it_back_and_redirects_its_viewers(
    hosts: tuple[Host, Host], author: Kernel
) -> None:
    here, colleague = hosts
    url = author.share("--external")
    port = urlsplit(url).port
    local = url.replace("10.77.0.1", "localhost")
    assert urlsplit(url).hostname == "10.77.0.1"
    for host, address in ((colleague, url), (here, url), (here, local)):
        assert host.run([sys.executable, "-c", FETCH, address]).stdout == "200\n"
    watch = [sys.executable, "-u", "-c", WATCH]
    pipe = {"stdout": subprocess.PIPE, "text": True}
    with colleague.popen([*watch, url], **pipe) as afar, here.popen([*watch, local], **pipe) as near:
        try:
            assert [json.loads(each.stdout.readline())["kind"] for each in (afar, near)] == ["page", "page"]
            assert author.share("-l") == local
            frames = [json.loads(line) for line in afar.stdout]
            assert frames == [{"kind": "moved", "urls": [local]}, {"kind": "closed", "code": 4001}]
            author.run("show(fig('a'))", "c1")
            assert [json.loads(near.stdout.readline())["kind"] for _ in "ab"] == ["page", "plot"]
        finally:
            afar.kill()
            near.kill()
    assert colleague.run([sys.executable, "-c", REFUSED, "10.77.0.1", str(port)]).stdout == "refused\n"


def test_external_without_a_network_is_one_line(hosts: tuple[Host, Host], author: Kernel) -> None:
    hosts[0].run(["ip", "link", "set", "eth0", "down"])
    author.run("%load_ext bokeh_share", "c0")
    assert author.refused("%bokeh_share -e", "c1") == (
        "UsageError: this machine has no network: connect to one, or leave out --external and --address"
    )
