from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bokeh_share.card.note import Section, Severity
from bokeh_share.card.notes import (
    MANY_WRONG_PASSWORDS,
    describe_blocked_websockets,
    describe_missing_viewers,
    describe_rejected_viewers,
    describe_simple_prompt,
    describe_untested_bokeh,
    list_access_notes,
)

GUARDS: dict[str, Any] = {
    "has_password": True,
    "certificate": None,
    "wrong_password_count": 0,
    "wrong_password_address": "",
}


@pytest.mark.parametrize("version", ["3.9.2", "3.10.0", "3.10.11", "3.9"])
def test_a_bokeh_that_was_tried_has_no_note(version: str) -> None:
    assert describe_untested_bokeh(version) is None


@pytest.mark.parametrize("version", ["3.8.1", "3.11.0", "3.90.1", "4.0.0", "3.1"])
def test_of_another_bokeh_one_line_says_what_it_means_for_viewers(version: str) -> None:
    note = describe_untested_bokeh(version)
    assert note is not None
    assert note.text == (
        f"Bokeh {version} was not tested yet, only 3.9 and 3.10: "
        "pages draw each changed plot anew, a little later"
    )
    assert note.severity is Severity.INFO, "the author can do nothing about it"


@pytest.mark.parametrize(
    ("system", "programs", "command"),
    [
        ("linux", ["ufw", "firewall-cmd"], "sudo ufw allow 5006/tcp"),
        ("linux", ["firewall-cmd"], "sudo firewall-cmd --add-port=5006/tcp"),
        ("linux", [], "sudo iptables -I INPUT -p tcp --dport 5006 -j ACCEPT"),
        ("win32", [], "localport=5006"),
        ("darwin", [], "System Settings"),
    ],
)
def test_when_nobody_came_the_command_is_this_systems(system: str, programs: list[str], command: str) -> None:
    text = describe_missing_viewers(
        5006, system=system, find_program=lambda name: name if name in programs else None
    ).text
    assert text.endswith(command) or command in text
    assert "same network" in text
    assert "5006" in text


def test_of_a_password_it_says_whether_it_was_set_earlier() -> None:
    (new,) = list_access_notes(**GUARDS, is_new_password=True)
    assert new.text == "viewers need a password"
    (earlier,) = list_access_notes(**GUARDS, is_new_password=False)
    assert earlier.text.startswith("viewers need the password that was set earlier: --password sets")
    assert [*list_access_notes(**{**GUARDS, "has_password": False})] == []


@pytest.mark.parametrize(
    ("count", "text", "severity"),
    [
        (1, "1 wrong password was entered, the last from 10.0.0.9", Severity.INFO),
        (MANY_WRONG_PASSWORDS - 1, "9 wrong passwords were entered, the last from 10.0.0.9", Severity.INFO),
        (1204, "1,204 wrong passwords were entered, the last from 10.0.0.9", Severity.ATTACKED),
    ],
)
def test_many_wrong_passwords_are_graver_than_a_few(count: int, text: str, severity: Severity) -> None:
    guards = {**GUARDS, "wrong_password_count": count, "wrong_password_address": "10.0.0.9"}
    *_, note = list_access_notes(**guards)
    assert (note.text, note.section, note.severity) == (text, Section.ACCESS, severity)


def test_rejected_viewers_are_counted_and_the_note_says_how_to_let_more_in() -> None:
    assert describe_rejected_viewers(0, 5, is_low_on_descriptors=False) is None
    once = describe_rejected_viewers(1, 5, is_low_on_descriptors=False)
    assert once is not None
    assert (
        once.text == "rejected 1 visitor: at most 5 viewers at the same time (%bokeh_share --max-viewers N)"
    )
    scarce = describe_rejected_viewers(3, 5, is_low_on_descriptors=True)
    assert scarce is not None
    assert scarce.text.startswith("rejected 3 visitors: this process may open no more files")


def test_a_page_without_a_websocket_is_said_with_its_address_and_the_headers_to_pass_on() -> None:
    assert describe_blocked_websockets(None) is None
    note = describe_blocked_websockets("192.0.2.7")
    assert note is not None
    assert note.severity is Severity.REJECTED
    assert note.text == (
        "a page gets no plots: something between it and this machine lets no websocket through. If"
        " 192.0.2.7 is a proxy, it must pass on websockets: HTTP/1.1, and the headers Upgrade and Connection"
    )


def test_a_simple_prompt_has_a_note_and_others_have_none() -> None:
    assert describe_simple_prompt(SimpleNamespace(simple_prompt=True)) is not None
    assert describe_simple_prompt(SimpleNamespace(simple_prompt=False)) is None
    assert describe_simple_prompt(None) is None
