"""Widgets of options, in a document that a browser might change."""

from __future__ import annotations

import inspect
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Gt, Interval, MultipleOf
from bokeh.document import Document
from bokeh.document.events import ModelChangedEvent
from bokeh.models import CheckboxGroup, DatePicker, MultiChoice, Select, Slider, Spinner, TextInput, Widget
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from bokeh_share.apps.parameters.errors import BadValue, UnknownOption
from bokeh_share.apps.parameters.parameters import Parameters
from bokeh_share.apps.parameters.widgets import OptionWidgets

Color = Literal["red", "blue"]
Days = Annotated[int, Interval(ge=1, le=365)]


class Size(Enum):
    SMALL = (1, 2)
    LARGE = (3, 4)


class Page:
    """A viewer's: a document with controls, and what their browser can do to it."""

    def __init__(self, annotation: Any = None, value: Any = None, **annotations: Any) -> None:
        """With one option called `it`, or some of these types and values."""

        annotations = annotations or {"it": (annotation, value)}

        def app(**options: Any) -> None: ...

        kind = inspect.Parameter.KEYWORD_ONLY
        app.__signature__ = inspect.Signature(
            [inspect.Parameter(name, kind, annotation=each) for name, (each, _) in annotations.items()]
        )
        self.calls_received: list[dict[str, Any]] = []
        values = {name: each for name, (_, each) in annotations.items()}
        self.controls = OptionWidgets(Parameters.from_function(app), values, self.calls_received.append)
        self.document = Document()
        self.document.add_root(self.controls.model)

    def widget(self, name: str = "it") -> Any:
        found = self.document.select_one({"name": name})
        assert isinstance(found, Widget)
        return found

    @property
    def note(self) -> str:
        """The error below the widget."""
        notes = [column.children[1] for column in self.controls.model.children]
        assert all(each.visible == bool(each.text) and each.render_as_text for each in notes)
        return " ".join(each.text for each in notes if each.visible)

    def send(self, value: Any, attr: str = "value", name: str = "it") -> None:
        """As a browser does it: nothing that bokeh refuses by itself is of interest."""
        event = {"kind": "ModelChanged", "model": self.widget(name).ref, "attr": attr, "new": value}
        try:
            self.document.apply_json_patch({"events": [event]})
        except ValueError as refused:
            assert "failed to validate" in str(refused)  # noqa: PT017

    @property
    def value(self) -> Any:
        return self.controls.values["it"]


