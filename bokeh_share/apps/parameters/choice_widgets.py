"""Widgets for options with a fixed set of values: yes or no, one choice, several choices."""

from __future__ import annotations

import html
from typing import Any

from bokeh.models.widgets.groups import CheckboxGroup
from bokeh.models.widgets.inputs import MultiChoice, Select

from .errors import BadValue
from .parameter import Parameter
from .widget import OptionWidget

NONE_LABEL = "–"
"""The label of the choice that means None."""


class CheckboxWidget(OptionWidget):
    """A widget for yes or no. A group has a real HTML label, which `Checkbox` and `Switch` lack."""

    value_property = "active"

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter, CheckboxGroup(labels=[parameter.title]))

    def to_widget_value(self, value: Any) -> list[int]:
        return [0] if value else []

    def read_value(self) -> Any:
        if self.raw_value not in ([], [0]):
            raise BadValue(self.parameter.name, (self.raw_value,), self.parameter.value_type.description)
        return self.parameter.check(bool(self.raw_value))


class SelectWidget(OptionWidget):
    """A widget for one of several choices, by their texts."""

    def __init__(self, parameter: Parameter) -> None:
        value_type = parameter.value_type
        labels = {
            text: value_type.format_value(text) if value_type.element_type is bool else text or '""'
            for text in value_type.choices
        }
        if value_type.is_optional:
            # BokehJS finds an option by its label, so labels must be unique
            labels = {"": NONE_LABEL if NONE_LABEL not in labels else f"({NONE_LABEL})", **labels}
        options: list[str | tuple[Any, str]] = [*labels.items()]
        super().__init__(parameter, Select(title=parameter.title, options=options))

    def to_widget_value(self, value: Any) -> str:
        return self.parameter.to_texts(value)[0]

    def read_value(self) -> Any:
        if not isinstance(self.raw_value, str):
            raise BadValue(self.parameter.name, (self.raw_value,), self.parameter.value_type.description)
        return self.parameter.parse([self.raw_value])


class MultiChoiceWidget(OptionWidget):
    """A widget for several of a set of choices."""

    def __init__(self, parameter: Parameter) -> None:
        texts = list(parameter.value_type.choices)
        widget = MultiChoice(
            title=parameter.title,
            options=[(text, html.escape(text)) for text in texts],  # BokehJS renders labels as HTML
            search_option_limit=len(texts),
        )
        super().__init__(parameter, widget)

    def to_widget_value(self, value: Any) -> list[str]:
        return self.parameter.to_texts(value)

    def read_value(self) -> Any:
        return self.parameter.parse(self.raw_value)
