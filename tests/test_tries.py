"""How often somebody may try a password, and whose turn it is."""

from __future__ import annotations

import asyncio

import pytest
from apart import apart

from bokeh_share import limits
from bokeh_share.door.tries import Tries


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


async def attempt(tries: Tries, ip: str, *, right: bool = False, times: int = 1) -> float:
    """How long the last one has to wait."""
    wait = 0.0
    for _ in range(times):
        wait = await tries.begin(ip)
        if not wait:
            tries.end(ip, right=right)
    return wait


async def turns(tries: Tries, *ips: str) -> tuple[list[str], list[asyncio.Task[float]]]:
    """Let these ask for a turn while another has it, in this order: who has got one by now, and all tasks."""
    got: list[str] = []

    async def ask(ip: str) -> float:
        wait = await tries.begin(ip)
        if not wait:
            got.append(ip)
        return wait

    assert await tries.begin("10.9.9.9") == 0
    tasks = [asyncio.create_task(ask(ip)) for ip in ips]
    await settled()
    assert got == []
    return got, tasks


async def settled() -> None:
    """All that can go on has gone on."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_five_wrong_ones_a_minute_and_then_one_waits() -> None:
    async def run() -> None:
        clock = Clock()
        tries = Tries(clock=clock)
        assert await attempt(tries, "10.0.0.7") == 0
        clock.now += 20
        assert await attempt(tries, "10.0.0.7", times=4) == 0
        assert await attempt(tries, "10.0.0.7") == 40
        assert await attempt(tries, "10.0.0.8", times=5) == 0, "another address has its own five"
        clock.now += 40
        assert await attempt(tries, "10.0.0.7") == 0, "the first counts no more"
        assert await attempt(tries, "10.0.0.7") == 20

    apart(run)


def test_who_knew_it_begins_anew() -> None:
    async def run() -> None:
        tries = Tries(clock=Clock())
        assert await attempt(tries, "10.0.0.7", times=4) == 0
        assert await attempt(tries, "10.0.0.7", right=True) == 0
        assert await attempt(tries, "10.0.0.7", times=5) == 0

    apart(run)


def test_any_number_of_right_ones_from_one_address_are_let_in() -> None:
    async def run() -> None:
        tries = Tries(clock=Clock())
        waits = await asyncio.gather(*(attempt(tries, "10.0.0.7", right=True) for _ in range(60)))
        assert waits == [0.0] * 60

    apart(run)


def test_those_that_wait_are_checked_one_after_the_other_and_by_turns() -> None:
    async def run() -> None:
        tries = Tries(clock=Clock())
        ips = ["10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.3"]
        got, _ = await turns(tries, *ips)
        tries.end("10.9.9.9", right=True)
        for number in range(1, 6):
            await settled()
            assert len(got) == number
            tries.end(got[-1], right=True)
        assert got == ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1", "10.0.0.1"]

    apart(run)


def test_wrong_ones_that_wait_are_refused_once_there_were_too_many() -> None:
    async def run() -> None:
        tries = Tries(clock=Clock())
        got, tasks = await turns(tries, *["10.0.0.1"] * 8)
        tries.end("10.9.9.9", right=True)
        for _ in range(5):
            await settled()
            tries.end("10.0.0.1", right=False)
        assert [await task for task in tasks] == [0.0] * 5 + [60.0] * 3
        assert len(got) == 5
        assert await tries.begin("10.0.0.2") == 0, "nobody has the turn any more"

    apart(run)


def test_a_crowd_that_guesses_does_not_keep_out_who_knows_the_password() -> None:
    async def run() -> None:
        tries = Tries(clock=Clock())
        crowd = [f"10.1.0.{number}" for number in range(70)]
        for ip in crowd:
            assert await attempt(tries, ip) == 0
        got, tasks = await turns(tries, *crowd * 4, "10.0.0.7")
        tries.end("10.9.9.9", right=True)
        await settled()
        assert got == ["10.0.0.7"]
        assert sum(not task.done() for task in tasks) == limits.CHECKS - 1

    apart(run)


def test_with_too_many_that_wait_one_of_the_most_guilty_network_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def run() -> None:
        monkeypatch.setattr(limits, "CHECKS", 3)
        tries = Tries(clock=Clock())
        await attempt(tries, "10.0.0.1")
        _, tasks = await turns(tries, "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")
        assert [task.done() for task in tasks] == [True, False, False, False]
        assert tasks[0].result() == 12

    apart(run)


def test_the_turn_of_who_has_left_is_anothers() -> None:
    async def run() -> None:
        tries = Tries(clock=Clock())
        got, (first, _) = await turns(tries, "10.0.0.1", "10.0.0.2")
        first.cancel()
        await settled()
        tries.end("10.9.9.9", right=True)
        await settled()
        assert got == ["10.0.0.2"]

    apart(run)


def test_a_loop_that_has_ended_takes_no_turn_along() -> None:
    tries = Tries(clock=Clock())

    def on_a_loop_of_its_own() -> None:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(turns(tries, "10.0.0.1"))
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(settled())
        loop.close()

    async def run() -> None:
        await asyncio.to_thread(on_a_loop_of_its_own)
        tries.end("10.9.9.9", right=True)
        assert await tries.begin("10.0.0.2") == 0

    apart(run)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.7", "::ffff:10.0.0.8", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("", "", True),
    ],
)
def test_a_network_of_ipv6_counts_as_one(one: str, other: str, same: bool) -> None:
    async def run() -> None:
        tries = Tries(clock=Clock())
        await attempt(tries, one, times=5)
        assert (await attempt(tries, other) > 0) is same

    apart(run)


def test_it_remembers_only_so_many_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        monkeypatch.setattr(limits, "TRIERS", 3)
        tries = Tries(clock=Clock())
        for number in range(10):
            await attempt(tries, f"10.0.0.{number}", times=5)
        assert list(tries._wrong) == ["10.0.0.7", "10.0.0.8", "10.0.0.9"]

    apart(run)
