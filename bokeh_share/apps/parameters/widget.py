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

from ..errors import BadValue
from .parameter import Parameter

EXACT = 2**53 - 1
"""The largest whole number up to which a browser knows each."""
NONE = "–"
"""What a choice of nothing is called."""
NOTE: dict[str, str | None] = {"border-left": "3px solid #d33", "padding-left": "0.5em"}
"""The text keeps the page's colour, which may be a light or a dark one."""


class OptionWidget:
    """A widget, and under it what is wrong with what a viewer did there; lives as long as their document."""

    prop: ClassVar[str] = "value"
    """The property that tells what a viewer did, and not each step of it."""

    def __init__(self, parameter: Parameter, widget: Widget) -> None:
        self.parameter = parameter
        self.widget = widget
        self.note = Div(
            render_as_text=True,  # it tells what the viewer typed
            visible=False,
            sizing_mode="stretch_width",
            styles=NOTE,
            html_attributes={"role": "alert"},
        )
        widget.update(name=parameter.name, sizing_mode="stretch_width")
        help_text = parameter.kind.help
        if isinstance(widget, InputWidget):
            widget.description = help_text
        self.model = Column(
            children=[widget, self.note],
            # as wide as a slider wants to be, and no wider than a phone
            styles={"flex": "1 1 14em", "max-width": "min(22em, 100%)"},
            html_attributes={"title": help_text} if help_text else {},
        )

    @property
    def raw(self) -> Any:
        """What the widget has, unchecked."""
        return getattr(self.widget, self.prop)

    def show(self, value: Any) -> None:
        """Bring the widget to a valid value."""
        setattr(self.widget, self.prop, self.shown(value))

    def shown(self, value: Any) -> Any:
        """What the widget has for a valid value."""
        return value

    def read(self) -> Any:
        """The value that the viewer means. Raises `BadValue`."""
        return self.parameter.check(self.raw)

    def say(self, text: str) -> None:
        """What is wrong; empty for nothing."""
        self.note.update(text=text, visible=bool(text))


class Tick(OptionWidget):
    """For yes or no. The group's label is a real one, which `Checkbox` and `Switch` have none of."""

    prop = "active"

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter, CheckboxGroup(labels=[parameter.title]))

    def shown(self, value: Any) -> list[int]:
        return [0] if value else []

    def read(self) -> Any:
        if self.raw not in ([], [0]):
            raise BadValue(self.parameter.name, (self.raw,), self.parameter.kind.words)
        return self.parameter.check(bool(self.raw))


class Choice(OptionWidget):
    """For one of some, by how they are written."""

    def __init__(self, parameter: Parameter) -> None:
        kind = parameter.kind
        labels = {text: kind.told(text) if kind.of is bool else text or '""' for text in kind.choices}
        if kind.is_optional:
            # BokehJS finds an option by its label, so no two may be the same
            labels = {"": NONE if NONE not in labels else f"({NONE})", **labels}
        options: list[str | tuple[Any, str]] = [*labels.items()]
        super().__init__(parameter, Select(title=parameter.title, options=options))

    def shown(self, value: Any) -> str:
        return self.parameter.written(value)[0]

    def read(self) -> Any:
        if not isinstance(self.raw, str):
            raise BadValue(self.parameter.name, (self.raw,), self.parameter.kind.words)
        return self.parameter.read([self.raw])


class Choices(OptionWidget):
    """For several of some."""

    def __init__(self, parameter: Parameter) -> None:
        texts = list(parameter.kind.choices)
        widget = MultiChoice(
            title=parameter.title,
            options=[(text, html.escape(text)) for text in texts],  # BokehJS takes labels for markup
            search_option_limit=len(texts),
        )
        super().__init__(parameter, widget)

    def shown(self, value: Any) -> list[str]:
        return self.parameter.written(value)

    def read(self) -> Any:
        return self.parameter.read(self.raw)


class Number(OptionWidget):
    """For a number, at the end of a viewer's interaction."""

    prop = "value_throttled"

    def show(self, value: Any) -> None:
        shown = self.shown(value)
        self.widget.update(value=shown)
        # BokehJS sends only what changes, so it has to know from where it does
        self.widget.set_from_json("value_throttled", shown)

    def shown(self, value: Any) -> Any:
        return None if isinstance(value, int) and abs(value) > EXACT else value


