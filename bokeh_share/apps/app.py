"""A shared function as an app: its name, its options, its description."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..errors import BadOption
from .parameters import Parameters

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
