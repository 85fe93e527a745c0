from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.hosts import Host, require_namespaces, two_hosts

SERVE = """
import socket
server = socket.create_server(("10.77.0.1", 0))
print(server.getsockname()[1], flush=True)
server.accept()[0].sendall(b"hello")
"""
FETCH = """
import socket, sys
print(socket.create_connection(("10.77.0.1", int(sys.argv[1])), timeout=10).recv(9).decode())
"""
ASK_OUTSIDE = """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    try:
        probe.connect(("192.0.2.1", 9))
    except OSError as error:
        print(error.strerror)
"""
REACHABLE = (
    "from bokeh_share.network.addresses import find_reachable_address; print(find_reachable_address())"
)


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[Host, Host]]:
    with two_hosts() as both:
        yield both


def test_a_colleague_reaches_what_the_author_listens_on(hosts: tuple[Host, Host]) -> None:
    author, colleague = hosts
    with author.popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            port = server.stdout.readline().strip()
            assert colleague.run([sys.executable, "-c", FETCH, port]).stdout == "hello\n"
        finally:
            server.kill()


def test_there_is_no_way_to_any_other_network(hosts: tuple[Host, Host]) -> None:
    for host in hosts:
        assert host.run([sys.executable, "-c", ASK_OUTSIDE]).stdout == "Network is unreachable\n"


def test_the_address_is_found_without_a_default_route(hosts: tuple[Host, Host]) -> None:
    for host in hosts:
        expected = f"Address(ip='{host.ip}', interface='eth0')\n"
        assert host.run([sys.executable, "-c", REACHABLE]).stdout == expected


def test_an_ipv6_only_host_is_reached_by_ipv6() -> None:
    with two_hosts("fd77::1/64", "fd77::2/64") as (author, _):
        assert (
            author.run([sys.executable, "-c", REACHABLE]).stdout
            == "Address(ip='fd77::1', interface='eth0')\n"
        )


def test_a_wrapper_is_the_program_on_that_host(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    script = hosts[1].wrapper(tmp_path, sys.executable)
    answer = subprocess.run(
        [script, "-c", ASK_OUTSIDE.replace("192.0.2.1", "10.77.0.1") + "\n    print(probe.getsockname()[0])"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert answer.stdout == "10.77.0.2\n"


def test_nothing_is_left_behind_when_a_test_fails() -> None:
    with pytest.raises(ZeroDivisionError), two_hosts() as (author, colleague):
        raise ZeroDivisionError
    left = subprocess.run(["ip", "netns", "list"], check=True, capture_output=True, text=True).stdout
    assert author.name not in left
    assert colleague.name not in left


def test_where_namespaces_are_required_their_lack_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.hosts.can_make_namespaces", lambda: "not here")
    monkeypatch.setenv("BOKEH_SHARE_REQUIRE_NETNS", "1")
    with pytest.raises(pytest.fail.Exception, match="not here"):
        require_namespaces()
    monkeypatch.delenv("BOKEH_SHARE_REQUIRE_NETNS")
    with pytest.raises(pytest.skip.Exception, match="not here"):
        require_namespaces()
