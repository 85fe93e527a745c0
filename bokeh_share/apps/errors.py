"""What can go wrong with apps, in the family of `bokeh_share.errors`: told to the author, or to who asks."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import BokehShareError
from ..wire.close_codes import CloseCode

_short_repr = reprlib.Repr()
_short_repr.maxstring = _short_repr.maxother = 60


def shorten_repr(value: object) -> str:
    """Its `repr`, with the middle left out where that is long: visitors send whatever they like."""
    return _short_repr.repr(value)


@dataclass(eq=False)
class AppFailure(BokehShareError):
    """The author's function did not do what an app does; `hint` says what that is."""

    app: str
    reason: str
    hint: str

    def __str__(self) -> str:
        return f"the app {self.app!r} {self.reason}: {self.hint}"


@dataclass(eq=False)
class MessageError(BokehShareError):
    """What a viewer sent is none of what pages send. `kind` says what is wrong, and has nothing of it."""

    kind: str
    code: int = CloseCode.PROTOCOL_ERROR
    """With which the websocket is closed, where nothing can be answered."""

    def __str__(self) -> str:
        return f"{self.kind}: load the page again"


@dataclass(eq=False)
class AppNameConflict(BokehShareError):
    """Two functions, defined at different places, are to be shared under one name."""

    name: str
    one: str
    other: str

    def __str__(self) -> str:
        return (
            f"two apps are called {self.name!r} ({self.one!r} and {self.other!r}):"
            " give one of them another name with name="
        )


@dataclass(eq=False)
class BadParameter(BokehShareError):
    """A parameter of a shared function that can be no option, or that is bound to what it cannot be."""

    function: str
    parameter: str
    reason: str
    hint: str

    def __str__(self) -> str:
        return f"{self.parameter!r} of {self.function}() {self.reason}: {self.hint}"


@dataclass(eq=False)
class BadValue(BokehShareError):
    """An option is given what it cannot be; `allowed` says in words what it can.

    `given` has one value, none where it is missing, or all where there may be only one.
    """

    parameter: str
    given: tuple[object, ...]
    allowed: str

    def __str__(self) -> str:
        if not self.given:
            return f"{self.parameter} is missing: give {self.allowed}"
        if len(self.given) == 1:
            return f"{self.parameter} cannot be {shorten_repr(self.given[0])}: give {self.allowed}"
        several = ", ".join(map(shorten_repr, self.given[:3])) + (", …" if len(self.given) > 3 else "")
        return f"{self.parameter} cannot be {several} at once: give {self.allowed}"


@dataclass(eq=False)
class UnknownOption(BadValue):
    """An option is given that the function does not have; `allowed` says which may have been meant."""

    @classmethod
    def from_known_names(cls, name: str, given: Iterable[object], known: Iterable[str]) -> UnknownOption:
        """With the nearest of the known names, or all of them."""
        return cls(name, tuple(given), suggest_name(name, known))

    def __str__(self) -> str:
        return f"there is no option {shorten_repr(self.parameter)}: {self.allowed}"


def suggest_name(name: str, known: Iterable[str]) -> str:
    """The nearest of the known names, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(name[:100], known, 1)  # which takes long for long ones
    if near:
        return f"did you mean {near[0]!r}?"
    return f"what there is: {', '.join(known)}" if known else "there are none"
