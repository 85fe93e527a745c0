"""Errors of a function's options, shown to the author or to the viewer who chose a value."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from ...errors import BokehShareError
from ...text import shorten_value


class _ShortRepr(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 60


_short_repr = _ShortRepr()


def shorten_repr(value: object) -> str:
    """Return the `repr` with the middle left out if it is long, since visitors may send any text."""
    with suppress(Exception):  # such as that of an integer with too many digits
        return _short_repr.repr(value)
    return shorten_value(value)


@dataclass(eq=False)
class BadParameter(BokehShareError):
    """A parameter of a shared function that cannot be an option, or that is bound to an invalid value."""

    function: str
    parameter: str
    reason: str
    hint: str

    def __str__(self) -> str:
        return f"{self.parameter!r} of {self.function}() {self.reason}: {self.hint}"


@dataclass(eq=False)
class BadValue(BokehShareError):
    """An option got an invalid value; `allowed` describes the valid ones.

    `given` has one value; none if it is missing; all values if only one is allowed.
    """

    parameter: str
    given: tuple[object, ...]
    allowed: str
    choices: str = ""
    """The valid values, such as `North or South`, if they are enumerated."""

    def __str__(self) -> str:
        if not self.given:
            return f"{self.parameter} is missing: give {self.allowed}"
        values = ", ".join(map(shorten_repr, self.given[:3])) + (", …" if len(self.given) > 3 else "")
        if len(self.given) > 1:
            return f"{self.parameter} cannot be {values} at the same time: give {self.allowed}"
        if self.choices:
            return f"{values} is no {self.parameter}: choose {self.choices}"
        return f"{self.parameter} cannot be {values}: give {self.allowed}"


@dataclass(eq=False)
class UnknownOption(BadValue):
    """An option that the function does not have was given; `allowed` suggests others."""

    @classmethod
    def from_known_names(cls, name: str, given: Iterable[object], known: Iterable[str]) -> UnknownOption:
        """Make the error with the most similar known name, or all of them."""
        return cls(name, tuple(given), suggest_name(name, known))

    def __str__(self) -> str:
        return f"there is no option {shorten_repr(self.parameter)}: {self.allowed}"


def suggest_name(name: str, known: Iterable[str]) -> str:
    """Return the most similar known name, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(name[:100], known, 1)  # slow for long names
    if near:
        return f"did you mean {near[0]!r}?"
    return f"choose from {', '.join(known)}" if known else "there are none"
