"""The error for an invalid message of an app's viewer."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import BokehShareError
from ...wire import CloseCode


@dataclass(eq=False)
class MessageError(BokehShareError):
    """A viewer sent an invalid message. `kind` describes the error without any of the message's content."""

    kind: str
    code: int = CloseCode.PROTOCOL_ERROR
    """The close code of the websocket, if no answer can be sent."""

    def __str__(self) -> str:
        return f"{self.kind}: load the page again"