@pytest.mark.parametrize(
    ("annotation", "value", "kind", "shows"),
    [
        (
            Color,
            "blue",
            Select,
            {"value": "blue", "options": [("red", "red"), ("blue", "blue")]},
        ),
        (
            Color | None,
            None,
            Select,
            {"value": "", "options": [("", "–"), ("red", "red"), ("blue", "blue")]},
        ),
        (
            Literal["–", "", 1],
            "",
            Select,
            {"value": "", "options": [("–", "–"), ("", '""'), ("1", "1")]},
        ),
        (Literal["–", None], None, Select, {"value": "", "options": [("", "(–)"), ("–", "–")]}),
        (Size, Size.LARGE, Select, {"value": "LARGE", "options": [("SMALL", "SMALL"), ("LARGE", "LARGE")]}),
        (bool, True, CheckboxGroup, {"active": [0], "labels": ["it"]}),
        (bool, False, CheckboxGroup, {"active": [], "labels": ["it"]}),
        (
            bool | None,
            None,
            Select,
            {"value": "", "options": [("", "–"), ("true", "yes"), ("false", "no")]},
        ),
        (
            Days,
            30,
            Slider,
            {"start": 1, "end": 365, "step": 1, "value": 30, "value_throttled": 30, "format": "0[.]00"},
        ),
        (
            Annotated[float, Interval(ge=0, le=0.5)],
            0.25,
            Slider,
            {"start": 0, "end": 0.5, "step": 0.001, "value": 0.25, "format": "0[.]000"},
        ),
        (
            Annotated[float, Interval(ge=0.05, le=0.35), MultipleOf(0.1)],
            0.3,
            Slider,
            {"start": 0.1, "end": 0.3, "step": 0.1, "value": 0.3},
        ),
        (Annotated[int, Interval(gt=0, lt=10)], 3, Slider, {"start": 1, "end": 9}),
        (
            Annotated[float, Interval(gt=0, le=1)],  # a slider has no end that is not to be had
            0.5,
            Spinner,
            {"low": 0, "high": 1, "value": 0.5, "value_throttled": 0.5, "mode": "float", "step": 0.01},
        ),
        (Annotated[int, Interval(ge=5, le=5)], 5, Spinner, {"low": 5, "high": 5}),
        (Annotated[int, Interval(ge=1, le=4), MultipleOf(5)] | None, None, Spinner, {"value": None}),
        (Days | None, None, Spinner, {"low": 1, "high": 365, "value": None}),
        (int, 7, Spinner, {"low": None, "high": None, "value": 7, "mode": "int", "step": 1}),
        (Annotated[int, Field(ge=0, multiple_of=5)], 5, Spinner, {"low": 0, "high": None, "step": 5}),
        (int, 10**400, Spinner, {"value": None}),  # more than a browser can count
        (float, 30.0, Spinner, {"value": 30.0, "mode": "float", "step": 1.0}),
        (Annotated[float, Field(allow_inf_nan=True)], float("inf"), Spinner, {"step": 1.0}),
        (date, date(2026, 1, 31), DatePicker, {"value": "2026-01-31", "min_date": None, "max_date": None}),
        (
            Annotated[date, Interval(gt=date(2026, 1, 1), le=date(2026, 12, 31))] | None,
            None,
            DatePicker,
            {"value": None, "min_date": "2026-01-02", "max_date": "2026-12-31"},
        ),
        (
            datetime,
            datetime(2026, 1, 31, 14),
            TextInput,
            {"value": "2026-01-31 14:00", "placeholder": "a date and time such as 2026-01-31 14:30"},
        ),
        (datetime | None, None, TextInput, {"value": ""}),
        (str, "a <b>", TextInput, {"value": "a <b>", "placeholder": ""}),
        (str | None, None, TextInput, {"value": ""}),
        (
            list[Literal["<i>", "b"]],
            ["<i>"],
            MultiChoice,
            {"value": ["<i>"], "options": [("<i>", "&lt;i&gt;"), ("b", "b")]},
        ),
        (list[Size] | None, None, MultiChoice, {"value": []}),
        (
            list[int],
            [1, 2],
            TextInput,
            {"value": "1, 2", "placeholder": "whole numbers, with commas between"},
        ),
        (list[str], ['say "a, b"', "c"], TextInput, {"value": '"say ""a, b""", c'}),
        (list[bool], [True, False], TextInput, {"value": "true, false"}),
    ],
)
def test_each_kind_of_option_has_the_widget_that_fits(
    annotation: Any, value: Any, kind: type[Widget], shows: dict[str, Any]
) -> None:
    page = Page(annotation, value)
    widget = page.widget()
    assert type(widget) is kind
    assert {name: getattr(widget, name) for name in shows} == shows
    assert page.value == value
    assert page.note == ""
    page.document.validate()
    page.document.to_json(deferred=False)


@pytest.mark.parametrize(
    ("annotation", "value", "attr", "sent", "meant"),
    [
        (Color, "red", "value", "blue", "blue"),
        (Color | None, "red", "value", "", None),
        (Literal[1, 2], 1, "value", "2", 2),
        (Size, Size.SMALL, "value", "LARGE", Size.LARGE),
        (bool, False, "active", [0], True),
        (bool, True, "active", [], False),
        (bool | None, None, "value", "false", False),
        (Days, 30, "value_throttled", 7.0, 7),
        (int, 30, "value_throttled", 7, 7),
        (int | None, 30, "value_throttled", None, None),
        (float, 0.5, "value_throttled", 7, 7.0),
        (date, date(2026, 1, 31), "value", "2026-02-01", date(2026, 2, 1)),
        (date | None, date(2026, 1, 31), "value", None, None),
        (datetime, datetime(2026, 1, 31), "value", "2026-02-01 14:30", datetime(2026, 2, 1, 14, 30)),
        (datetime | None, datetime(2026, 1, 31), "value", " ", None),
        (str, "a", "value", "b ", "b "),
        (str | None, "a", "value", "", None),
        (list[Color], ["red"], "value", ["blue", "red"], ["blue", "red"]),
        (list[Color] | None, ["red"], "value", [], None),
        (list[int], [1], "value", " 1,2 ,, 3,", [1, 2, 3]),
        (list[str], ["a"], "value", '"a, b", c d ', ["a, b", "c d"]),
        (list[date] | None, [date(2026, 1, 31)], "value", "", None),
    ],
)
def test_a_viewers_choice_is_reported_once(
    annotation: Any, value: Any, attr: str, sent: Any, meant: Any
) -> None:
    page = Page(annotation, value)
    page.send(sent, attr)
    assert page.calls_received == [{"it": meant}]
    assert type(page.calls_received[0]["it"]) is type(meant)
    assert page.value == meant
    assert page.note == ""


