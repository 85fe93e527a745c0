"""Widgets for dates, and for dates with times."""

from __future__ import annotations

from typing import Any

from bokeh.models.widgets.pickers import DatePicker

from .parameter import Parameter
from .text_widgets import TextWidget
from .widget import OptionWidget


class DateWidget(OptionWidget):
    """A widget for a date."""

    def __init__(self, parameter: Parameter) -> None:
        bounds = parameter.value_type.bounds
        widget = DatePicker(title=parameter.title, min_date=bounds.low, max_date=bounds.high)
        super().__init__(parameter, widget)


class DateTimeWidget(TextWidget):
    """A widget for a date with a time, as text.

    `DatetimePicker` shows it in the time zone of the viewer's machine and returns no zone, and Bokeh 3.9
    removes the time. See https://github.com/bokeh/bokeh/issues/12904.
    """

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter, parameter.value_type.description)

    def to_widget_value(self, value: Any) -> str:
        text = super().to_widget_value(value).replace("T", " ")
        return text if value is None or value.tzinfo else text.removesuffix(":00")
