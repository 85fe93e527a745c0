"""What can go wrong with apps, in the family of `bokeh_share.errors`: told to the author."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import BokehShareError


@dataclass(eq=False)
class AppFailure(BokehShareError):
    """The author's function did not do what an app does; `hint` says what that is."""

    app: str
    reason: str
    hint: str

    def __str__(self) -> str:
        return f"the app {self.app!r} {self.reason}: {self.hint}"


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
