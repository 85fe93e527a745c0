"""One share per process: how it starts, and what is left over if it does not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from bokeh_share.errors import ConflictingOptions, NothingShared, PortInUse
from bokeh_share.sharing import current
from bokeh_share.sharing.binding import BoundSockets
from bokeh_share.sharing.link_store import LinkStore
from bokeh_share.sharing.options import Options
from bokeh_share.sharing.process_state import ProcessState
from bokeh_share.sharing.runner import ShareRunner


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process of its own, as far as sharing goes."""
    monkeypatch.setattr(current, "_process_state", ProcessState())
    yield
    current.clear()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[BoundSockets]:
    """What was opened."""
    result: list[BoundSockets] = []
    real = BoundSockets.open

    def record(*args: Any, **options: Any) -> BoundSockets:
        result.append(real(*args, **options))
        return result[-1]

    monkeypatch.setattr(BoundSockets, "open", record)
    return result


def is_closed(bound: BoundSockets) -> bool:
    return [sock.fileno() for sock in bound.sockets] == [-1] * len(bound.sockets) != []


def interrupt(*args: Any, **options: Any) -> None:
    raise KeyboardInterrupt


def test_an_interrupt_while_a_password_is_hashed_closes_the_sockets(
    monkeypatch: pytest.MonkeyPatch, opened: list[BoundSockets]
) -> None:
    monkeypatch.setattr(LinkStore, "set_password", interrupt)
    for start in (current.start_or_update_share, current.open_sockets):
        with pytest.raises(KeyboardInterrupt):
            start(current.resolve(Options(password="opensesame", port=0)))
        assert is_closed(opened.pop())
        assert current.get_share() is None


@pytest.mark.parametrize("step", ["__init__", "start"])
def test_what_fails_while_it_starts_closes_the_sockets(
    monkeypatch: pytest.MonkeyPatch, opened: list[BoundSockets], step: str
) -> None:
    monkeypatch.setattr(ShareRunner, step, interrupt)
    with pytest.raises(KeyboardInterrupt):
        current.start_or_update_share(current.resolve(Options(port=0)))
    assert is_closed(opened[0])
    assert current.get_share() is None


def test_what_fails_after_it_listens_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, opened: list[BoundSockets]
) -> None:
    monkeypatch.setattr("bokeh_share.apps.app_server.AppServer.start", interrupt)
    with pytest.raises(KeyboardInterrupt):
        current.start_or_update_share(current.resolve(Options(port=0)))
    assert is_closed(opened[0])
    with pytest.raises(NothingShared):
        current.get_running_share()


def test_a_share_that_runs_is_kept_and_another_option_moves_it(opened: list[BoundSockets]) -> None:
    share = current.start_or_update_share(current.resolve(Options(port=0)))
    url = share.url
    assert current.start_or_update_share(current.resolve(Options())) is share
    assert (share.url, len(opened)) == (url, 1)
    assert current.start_or_update_share(current.resolve(Options(token=False))) is share
    assert share.url == f"{url.rsplit('/', 2)[0]}/"
    assert current.get_running_share() is share
    assert current.stop_share()
    assert not current.stop_share()
    assert (share.running, share.url, current.list_notes()) == (False, "", ())
    assert current.get_share() is share


def test_options_that_cannot_be_are_refused_before_anything_changes() -> None:
    share = current.start_or_update_share(current.resolve(Options(port=0, password="opensesame")))
    url = share.url
    with pytest.raises(ConflictingOptions):
        current.resolve(Options(token=False))
    with socket.create_server(("127.0.0.1", 0)) as program, pytest.raises(PortInUse):
        current.start_or_update_share(current.resolve(Options(port=program.getsockname()[1], title="new")))
    assert (share.url, current.get_tracker_and_apps()[0].page.title != "new") == (url, True)
    current.start_or_update_share(current.resolve(Options(fresh=True)))
    current.start_or_update_share(current.resolve(Options(token=False)))
    with pytest.raises(ConflictingOptions) as error:
        current.resolve(Options(password=""))
    assert "the short link" in str(error.value)
