"""Errors of options that are shown to the author; subclasses of `bokeh_share.errors.BokehShareError`."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import BokehShareError, UnknownName
from .option_parser import PASSWORD_ADVICE


@dataclass(eq=False)
class PasswordIsNoText(BokehShareError):
    """The password has another type. The message has no value, which may be the password."""

    type_name: str

    def __str__(self) -> str:
        return f"password cannot be of type {self.type_name!r}: give a text, or True to be asked for it"


@dataclass(eq=False)
class BrokerIsNoText(BokehShareError):
    """The broker has another type. The message has no value, which may contain a password."""

    type_name: str

    def __str__(self) -> str:
        return (
            f"broker cannot be of type {self.type_name!r}: give its URL, such as"
            " 'rediss://redis.example.org/0', or False to publish to none"
        )


@dataclass(eq=False)
class MissingBrokerClient(BokehShareError):
    """The package that connects to brokers is not installed."""

    package: str = "redis"

    def __str__(self) -> str:
        install = 'pip install "bokeh_share[relay]"'
        return f"a broker needs the package {self.package!r}, which is not installed: {install}"


@dataclass(eq=False)
class PasswordInLine(BokehShareError):
    """The line has the password after `--password`. The message does not repeat it."""

    def __str__(self) -> str:
        return PASSWORD_ADVICE


@dataclass(eq=False)
class CannotAskPassword(BokehShareError):
    """The author cannot type the password, as in a notebook that a program runs."""

    variable: str
    """The environment variable that may have the password."""

    def __str__(self) -> str:
        return f"no password can be typed here: set {self.variable} in the environment first"


@dataclass(eq=False)
class LoopRunning(BokehShareError):
    """The call blocks, so it does not work where an event loop runs."""

    call: str
    hint: str

    def __str__(self) -> str:
        return f"{self.call} does not work where an event loop runs, as in a notebook: {self.hint}"


@dataclass(eq=False)
class MissingOption(BokehShareError):
    """An option has an effect only with another one, which is not given."""

    option: str
    needed_option: str

    def __str__(self) -> str:
        return f"{self.option} needs {self.needed_option}: give both"


class UnknownArgument(UnknownName):
    """`share` has no such option, and no function has such a parameter."""

    def __str__(self) -> str:
        return f"there is {super().__str__()}"