def test_a_slider_reports_nothing_before_it_is_released() -> None:
    page = Page(Days, 30)
    for step in range(31, 40):
        page.send(step)
    assert page.calls_received == []
    page.send(39, "value_throttled")
    assert page.calls_received == [{"it": 39}]


@pytest.mark.parametrize(
    ("annotation", "value", "attr", "sent", "note"),
    [
        (Color, "red", "value", "green", "'green' is no it: choose red or blue"),
        (Color, "red", "value", None, "it cannot be None: give one of 'red', 'blue'"),
        (Color, "red", "value", [1], "it cannot be [1]: give one of 'red', 'blue'"),
        (Color, "red", "value", {"type": "map", "entries": []}, "it cannot be {}: give one of 'red', 'blue'"),
        (bool, True, "active", [0, 0], "it cannot be [0, 0]: give yes or no"),
        (Days, 30, "value_throttled", 366, "it cannot be 366: give a whole number from 1 to 365"),
        (Days, 30, "value_throttled", 7.5, "it cannot be 7.5: give a whole number from 1 to 365"),
        (int, 30, "value_throttled", None, "it is missing: give a whole number"),
        (
            int,
            30,
            "value_throttled",
            {"type": "number", "value": "nan"},
            "it cannot be nan: give a whole number",
        ),
        (
            Annotated[float, Gt(0)],
            0.5,
            "value_throttled",
            0,
            "it cannot be 0: give a number, more than 0",
        ),
        (date, date(2026, 1, 31), "value", None, "it is missing: give a date such as 2026-01-31"),
        (
            datetime,
            datetime(2026, 1, 31),
            "value",
            "noon",
            "it cannot be 'noon': give a date and time such as 2026-01-31 14:30",
        ),
        (
            Annotated[str, Field(min_length=2)],
            "ab",
            "value",
            "a",
            "it cannot be 'a': give text (string should have at least 2 characters)",
        ),
        (str, "ab", "value", "\ud800", "it cannot be '\\ud800': give text"),
        (list[Color], ["red"], "value", ["red", "<b>"], "it cannot be '<b>': give any of 'red', 'blue'"),
        (list[int], [1], "value", "1, two", "it cannot be 'two': give whole numbers"),
        (list[str], ["a"], "value", "a\nb", "it cannot be 'a\\nb': give texts"),
    ],
)
def test_an_invalid_value_is_shown_below_the_widget_and_changes_nothing(
    annotation: Any, value: Any, attr: str, sent: Any, note: str
) -> None:
    page = Page(annotation, value)
    page.send(sent, attr)
    assert page.note == note
    assert page.calls_received == []
    assert page.value == value


def test_what_a_browser_sends_may_be_a_model() -> None:
    page = Page(Color, "red")
    page.send(page.widget().ref)
    assert page.note == f"it cannot be Select(id={page.widget().id!r}, ...): give one of 'red', 'blue'"
    assert page.calls_received == []


def test_a_note_goes_with_the_next_valid_value() -> None:
    page = Page(list[int], [1])
    page.send("x")
    page.send("1")
    assert (page.note, page.calls_received) == ("", [])  # unchanged
    page.send("x")
    page.send("2")
    assert (page.note, page.calls_received) == ("", [{"it": [2]}])


def test_a_note_is_beside_the_widget_that_it_is_about() -> None:
    page = Page(days=(Days, 30), lines=(list[int], [1]))
    page.send("x", name="lines")
    page.send(7, "value_throttled", name="days")
    assert page.calls_received == [{"days": 7, "lines": [1]}]
    assert [column.children[1].text for column in page.controls.model.children] == [
        "",
        "lines cannot be 'x': give whole numbers",
    ]


