"""One widget for one option: which fits, what it shows, and what its viewer means by it.

What a widget has may come from anybody's browser, and be anything that bokeh lets through: none of it is
a value before `Parameter` has checked it.
"""

from __future__ import annotations

import csv
import html
import math
import re
from datetime import date
from typing import Any, ClassVar

from bokeh.models.layouts import Column
from bokeh.models.widgets.groups import CheckboxGroup
from bokeh.models.widgets.inputs import InputWidget, MultiChoice, Select, Spinner, TextInput
from bokeh.models.widgets.markups import Div
from bokeh.models.widgets.pickers import DatePicker
from bokeh.models.widgets.sliders import Slider
from bokeh.models.widgets.widget import Widget

from .errors import BadValue
from .parameter import Parameter

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest whole number up to which a browser knows each."""
NONE_LABEL = "–"
"""What a choice of nothing is called."""
ERROR_NOTE_STYLES: dict[str, str | None] = {"border-left": "3px solid #d33", "padding-left": "0.5em"}
"""The text keeps the page's colour, which may be a light or a dark one."""


class OptionWidget:
    """A widget, and under it what is wrong with what a viewer did there; lives as long as their document."""

    value_property: ClassVar[str] = "value"
    """The property that tells what a viewer did, and not each step of it."""

    def __init__(self, parameter: Parameter, widget: Widget) -> None:
        self.parameter = parameter
        self.widget = widget
        self.error_note = Div(
            render_as_text=True,  # it tells what the viewer typed
            visible=False,
            sizing_mode="stretch_width",
            styles=ERROR_NOTE_STYLES,
            html_attributes={"role": "alert"},
        )
        widget.update(name=parameter.name, sizing_mode="stretch_width")
        help_text = parameter.value_type.help
        if isinstance(widget, InputWidget):
            widget.description = help_text
        self.model = Column(
            children=[widget, self.error_note],
            # as wide as a slider wants to be, and no wider than a phone
            styles={"flex": "1 1 14em", "max-width": "min(22em, 100%)"},
            html_attributes={"title": help_text} if help_text else {},
        )

    @property
    def raw_value(self) -> Any:
        """What the widget has, unchecked."""
        return getattr(self.widget, self.value_property)

    def set_value(self, value: Any) -> None:
        """Bring the widget to a valid value."""
        setattr(self.widget, self.value_property, self.to_widget_value(value))

    def to_widget_value(self, value: Any) -> Any:
        """What the widget has for a valid value."""
        return value

    def read_value(self) -> Any:
        """The value that the viewer means. Raises `BadValue`."""
        return self.parameter.check(self.raw_value)

    def show_error(self, error_text: str) -> None:
        """What is wrong; empty for nothing."""
        self.error_note.update(text=error_text, visible=bool(error_text))


class CheckboxWidget(OptionWidget):
    """For yes or no. The group's label is a real one, which `Checkbox` and `Switch` have none of."""

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
    """For one of some, by how they are written."""

    def __init__(self, parameter: Parameter) -> None:
        value_type = parameter.value_type
        labels = {
            text: value_type.format_value(text) if value_type.element_type is bool else text or '""'
            for text in value_type.choices
        }
        if value_type.is_optional:
            # BokehJS finds an option by its label, so no two may be the same
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
    """For several of some."""

    def __init__(self, parameter: Parameter) -> None:
        texts = list(parameter.value_type.choices)
        widget = MultiChoice(
            title=parameter.title,
            options=[(text, html.escape(text)) for text in texts],  # BokehJS takes labels for markup
            search_option_limit=len(texts),
        )
        super().__init__(parameter, widget)

    def to_widget_value(self, value: Any) -> list[str]:
        return self.parameter.to_texts(value)

    def read_value(self) -> Any:
        return self.parameter.parse(self.raw_value)


class NumberWidget(OptionWidget):
    """For a number, at the end of a viewer's interaction."""

    value_property = "value_throttled"

    def set_value(self, value: Any) -> None:
        widget_value = self.to_widget_value(value)
        self.widget.update(value=widget_value)
        # BokehJS sends only what changes, so it has to know from where it does
        self.widget.set_from_json("value_throttled", widget_value)

    def to_widget_value(self, value: Any) -> Any:
        return None if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER else value


