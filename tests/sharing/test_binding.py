"""The sockets of a share, and when the link that was remembered must not be used again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from bokeh_share.errors import PortInUse, UnusableAddress
from bokeh_share.network.addresses import Address
from bokeh_share.sharing import binding
from bokeh_share.sharing.binding import BoundSockets, EndpointOptions, ResolvedEndpoint, ResolvedOptions
from bokeh_share.sharing.options import Options


@pytest.fixture
def program() -> Iterator[socket.socket]:
    """Another program, at some port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def resolve(port: int | None = None) -> ResolvedOptions:
    """Of a new share on this machine only."""
    return ResolvedOptions.resolve(Options(port=port))


def port_of(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def test_a_port_that_is_free_is_had_again(program: socket.socket) -> None:
    port = port_of(program)
    program.close()
    with closing(BoundSockets.open(resolve(), port)) as bound:
        assert (port_of(bound.sockets[0]), bound.new_link_reason) == (port, "")


@pytest.mark.parametrize("asked", [None, 0])
def test_a_link_whose_port_another_program_has_is_not_used_at_another_port(
    program: socket.socket, asked: int | None
) -> None:
    port = port_of(program)
    with closing(BoundSockets.open(resolve(port=asked), port)) as bound:
        assert port_of(bound.sockets[0]) != port
        assert bound.new_link_reason == f"another program uses port {port} now, so this is a new link"


def test_a_link_that_nobody_has_heard_is_kept_at_another_port(program: socket.socket) -> None:
    port = port_of(program)
    program.close()
    with closing(BoundSockets.open(resolve(port=0), port)) as bound:
        assert bound.new_link_reason == ""
    with closing(BoundSockets.open(resolve(), port)) as bound:
        assert port_of(bound.sockets[0]) == port, "nothing stayed open there"


def test_a_port_that_was_asked_for_is_taken_or_an_error(program: socket.socket) -> None:
    for remembered in (None, port_of(program)):
        with pytest.raises(PortInUse):
            BoundSockets.open(resolve(port=port_of(program)), remembered)


def test_a_former_kernel_that_is_still_ending_is_no_other_program(
    program: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = port_of(program)
    monkeypatch.setattr(binding.time, "sleep", lambda seconds: program.close())
    with closing(BoundSockets.open(resolve(), port, wait_for_port=True)) as bound:
        assert (port_of(bound.sockets[0]), bound.new_link_reason) == (port, "")


def test_a_port_that_does_not_come_back_is_not_waited_for_long(
    program: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [50.0]
    monkeypatch.setattr(binding.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(binding.time, "sleep", lambda seconds: clock.append(clock.pop() + seconds))
    with closing(BoundSockets.open(resolve(), port_of(program), wait_for_port=True)) as bound:
        assert bound.new_link_reason
    assert clock[0] < 50 + binding.REBIND_TIMEOUT + 2 * binding.REBIND_INTERVAL
    clock[0] = 50.0
    with closing(BoundSockets.open(resolve(), port_of(program))) as bound:
        assert (bool(bound.new_link_reason), clock[0]) == (True, 50.0)


def test_options_that_are_not_given_stay_as_they_are_in_the_share_that_runs() -> None:
    options = EndpointOptions("192.0.2.77", 5006, token=False)
    running = ResolvedEndpoint(options, (Address("192.0.2.77", "eth9"),))
    resolved = ResolvedOptions.resolve(Options(title="Sales", max_viewers=3), running)
    assert resolved.endpoint is running, "its address may be gone at the moment"
    moved = ResolvedOptions.resolve(Options(bind_address="local", port=5007), running)
    assert moved.endpoint.options == EndpointOptions("local", 5007, token=False)
    assert {each.ip for each in moved.endpoint.addresses} <= {"127.0.0.1", "::1"}


def test_an_address_that_is_asked_for_is_looked_for_again() -> None:
    running = ResolvedEndpoint(EndpointOptions("no-such", 5006), (Address("192.0.2.77", "eth9"),))
    with pytest.raises(UnusableAddress):
        ResolvedOptions.resolve(Options(bind_address="no-such"), running)


def test_addresses_are_chosen_and_a_certificate_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def count(name: str) -> None:
        real = getattr(binding, name)

        def counted(*args: Any) -> Any:
            calls.append(name)
            return real(*args)

        monkeypatch.setattr(binding, name, counted)

    count("choose_addresses")
    count("load_certificate")
    resolved = ResolvedOptions.resolve(Options(tls=True))
    with closing(BoundSockets.open(resolved, None)) as bound:
        assert bound.endpoint.certificate is resolved.endpoint.certificate is not None
        assert bound.endpoint.addresses == bound.addresses == resolved.endpoint.addresses
        assert bound.endpoint.options.port == port_of(bound.sockets[0])
    assert calls == ["choose_addresses", "load_certificate"]


@pytest.fixture
def second_address(monkeypatch: pytest.MonkeyPatch) -> str:
    """An interface whose addresses are 127.0.0.1 and 127.0.0.2."""
    real, addresses = binding.choose_addresses, (Address("127.0.0.2", "lo2"), Address("127.0.0.1", "lo"))
    monkeypatch.setattr(
        binding, "choose_addresses", lambda address: addresses if address == "lo2" else real(address)
    )
    return "lo2"


def test_a_share_that_moves_opens_what_it_lacks(second_address: str) -> None:
    with closing(BoundSockets.open(resolve(port=0), None)) as running:
        endpoint, port = running.endpoint, port_of(running.sockets[0])
        resolved = ResolvedOptions.resolve(Options(token=False), endpoint)
        kept = BoundSockets.open_for_move(resolved, port, running.addresses)
        assert (kept.sockets, kept.addresses, kept.endpoint) == ((), (), resolved.endpoint)
        other = ResolvedOptions.resolve(Options(bind_address=second_address), endpoint)
        with closing(BoundSockets.open_for_move(other, port, running.addresses)) as added:
            assert [each.getsockname()[:2] for each in added.sockets] == [("127.0.0.2", port)]
            assert added.endpoint.options.port == port


@pytest.mark.parametrize("asked", [False, True])
def test_a_port_that_another_address_lacks_is_given_up_unless_the_author_wants_it(
    asked: bool, second_address: str
) -> None:
    with (
        socket.create_server(("127.0.0.2", 0)) as program,
        closing(BoundSockets.open(resolve(port=port_of(program)), None)) as running,
    ):
        port = port_of(program)
        options = Options(bind_address=second_address, port=port if asked else None)
        resolved = ResolvedOptions.resolve(options, running.endpoint)
        if asked:
            with pytest.raises(PortInUse):
                BoundSockets.open_for_move(resolved, port, running.addresses)
            return
        with closing(BoundSockets.open_for_move(resolved, port, running.addresses)) as moved:
            assert moved.addresses == resolved.endpoint.addresses
            assert {port_of(each) for each in moved.sockets} == {moved.endpoint.options.port}
            assert moved.endpoint.options.port != port


def test_only_loopback_without_a_public_url_is_this_machine_only() -> None:
    local, home = Address("127.0.0.1", "lo"), Address("10.0.0.1", "eth0")
    assert ResolvedEndpoint(addresses=(local,)).is_local
    assert not ResolvedEndpoint(addresses=(local, home)).is_local
    options = EndpointOptions().merge_options(Options(public_url="https://plots.example/sales"))
    assert not ResolvedEndpoint(options, (local,)).is_local
