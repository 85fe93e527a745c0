"""The author's objects that the page can show: Bokeh models, alone or in a list, and displays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from bokeh.core.validation import check_integrity, process_validation_issues
from bokeh.model import Model
from bokeh.models.dom import DOMNode
from bokeh.models.ui import UIElement

from ..errors import NotAModel
from .foreign_values import describe_value
from .media import CannotShow, Display, read_value_display

BokehObject: TypeAlias = Model | list[Model]
"""The argument of `show`: a model, or several that are drawn one below the other."""
Showable: TypeAlias = BokehObject | Display
"""Values that pages can show: models, or a display of a cell without Bokeh."""


def log_issues(shown: Any) -> None:
    """Let Bokeh log its own warnings, for example about a misspelt column, as its `show()` does."""
    for model in shown if isinstance(shown, list) else [shown]:
        process_validation_issues(check_integrity(model.references()))


def as_showable(value: Any, *, name: str | None = None) -> BokehObject:
    """Return `value` if Bokeh can show it: a page element, or a list of them. Raises `NotAModel`."""
    if isinstance(value, UIElement | DOMNode):
        return value
    if isinstance(value, Sequence) and value and all(isinstance(each, UIElement | DOMNode) for each in value):
        return list(value)
    raise NotAModel(name, *describe_value(value, name))


def as_shareable(value: Any, *, name: str | None = None) -> Showable:
    """Return what the page can show of a value: the value if Bokeh can show it, else what a cell shows of it,
    if that is a picture, a table or a text.

    Costs as much as displaying it. Raises `NotAModel`, or `CannotShow` if the value cannot be displayed.
    """
    if not isinstance(value, Model | Sequence):
        try:
            display = read_value_display(value)
        except Exception as error:  # methods of other libraries may raise anything
            subject = f"this {type(value).__name__}" if name is None else repr(name)
            raise CannotShow(subject, str(error) or type(error).__name__) from error
        if display is not None:
            return display
    return as_showable(value, name=name)
