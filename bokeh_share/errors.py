"""What can go wrong, each with the data it is about; `str()` is the one line that a person reads."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterable
from dataclasses import dataclass

MB = 1_000_000

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60


def shown(value: object) -> str:
    """Its `repr`, with the middle left out where that is long: visitors send whatever they like."""
    return _short.repr(value)


class BokehShareError(Exception):
    """The root of the family: whatever `bokeh_share` raises for a reason that the author can mend."""


# Not frozen, since Python itself sets `__traceback__`; no `eq`, which would make them unhashable.
@dataclass(eq=False)
class PortTaken(BokehShareError):
    """The port cannot be had at this address: in use, or not permitted.

    With `last`, none from `port` to `last` was to be had; `address` and `reason` are the last one's.
    """

    port: int
    address: str
    reason: str
    last: int | None = None

    def __str__(self) -> str:
        if self.last is not None:
            return (
                f"none of the ports {self.port!r} to {self.last!r} can be used at {self.address!r}"
                f" ({self.reason}): stop a program that has one, or name another with --port"
            )
        return (
            f"port {self.port!r} cannot be used at {self.address!r} ({self.reason}):"
            " name another with --port, or leave it out"
        )


@dataclass(eq=False)
class CannotListen(BokehShareError):
    """The address is none of this machine's, or may not be listened on at any port."""

    address: str
    reason: str

    def __str__(self) -> str:
        return f"cannot listen at {self.address!r} ({self.reason}): share again if the network just changed"


@dataclass(eq=False)
class NoNetwork(BokehShareError):
    """No interface is up but loopback."""

    def __str__(self) -> str:
        return "no network but loopback: connect to one, or share with --local"


@dataclass(eq=False)
class NoAddress(BokehShareError):
    """No such address or interface here, or it can't be used; `near` is one that may have been meant."""

    place: str
    reason: str
    near: str | None = None

    def __str__(self) -> str:
        advice = f"did you mean {self.near!r}?" if self.near else "--external finds one, -a all takes all"
        return f"cannot share at {self.place!r}, which {self.reason}: {advice}"


@dataclass(eq=False)
class CannotWrite(BokehShareError):
    """The file to save to cannot be written."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"cannot write {self.path!r} ({self.reason}): name a file in a folder that is yours"


@dataclass(eq=False)
class BadOption(BokehShareError):
    """An option's value that makes no sense; `hint` says what does."""

    option: str
    value: object
    hint: str

    def __str__(self) -> str:
        return f"{self.option} cannot be {self.value!r}: {self.hint}"


@dataclass(eq=False)
class KernelBusy(BokehShareError):
    """A thread wants what only the kernel's loop can do, and a cell keeps that busy."""

    def __str__(self) -> str:
        return "the kernel is busy with a cell: call this from the cell itself, or when it has ended"


@dataclass(eq=False)
class NothingShared(BokehShareError):
    """This needs a share that runs."""

    def __str__(self) -> str:
        return "nothing is shared: start with %bokeh_share"


@dataclass(eq=False)
class UnknownName(BokehShareError):
    """No variable, or no plot, has this name; `near` is one that may have been meant."""

    name: str
    near: str | None = None

    @classmethod
    def among(cls, name: str, known: Iterable[str]) -> UnknownName:
        """With the nearest of the known names."""
        near = difflib.get_close_matches(name, list(known), 1)
        return cls(name, near[0] if near else None)

    def __str__(self) -> str:
        advice = (
            f"did you mean {self.near!r}?" if self.near else "see its spelling, or run the cell that makes it"
        )
        return f"nothing is named {self.name!r}: {advice}"


@dataclass(eq=False)
class NotAModel(BokehShareError):
    """The value is no Bokeh model. The sentence names its type, as its `repr` may be pages long."""

    name: str | None
    value: object

    @property
    def kind(self) -> str:
        """What it is instead."""
        return f"{type(self.value).__module__}.{type(self.value).__qualname__}".removeprefix("builtins.")

    def __str__(self) -> str:
        what = "this value" if self.name is None else repr(self.name)
        return f"{what} is of type {self.kind!r}, not a Bokeh model: share a figure, layout, widget or table"


@dataclass(eq=False)
class AppFailed(BokehShareError):
    """The author's function did not do what an app does; `hint` says what that is."""

    app: str
    reason: str
    hint: str

    def __str__(self) -> str:
        return f"the app {self.app!r} {self.reason}: {self.hint}"


@dataclass(eq=False)
class TwoApps(BokehShareError):
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
class CannotSerialize(BokehShareError):
    """Bokeh cannot turn this plot into data; `prop` is the property it stopped at, where that is known."""

    plot: str
    prop: str | None
    reason: str

    def __str__(self) -> str:
        what = f"its property {self.prop!r}" if self.prop else "it"
        return f"cannot share {self.plot!r}: change {what}, which Bokeh cannot serialise ({self.reason})"


@dataclass(eq=False)
class CannotRender(BokehShareError):
    """HoloViews or Panel cannot turn this object into what Bokeh draws; `hint` says what may help."""

    name: str | None
    kind: str
    reason: str
    hint: str

    def __str__(self) -> str:
        what = f"this {self.kind}" if self.name is None else f"{self.name!r}, a {self.kind}"
        return f"cannot draw {what} ({self.reason}): {self.hint}"


@dataclass(eq=False)
class TooLarge(BokehShareError):
    """The plot's data is over the limit; `size` and `limit` are bytes."""

    plot: str
    size: int
    limit: int

    def __str__(self) -> str:
        return (
            f"cannot share {self.plot!r}: show fewer rows or columns, as it is {self.size / MB:,.1f} MB"
            f" and the limit is {self.limit / MB:,.1f} MB"
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
            return f"{self.parameter} cannot be {shown(self.given[0])}: give {self.allowed}"
        several = ", ".join(map(shown, self.given[:3])) + (", …" if len(self.given) > 3 else "")
        return f"{self.parameter} cannot be {several} at once: give {self.allowed}"


@dataclass(eq=False)
class UnknownOption(BadValue):
    """An option is given that the function does not have; `allowed` says which may have been meant."""

    @classmethod
    def among(cls, name: str, given: Iterable[object], known: Iterable[str]) -> UnknownOption:
        """With the nearest of the known names, or all of them."""
        return cls(name, tuple(given), suggestion(name, known))

    def __str__(self) -> str:
        return f"there is no option {shown(self.parameter)}: {self.allowed}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """The nearest of the known names, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(name[:100], known, 1)  # which takes long for long ones
    if near:
        return f"did you mean {near[0]!r}?"
    return f"what there is: {', '.join(known)}" if known else "there are none"
