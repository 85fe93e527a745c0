"""The messages between the share and the author's own pages, besides those that viewers get.

A page of the author sends JSON text. `{"do": name, "number": n}` with the arguments of `AUTHOR_COMMANDS` asks
for a change of the share; an `answer` follows. `{"present": view}` is a change of the view that the author
presents (`presented_view`), and has no answer.

The share sends, encoded like all messages:

- `author`: what an author's page shows besides the page: the links, the viewers, the dropped plots, the
  number of commands that wait for the kernel, the card's line on the relay, and the number of viewers at
  relays (`relayed`). Sent first, and after each change.
- `answer`: the `state` of the command with this `number`: `waiting` until the running cell ends, then `done`,
  or `failed` with the reason as `text`. With `url`, the page continues there, since the share has a new link.
- `present`: the view of the author, which viewers follow. It replaces what they had if it is `whole`;
  otherwise it has only what changed. `presenting` is false after the end.
- `pins`: all pins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from .messages import encode_message
from .presented_view import (
    PLOT_ID,
    PresentedView,
    is_encodable,
    read_pin_text,
    read_presented_view,
    read_spot,
)

MAX_NEW_TITLE_LENGTH = 300
MAX_CAPTION_LENGTH = 1000
MAX_PASSWORD_LENGTH = 1000
MAX_ITEM_NAME_LENGTH = 300
"""Maximum length of the name of an app."""
MAX_ORDERED_PLOTS = 1000

ArgumentReader = Callable[[object], Any]
"""Returns the argument in its type; None if the value is not a valid one."""

AnswerState = Literal["waiting", "done", "failed"]


def _build_text_reader(max_length: int, *, can_be_empty: bool = False) -> ArgumentReader:
    def read(value: object) -> str | None:
        is_valid = isinstance(value, str) and (can_be_empty or value.strip()) and len(value) <= max_length
        return value if is_valid and isinstance(value, str) and is_encodable(value) else None

    return read


def _read_plot_ids(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or len(value) > MAX_ORDERED_PLOTS:
        return None
    is_valid = all(isinstance(each, str) and PLOT_ID.fullmatch(each) for each in value)
    return tuple(value) if is_valid else None


def _read_number(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 2**31 else None


_NAME = _build_text_reader(MAX_ITEM_NAME_LENGTH)

AUTHOR_COMMANDS: Mapping[str, Mapping[str, ArgumentReader]] = MappingProxyType(
    {
        "pause": {},
        "resume": {},
        "send_away": {"viewer": _read_number},
        "start_presenting": {},
        "stop_presenting": {},
        "pin": {"spot": read_spot, "text": read_pin_text},
        "unpin": {"pin": _read_number},
        "replace_link": {},
        "set_password": {"password": _build_text_reader(MAX_PASSWORD_LENGTH)},
        "set_title": {"title": _build_text_reader(MAX_NEW_TITLE_LENGTH)},
        "arrange": {"plots": _read_plot_ids},
        "drop": {"name": _NAME},
        "restore": {"name": _NAME},
        "set_caption": {"plot": _NAME, "caption": _build_text_reader(MAX_CAPTION_LENGTH, can_be_empty=True)},
        "stop": {},
    }
)
"""The commands, and the arguments of each with a function that reads it."""


@dataclass(frozen=True)
class AuthorCommand:
    """A change of the share that a page of the author asks for."""

    name: str
    number: int
    """Given by the page, for the answer."""
    arguments: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<AuthorCommand {self.name}>"  # an argument may be the password


def is_author_message(text: bytes) -> bool:
    """Return True for a message that only pages of the author send; they also send those of viewers."""
    return text.startswith((b'{"do":', b'{"present":'))


def read_author_message(text: bytes) -> AuthorCommand | PresentedView | None:
    """Read a message of an author's page; None if it is not a valid one."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    if message.keys() == {"present"}:
        return read_presented_view(message["present"])
    name, number = message.pop("do", None), _read_number(message.pop("number", None))
    readers = AUTHOR_COMMANDS.get(name) if isinstance(name, str) else None
    if readers is None or number is None or message.keys() != readers.keys():
        return None
    arguments = {key: read(message[key]) for key, read in readers.items()}
    if any(value is None for value in arguments.values()):
        return None
    return AuthorCommand(name, number, MappingProxyType(arguments))


def encode_answer(number: int, state: AnswerState, text: str = "", url: str = "") -> bytes:
    """Encode the answer to a command."""
    return encode_message({"kind": "answer", "number": number, "state": state, "text": text, "url": url})


def encode_author_state(state: Mapping[str, Any]) -> bytes:
    """Encode what an author's page shows besides the page."""
    return encode_message({"kind": "author", **state})


def encode_presented_view(view: PresentedView, *, is_whole: bool) -> bytes:
    """Encode the view that viewers follow, or its change."""
    header = {
        "kind": "present",
        "presenting": True,
        "whole": is_whole,
        "in_view": view.in_view,
        "plots": dict(view.plots),
        "pointer": None if view.pointer is None else view.pointer.to_dict(),
    }
    return encode_message(header)


def encode_end_of_presentation() -> bytes:
    return encode_message({"kind": "present", "presenting": False})


def encode_pins(pins: Sequence[Mapping[str, Any]]) -> bytes:
    """Encode all pins."""
    return encode_message({"kind": "pins", "pins": list(pins)})
