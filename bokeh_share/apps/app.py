"""A shared function as an app: its name, its options, its description."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..errors import BadOption
from ..server import PAGE_FILES
from .parameters import BadValue, Parameters

APP_NAME_PATTERN = re.compile(r"[\w][\w .-]*")
"""Allowed app names. The name is part of the link."""
RESERVED_APP_NAMES = {*PAGE_FILES, "ws", "bokeh", "static", "login", "logout"}
"""Names that links use for files and routes of the page itself."""


@dataclass(frozen=True)
class App:
    """A function of the author, with the options that viewers may choose."""

    name: str
    """Its name on the page and in its link."""
    parameters: Parameters = field(repr=False)
    """The parameters that the author has not bound. The function is called with their values."""
    controls: bool = False
    """True if viewers get a widget for each parameter."""
    about: str = ""
    """Its description: the first paragraph of its docstring, unless the author gives a caption."""
    qualified_name: str | None = None
    """Module and name of its definition, which identify later versions; None if the author named the app."""
    generation: int = 1
    """Increases with each version to which the documents of former versions cannot be updated."""
    changed_at: int = 0
    """The time at which it was shared, in milliseconds since 1970, UTC."""
    viewable: Any = field(default=None, repr=False, compare=False)
    """The Panel object that it shows, if the author shared one instead of a function."""

    def read_options(self, arguments: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], BadValue | None]:
        """Read the options of an address. With controls, a viewer can choose others: then defaults stand for
        invalid values, and the first error is returned. Otherwise raises `BadValue`."""
        if self.controls:
            return self.parameters.from_partial_query(arguments)
        return self.parameters.from_query(arguments), None

    @property
    def is_plot_function(self) -> bool:
        """True if it returns a plot instead of filling a document."""
        return not self.parameters.has_document_parameter


def as_app(
    function: Any,
    *,
    name: str | None = None,
    about: str | None = None,
    controls: bool = False,
    bound: Mapping[str, Any] = MappingProxyType({}),
) -> App:
    """Make an app of this function. Raises `BadParameter` or `BadOption` for errors known at once."""
    inner = _unwrap_partials(function)
    app_name = name if name is not None else getattr(inner, "__name__", "")
    if not APP_NAME_PATTERN.fullmatch(app_name) or app_name in RESERVED_APP_NAMES:
        characters_hint = "the name is part of the link; use letters, digits and dashes: name='trend'"
        reserved_hint = "the page uses this name itself; give another: name='trend'"
        raise BadOption(
            "the name of an app",
            app_name,
            reserved_hint if app_name in RESERVED_APP_NAMES else characters_hint,
        )
    if inspect.iscoroutinefunction(inner):
        hint = "write it without async; long work can run in a periodic callback of the document"
        raise BadOption("an app", f"the coroutine function {app_name}", hint)
    parameters = Parameters.from_function(function, bound)
    if controls and parameters.has_document_parameter:
        hint = f"{app_name!r} fills its document itself; let it return its plot instead"
        raise BadOption("controls", controls, hint)
    qualified_name = None if name is not None else f"{inner.__module__}.{inner.__qualname__}"
    docstring = inspect.getdoc(inner) or ""
    description = about if about is not None else " ".join(docstring.split("\n\n")[0].split())
    return App(app_name, parameters, controls, description, qualified_name)


def _unwrap_partials(function: Any) -> Any:
    """Return the function inside of partials, which has a name of its own."""
    while hasattr(function, "func") and hasattr(function, "keywords"):
        function = function.func
    return function if hasattr(function, "__name__") else type(function)


def is_bokeh_app_function(function: Any) -> bool:
    """Return True if Bokeh's own `show` takes this function as an app: `doc` is its only required
    parameter."""
    try:
        required = [
            each
            for each in inspect.signature(function).parameters.values()
            if each.default is each.empty and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        return False
    return [each.name for each in required] == ["doc"]