class Range(Number):
    """For a number between two bounds."""

    def __init__(self, parameter: Parameter) -> None:
        low, high = self._ends(parameter)
        step = parameter.kind.bounds.step
        if step is None:
            step = 1 if parameter.kind.of is int else _tenth((high - low) / 100)
        format_ = "0[.]" + "0" * max(2, -math.floor(math.log10(step)))
        widget = Slider(title=parameter.title, start=low, end=high, step=step, value=low, format=format_)
        super().__init__(parameter, widget)

    @staticmethod
    def fits(parameter: Parameter) -> bool:
        """Whether a slider has ends, and all that it can be moved to is valid."""
        kind, bounds = parameter.kind, parameter.kind.bounds
        if bounds.low is None or bounds.high is None or kind.is_optional:
            return False
        if bounds.low_excluded or bounds.high_excluded:
            return False
        low, high = Range._ends(parameter)
        return bool(-EXACT < low < high < EXACT)

    @staticmethod
    def _ends(parameter: Parameter) -> tuple[Any, Any]:
        """The first and the last valid value; BokehJS moves what is not between them there."""
        bounds = parameter.kind.bounds
        low, high, step = bounds.low, bounds.high, bounds.step
        if step is None:
            return low, high
        # 0.3 / 0.1 is no whole number, and 3 * 0.1 is not 0.3
        first, last = math.ceil(round(low / step, 9)), math.floor(round(high / step, 9))
        return round(first * step, 12), round(last * step, 12)


class Entry(Number):
    """For a number, typed or stepped through."""

    def __init__(self, parameter: Parameter, value: Any) -> None:
        bounds, is_whole = parameter.kind.bounds, parameter.kind.of is int
        widget = Spinner(
            title=parameter.title,
            mode="int" if is_whole else "float",
            low=self.shown(bounds.low),
            high=self.shown(bounds.high),
            step=bounds.step or (1 if is_whole else _tenth(abs(value or 1) / 10)),
        )
        super().__init__(parameter, widget)


class Day(OptionWidget):
    """For a date."""

    def __init__(self, parameter: Parameter) -> None:
        bounds = parameter.kind.bounds
        widget = DatePicker(title=parameter.title, min_date=bounds.low, max_date=bounds.high)
        super().__init__(parameter, widget)


class Text(OptionWidget):
    """For text."""

    def __init__(self, parameter: Parameter, hint: str = "") -> None:
        super().__init__(parameter, TextInput(title=parameter.title, placeholder=hint))

    def shown(self, value: Any) -> str:
        return self.parameter.written(value)[0]

    def read(self) -> Any:
        return self.parameter.read([self.raw])


class DateTime(Text):
    """For a date with a time, as text.

    `DatetimePicker` shows it in the zone of the viewer's machine and answers in no zone, and bokeh 3.9 cuts
    the time off. See https://github.com/bokeh/bokeh/issues/12904.
    """

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter, parameter.kind.words)

    def shown(self, value: Any) -> str:
        text = super().shown(value).replace("T", " ")
        return text if value is None or value.tzinfo else text.removesuffix(":00")


class Texts(Text):
    """For several of what there are no choices of, with commas between them; those with commas in quotes.

    Empty ones, and spaces around one, are only typing.
    """

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter, f"{parameter.kind.words}, with commas between")

    def shown(self, value: Any) -> str:
        return ", ".join(_quoted(text) for text in self.parameter.written(value) if text)

    def read(self) -> Any:
        try:
            rows = list(csv.reader([self.raw], skipinitialspace=True))
        except csv.Error:
            raise BadValue(self.parameter.name, (self.raw,), self.parameter.kind.words) from None
        return self.parameter.read([text.strip() for row in rows for text in row if text.strip()])


def widget_for(parameter: Parameter, value: Any) -> OptionWidget:
    """The one that fits, and shows this valid value."""
    control = _control_for(parameter, value)
    control.show(value)
    return control


def _control_for(parameter: Parameter, value: Any) -> OptionWidget:
    kind = parameter.kind
    if kind.is_list:
        return Choices(parameter) if kind.of is None else Texts(parameter)
    if kind.of is bool and not kind.is_optional:
        return Tick(parameter)
    if kind.choices:
        return Choice(parameter)
    if kind.of in (int, float):
        return Range(parameter) if Range.fits(parameter) else Entry(parameter, value)
    if kind.of is date:
        return Day(parameter)
    return Text(parameter) if kind.of is str else DateTime(parameter)


def _tenth(number: float) -> float:
    """The power of ten that is at most this."""
    return max(10.0 ** math.floor(math.log10(number)), 1e-12) if math.isfinite(number) and number else 1.0


def _quoted(text: str) -> str:
    if re.search(r'[,"\r\n]', text):
        return '"' + text.replace('"', '""') + '"'
    return text
