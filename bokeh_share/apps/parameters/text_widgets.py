"""Widgets for typed text, lists of texts, dates, and dates with times."""

from __future__ import annotations

import csv
import re
from typing import Any

from bokeh.models.widgets.inputs import TextInput
from bokeh.models.widgets.pickers import DatePicker

from .errors import BadValue
from .parameter import Parameter
from .widget import OptionWidget


class DateWidget(OptionWidget):
    """For a date."""

    def __init__(self, parameter: Parameter) -> None:
        bounds = parameter.value_type.bounds
        widget = DatePicker(title=parameter.title, min_date=bounds.low, max_date=bounds.high)
        super().__init__(parameter, widget)


class TextWidget(OptionWidget):
    """For text."""

    def __init__(self, parameter: Parameter, hint: str = "") -> None:
        super().__init__(parameter, TextInput(title=parameter.title, placeholder=hint))

    def to_widget_value(self, value: Any) -> str:
        return self.parameter.to_texts(value)[0]

    def read_value(self) -> Any:
        return self.parameter.parse([self.raw_value])


class DateTimeWidget(TextWidget):
    """For a date with a time, as text.

    `DatetimePicker` shows it in the time zone of the viewer's machine and returns no zone, and Bokeh 3.9
    removes the time. See https://github.com/bokeh/bokeh/issues/12904.
    """

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter, parameter.value_type.description)

    def to_widget_value(self, value: Any) -> str:
        text = super().to_widget_value(value).replace("T", " ")
        return text if value is None or value.tzinfo else text.removesuffix(":00")


class TextListWidget(TextWidget):
    """For a list of values that are not enumerated, separated by commas; values with commas are quoted.

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
