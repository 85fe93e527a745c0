"""What can go wrong, each with the data it is about; `str()` is the one line that a person reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from .text import printable, shortened

MB = 1_000_000


class BokehShareError(Exception):
    """The root of the family: whatever `bokeh_share` raises for a reason that the author can mend.

    `str()` is one printable line for every member, although names and reasons in it are anybody's text.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if (sentence := cls.__dict__.get("__str__")) is not None:
            cls.__str__ = lambda self: printable(sentence(self))  # type: ignore[method-assign]  # on purpose

    def __str__(self) -> str:
        return printable(super().__str__())


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
class OptionsExclude(BokehShareError):
    """Two options that make no sense together; `hint` says why, or what to do."""

    one: str
    other: str
    hint: str

    def __str__(self) -> str:
        return f"{self.one} and {self.other} exclude each other: {self.hint}"


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
class CannotRun(BokehShareError):
    """The command line is given a file that it can't run; `hint` says what to do."""

    path: str
    reason: str
    hint: str

    def __str__(self) -> str:
        return f"cannot run {self.path!r}, which {self.reason}: {self.hint}"


@dataclass(eq=False)
class MissingExtra(BokehShareError):
    """A package is not there that only what the extra is called after needs."""

    package: str
    extra: str = "run"

    def __str__(self) -> str:
        what = "a certificate is made" if self.extra == "tls" else "a notebook is run"
        advice = "name one of yours with --certfile, or " if self.extra == "tls" else ""
        install = f"pip install 'bokeh_share[{self.extra}]'"
        return f"{what} with {self.package!r}, which is missing: {advice}{install}"


@dataclass(eq=False)
class BadCertificate(BokehShareError):
    """The author's certificate, or its key, is none that browsers can be shown."""

    certfile: str
    keyfile: str | None
    reason: str

    def __str__(self) -> str:
        what = repr(self.certfile) if self.keyfile is None else f"{self.certfile!r} with {self.keyfile!r}"
        advice = "name others with --certfile and --keyfile, or leave them out and have one made"
        return f"cannot use {what} as a certificate ({self.reason}): {advice}"


@dataclass(eq=False)
class CannotCompile(BokehShareError):
    """The implementation of a model of the author's own is none that Bokeh's compiler takes."""

    reason: str
    lasting: bool = False
    """Whether the same code fails again in any case."""

    def __str__(self) -> str:
        return shortened(self.reason)


@dataclass(eq=False)
class KernelDied(BokehShareError):
    """The kernel that the command line started is there no more; `last` is what it said last."""

    notebook: str
    last: str = ""

    def __str__(self) -> str:
        said = f" ({self.last})" if self.last else ""
        return f"the kernel of {self.notebook!r} died{said}: start again"
