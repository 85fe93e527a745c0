"""The messages of the author's own pages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bokeh_share.wire.author_messages import (
    AuthorCommand,
    encode_answer,
    encode_author_state,
    encode_end_of_presentation,
    encode_pins,
    encode_presented_view,
    is_author_message,
    read_author_message,
)
from bokeh_share.wire.presented_view import PresentedView, Spot


def read(**message: Any) -> Any:
    return read_author_message(json.dumps(message).encode())


def header(message: bytes) -> Any:
    assert len(message) == 4 + int.from_bytes(message[:4], "big")
    return json.loads(message[4:])


def test_a_command_has_its_arguments_and_a_number_for_the_answer() -> None:
    command = read(do="set_caption", number=7, plot="k1", caption="")
    assert isinstance(command, AuthorCommand)
    assert (command.name, command.number, dict(command.arguments)) == (
        "set_caption",
        7,
        {"plot": "k1", "caption": ""},
    )
    assert read(do="pin", number=1, spot={"plot": "k1", "model": "k1.5", "x": 1, "y": 2}, text="a").arguments[
        "spot"
    ] == Spot("k1", "k1.5", 1.0, 2.0)
    assert read(do="arrange", number=1, plots=["k2", "k1"]).arguments["plots"] == ("k2", "k1")
    assert read(present={}) == PresentedView()


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"do": "pause"},
        {"do": "pause", "number": -1},
        {"do": "pause", "number": True},
        {"do": "pause", "number": 1, "more": 1},
        {"do": "run", "number": 1, "code": "1"},
        {"do": ["pause"], "number": 1},
        {"do": "send_away", "number": 1},
        {"do": "send_away", "number": 1, "viewer": "1"},
        {"do": "set_title", "number": 1, "title": " "},
        {"do": "set_title", "number": 1, "title": "x" * 301},
        {"do": "set_title", "number": 1, "title": "\ud800"},
        {"do": "set_password", "number": 1, "password": ""},
        {"do": "set_password", "number": 1, "password": True},
        {"do": "arrange", "number": 1, "plots": ["sales"]},
        {"do": "arrange", "number": 1, "plots": ["k1"] * 1001},
        {"do": "pin", "number": 1, "spot": None, "text": "a"},
        {"present": {}, "do": "pause"},
        {"present": 1},
    ],
)
def test_any_other_message_is_refused(message: dict[str, Any]) -> None:
    assert read(**message) is None


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_message_is_refused(text: bytes) -> None:
    assert read_author_message(text) is None


def test_a_repr_has_no_password() -> None:
    assert "secret" not in repr(read(do="set_password", number=1, password="secret"))


def test_messages_of_viewers_are_told_apart() -> None:
    assert is_author_message(b'{"do":"pause","number":1}')
    assert is_author_message(b'{"present":{}}')
    assert not is_author_message(b'{"resend":"k1"}')
    assert not is_author_message(b"")


def test_what_the_share_sends() -> None:
    assert header(encode_answer(3, "failed", "no", "")) == {
        "kind": "answer",
        "number": 3,
        "state": "failed",
        "text": "no",
        "url": "",
    }
    assert header(encode_author_state({"waiting": 2})) == {"kind": "author", "waiting": 2}
    assert header(encode_end_of_presentation()) == {"kind": "present", "presenting": False}
    view = PresentedView(("k1",), {"k1": (("s0", (1, 2)),)}, Spot("k1", "k1.5", 1.0, (("a", "b"), 0.0)))
    assert header(encode_presented_view(view, is_whole=True)) == {
        "kind": "present",
        "presenting": True,
        "whole": True,
        "in_view": ["k1"],
        "plots": {"k1": [["s0", [1, 2]]]},
        "pointer": {"plot": "k1", "model": "k1.5", "x": 1.0, "y": [["a", "b"], 0.0]},
    }
    assert header(encode_pins([{"pin": 1}])) == {"kind": "pins", "pins": [{"pin": 1}]}
