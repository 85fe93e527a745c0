"""Reports to the broker go on after an error that nobody has foreseen."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bokeh_share.relay.broker_watch import BrokerWatch

pytestmark = pytest.mark.one_pairing


class Client:
    """A client whose first commands fail in a way that nobody has foreseen."""

    url = "redis://nowhere"

    def __init__(self, failures: int) -> None:
        self.failures = failures

    async def read_time(self) -> int:
        if self.failures:
            self.failures -= 1
            raise AttributeError("a fault in the client")
        return 1

    def open_reader(self, keys: object) -> None: ...

    async def run(self, command: object) -> None: ...


class Services:
    relay_name = "one"

    def __init__(self, client: Client) -> None:
        self.client = client


def test_reports_go_on_after_an_error_that_nobody_has_foreseen(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        services: Any = Services(Client(failures=2))
        watch = BrokerWatch(services, lambda: [], "https://plots.example.org", interval=0.001)
        task = asyncio.create_task(watch.run())
        async with asyncio.timeout(10):
            while not watch.is_available:
                await asyncio.sleep(0.001)
        task.cancel()

    asyncio.run(run())
    assert caplog.text.count("the relay cannot report its viewers") == 2
