"""Follows changes of the machine's network addresses and host names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from ..errors import NoNetwork, UnusableAddress
from ..network import Address, choose_addresses, list_own_hostnames, list_present_ips
from .access import NetworkState
from .binding import EndpointOptions
from .event_loop import EventLoop

NETWORK_CHECK_INTERVAL = 3.0
"""Seconds after which a change of the machine's addresses is noticed, while no cell runs."""
OFFLINE_NOTE = "no network at the moment; the link works again when the network is back"


class WatchedEndpoint(Protocol):
    """The endpoint that listens on the machine's addresses."""

    @property
    def options(self) -> EndpointOptions: ...

    @property
    def is_running(self) -> bool: ...

    @property
    def addresses(self) -> tuple[Address, ...]: ...

    def change_addresses(self, added: Sequence[Address], removed: Sequence[Address]) -> str: ...


class NetworkListener(Protocol):
    """Receives changes of the network, for the links and the access rules."""

    @property
    def network(self) -> NetworkState: ...

    def update_network(self, network: NetworkState, addresses: tuple[Address, ...]) -> None: ...

    def update_links(self) -> None: ...

    def renew_certificate(self) -> None: ...


class NetworkWatch:
    """Makes an endpoint listen on the machine's current addresses, from `start` to `stop`, on the loop."""

    def __init__(
        self,
        loop: EventLoop,
        endpoint: WatchedEndpoint,
        access: NetworkListener,
        on_address_change: Callable[[], None],
    ) -> None:
        """`on_address_change` is called after the addresses of the endpoint or the note have changed."""
        self.stop: Callable[[], None] = lambda: None
        self._loop = loop
        self._endpoint = endpoint
        self._access = access
        self._on_address_change = on_address_change

    def start(self) -> None:
        self.stop = self._loop.call_every(NETWORK_CHECK_INTERVAL, self.check)
        self.update_host_names()

    def check(self) -> None:
        """Listen on new addresses, stop listening on removed ones, and use a renewed certificate."""
        self._access.renew_certificate()
        if self._endpoint.is_running and self._endpoint.options.bind_address != "local":
            self._update_addresses()

    def update_host_names(self) -> None:
        """Find this machine's names that others can use, in a thread, since it may take a while."""

        def list_reachable_ips() -> set[str]:
            return {address.ip for address in self._endpoint.addresses if not address.is_loopback}

        ips = list_reachable_ips()

        def on_found(names: tuple[str, ...]) -> None:
            if names != self._access.network.host_names and ips == list_reachable_ips():
                self._replace_host_names(names)
                self._access.update_links()

        if ips:
            self._loop.run_in_thread(lambda: list_own_hostnames(ips), on_found)
        elif self._access.network.host_names:
            self._replace_host_names(())

    def _replace_host_names(self, names: tuple[str, ...]) -> None:
        network = replace(self._access.network, host_names=names)
        self._access.update_network(network, self._endpoint.addresses)

    def _update_addresses(self) -> None:
        bound_addresses, former = self._endpoint.addresses, self._access.network
        try:
            best_addresses = choose_addresses(self._endpoint.options.bind_address)
        except (NoNetwork, UnusableAddress):
            best_addresses = choose_addresses("local")
        present_ips = list_present_ips()
        added = [each for each in best_addresses if each not in bound_addresses]
        removed = [
            each for each in bound_addresses if each not in best_addresses and each.ip not in present_ips
        ]
        if not (added or removed) and best_addresses == former.best_addresses:
            return
        note = OFFLINE_NOTE if all(each.is_loopback for each in best_addresses) else ""
        note = self._endpoint.change_addresses(added, removed) or note
        addresses = self._endpoint.addresses
        self._access.update_network(NetworkState(best_addresses, former.host_names, note), addresses)
        if (addresses, note) != (bound_addresses, former.note):
            self.update_host_names()
            self._on_address_change()
