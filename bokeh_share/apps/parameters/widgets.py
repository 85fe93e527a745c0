"""The widgets above a shared function's figure, one for each open parameter."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from bokeh.models import Row

from ..errors import BadValue
from .parameters import Parameters
from .widget import OptionWidget, widget_for


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
        self._is_set = False
        """Whether it is the program that changes the widgets."""
        self._controls = [widget_for(each, self._values[each.name]) for each in parameters]
        for control in self._controls:
            control.widget.on_change(control.prop, self._listener(control))
        self.model = Row(
            children=[control.model for control in self._controls],
            sizing_mode="stretch_width",
            styles={"flex-wrap": "wrap"},  # on a phone, one below the other
        )
        """What is put on the page."""

    @property
    def values(self) -> dict[str, Any]:
        """The last valid ones; a copy, which is the caller's."""
        return copy.deepcopy(self._values)

    def set(self, values: Mapping[str, Any]) -> None:
        """Bring the widgets to these values, others stay. Calls nobody. Raises `BadValue`."""
        self._values = self._parameters.check({**self._values, **values})
        self._is_set = True
        try:
            for control in self._controls:
                control.say("")
                control.show(self._values[control.parameter.name])
        finally:
            self._is_set = False

    def _listener(self, control: OptionWidget) -> Callable[[str, Any, Any], None]:
        def changed(attr: str, old: Any, new: Any) -> None:
            if not self._is_set:
                self._changed(control)

        return changed

    def _changed(self, control: OptionWidget) -> None:
        parameter = control.parameter
        try:
            value = control.read()
        except BadValue as error:
            control.say(str(error))
            return
        control.say("")
        if parameter.written(value) != parameter.written(self._values[parameter.name]):
            self._values[parameter.name] = value
            self._on_change(self.values)
