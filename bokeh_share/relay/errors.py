"""Errors of a relay that its operator can fix."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import BokehShareError


@dataclass(eq=False)
class RelayCannotStart(BokehShareError):
    """The relay cannot start; `advice` is what to do."""

    reason: str
    advice: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.advice}"
