"""Stores the clients whose websocket requests arrive without the upgrade, which a proxy may drop."""

from __future__ import annotations

from collections.abc import Callable

from .. import limits


class BlockedWebSockets:
    """Stores the IP addresses from which pages ask for a websocket in vain. Exists as long as the share; any
    thread may call it.

    A proxy has one address for all of its visitors, so an address is forgotten when a websocket comes from
    it.
    """

    def __init__(self, on_change: Callable[[], None] = lambda: None) -> None:
        """`on_change` is called when `last_address` has changed."""
        self._addresses: dict[str, None] = {}
        self._on_change = on_change

    @property
    def last_address(self) -> str | None:
        """The address of the last such request; None if there is none."""
        addresses = [*self._addresses]
        return addresses[-1] if addresses else None

    def record_request(self, address: str, is_upgrade: bool) -> None:
        """Store the address of a request whose upgrade a proxy has dropped, until one comes with it."""
        if is_upgrade:
            self.forget(address)
        else:
            self.record(address)

    def record(self, address: str) -> None:
        """Store the address of a request without the upgrade."""
        former = self.last_address
        self._addresses.pop(address, None)
        self._addresses[address] = None
        for oldest in [*self._addresses][: -limits.MAX_TRACKED_CLIENTS]:
            self._addresses.pop(oldest, None)
        if former != address:
            self._on_change()

    def forget(self, address: str) -> None:
        """Forget an address, since a websocket came from it."""
        if address not in self._addresses:
            return
        former = self.last_address
        self._addresses.pop(address, None)
        if former != self.last_address:
            self._on_change()

    def clear(self) -> None:
        """Forget all addresses, since a share starts."""
        self._addresses.clear()
