"""The error of a message that no page sends."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import BokehShareError
from ...wire import CloseCode


@dataclass(eq=False)
class MessageError(BokehShareError):
    """What a viewer sent is none of what pages send. `kind` says what is wrong, and has nothing of it."""

    kind: str
    code: int = CloseCode.PROTOCOL_ERROR
    """With which the websocket is closed, where nothing can be answered."""

    def __str__(self) -> str:
        return f"{self.kind}: load the page again"
