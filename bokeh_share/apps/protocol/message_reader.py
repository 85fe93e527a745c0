"""What an app's viewer sends, frame by frame, until it is a whole message of Bokeh's protocol."""

from __future__ import annotations

import json
import sys
from typing import Any, NamedTuple, NoReturn

from bokeh.core.serialization import Buffer
from bokeh.core.types import ID

from ... import limits
from ..errors import Refused

HEADER = 1000
"""Characters of what comes before the content, each."""
VALUE = 64
"""Bytes that a value takes when it is read, about, beside its letters."""
EXACT = 15
"""Digits that a JavaScript number has for sure."""


class RawMessage(NamedTuple):
    """A whole message."""

    kind: str
    id: ID
    content: Any
    buffers: list[Buffer]


class MessageReader:
    """The frames of one message after the other. Holds what `limits.APP_MESSAGE` allows at most."""

    def __init__(self) -> None:
        self.size = 0
        """Bytes of what is not yet a whole message."""
        self.weight = 0
        """How many it takes in memory, about."""
        self._header: dict[str, Any] | None = None
        self._content: tuple[Any, ...] = ()
        self._name: str | None = None
        self._texts = 0
        self._buffers: dict[str, Buffer] = {}

    def take(self, frame: str | bytes) -> RawMessage | None:
        """The message that ends with this frame, if one does. Raises `Refused`; then there is no going on."""
        self.size += len(frame)
        if self.size > limits.APP_MESSAGE:
            raise Refused("a message of an app's viewer is too large", 1009)
        self.weight += sys.getsizeof(frame)
        self._texts += 1
        if self._texts <= 3:
            self._take_text(frame)
        elif self._name is None:
            self._name = _name(_text(frame))
        else:
            self._take_buffer(frame)
        if self._texts < 3 or self._header is None or len(self._buffers) < self._header["num_buffers"]:
            return None
        whole = RawMessage(
            self._header["msgtype"], self._header["msgid"], self._content[0], [*self._buffers.values()]
        )
        self.__init__()  # type: ignore[misc]  # all of it begins anew
        return whole

    def _take_text(self, frame: str | bytes) -> None:
        text = _text(frame)
        if self._texts < 3 and len(text) > HEADER:
            raise Refused("a message of an app's viewer has too long a header", 1009)
        if self._texts == 1:
            self._header = _header(text)
        elif self._texts == 3:
            if (values := values_in(text)) > limits.APP_VALUES:
                raise Refused("a message of an app's viewer has too many values", 1009)
            self.weight += VALUE * values
            self._content = (parsed(text),)

    def _take_buffer(self, frame: str | bytes) -> None:
        if not isinstance(frame, bytes):
            raise Refused("a message of an app's viewer has text where an array is due", 1003)
        assert self._name is not None
        if self._name in self._buffers:
            raise Refused("a message of an app's viewer has two arrays of one name")
        self._buffers[self._name] = Buffer(ID(self._name), frame)
        self._name = None


def values_in(text: str) -> int:
    """How many values a JSON text has, at most."""
    return text.count(",") + text.count("[") + text.count("{")


def parsed(text: str) -> Any:
    """The values of a JSON text, with long numbers as JavaScript has them. Raises `Refused`."""
    try:
        return json.loads(text, parse_int=_number, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused("a message of an app's viewer is no JSON") from error


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) <= EXACT else float(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _text(frame: str | bytes) -> str:
    if not isinstance(frame, str):
        raise Refused("a message of an app's viewer has an array where text is due", 1003)
    return frame


def _header(text: str) -> dict[str, Any]:
    header = parsed(text)
    if not isinstance(header, dict):
        raise Refused("a message of an app's viewer has no header")
    kind, id, number = header.get("msgtype"), header.get("msgid"), header.get("num_buffers", 0)
    if not isinstance(kind, str) or not isinstance(id, str) or type(number) is not int or number < 0:
        raise Refused("a message of an app's viewer has a header with something missing")
    if number > limits.APP_BUFFERS:
        raise Refused("a message of an app's viewer has too many arrays", 1009)
    return {"msgtype": kind, "msgid": ID(id), "num_buffers": number}


def _name(text: str) -> str:
    header = parsed(text) if len(text) <= HEADER else None
    if not isinstance(header, dict) or header.keys() != {"id"} or not isinstance(header["id"], str):
        raise Refused("a message of an app's viewer has an array without a name")
    return str(header["id"])
