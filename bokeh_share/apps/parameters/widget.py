"""The base class of the widgets for one option.

A widget's value may come from any browser, and be anything that Bokeh accepts. It is untrusted until
`Parameter` has checked it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from bokeh.models.layouts import Column
from bokeh.models.widgets.inputs import InputWidget
from bokeh.models.widgets.markups import Div
from bokeh.models.widgets.widget import Widget

from .parameter import Parameter

ERROR_NOTE_STYLES: dict[str, str | None] = {"border-left": "3px solid #d33", "padding-left": "0.5em"}
"""The style of the error note. It sets no text colour, since the page may be light or dark."""


class OptionWidget:
    """A widget with an error note below for invalid input. Exists as long as the viewer's document."""

    value_property: ClassVar[str] = "value"
    """The property that changes at the end of a viewer's input, not at each step."""

    def __init__(self, parameter: Parameter, widget: Widget) -> None:
        self.parameter = parameter
        self.widget = widget
        self.error_note = Div(
            render_as_text=True,  # it contains what the viewer typed
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
            # as wide as a slider prefers, and no wider than a phone
            styles={"flex": "1 1 14em", "max-width": "min(22em, 100%)"},
            html_attributes={"title": help_text} if help_text else {},
        )

    @property
    def raw_value(self) -> Any:
        """The value of the widget, unchecked."""
        return getattr(self.widget, self.value_property)

    def set_value(self, value: Any) -> None:
        """Set the widget to a valid value."""
        setattr(self.widget, self.value_property, self.to_widget_value(value))

    def to_widget_value(self, value: Any) -> Any:
        """Convert a valid value to the widget's value."""
        return value

    def read_value(self) -> Any:
        """Read and check the viewer's value. Raises `BadValue`."""
        return self.parameter.check(self.raw_value)

    def show_error(self, error_text: str) -> None:
        """Show an error; an empty text removes it."""
        self.error_note.update(text=error_text, visible=bool(error_text))
