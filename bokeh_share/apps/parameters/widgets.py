"""The widgets above a shared function's figure, one for each open parameter."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from bokeh.models import Row

from .errors import BadValue
from .parameters import Parameters
from .widget import OptionWidget, build_option_widget


class OptionWidgets:
    """One viewer's widgets, with the values that they stand for; lives as long as the viewer's document.

    `on_change` is called with all values when a viewer has changed one to another valid one. What they do
    that is no such value is told beside the widget, and changes nothing.
    """

    def __init__(
        self,
        parameters: Parameters,
        values: Mapping[str, Any],
        on_change: Callable[[dict[str, Any]], None],
    ) -> None:
        """Raises `BadValue` if a value is missing, or none."""
        self._parameters = parameters
        self._values = parameters.check(values)
        self._on_change = on_change
        self._is_updating = False
        """Whether it is the program that changes the widgets."""
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
        """What is put on the page."""

    @property
    def values(self) -> dict[str, Any]:
        """The last valid ones; a copy, which is the caller's."""
        return copy.deepcopy(self._values)

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Bring the widgets to these values, others stay. Calls nobody. Raises `BadValue`."""
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