class SliderWidget(NumberWidget):
    """For a number between two bounds."""

    def __init__(self, parameter: Parameter) -> None:
        low, high = self._compute_ends(parameter)
        step = parameter.value_type.bounds.step
        if step is None:
            step = (
                1 if parameter.value_type.element_type is int else _round_to_power_of_ten((high - low) / 100)
            )
        format_ = "0[.]" + "0" * max(2, -math.floor(math.log10(step)))
        widget = Slider(title=parameter.title, start=low, end=high, step=step, value=low, format=format_)
        super().__init__(parameter, widget)

    @staticmethod
    def can_edit(parameter: Parameter) -> bool:
        """Whether a slider has ends, and all that it can be moved to is valid."""
        value_type, bounds = parameter.value_type, parameter.value_type.bounds
        if bounds.low is None or bounds.high is None or value_type.is_optional:
            return False
        if bounds.low_excluded or bounds.high_excluded:
            return False
        low, high = SliderWidget._compute_ends(parameter)
        return bool(-MAX_SAFE_INTEGER < low < high < MAX_SAFE_INTEGER)

    @staticmethod
    def _compute_ends(parameter: Parameter) -> tuple[Any, Any]:
        """The first and the last valid value; BokehJS moves what is not between them there."""
        bounds = parameter.value_type.bounds
        low, high, step = bounds.low, bounds.high, bounds.step
        if step is None:
            return low, high
        # 0.3 / 0.1 is no whole number, and 3 * 0.1 is not 0.3
        first, last = math.ceil(round(low / step, 9)), math.floor(round(high / step, 9))
        return round(first * step, 12), round(last * step, 12)


class SpinnerWidget(NumberWidget):
    """For a number, typed or stepped through."""

    def __init__(self, parameter: Parameter, value: Any) -> None:
        bounds, is_integer = parameter.value_type.bounds, parameter.value_type.element_type is int
        widget = Spinner(
            title=parameter.title,
            mode="int" if is_integer else "float",
            low=self.to_widget_value(bounds.low),
            high=self.to_widget_value(bounds.high),
            step=bounds.step or (1 if is_integer else _round_to_power_of_ten(abs(value or 1) / 10)),
        )
        super().__init__(parameter, widget)


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

    `DatetimePicker` shows it in the zone of the viewer's machine and answers in no zone, and bokeh 3.9 cuts
    the time off. See https://github.com/bokeh/bokeh/issues/12904.
    """

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter, parameter.value_type.description)

    def to_widget_value(self, value: Any) -> str:
        text = super().to_widget_value(value).replace("T", " ")
        return text if value is None or value.tzinfo else text.removesuffix(":00")


class TextListWidget(TextWidget):
    """For several of what there are no choices of, with commas between them; those with commas in quotes.

    Empty ones, and spaces around one, are only typing.
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


def build_option_widget(parameter: Parameter, value: Any) -> OptionWidget:
    """The one that fits, and shows this valid value."""
    option_widget = _choose_option_widget(parameter, value)
    option_widget.set_value(value)
    return option_widget


def _choose_option_widget(parameter: Parameter, value: Any) -> OptionWidget:
    value_type = parameter.value_type
    if value_type.is_list:
        return MultiChoiceWidget(parameter) if value_type.element_type is None else TextListWidget(parameter)
    if value_type.element_type is bool and not value_type.is_optional:
        return CheckboxWidget(parameter)
    if value_type.choices:
        return SelectWidget(parameter)
    if value_type.element_type in (int, float):
        return (
            SliderWidget(parameter) if SliderWidget.can_edit(parameter) else SpinnerWidget(parameter, value)
        )
    if value_type.element_type is date:
        return DateWidget(parameter)
    return TextWidget(parameter) if value_type.element_type is str else DateTimeWidget(parameter)


def _round_to_power_of_ten(number: float) -> float:
    """The power of ten that is at most this."""
    return max(10.0 ** math.floor(math.log10(number)), 1e-12) if math.isfinite(number) and number else 1.0


def _quote_csv(text: str) -> str:
    if re.search(r'[,"\r\n]', text):
        return '"' + text.replace('"', '""') + '"'
    return text
