"""Widgets for numbers: a slider where both bounds are known, otherwise a spinner."""

from __future__ import annotations

import math
from typing import Any

from bokeh.models.widgets.inputs import Spinner
from bokeh.models.widgets.sliders import Slider

from .parameter import Parameter
from .widget import OptionWidget

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer up to which JavaScript represents every integer exactly."""


class NumberWidget(OptionWidget):
    """A widget for a number; its value is sent at the end of a viewer's interaction."""

    value_property = "value_throttled"

    def set_value(self, value: Any) -> None:
        widget_value = self.to_widget_value(value)
        self.widget.update(value=widget_value)
        # BokehJS sends only changes, so it has to know the initial value
        self.widget.set_from_json("value_throttled", widget_value)

    def to_widget_value(self, value: Any) -> Any:
        return None if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER else value


class SliderWidget(NumberWidget):
    """A slider for a number between two bounds."""

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
        """Return True if a slider would have two ends, and only valid positions."""
        value_type, bounds = parameter.value_type, parameter.value_type.bounds
        if bounds.low is None or bounds.high is None or value_type.is_optional:
            return False
        if bounds.low_excluded or bounds.high_excluded:
            return False
        low, high = SliderWidget._compute_ends(parameter)
        return bool(-MAX_SAFE_INTEGER < low < high < MAX_SAFE_INTEGER)

    @staticmethod
    def _compute_ends(parameter: Parameter) -> tuple[Any, Any]:
        """Return the first and last valid value, to which BokehJS clips others."""
        bounds = parameter.value_type.bounds
        low, high, step = bounds.low, bounds.high, bounds.step
        if step is None:
            return low, high
        # 0.3 / 0.1 is no whole number, and 3 * 0.1 is not 0.3
        first, last = math.ceil(round(low / step, 9)), math.floor(round(high / step, 9))
        return round(first * step, 12), round(last * step, 12)


class SpinnerWidget(NumberWidget):
    """A spinner for a number, typed or changed by steps."""

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


def _round_to_power_of_ten(number: float) -> float:
    """Round down to a power of ten."""
    return max(10.0 ** math.floor(math.log10(number)), 1e-12) if math.isfinite(number) and number else 1.0
