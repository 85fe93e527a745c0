"""Errors that the author can fix, each with its data as attributes. `str()` is the line that people read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from .text import MAX_MESSAGE_LENGTH, render_author_traceback, shorten, shorten_value

MB = 1_000_000


class BokehShareError(Exception):
    """Base class of all errors that `bokeh_share` raises for a reason that the author can fix.

    `str()` returns one printable line of limited length, although the names and reasons in it may be any
    text.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if (format_message := cls.__dict__.get("__str__")) is not None:
            cls.__str__ = lambda self: shorten(format_message(self), MAX_MESSAGE_LENGTH)  # type: ignore[method-assign]  # on purpose

    def __str__(self) -> str:
        return shorten(super().__str__(), MAX_MESSAGE_LENGTH)

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython prints: they end with the author's line, without frames of ours.

        IPython calls this method of exceptions that have it. It would hide frames with `__tracebackhide__`
        too, but never the last one, which is ours.
        """
        return render_author_traceback(self)


# Not frozen, since Python sets `__traceback__`. Without `eq`, since that would make them unhashable.
@dataclass(eq=False)
class PortInUse(BokehShareError):
    """The port cannot be used at this address: it is in use, or not permitted.

    With `last_port`, no port from `port` to `last_port` can be used; `address` and `reason` are those of the
    last one.
    """

    port: int
    address: str
    reason: str
    last_port: int | None = None

    def __str__(self) -> str:
        if self.last_port is not None:
            return (
                f"none of the ports {self.port!r} to {self.last_port!r} can be used at {self.address!r}"
                f" ({self.reason}): stop a program that uses one, or give another with --port"
            )
        return (
            f"port {self.port!r} cannot be used at {self.address!r} ({self.reason}):"
            " give another with --port, or leave --port out"
        )


@dataclass(eq=False)
class CannotListen(BokehShareError):
    """The address does not belong to this machine, or no port of it may be used."""

    address: str
    reason: str

    def __str__(self) -> str:
        return f"cannot listen at {self.address!r} ({self.reason}): share again if the network just changed"


@dataclass(eq=False)
class NoNetwork(BokehShareError):
    """No interface except loopback is up."""

    def __str__(self) -> str:
        return "this machine has no network: connect to one, or leave out --external and --address"


@dataclass(eq=False)
class UnusableAddress(BokehShareError):
    """The address or interface does not exist here or cannot be used; `suggestion` is a similar one."""

    bind_address: str
    reason: str
    suggestion: str | None = None

    def __str__(self) -> str:
        advice = (
            f"did you mean {self.suggestion!r}?"
            if self.suggestion
            else "--external finds an address, --address all uses all of them"
        )
        return f"cannot share at {shorten_value(self.bind_address)}, which {self.reason}: {advice}"


@dataclass(eq=False)
class CannotWrite(BokehShareError):
    """The output file cannot be written."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"cannot write {self.path!r} ({self.reason}): choose a folder that you may write to"


@dataclass(eq=False)
class BadOption(BokehShareError):
    """An option has an invalid value; `hint` describes valid ones."""

    option: str
    value: object
    hint: str

    def __str__(self) -> str:
        return f"{self.option} cannot be {shorten_value(self.value)}: {self.hint}"


@dataclass(eq=False)
class ConflictingOptions(BokehShareError):
    """Two options exclude each other; `hint` is the reason, or advice."""

    option: str
    other_option: str
    hint: str

    def __str__(self) -> str:
        return f"{self.option} and {self.other_option} exclude each other: {self.hint}"


@dataclass(eq=False)
class KernelBusy(BokehShareError):
    """The call needs the kernel's loop, which is busy with a cell."""

    def __str__(self) -> str:
        return "the kernel is busy with a cell: call this from the cell itself, or when it has ended"


@dataclass(eq=False)
class NothingShared(BokehShareError):
    """The call needs a running share."""

    def __str__(self) -> str:
        return "nothing is shared: start with %bokeh_share"


