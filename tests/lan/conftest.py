"""For each module two hosts, one kernel and one browser; for each test a share of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.hosts import Host, two_hosts, wait_until_up
from support.ordinary import FORGET, ORDINARY
from support.two_hosts import WAITS, Author, Colleague


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[Host, Host]]:
    with two_hosts() as both:
        yield both


@pytest.fixture(scope="module")
def _author(hosts: tuple[Host, Host]) -> Iterator[Author]:
    # Not pytest's folder: a socket's path has a hundred characters at most.
    with pytest.MonkeyPatch.context() as environ, tempfile.TemporaryDirectory() as folder:
        environ.setenv("IPYTHONDIR", folder)
        author = Author(hosts[0], Path(folder))
        try:
            yield author
        finally:
            author.end()


@pytest.fixture
def author(_author: Author, hosts: tuple[Host, Host]) -> Iterator[Author]:
    """With the extension loaded and nothing shared. Its `eth0` is put right after the test."""
    _author.run("%load_ext bokeh_share")
    _author.forget_cards()
    yield _author
    _author.run("%unload_ext bokeh_share")
    _author.run(WAITS + ORDINARY + FORGET)
    here = hosts[0]
    prefix = ["/64", "nodad"] if ":" in here.ip else ["/24"]
    here.run(["ip", "address", "flush", "dev", "eth0"])
    here.run(["ip", "address", "add", here.ip + prefix[0], "dev", "eth0", *prefix[1:]])
    here.run(["ip", "link", "set", "eth0", "up"])
    wait_until_up(here)


@pytest.fixture(scope="module")
def _colleague(
    hosts: tuple[Host, Host],
    tmp_path_factory: pytest.TempPathFactory,
    chromium: str,
    chromium_args: list[str],
) -> Iterator[Colleague]:
    colleague = Colleague(hosts[1], tmp_path_factory.mktemp("colleague"), chromium, chromium_args)
    try:
        yield colleague
    finally:
        with suppress(Exception):
            colleague.end()


@pytest.fixture
def colleague(_colleague: Colleague) -> Iterator[Colleague]:
    """With no page open; whatever goes wrong in its pages fails the test."""
    _colleague.troubles.clear()
    yield _colleague
    # Else it would come to the next test's share, which has the same link.
    _colleague.leave()
    assert _colleague.troubles == []
