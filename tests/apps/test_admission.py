from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bokeh_share.apps import admission as module
from bokeh_share.apps.admission import Admission
from bokeh_share.apps.open_documents import OpenDocuments
from bokeh_share.server import visitor_log


class Session:
    """Bokeh's session of a document, as far as it is asked for."""

    def __init__(self, id: str, idle: float | None = None) -> None:
        self.id = id
        self.milliseconds_since_last_unsubscribe = idle or 0.0
        self.connection_count = int(idle is None)
        self.expiration_requested = False

    def request_expiration(self) -> None:
        self.expiration_requested = True


class Socket:
    """The websocket of a viewer who has requested a document."""

    session_id = "a"


class App:
    """An app with these documents."""

    def __init__(self, *sessions: Session) -> None:
        self.sessions = [*sessions]
        self.open_documents = OpenDocuments("app", lambda: self.sessions)  # type: ignore[arg-type,return-value]
        for each in sessions:
            self.open_documents.add(each.id, SimpleNamespace())  # type: ignore[arg-type]

    def clean_up(self) -> None:
        """Remove documents that end, as Bokeh does from time to time."""
        for each in [each for each in self.sessions if each.expiration_requested]:
            self.sessions.remove(each)
            self.open_documents.remove(each.id)


@pytest.fixture(autouse=True)
def misuse(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What viewers did wrong."""
    kinds: list[str] = []
    monkeypatch.setattr(visitor_log, "log_misuse", kinds.append)
    monkeypatch.setattr(module, "MAKE_ROOM_INTERVAL", 0.001)
    monkeypatch.setattr(module, "MAKE_ROOM_TIMEOUT", 0.01)
    return kinds


def admit(admission: Admission, *apps: App) -> bool:
    """The answer, while Bokeh cleans up."""

    async def check() -> bool:
        admitted = asyncio.ensure_future(admission.admit())
        while not admitted.done():
            await asyncio.sleep(0)
            for app in apps:
                app.clean_up()
        return await admitted

    return asyncio.run(check())


def ids(*apps: App) -> list[str]:
    return [session.id for app in apps for session in app.sessions]


def test_the_documents_of_all_apps_count_and_the_requested_one_does_not() -> None:
    apps = [App(Session("a")), App(Session("b"))]
    admission = Admission(apps, lambda: 2)
    assert admission.is_full()
    assert not admission.is_full("b")
    assert not Admission(apps, lambda: 3).is_full()


def test_a_requested_document_counts_before_it_is_there() -> None:
    app = App()
    socket: Any = Socket()
    admission = Admission([app], lambda: 1)
    app.open_documents.viewers.join(socket)
    assert admission.is_full()
    app.open_documents.viewers.leave(socket)
    assert not admission.is_full()


def test_with_room_nothing_ends(misuse: list[str]) -> None:
    app = App(Session("a", idle=5))
    assert admit(Admission([app], lambda: 2), app)
    assert ids(app) == ["a"]
    assert misuse == []


def test_the_document_that_is_unused_for_the_longest_ends_whatever_its_app() -> None:
    apps = [App(Session("a", idle=1), Session("b")), App(Session("c", idle=5), Session("d", idle=9))]
    assert admit(Admission(apps, lambda: 4), *apps)
    assert ids(*apps) == ["a", "b", "c"]


def test_documents_in_use_do_not_end(misuse: list[str]) -> None:
    app = App(Session("a"), Session("b"))
    assert not admit(Admission([app], lambda: 2), app)
    assert ids(app) == ["a", "b"]
    assert misuse == ["too many viewers of apps"]


def test_one_that_ends_already_is_waited_for() -> None:
    ending = Session("a", idle=1)
    ending.request_expiration()
    app = App(ending, Session("b", idle=9))
    assert admit(Admission([app], lambda: 2), app)
    assert ids(app) == ["b"]


def test_one_that_does_not_end_is_not_waited_for_long() -> None:
    app = App(Session("a", idle=1))
    assert not admit(Admission([app], lambda: 1))  # Bokeh cleans nothing up


def test_who_waits_while_all_are_disconnected_is_not_admitted(misuse: list[str]) -> None:
    app = App(Session("a", idle=1))
    admission = Admission([app], lambda: 1)

    async def check() -> bool:
        admitted = asyncio.ensure_future(admission.admit())
        await asyncio.sleep(0)
        admission.reject_waiting()
        app.clean_up()
        return await admitted

    assert asyncio.run(check()) is False
    assert misuse == []
    assert admit(admission, app)