@dataclass(eq=False)
class UnknownName(BokehShareError):
    """Nothing of this kind has this name; `suggestion` is a name that may have been meant."""

    name: str
    suggestion: str | None = None
    kind: str = "variable"
    """The kind of thing that has no such name: a variable, a plot or an app."""
    hint: str = "check its spelling, or run the cell that assigns it"
    """The advice if no name is similar."""

    @classmethod
    def from_known_names(
        cls, name: str, known_names: Iterable[str], *, cutoff: float = 0.6, **details: str
    ) -> UnknownName:
        """Build the error with the most similar of the known names, whose similarity is at least `cutoff`;
        `details` are the other fields."""
        matches = difflib.get_close_matches(name[:100], list(known_names), 1, cutoff)  # slow for long names
        return cls(name, matches[0] if matches else None, **details)

    def __str__(self) -> str:
        advice = f"did you mean {self.suggestion!r}?" if self.suggestion else self.hint
        return f"no {self.kind} {shorten_value(self.name)}: {advice}"


@dataclass(eq=False)
class NotAModel(BokehShareError):
    """The value is no Bokeh model that can be shown. The message has its kind, since its `repr` may be
    long."""

    name: str | None
    """The author's variable, if it is known."""
    kind: str
    """The kind of the value, such as `a figure of Matplotlib`."""
    hint: str

    def __str__(self) -> str:
        subject = "this" if self.name is None else repr(self.name)
        return f"{subject} is {self.kind}: {self.hint}"


@dataclass(eq=False)
class CannotSerialize(BokehShareError):
    """Bokeh cannot turn this plot into data."""

    plot_name: str
    """The plot, such as `'Region 0' in cell [14]`."""
    part: str
    """The part that failed, such as `column 'x'` or `property 'Line.tags'`."""
    reason: str
    hint: str

    def __str__(self) -> str:
        reason = shorten(self.reason)
        return f"cannot share {self.plot_name}: Bokeh cannot serialize {self.part} ({reason}): {self.hint}"


@dataclass(eq=False)
class CannotRender(BokehShareError):
    """HoloViews or Panel cannot turn this object into a Bokeh plot; `hint` suggests a fix."""

    name: str | None
    type_name: str
    reason: str
    hint: str

    def __str__(self) -> str:
        subject = f"this {self.type_name}" if self.name is None else f"{self.name!r}, a {self.type_name}"
        return f"cannot draw {subject} ({self.reason}): {self.hint}"


@dataclass(eq=False)
class PlotTooLarge(BokehShareError):
    """The plot's data is over the limit; `size` and `limit` are bytes."""

    plot_name: str
    """The plot, as in `CannotSerialize`."""
    size: int
    limit: int

    def __str__(self) -> str:
        return (
            f"cannot share {self.plot_name}: it has {self.size / MB:,.1f} MB and the limit is"
            f" {self.limit / MB:,.1f} MB; show fewer rows or columns"
        )


@dataclass(eq=False)
class CannotRun(BokehShareError):
    """The command line cannot run this file; `hint` is advice."""

    path: str
    reason: str
    hint: str

    def __str__(self) -> str:
        return f"cannot run {self.path!r}, which {self.reason}: {self.hint}"


@dataclass(eq=False)
class MissingExtra(BokehShareError):
    """A package that belongs to an extra is not installed."""

    package: str
    extra: str = "run"

    def __str__(self) -> str:
        install = f'pip install "bokeh_share[{self.extra}]"'
        if self.extra == "tls":
            return f"--tls needs a certificate: {install}, or give one with --certfile"
        return f"notebooks need the package {self.package!r}, which is not installed: {install}"


@dataclass(eq=False)
class BadCertificate(BokehShareError):
    """The author's certificate or its key cannot be used."""

    certfile: str
    keyfile: str | None
    reason: str

    def __str__(self) -> str:
        files = repr(self.certfile) if self.keyfile is None else f"{self.certfile!r} with {self.keyfile!r}"
        advice = "give others with --certfile and --keyfile, or leave them out to get a certificate"
        return f"cannot use {files} as a certificate ({self.reason}): {advice}"


@dataclass(eq=False)
class CannotCompile(BokehShareError):
    """Bokeh's compiler rejects the implementation of the author's own model."""

    reason: str
    is_permanent: bool = False
    """True if the same code always fails again."""

    def __str__(self) -> str:
        return shorten(self.reason)


@dataclass(eq=False)
class KernelDied(BokehShareError):
    """The kernel that the command line started has died; `last_output` is the last text that it printed."""

    notebook: str
    last_output: str = ""

    def __str__(self) -> str:
        details = f" ({self.last_output})" if self.last_output else ""
        return f"the kernel of {self.notebook!r} died{details}: run the command again"
