"""Reads the frames of an app's viewer, and assembles the messages of Bokeh's protocol."""

from __future__ import annotations

import json
import sys
from typing import Any, NamedTuple, NoReturn

from bokeh.core.serialization import Buffer
from bokeh.core.types import ID

from ... import limits
from ...wire import CloseCode
from .errors import MessageError

MAX_HEADER_LENGTH = 1000
"""Maximum characters of each header before the content."""
PARSED_VALUE_BYTES = 64
"""Approximate bytes of a parsed value, besides its characters."""
MAX_EXACT_DIGITS = 15
"""The number of digits up to which JavaScript represents every integer exactly."""


class RawMessage(NamedTuple):
    """A complete message."""

    kind: str
    id: ID
    content: Any
    buffers: list[Buffer]


class MessageReader:
    """Assembles messages one after the other. Buffers at most `limits.MAX_APP_MESSAGE_BYTES`."""

    def __init__(self) -> None:
        self.size = 0
        """Bytes of the incomplete message."""
        self.memory_size = 0
        """Approximate bytes that it uses in memory."""
        self._header: dict[str, Any] | None = None
        self._content: tuple[Any, ...] = ()
        self._buffer_name: str | None = None
        self._frame_count = 0
        self._buffers: dict[str, Buffer] = {}

    def add_frame(self, frame: str | bytes) -> RawMessage | None:
        """Return the message that this frame completes, if any. Unusable after it raised `MessageError`."""
        self.size += len(frame)
        if self.size > limits.MAX_APP_MESSAGE_BYTES:
            raise MessageError("app message too large", CloseCode.MESSAGE_TOO_BIG)
        self.memory_size += sys.getsizeof(frame)
        self._frame_count += 1
        if self._frame_count <= 3:
            self._add_text_frame(frame)
        elif self._buffer_name is None:
            self._buffer_name = _parse_buffer_name(_check_text_frame(frame))
        else:
            self._add_buffer(frame)
        if self._frame_count < 3 or self._header is None or len(self._buffers) < self._header["num_buffers"]:
            return None
        message = RawMessage(
            self._header["msgtype"], self._header["msgid"], self._content[0], [*self._buffers.values()]
        )
        self.__init__()  # type: ignore[misc]  # starts with the next message
        return message

    def _add_text_frame(self, frame: str | bytes) -> None:
        text = _check_text_frame(frame)
        if self._frame_count < 3 and len(text) > MAX_HEADER_LENGTH:
            raise MessageError("app message with a header that is too long", CloseCode.MESSAGE_TOO_BIG)
        if self._frame_count == 1:
            self._header = _parse_header(text)
        elif self._frame_count == 3:
            if (values := count_values(text)) > limits.MAX_APP_MESSAGE_VALUES:
                raise MessageError("app message with too many values", CloseCode.MESSAGE_TOO_BIG)
            self.memory_size += PARSED_VALUE_BYTES * values
            self._content = (parse_json(text),)

    def _add_buffer(self, frame: str | bytes) -> None:
        if not isinstance(frame, bytes):
            raise MessageError("app message with text in place of an array", CloseCode.UNSUPPORTED_DATA)
        assert self._buffer_name is not None
        if self._buffer_name in self._buffers:
            raise MessageError("app message with two arrays of one name")
        self._buffers[self._buffer_name] = Buffer(ID(self._buffer_name), frame)
        self._buffer_name = None


def count_values(text: str) -> int:
    """Return an upper bound for the number of values in a JSON text."""
    return text.count(",") + text.count("[") + text.count("{")


def parse_json(text: str) -> Any:
    """Parse a JSON text, with long numbers rounded as in JavaScript. Raises `MessageError`."""
    try:
        return json.loads(text, parse_int=_parse_integer, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        raise MessageError("app message with invalid JSON") from error


def _parse_integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_EXACT_DIGITS else float(digits)


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check_text_frame(frame: str | bytes) -> str:
    if not isinstance(frame, str):
        raise MessageError("app message with an array in place of text", CloseCode.UNSUPPORTED_DATA)
    return frame


def _parse_header(text: str) -> dict[str, Any]:
    header = parse_json(text)
    if not isinstance(header, dict):
        raise MessageError("app message without a header")
    kind, id, num_buffers = header.get("msgtype"), header.get("msgid"), header.get("num_buffers", 0)
    if (
        not isinstance(kind, str)
        or not isinstance(id, str)
        or type(num_buffers) is not int
        or num_buffers < 0
    ):
        raise MessageError("app message with an incomplete header")
    if num_buffers > limits.MAX_APP_MESSAGE_BUFFERS:
        raise MessageError("app message with too many arrays", CloseCode.MESSAGE_TOO_BIG)
    return {"msgtype": kind, "msgid": ID(id), "num_buffers": num_buffers}


def _parse_buffer_name(text: str) -> str:
    header = parse_json(text) if len(text) <= MAX_HEADER_LENGTH else None
    if not isinstance(header, dict) or header.keys() != {"id"} or not isinstance(header["id"], str):
        raise MessageError("app message with an array without a name")
    return str(header["id"])
