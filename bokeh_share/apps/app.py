"""Which functions are shared, under which names."""

from __future__ import annotations

import inspect
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from ..errors import BadOption, UnknownName
from ..plots.page import AppEntry
from .errors import AppNameConflict
from .parameters.parameters import Parameters

APP_NAME_PATTERN = re.compile(r"[\w][\w .-]*")
"""What an app may be called: it stands in the link."""
PAGE_FILES = frozenset({"page.js", "page.css", "plot.js", "app.js", "extensions.js"})
RESERVED_APP_NAMES = PAGE_FILES | {"ws", "bokeh", "static", "login", "logout"}
"""What the page's own files are called there."""


@dataclass(frozen=True)
class App:
    """A function of the author's, with what viewers may choose."""

    name: str
    """What it is called on the page and in its link."""
    parameters: Parameters = field(repr=False)
    """Those of the function that the author has not bound; by these it is called."""
    controls: bool = False
    """Whether viewers get a widget for each of them."""
    about: str = ""
    """The first paragraph of its docstring, unless the author says something else."""
    qualified_name: str | None = None
    """Where it was defined, by which its next version is known; None where the author named it."""
    generation: int = 1
    """Counts the versions whose documents no former version's can be turned into."""
    changed_at: int = 0
    """When it was shared, in milliseconds since 1970, UTC."""
    viewable: Any = field(default=None, repr=False, compare=False)
    """The object of Panel's that it shows, where that was shared and no function."""

    @property
    def is_plot_function(self) -> bool:
        """Whether it returns what is to be drawn, instead of filling a document."""
        return not self.parameters.has_document_parameter


def as_app(
    function: Any,
    *,
    name: str | None = None,
    about: str | None = None,
    controls: bool = False,
    bound: Mapping[str, Any] = MappingProxyType({}),
) -> App:
    """The app that this function is. Raises `BadParameter` or `BadOption` for what can be known at once."""
    inner = _unwrap_partials(function)
    app_name = name if name is not None else getattr(inner, "__name__", "")
    if not APP_NAME_PATTERN.fullmatch(app_name) or app_name in RESERVED_APP_NAMES:
        characters_hint = (
            "give it a name of letters, digits and dashes, which will stand in its link: name='trend'"
        )
        reserved_hint = "the page itself has something of that name: give it another, as in name='trend'"
        raise BadOption(
            "an app's name", app_name, reserved_hint if app_name in RESERVED_APP_NAMES else characters_hint
        )
    if inspect.iscoroutinefunction(inner):
        raise BadOption(
            app_name, inner, "an app is a plain function; what takes long can go on in a periodic callback"
        )
    parameters = Parameters.from_function(function, bound)
    if controls and parameters.has_document_parameter:
        hint = f"{app_name!r} fills its document itself: let it return what is to be drawn"
        raise BadOption("controls", controls, hint)
    qualified_name = None if name is not None else f"{inner.__module__}.{inner.__qualname__}"
    docstring = inspect.getdoc(inner) or ""
    description = about if about is not None else " ".join(docstring.split("\n\n")[0].split())
    return App(app_name, parameters, controls, description, qualified_name)


class AppRegistry:
    """The apps that are shared, by name. Lives as long as the extension, whether a share runs or not."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}
        """By name, what went wrong when a viewer wanted it."""
        self.change_callbacks: list[Callable[[], None]] = []
        """Called when an app came, went or became another, and when one failed."""
        self.signing_key = secrets.token_bytes(32)
        """Signs what opens a document; the same in processes that are forked from here."""
        self._apps: Mapping[str, App] = MappingProxyType({})
        """Another one after each change: viewers' requests are answered in two threads."""

    def __iter__(self) -> Any:
        return iter(self._apps.values())

    def __len__(self) -> int:
        return len(self._apps)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._apps)

    @property
    def entries(self) -> tuple[AppEntry, ...]:
        """As the page tells of them."""
        return tuple(AppEntry(app.name, app.about, app.changed_at) for app in self)

    def remove_callback(self, on_change: Callable[[], None]) -> None:
        """Call it no more; it need not be among the watchers."""
        self.change_callbacks = [each for each in self.change_callbacks if each != on_change]

    def find(self, name: str) -> App | None:
        return self._apps.get(name)

    def add(self, app: App) -> App:
        """Share `app`; one of its name is this one's former version. Raises `TwoApps` where it is not."""
        former = self.find(app.name)
        if former is not None:
            if app.qualified_name and former.qualified_name and app.qualified_name != former.qualified_name:
                raise AppNameConflict(app.name, former.qualified_name, app.qualified_name)
            same_kind = app.is_plot_function and former.is_plot_function
            app = replace(app, generation=former.generation + (0 if same_kind else 1))
        app = replace(app, changed_at=int(time.time() * 1000))
        self.problems.pop(app.name, None)
        self._replace_apps({**self._apps, app.name: app})
        return app

    def remove(self, name: str) -> None:
        """Raises `UnknownName`."""
        if name not in self._apps:
            raise UnknownName.from_known_names(name, self._apps)
        self.problems.pop(name, None)
        self._replace_apps({key: app for key, app in self._apps.items() if key != name})

    def clear(self) -> None:
        self.problems.clear()
        self._replace_apps({})

    def add_problem(self, name: str, problem: str) -> None:
        """Take note of what the author should know about an app."""
        if self.problems.get(name) != problem:
            self.problems[name] = problem
            self._notify()

    def _replace_apps(self, apps: dict[str, App]) -> None:
        self._apps = MappingProxyType(apps)
        self._notify()

    def _notify(self) -> None:
        for on_change in list(self.change_callbacks):
            on_change()


def _unwrap_partials(function: Any) -> Any:
    """What was defined by name, below partials."""
    while hasattr(function, "func") and hasattr(function, "keywords"):
        function = function.func
    return function if hasattr(function, "__name__") else type(function)


def is_bokeh_app_function(function: Any) -> bool:
    """Whether Bokeh's own `show` takes this function as an app: it wants a document and nothing else."""
    try:
        required = [
            each
            for each in inspect.signature(function).parameters.values()
            if each.default is each.empty and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        return False
    return [each.name for each in required] == ["doc"]
