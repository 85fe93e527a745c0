"""Errors of apps that are shown to the author; subclasses of `bokeh_share.errors.BokehShareError`."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import BokehShareError


@dataclass(eq=False)
class AppFailure(BokehShareError):
    """The author's function does not work as an app; `hint` suggests a fix."""

    app: str
    reason: str
    hint: str

    def __str__(self) -> str:
        return f"the app {self.app!r} {self.reason}: {self.hint}"


@dataclass(eq=False)
class AppNameConflict(BokehShareError):
    """Two functions with different definitions cannot be shared under one name."""

    name: str
    one: str
    other: str

    def __str__(self) -> str:
        return (
            f"two apps have the name {self.name!r} ({self.one!r} and {self.other!r}):"
            " give one of them another name: name='…'"
        )


@dataclass(eq=False)
class NotAFunction(BokehShareError):
    """`run` shares functions only."""

    type_name: str

    def __str__(self) -> str:
        return (
            f"run() cannot share an object of type {self.type_name!r}:"
            " give a function that returns a plot, such as run(trend)"
        )
