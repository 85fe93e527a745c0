"""The sockets of a share, and when the link that was remembered must not be used again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from bokeh_share.errors import PortInUse
from bokeh_share.sharing import binding
from bokeh_share.sharing.binding import BoundSockets, EndpointOptions


@pytest.fixture
def program() -> Iterator[socket.socket]:
    """Another program, at some port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def port_of(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def test_a_port_that_is_free_is_had_again(program: socket.socket) -> None:
    port = port_of(program)
    program.close()
    with closing(BoundSockets.open(EndpointOptions(), port)) as bound:
        assert (port_of(bound.sockets[0]), bound.new_link_reason) == (port, "")


@pytest.mark.parametrize("asked", [None, 0])
def test_a_link_whose_port_another_program_has_is_not_used_again_at_any_other(
    program: socket.socket, asked: int | None
) -> None:
    port = port_of(program)
    with closing(BoundSockets.open(EndpointOptions(port=asked), port)) as bound:
        assert port_of(bound.sockets[0]) != port
        assert bound.new_link_reason == f"another program has port {port} now, so the link is a new one"


def test_a_link_that_nobody_has_heard_is_kept_at_another_port(program: socket.socket) -> None:
    port = port_of(program)
    program.close()
    with closing(BoundSockets.open(EndpointOptions(port=0), port)) as bound:
        assert bound.new_link_reason == ""
    with closing(BoundSockets.open(EndpointOptions(), port)) as bound:
        assert port_of(bound.sockets[0]) == port, "nothing stayed open there"


def test_a_port_that_was_asked_for_is_taken_or_an_error(program: socket.socket) -> None:
    for remembered in (None, port_of(program)):
        with pytest.raises(PortInUse):
            BoundSockets.open(EndpointOptions(port=port_of(program)), remembered)


def test_a_former_kernel_that_is_still_ending_is_no_other_program(
    program: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = port_of(program)
    monkeypatch.setattr(binding.time, "sleep", lambda seconds: program.close())
    with closing(BoundSockets.open(EndpointOptions(), port, wait_for_port=True)) as bound:
        assert (port_of(bound.sockets[0]), bound.new_link_reason) == (port, "")


def test_a_port_that_does_not_come_back_is_not_waited_for_long(
    program: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [50.0]
    monkeypatch.setattr(binding.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(binding.time, "sleep", lambda seconds: clock.append(clock.pop() + seconds))
    with closing(BoundSockets.open(EndpointOptions(), port_of(program), wait_for_port=True)) as bound:
        assert bound.new_link_reason
    assert clock[0] < 50 + binding.REBIND_TIMEOUT + 2 * binding.REBIND_INTERVAL
    clock[0] = 50.0
    with closing(BoundSockets.open(EndpointOptions(), port_of(program))) as bound:
        assert (bool(bound.new_link_reason), clock[0]) == (True, 50.0)
