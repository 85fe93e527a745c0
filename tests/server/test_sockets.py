from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from bokeh_share.errors import BadOption, CannotListen, PortInUse
from bokeh_share.network.addresses import Address, list_loopback_addresses
from bokeh_share.server import sockets as module
from bokeh_share.server.sockets import bind_sockets
from bokeh_share.sharing.binding import BoundSockets, ResolvedOptions
from bokeh_share.sharing.options import Options

LOCAL = Address("127.0.0.1", "lo")
LOCAL2 = Address("127.0.0.2", "lo")


@contextmanager
def listening(
    addresses: list[Address], port: int | None = 0, **more: int
) -> Iterator[tuple[int, list[socket.socket]]]:
    number, sockets = bind_sockets(addresses, port=port, **more)
    with ExitStack() as opened:
        for sock in sockets:
            opened.enter_context(sock)
        yield number, sockets


@contextmanager
def only_the_second() -> Iterator[int]:
    """A port that `LOCAL2` lacks and `LOCAL` has."""
    with listening([LOCAL, LOCAL2]) as (port, sockets):
        sockets[0].close()
        yield port


def accepts(ip: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as client:
        client.settimeout(5)
        return client.connect_ex((ip, port)) == 0


def test_all_addresses_listen_on_one_port() -> None:
    addresses = [*list_loopback_addresses(), LOCAL2]
    with listening(addresses) as (port, sockets):
        assert [sock.getsockname()[:2] for sock in sockets] == [(each.ip, port) for each in addresses]
        assert all(accepts(each.ip, port) for each in addresses)
        assert not any(sock.getblocking() or os.get_inheritable(sock.fileno()) for sock in sockets)


def test_the_next_port_is_taken_when_one_address_lacks_the_first() -> None:
    # Only the second address is in the way, so the first one's socket had to be given back.
    with (
        only_the_second() as taken,
        listening([LOCAL, LOCAL2], None, first_port=taken) as (port, sockets),
    ):
        assert taken < port < taken + 100
        assert len(sockets) == 2
        with listening([LOCAL], taken) as (again, _):
            assert again == taken


def test_a_port_that_was_asked_for_and_is_taken_is_named() -> None:
    with only_the_second() as port:
        with pytest.raises(PortInUse) as caught:
            bind_sockets([LOCAL, LOCAL2], port=port)
    assert (caught.value.port, caught.value.address) == (port, LOCAL2.ip)
    assert str(caught.value) == (
        f"port {port} cannot be used at '127.0.0.2' (address already in use):"
        " give another with --port, or leave --port out"
    )


def test_when_every_port_is_taken_the_range_is_named() -> None:
    with listening([LOCAL]) as (port, _):
        with pytest.raises(PortInUse) as caught:
            bind_sockets([LOCAL], port=None, first_port=port, max_attempts=1)
    assert (caught.value.port, caught.value.last_port) == (port, port)


def failing(code: int, times: int) -> Callable[[Address, int], socket.socket]:
    """`_listen`, that fails the first `times`."""
    real, left = module._listen, iter(range(times))

    def listen(address: Address, port: int) -> socket.socket:
        if next(left, None) is not None:
            raise OSError(code, os.strerror(code))
        return real(address, 0)

    return listen


@pytest.mark.parametrize("code", [errno.EADDRINUSE, errno.EACCES, 10013])
def test_a_port_in_use_or_forbidden_is_passed_over(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr(module, "_listen", failing(code, 99))
    with listening([LOCAL], None) as (_, sockets):
        assert len(sockets) == 1


def test_after_a_hundred_ports_it_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_listen", failing(errno.EADDRINUSE, 100))
    with pytest.raises(PortInUse, match=r"^none of the ports 5006 to 5107 can be used at '127\.0\.0\.1' \("):
        bind_sockets([LOCAL], port=None)


def test_a_forbidden_port_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_listen", failing(errno.EACCES, 1))
    with pytest.raises(PortInUse, match=r"^port 80 cannot be used at '127\.0\.0\.1' \(permission denied\)"):
        bind_sockets([LOCAL], port=80)


def test_any_port_is_chosen_again_when_another_address_lacks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = module._listen, []

    def listen(address: Address, port: int) -> socket.socket:
        asked.append((address.ip, port))
        if len(asked) == 2:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        return real(address, port)

    monkeypatch.setattr(module, "_listen", listen)
    with listening([LOCAL, LOCAL2]) as (port, sockets):
        assert len(sockets) == 2
    assert [ip for ip, _ in asked] == [LOCAL.ip, LOCAL2.ip] * 2
    assert asked[3] == (LOCAL2.ip, port)


def test_an_address_of_another_machine_is_an_error_that_names_it() -> None:
    with pytest.raises(CannotListen, match=r"^cannot listen at '192\.0\.2\.77' \("):
        bind_sockets([LOCAL, Address("192.0.2.77", "eth9")], port=None)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_number_that_is_no_port_is_an_error(port: int) -> None:
    with pytest.raises(BadOption, match=rf"^port cannot be {port}: "):
        bind_sockets([LOCAL], port=port)


def test_what_a_failed_attempt_had_opened_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    real, opened = module._listen, []

    def listen(address: Address, port: int) -> socket.socket:
        opened.append(real(address, port))
        return opened[-1]

    monkeypatch.setattr(module, "_listen", listen)
    with pytest.raises(CannotListen):
        bind_sockets([LOCAL, LOCAL2, Address("192.0.2.77", "eth9")], port=0)
    assert [sock.fileno() for sock in opened] == [-1, -1]


def test_a_port_just_given_up_can_be_had_again_at_once() -> None:
    with listening([LOCAL]) as (port, [server]):
        server.setblocking(True)
        with socket.create_connection((LOCAL.ip, port)):
            # Closed by the server first: its end of the connection fades for a minute.
            server.accept()[0].close()
    with listening([LOCAL], port) as (again, _):
        assert again == port


@pytest.mark.parametrize("port", [1, 5060, 6000, 6667, 10080])
def test_a_port_that_browsers_refuse_is_refused(port: int) -> None:
    for ask in (lambda: bind_sockets([LOCAL], port=port), lambda: Options(port=port)):
        with pytest.raises(BadOption) as caught:
            ask()
        assert str(caught.value).endswith("give another, such as 5006")


def test_ports_that_browsers_refuse_are_passed_over() -> None:
    with listening([LOCAL], None, first_port=5060, max_attempts=3) as (port, _):
        assert port == 5062


def test_one_that_the_system_chooses_is_chosen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    real, chosen = module._listen, iter([6000])
    monkeypatch.setattr(module, "_listen", lambda address, port: real(address, next(chosen, port)))
    with listening([LOCAL], 0) as (port, _):
        assert port not in module.BLOCKED_PORTS


def test_one_that_was_remembered_is_not_had_again() -> None:
    bound = BoundSockets.open(ResolvedOptions.resolve(Options()), 6000)
    try:
        assert bound.sockets[0].getsockname()[1] not in module.BLOCKED_PORTS
        assert bound.new_link_reason == ""
    finally:
        bound.close()
