"""The widgets above a shared function's figure, one for each open parameter."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bokeh.models import Row

from .choice_widgets import CheckboxWidget, MultiChoiceWidget, SelectWidget
from .date_widgets import DateTimeWidget, DateWidget
from .errors import BadValue
from .number_widgets import SliderWidget, SpinnerWidget
from .parameter import Parameter
from .parameters import Parameters
from .text_widgets import TextListWidget, TextWidget
from .widget import OptionWidget


class OptionWidgets:
    """One viewer's widgets and their values. Exists as long as the viewer's document.

    `on_change` is called with all values when a viewer has changed one to another valid value. For an invalid
    value an error is shown below the widget, and nothing changes.
    """

    def __init__(
        self,
        parameters: Parameters,
        values: Mapping[str, Any],
        on_change: Callable[[dict[str, Any]], None],
    ) -> None:
        """Raises `BadValue` if a value is missing or invalid."""
        self._parameters = parameters
        self._values = parameters.check(values)
        self._on_change = on_change
        self._is_updating = False
        """True while the program, not the viewer, changes the widgets."""
        self._option_widgets = [build_option_widget(each, self._values[each.name]) for each in parameters]
        for option_widget in self._option_widgets:
            option_widget.widget.on_change(
                option_widget.value_property, self._build_change_handler(option_widget)
            )
        self.model = Row(
            children=[option_widget.model for option_widget in self._option_widgets],
            sizing_mode="stretch_width",
            styles={"flex-wrap": "wrap"},  # on a phone, one below the other
        )
        """The row of widgets for the page."""

    @property
    def values(self) -> dict[str, Any]:
        """A copy of the last valid values."""
        return copy.deepcopy(self._values)

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Set some values; others stay. Does not call `on_change`. Raises `BadValue`."""
        self._values = self._parameters.check({**self._values, **values})
        self._is_updating = True
        try:
            for option_widget in self._option_widgets:
                option_widget.show_error("")
                option_widget.set_value(self._values[option_widget.parameter.name])
        finally:
            self._is_updating = False

    def _build_change_handler(self, option_widget: OptionWidget) -> Callable[[str, Any, Any], None]:
        def changed(attr: str, old: Any, new: Any) -> None:
            if not self._is_updating:
                self._handle_change(option_widget)

        return changed

    def _handle_change(self, option_widget: OptionWidget) -> None:
        parameter = option_widget.parameter
        try:
            value = option_widget.read_value()
        except BadValue as error:
            option_widget.show_error(str(error))
            return
        option_widget.show_error("")
        if parameter.to_texts(value) != parameter.to_texts(self._values[parameter.name]):
            self._values[parameter.name] = value
            self._on_change(self.values)


def build_option_widget(parameter: Parameter, value: Any) -> OptionWidget:
    """Build the widget that fits the parameter, and show this valid value."""
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
