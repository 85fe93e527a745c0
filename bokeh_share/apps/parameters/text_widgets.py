"""Widgets for typed text, and for lists of texts."""

from __future__ import annotations

import csv
import re
from typing import Any

from bokeh.models.widgets.inputs import TextInput

from .errors import BadValue
from .parameter import Parameter
from .widget import OptionWidget


class TextWidget(OptionWidget):
    """A widget for text."""

    def __init__(self, parameter: Parameter, hint: str = "") -> None:
        super().__init__(parameter, TextInput(title=parameter.title, placeholder=hint))

    def to_widget_value(self, value: Any) -> str:
        return self.parameter.to_texts(value)[0]

    def read_value(self) -> Any:
        return self.parameter.parse([self.raw_value])


class TextListWidget(TextWidget):
    """A widget for a list of arbitrary values, separated by commas; values with commas are quoted.

    Empty values, and spaces around a value, are ignored.
    """

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter, f"{parameter.value_type.description}, with commas between")

    def to_widget_value(self, value: Any) -> str:
        return ", ".join(_quote_csv(text) for text in self.parameter.to_texts(value) if text)

    def read_value(self) -> Any:
        try:
            rows = list(csv.reader([self.raw_value], skipinitialspace=True))
        except csv.Error:
            raise BadValue(
                self.parameter.name, (self.raw_value,), self.parameter.value_type.description
            ) from None
        return self.parameter.parse([text.strip() for row in rows for text in row if text.strip()])


def _quote_csv(text: str) -> str:
    if re.search(r'[,"\r\n]', text):
        return '"' + text.replace('"', '""') + '"'
    return text
