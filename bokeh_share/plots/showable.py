"""The author's objects that the page can show: Bokeh models, alone or in a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from bokeh.core.validation import check_integrity, process_validation_issues
from bokeh.model import Model
from bokeh.models.dom import DOMNode
from bokeh.models.ui import UIElement

from ..errors import NotAModel
from .foreign_values import describe_value

Showable: TypeAlias = Model | list[Model]
"""The argument of `show`: a model, or several that are drawn one below the other."""


def log_issues(shown: Any) -> None:
    """Let Bokeh log its own warnings, for example about a misspelt column, as its `show()` does."""
    for model in shown if isinstance(shown, list) else [shown]:
        process_validation_issues(check_integrity(model.references()))


def as_showable(value: Any, *, name: str | None = None) -> Showable:
    """Return `value` if Bokeh can show it: a page element, or a list of them. Raises `NotAModel`."""
    if isinstance(value, UIElement | DOMNode):
        return value
    if isinstance(value, Sequence) and value and all(isinstance(each, UIElement | DOMNode) for each in value):
        return list(value)
    raise NotAModel(name, *describe_value(value, name))
