"""Events on a host's network: interfaces that appear and disappear, and requests of programs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from support.hosts import Host, wait_until_up

ANSWER = """
import http.client, json, sys
connection = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=10)
try:
    connection.request(sys.argv[3], sys.argv[4], headers=json.loads(sys.argv[5]))
    response = connection.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    # After "switching protocols" the connection stays open.
    body = "" if response.status == 101 else response.read().decode()
    print(json.dumps([response.status, headers, body]))
except OSError as error:
    print(json.dumps([error.strerror or str(error), {}, ""]))
"""

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@dataclass(frozen=True)
class Answer:
    status: int | str
    """The status, or the reason if there is no answer."""
    headers: dict[str, str]
    body: str


def ask(host: Host, url: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
    """Return the answer to a program on `host` that requests `url`."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    target = [parts.hostname or "", str(parts.port), method, path, json.dumps(headers or {})]
    return Answer(*json.loads(host.run([sys.executable, "-c", ANSWER, *target]).stdout))


FORWARD = """
import asyncio, sys

async def copy(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()

async def forward(reader, writer):
    there = await asyncio.open_connection(sys.argv[3], int(sys.argv[4]))
    await asyncio.gather(copy(reader, there[1]), copy(there[0], writer), return_exceptions=True)

async def main():
    server = await asyncio.start_server(forward, sys.argv[1], int(sys.argv[2]))
    print("ready", flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@contextmanager
def forwarded(host: Host, port: int, target: str, target_port: int) -> Iterator[str]:
    """Forward a port of `host` elsewhere, as containers and tunnels do; yield the address."""
    argv = [sys.executable, "-c", FORWARD, host.ip, str(port), target, str(target_port)]
    process = host.popen(argv, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield f"http://{host.ip}:{port}"
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def interface(host: Host, name: str, *addresses: str) -> Iterator[None]:
    """Add an interface that is up. Its cable leads back to the same host, so that no other host is there."""
    far = f"veth-{name}"
    host.run(["ip", "link", "add", name, "type", "veth", "peer", "name", far])
    try:
        for address in addresses:
            host.run(["ip", "address", "add", address, "dev", name, *(["nodad"] if ":" in address else [])])
        for end in (name, far):
            host.run(["ip", "link", "set", end, "up"])
        wait_until_up(host, name)
        yield
    finally:
        host.run(["ip", "link", "delete", name])


@contextmanager
def container_bridge(host: Host) -> Iterator[None]:
    """Make the same as Docker, with a container attached: without one its bridge is not up."""
    with interface(host, "veth1a2b3c"):
        host.run(["ip", "link", "add", "docker0", "type", "bridge"])
        try:
            host.run(["ip", "link", "set", "veth1a2b3c", "master", "docker0"])
            host.run(["ip", "address", "add", "172.17.0.1/16", "dev", "docker0"])
            host.run(["ip", "link", "set", "docker0", "up"])
            wait_until_up(host, "docker0")
            yield
        finally:
            host.run(["ip", "link", "delete", "docker0"])
