"""A machine whose addresses come and go, without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from bokeh_share.errors import NoNetwork
from bokeh_share.network.addresses import Address
from bokeh_share.sharing import network_watch
from bokeh_share.sharing.access import NetworkState
from bokeh_share.sharing.binding import EndpointOptions
from bokeh_share.sharing.network_watch import NETWORK_CHECK_INTERVAL, OFFLINE_NOTE, NetworkWatch

LOCAL = Address("127.0.0.1", "lo")
HOME, OFFICE = Address("10.0.0.1", "eth0"), Address("10.0.0.2", "eth0")


class Loop:
    """Calls the check when a test asks; work in threads is done at once."""

    def __init__(self) -> None:
        self.checks: list[tuple[float, Callable[[], None]]] = []

    def call_every(self, interval: float, callback: Callable[[], None]) -> Callable[[], None]:
        self.checks.append((interval, callback))
        return self.checks.clear

    def run_in_thread(self, function: Callable[[], Any], on_done: Callable[[Any], None]) -> None:
        on_done(function())


class Endpoint:
    """Listens on the addresses that it is given, unless there is a problem with it."""

    def __init__(self) -> None:
        self.options = EndpointOptions("external")
        self.is_running = True
        self.addresses: tuple[Address, ...] = (LOCAL, HOME)
        self.problem = ""

    def change_addresses(self, added: Sequence[Address], removed: Sequence[Address]) -> str:
        kept = tuple(each for each in self.addresses if each not in removed)
        self.addresses = kept if self.problem else (*kept, *added)
        return self.problem


class Access:
    """Links and access rules in a network; `addresses` are those that it was told with the network."""

    def __init__(self) -> None:
        self.network = NetworkState((LOCAL, HOME))
        self.addresses: tuple[Address, ...] = ()
        self.calls: list[str] = []

    def update_network(self, network: NetworkState, addresses: tuple[Address, ...]) -> None:
        self.network, self.addresses = network, addresses
        self.calls.append("network")

    def update_links(self) -> None:
        self.calls.append("links")

    def renew_certificate(self) -> None:
        self.calls.append("certificate")


class Machine:
    """Its network is given by `best` and `present`; `change_count` counts calls of `on_address_change`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.best: tuple[Address, ...] | None = (LOCAL, HOME)
        self.present = {"127.0.0.1", "10.0.0.1"}
        self.names: tuple[str, ...] = ()
        self.change_count = 0
        self.loop, self.endpoint, self.access = Loop(), Endpoint(), Access()
        self.watch = NetworkWatch(cast(Any, self.loop), self.endpoint, self.access, self.count_change)
        monkeypatch.setattr(network_watch, "choose_addresses", self.choose)
        monkeypatch.setattr(network_watch, "list_present_ips", lambda: self.present)
        monkeypatch.setattr(network_watch, "list_own_hostnames", lambda ips: self.names)

    def choose(self, bind_address: str) -> tuple[Address, ...]:
        if bind_address == "local":
            return (LOCAL,)
        if self.best is None:
            raise NoNetwork()
        return self.best

    def count_change(self) -> None:
        self.change_count += 1


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_it_looks_now_and_then_until_it_is_stopped(machine: Machine) -> None:
    machine.watch.start()
    ((interval, check),) = machine.loop.checks
    assert interval == NETWORK_CHECK_INTERVAL
    check()
    assert machine.access.calls == ["certificate"]
    machine.watch.stop()
    assert machine.loop.checks == []


def test_in_another_network_it_listens_at_the_new_address_only(machine: Machine) -> None:
    machine.best, machine.present = (LOCAL, OFFICE), {"127.0.0.1", "10.0.0.2"}
    machine.watch.check()
    assert machine.endpoint.addresses == machine.access.addresses == (LOCAL, OFFICE)
    assert (machine.access.network.best_addresses, machine.access.network.note, machine.change_count) == (
        (LOCAL, OFFICE),
        "",
        1,
    )
    machine.watch.check()
    assert machine.change_count == 1


def test_an_address_that_is_no_longer_the_best_stays_while_it_is_there(machine: Machine) -> None:
    machine.best, machine.present = (LOCAL, OFFICE), {"127.0.0.1", "10.0.0.1", "10.0.0.2"}
    machine.watch.check()
    assert machine.endpoint.addresses == (LOCAL, HOME, OFFICE)


def test_without_a_network_there_is_a_note_until_it_is_back(machine: Machine) -> None:
    machine.best, machine.present = None, {"127.0.0.1"}
    machine.watch.check()
    assert (machine.endpoint.addresses, machine.access.network.note, machine.change_count) == (
        (LOCAL,),
        OFFLINE_NOTE,
        1,
    )
    machine.best, machine.present = (LOCAL, HOME), {"127.0.0.1", "10.0.0.1"}
    machine.watch.check()
    assert (machine.endpoint.addresses, machine.access.network.note, machine.change_count) == (
        (LOCAL, HOME),
        "",
        2,
    )


def test_a_note_gives_the_reason_why_it_cannot_listen_there(machine: Machine) -> None:
    machine.best, machine.endpoint.problem = (LOCAL, OFFICE), "another program has port 5006"
    machine.watch.check()
    assert (machine.access.network.note, machine.change_count) == ("another program has port 5006", 1)


def test_a_local_share_and_one_that_has_ended_stay_as_they_are(machine: Machine) -> None:
    machine.best = (LOCAL, OFFICE)
    machine.endpoint.options = EndpointOptions("local")
    machine.watch.check()
    machine.endpoint.options, machine.endpoint.is_running = EndpointOptions("external"), False
    machine.watch.check()
    assert (machine.endpoint.addresses, machine.change_count) == ((LOCAL, HOME), 0)


def test_names_of_the_machine_are_for_links_while_others_reach_it(machine: Machine) -> None:
    machine.names = ("desk.example.org",)
    machine.watch.update_host_names()
    machine.watch.update_host_names()
    assert machine.access.network.host_names == machine.names
    assert machine.access.calls == ["network", "links"]
    machine.endpoint.addresses = (LOCAL,)
    machine.watch.update_host_names()
    assert machine.access.network.host_names == ()
    assert machine.access.calls == ["network", "links", "network"]


def test_names_that_come_when_the_machine_is_elsewhere_are_not_taken(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_late(ips: set[str]) -> tuple[str, ...]:
        machine.endpoint.addresses = (LOCAL, OFFICE)
        return ("desk.example.org",)

    monkeypatch.setattr(network_watch, "list_own_hostnames", find_late)
    machine.watch.update_host_names()
    assert machine.access.network.host_names == ()