def test_the_program_sets_widgets_without_being_called_itself() -> None:
    page = Page(days=(Days, 30), color=(Color, "red"), lines=(list[int], [1]))
    page.send("x", name="lines")
    changed: list[tuple[str, Any]] = []

    def note(event: Any) -> None:
        if isinstance(event, ModelChangedEvent) and event.model is page.widget("days"):
            changed.append((event.attr, event.new))

    page.document.on_change(note)
    page.controls.set_values({"days": "7", "color": "blue"})
    assert page.calls_received == []
    assert page.note == ""
    assert page.controls.values == {"days": 7, "color": "blue", "lines": [1]}
    assert (page.widget("days").value, page.widget("color").value, page.widget("lines").value) == (
        7,
        "blue",
        "1",
    )
    # A browser that does not know the second sends nothing when its viewer goes back to 30.
    assert changed == [("value", 7), ("value_throttled", 7)]
    page.send(30, "value_throttled", name="days")
    assert page.calls_received == [{"days": 30, "color": "blue", "lines": [1]}]


def test_what_the_program_sets_must_be_valid_too() -> None:
    page = Page(Days, 30)
    with pytest.raises(BadValue):
        page.controls.set_values({"it": 0})
    with pytest.raises(UnknownOption):
        page.controls.set_values({"that": 1})
    assert (page.value, page.widget().value, page.calls_received) == (30, 30, [])


def test_the_values_are_the_callers_own() -> None:
    page = Page(list[int], [1])
    page.controls.values["it"].append(2)
    page.send("1, 2")
    page.calls_received[0]["it"].append(3)
    assert page.value == [1, 2]


def test_controls_need_a_value_for_each() -> None:
    def app(days: Days, color: Color = "red") -> None: ...

    with pytest.raises(BadValue) as refused:
        OptionWidgets(Parameters.from_function(app), {}, print)
    assert str(refused.value) == "days is missing: give a whole number from 1 to 365"
    assert OptionWidgets(Parameters.from_function(app), {"days": 7}, print).values == {
        "days": 7,
        "color": "red",
    }


def test_what_goes_wrong_in_the_function_is_not_hidden() -> None:
    def fail(values: dict[str, Any]) -> None:
        raise ZeroDivisionError

    controls = OptionWidgets(Parameters.from_function(lambda days=30: None), {}, fail)
    with pytest.raises(ZeroDivisionError):
        controls.model.children[0].children[0].set_from_json("value_throttled", 7)


def test_widgets_have_a_name_a_title_and_the_help_that_the_author_wrote() -> None:
    helpful = Field(description="how far to look")
    page = Page(max_days=(Annotated[int, helpful], 30), dry_run=(Annotated[bool, helpful], True))
    spinner, ticked = page.widget("max_days"), page.widget("dry_run")
    assert (spinner.title, spinner.description) == ("max days", "how far to look")
    assert ticked.labels == ["dry run"]
    assert page.controls.model.children[1].html_attributes == {"title": "how far to look"}


def test_the_widgets_are_in_a_row_that_wraps() -> None:
    row = Page(Days, 30).controls.model
    assert (row.sizing_mode, row.styles) == ("stretch_width", {"flex-wrap": "wrap"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
OPTIONS: list[tuple[Any, Any]] = [
    (Color, "red"),
    (Color | None, None),
    (bool, True),
    (Days, 30),
    (int | None, None),
    (float, 0.5),
    (date, date(2026, 1, 31)),
    (datetime | None, None),
    (str, "a"),
    (list[Color], ["red"]),
    (list[int], [1]),
    (list[str] | None, None),
]


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(st.sampled_from(OPTIONS), st.lists(JSON, min_size=1, max_size=3))
def test_whatever_a_browser_sends_it_is_a_valid_value_or_a_note(option: tuple[Any, Any], sent: Any) -> None:
    page = Page(*option)
    control = page.controls._option_widgets[0]
    for value in sent:
        before, calls = page.value, len(page.calls_received)
        try:
            page.widget().set_from_json(control.value_property, value)
        except ValueError:
            continue  # bokeh's own refusal
        assert page.controls._parameters.check(page.controls.values) == page.controls.values
        if page.note or len(page.calls_received) == calls:
            assert page.value == before
        else:
            assert page.calls_received[-1] == page.controls.values


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(st.lists(st.text().map(str.strip).filter(bool), max_size=4))
def test_what_a_list_of_texts_shows_is_what_is_read_from_it(texts: list[str]) -> None:
    page = Page(list[str], texts)
    control = page.controls._option_widgets[0]
    assert control.read_value() == texts
