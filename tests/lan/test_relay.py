"""A cable is pulled between the author, the broker, the relay, or the viewer, and put in again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.hosts import Host, wait_until_up
from support.kernel_driver import until
from support.network import ask
from support.redis_server import PROGRAM
from support.two_hosts import Author, Colleague

# What goes over the network does not depend on the versions.
pytestmark = pytest.mark.one_pairing

BROKER_PORT, RELAY_PORT = 6390, 5190


@contextmanager
def running(host: Host, *command: str | Path) -> Iterator[None]:
    process: Popen[Any] = host.popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def serve(stack: ExitStack, broker_host: Host, relay_host: Host, folder: Path) -> tuple[str, str]:
    """Run a broker and a relay. Return the URLs of both."""
    broker, relay = f"redis://{broker_host.ip}:{BROKER_PORT}/0", f"http://{relay_host.ip}:{RELAY_PORT}"
    options = ["--port", str(BROKER_PORT), "--bind", "0.0.0.0", "--protected-mode", "no", "--save", ""]
    stack.enter_context(running(broker_host, PROGRAM, *options, "--dir", str(folder)))
    command = [sys.executable, "-m", "bokeh_share", "relay", "--broker", broker, "--public-url", relay]
    listening = ["--address", "0.0.0.0", "--port", str(RELAY_PORT)]
    stack.enter_context(running(relay_host, *command, *listening))
    return broker, relay


def is_served(host: Host, url: str) -> bool:
    try:
        return ask(host, url).status == 200
    except (OSError, AssertionError):
        return False


@pytest.mark.parametrize(
    ("broker_at", "relay_at", "state"),
    [
        pytest.param("viewer", "viewer", "away", id="between the author and the broker"),
        pytest.param("author", "viewer", "away", id="between the broker and the relay"),
        pytest.param("author", "author", "live", id="between the relay and the viewer"),
    ],
)
def test_after_a_cut_the_page_goes_on_where_it_is(
    author: Author, colleague: Colleague, tmp_path: Path, broker_at: str, relay_at: str, state: str
) -> None:
    hosts = {"author": author.host, "viewer": colleague.host}
    with ExitStack() as stack:
        broker, relay = serve(stack, hosts[broker_at], hosts[relay_at], tmp_path)
        author.show("first")
        author.share(f"--external --broker {broker}")
        path = urlsplit(author.url).path
        until(lambda: is_served(colleague.host, f"{relay}{path}"), what="the page at the relay")
        colleague.open(f"{relay}{path}")
        colleague.sees("first")
        author.host.run(["ip", "link", "set", "eth0", "down"])
        author.show("while it was cut")
        colleague.reads(state)
        colleague.sees("first")
        author.host.run(["ip", "link", "set", "eth0", "up"])
        wait_until_up(author.host)
        colleague.sees("while it was cut")
        colleague.reads("live")
        assert colleague.stayed
        author.run("%bokeh_share --stop")
