from __future__ import annotations

import pytest

from bokeh_share import limits
from bokeh_share.broadcast.blocked_websockets import BlockedWebSockets


def test_the_last_address_is_known_until_a_websocket_comes_from_it() -> None:
    calls: list[str | None] = []
    blocked = BlockedWebSockets(lambda: calls.append(blocked.last_address))
    assert blocked.last_address is None
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        blocked.record(address)
    assert calls == ["192.0.2.1", "192.0.2.2"]
    blocked.forget("192.0.2.9")
    blocked.forget("192.0.2.2")
    assert blocked.last_address == "192.0.2.1"
    blocked.forget("192.0.2.1")
    assert calls == ["192.0.2.1", "192.0.2.2", "192.0.2.1", None]


def test_an_address_that_asks_again_is_the_last_one() -> None:
    blocked = BlockedWebSockets()
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
        blocked.record(address)
    assert blocked.last_address == "192.0.2.1"


def test_a_limited_number_of_addresses_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_TRACKED_CLIENTS", 2)
    blocked = BlockedWebSockets()
    for number in range(1, 5):
        blocked.record(f"192.0.2.{number}")
    blocked.forget("192.0.2.4")
    blocked.forget("192.0.2.3")
    assert blocked.last_address is None


def test_a_share_that_starts_again_knows_no_address() -> None:
    blocked = BlockedWebSockets()
    blocked.record("192.0.2.1")
    blocked.clear()
    assert blocked.last_address is None
