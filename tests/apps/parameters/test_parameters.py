"""Values of options, as they stand in an address."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal, NewType, get_args
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from annotated_types import Ge, Gt, Interval, Len, Lt, MultipleOf, doc
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, PositiveInt, StrictInt

from bokeh_share.apps.parameters.errors import BadParameter, BadValue, UnknownOption
from bokeh_share.apps.parameters.parameters import Parameters
from bokeh_share.apps.parameters.value_types import Bounds, build_value_type

EXAMPLES = os.environ.get("BOKEH_SHARE_EXAMPLES")
thorough = settings(
    max_examples=int(EXAMPLES or 100), derandomize=EXAMPLES is None, database=None, deadline=None
)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Size(Enum):
    """Whose values are no plain ones."""

    SMALL = (1, 2)
    LARGE = (3, 4)


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Region(StrEnum):
    NORTH = "the North, & more"
    SOUTH = ""


def even(number: int) -> int:
    if number % 2:
        raise ValueError("is odd")
    return number


Mixed = Literal["a", " a", "", 1, True, 0, False, "&="]
Days = Annotated[int, Interval(ge=1, le=365)]
UserId = NewType("UserId", int)


def options(annotation: Any, *default: Any) -> Parameters:
    """Those of a function with one parameter, which is annotated so."""

    def app(it):  # it is, below
        return it

    app.__annotations__ = {"it": annotation}
    app.__defaults__ = default
    return Parameters.from_function(app)


def parsed(query: str) -> dict[str, list[str]]:
    """As tornado does it."""
    return parse_qs(query, keep_blank_values=True, strict_parsing=bool(query))


def read(annotation: Any, query: str, *default: Any) -> Any:
    return options(annotation, *default).from_query(parsed(query))["it"]


def refusal(annotation: Any, query: str) -> str:
    with pytest.raises(BadValue) as refused:
        read(annotation, query)
    return str(refused.value)


@pytest.mark.parametrize(
    ("annotation", "query", "value"),
    [
        (int, "it=7", 7),
        (int, "it=+7%20", 7),
        (int, "it=7.0", 7),
        (float, "it=1e3", 1000.0),
        (str, "it=", ""),
        (str, "it=+a%26b%0A", " a&b\n"),
        (bool, "it=yes", True),
        (bool, "it=%200", False),
        (date, "it=+2026-01-31+", date(2026, 1, 31)),
        (bool, "it=FALSE", False),
        (Literal["red", "blue"], "it=blue", "blue"),
        (Literal[1, 2], "it=2%20", 2),
        (Literal[True, "auto"], "it=true", True),
        (Literal["a", None], "it=", None),
        (Literal[Colour.RED], "it=red", Colour.RED),
        (Colour, "it=blue", Colour.BLUE),
        (Size, "it=LARGE", Size.LARGE),
        (Level, "it=2", Level.HIGH),
        (Region, "it=", Region.SOUTH),
        (date, "it=2026-01-31", date(2026, 1, 31)),
        (datetime, "it=2026-01-31+14:30", datetime(2026, 1, 31, 14, 30)),
        (datetime, "it=2026-01-31T14:30Z", datetime(2026, 1, 31, 14, 30, tzinfo=UTC)),
        (list[int], "it=1&it=2", [1, 2]),
        (list[int], "it=", []),
        (list[Size], "it=LARGE&it=SMALL", [Size.LARGE, Size.SMALL]),
        (list[str], "it=&it=", [""]),
        (int | None, "it=7", 7),
        (int | None, "it=", None),
        (str | None, "it=", None),
        (list[int] | None, "it=", None),
        (list[int] | None, "it=3", [3]),
        (Days, "it=365", 365),
        (PositiveInt, "it=1", 1),
        (UserId, "it=1", 1),
    ],
)
def test_a_value_in_an_address_reaches_the_function_as_its_type(
    annotation: Any, query: str, value: Any
) -> None:
    found = read(annotation, query)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("annotation", "query", "sentence"),
    [
        (int, "it=x", "it cannot be 'x': give a whole number"),
        (int, "it=7.5", "it cannot be '7.5': give a whole number"),
        (int, "it=", "it cannot be '': give a whole number"),
        (int, "", "it is missing: give a whole number"),
        (int, "it=1&it=2", "it cannot be '1', '2' at the same time: give a whole number"),
        (int, "it=1&it=2&it=3&it=4", "it cannot be '1', '2', '3', … at the same time: give a whole number"),
        (int, f"it={'9' * 5000}", f"it cannot be '{'9' * 27}...{'9' * 28}': give a whole number"),
        (float, "it=nan", "it cannot be 'nan': give a number"),
        (float, "it=inf", "it cannot be 'inf': give a number"),
        (float, "it=1e999", "it cannot be '1e999': give a number"),
        (bool, "it=maybe", "it cannot be 'maybe': give yes or no"),
        (Days, "it=400", "it cannot be '400': give a whole number from 1 to 365"),
        (Annotated[int, Ge(1)], "it=0", "it cannot be '0': give a whole number, at least 1"),
        (Annotated[float, Gt(0)], "it=0", "it cannot be '0': give a number, more than 0"),
        (
            Annotated[float, Field(gt=0, le=1.5)],
            "it=2",
            "it cannot be '2': give a number, more than 0 and at most 1.5",
        ),
        (
            Annotated[int | None, Field(ge=0, multiple_of=5)],
            "it=7",
            "it cannot be '7': give a whole number, at least 0, a multiple of 5, or nothing",
        ),
        (Literal["red", "blue"], "it=Red", "'Red' is no it: choose red or blue"),
        (Literal[1, "two", None], "it=3", "'3' is no it: choose 1, two or nothing"),
        (Size, "it=HUGE", "'HUGE' is no it: choose SMALL or LARGE"),
        (Level, "it=LOW", "'LOW' is no it: choose 1 or 2"),
        (
            Literal[*range(40)],  # as data may tell
            "it=x",
            "'x' is no it: choose 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 … 39 (40 in all)",
        ),
        (date, "it=2026", "it cannot be '2026': give a date such as 2026-01-31"),
        (date, "it=2026-02-30", "it cannot be '2026-02-30': give a date such as 2026-01-31"),
        (
            Annotated[date, Interval(ge=date(2026, 1, 1), lt=date(2027, 1, 1))],
            "it=2027-01-01",
            "it cannot be '2027-01-01': give a date from 2026-01-01 to 2026-12-31",
        ),
        (
            Annotated[date, Lt(date(2027, 1, 1))],
            "it=2027-01-01",
            "it cannot be '2027-01-01': give a date, not after 2026-12-31",
        ),
        (
            Annotated[datetime, Gt(datetime(2026, 1, 1)), Lt(datetime(2027, 1, 1))],
            "it=2026-01-01",
            "it cannot be '2026-01-01': give a date and time, after 2026-01-01 00:00:00"
            " and before 2027-01-01 00:00:00",
        ),
        (datetime, "it=12", "it cannot be '12': give a date and time such as 2026-01-31 14:30"),
        (list[int], "it=1&it=x", "it cannot be 'x': give whole numbers"),
        (list[Literal["a", "b"]], "it=c", "it cannot be 'c': give any of 'a', 'b'"),
        (
            Annotated[list[int], Len(1, 2)],
            "it=",
            "it cannot be []: give whole numbers (list should have at least 1 item after validation, not 0)",
        ),
        (
            Annotated[str, Field(pattern="^a")],
            "it=b",
            "it cannot be 'b': give text (string should match pattern '^a')",
        ),
        (
            Annotated[int, AfterValidator(even)],
            "it=7",
            "it cannot be '7': give a whole number (value error, is odd)",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(annotation: Any, query: str, sentence: str) -> None:
    assert refusal(annotation, query) == sentence


def test_an_error_keeps_what_was_given_and_for_which_option() -> None:
    with pytest.raises(BadValue) as refused:
        read(Days, "it=400")
    error = refused.value
    assert (error.parameter, error.given, error.allowed) == ("it", ("400",), "a whole number from 1 to 365")


def trend(color: Literal["red", "blue"] = "red", max_days: int = 30) -> Any:
    """Daily sales."""
    return color, max_days


def test_what_an_address_leaves_out_is_as_the_author_has_it() -> None:
    assert Parameters.from_function(trend).from_query({}) == {"color": "red", "max_days": 30}


def test_a_list_that_one_viewer_changes_is_not_changed_for_another() -> None:
    parameters = options(list[int], [1])
    parameters.from_query({})["it"].append(2)
    assert parameters.from_query({}) == parameters.check({}) == {"it": [1]}


def test_an_unknown_option_is_refused_with_the_nearest_known() -> None:
    def refused(query: str, function: Callable[..., Any] = trend) -> str:
        with pytest.raises(UnknownOption) as refused:
            Parameters.from_function(function).from_query(parsed(query))
        return str(refused.value)

    assert refused("colour=red") == "there is no option 'colour': did you mean 'color'?"
    assert refused("max-days=7") == "there is no option 'max-days': did you mean 'max_days'?"
    assert refused("q=7") == "there is no option 'q': choose from color, max_days"
    assert refused("q=7", lambda: None) == "there is no option 'q': there are none"
    assert refused(f"{'x' * 9999}=7") == (
        f"there is no option '{'x' * 27}...{'x' * 28}': choose from color, max_days"
    )
    with pytest.raises(UnknownOption):
        Parameters.from_function(trend).check({"colour": "red"})


def test_defaults_stand_for_what_is_wrong_in_an_address_and_the_first_error_is_told() -> None:
    def plot(days: int = 30, color: Literal["red", "blue"] = "red", limit: int = 5) -> None: ...

    parameters = Parameters.from_function(plot)
    values, error = parameters.from_partial_query(parsed("color=green&days=x&limit=7"))
    assert (values, str(error)) == (
        {"days": 30, "color": "red", "limit": 7},
        "days cannot be 'x': give a whole number",
    )
    values, error = parameters.from_partial_query(parsed("days=x&dayz=7&utm_source=mail&limit=8"))
    assert (values, str(error)) == (
        {"days": 30, "color": "red", "limit": 8},
        "there is no option 'dayz': did you mean 'days'?",
    )
    assert parameters.from_partial_query({}) == ({"days": 30, "color": "red", "limit": 5}, None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("colour=red", "days is missing: give a whole number"),
        ("days=x", "days cannot be 'x': give a whole number"),
    ],
)
def test_nothing_stands_for_a_value_that_has_no_default(query: str, expected: str) -> None:
    def plot(days: int) -> None: ...

    with pytest.raises(BadValue) as refused:
        Parameters.from_function(plot).from_partial_query(parsed(query))
    assert str(refused.value) == expected


def test_an_address_with_many_wrong_names_costs_one_search_for_a_similar_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searches: list[str] = []
    search = difflib.get_close_matches

    def count_search(word: str, *options: Any) -> list[str]:
        searches.append(word)
        return search(word, *options)

    monkeypatch.setattr(difflib, "get_close_matches", count_search)
    arguments = {f"colour{number}": ["red"] for number in range(1000)}
    values, error = Parameters.from_function(trend).from_partial_query(arguments)
    assert searches == ["colour0"]
    assert values == {"color": "red", "max_days": 30}
    assert str(error) == "there is no option 'colour0': did you mean 'color'?"


def test_an_option_that_the_author_bound_is_unknown_to_viewers() -> None:
    with pytest.raises(UnknownOption):
        Parameters.from_function(trend, {"color": "blue"}).from_query({"color": ["blue"]})


@pytest.mark.parametrize("name", ["bokeh-session-id", "bokeh-app-path", "utm_source", "fbclid", "gclid"])
def test_what_others_add_to_a_link_is_let_pass(name: str) -> None:
    assert Parameters.from_function(trend).from_query({name: ["x"]}) == {"color": "red", "max_days": 30}


def test_an_address_has_what_differs_from_the_defaults_in_the_order_of_the_signature() -> None:
    parameters = Parameters.from_function(trend)
    assert parameters.to_query({}) == ""
    assert parameters.to_query({"max_days": 7, "color": "blue"}) == "color=blue&max_days=7"
    assert parameters.to_query({"max_days": "30", "color": "blue"}) == "color=blue"
    assert options(str).to_query({"it": "a b&c=ä/"}) == "it=a+b%26c%3D%C3%A4%2F"
    assert options(list[int], [1]).to_query({"it": []}) == "it="
    assert options(int | None, 1).to_query({"it": None}) == "it="


def test_an_address_is_made_of_valid_values_only() -> None:
    with pytest.raises(BadValue, match="max_days cannot be 'x': give a whole number"):
        Parameters.from_function(trend).to_query({"max_days": "x"})


def test_what_equals_the_default_but_is_another_value_is_in_the_address() -> None:
    assert options(Literal[1, True], 1).to_query({"it": True}) == "it=true"
    assert options(float, 0.0).to_query({"it": -0.0}) == "it=-0.0"
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    there = noon.astimezone(timezone(timedelta(hours=1)))
    assert options(datetime, noon).to_query({"it": there}) == "it=2026-01-31T13%3A00%3A00%2B01%3A00"


def test_what_is_no_number_may_be_asked_for() -> None:
    parameters = options(Annotated[float, Field(allow_inf_nan=True)], float("nan"))
    assert parameters.to_query({}) == ""
    assert str(parameters.from_query({})["it"]) == "nan"
    assert parameters.to_query({"it": "-inf"}) == "it=-Infinity"
    assert parameters.from_query(parsed("it=-Infinity")) == {"it": float("-inf")}


def test_an_old_local_time_is_the_same_moment_again() -> None:
    at = datetime(1880, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))  # 53 minutes and 28 seconds from Greenwich
    assert read(datetime, options(datetime).to_query({"it": at})) == at


def test_text_that_no_address_can_hold_is_refused() -> None:
    with pytest.raises(BadValue) as refused:
        options(str).check({"it": "a\ud800"})  # half a character, as JSON may have it
    assert str(refused.value) == "it cannot be 'a\\ud800': give text"


def test_a_default_that_is_not_read_as_it_is_written_is_refused() -> None:
    sentences = []
    for annotation in (StrictInt, Annotated[int, AfterValidator(lambda number: number * 2)]):
        with pytest.raises(BadParameter) as refused:
            options(annotation, 7)
        sentences.append(str(refused.value).partition(": ")[0])
    assert sentences == [
        "'it' of app() has a default that is written as '7', which is not read as the default",
        "'it' of app() has a default that is written as '14', which is not read as the default",
    ]


def test_an_annotation_that_makes_no_sense_is_refused_as_pydantic_does() -> None:
    with pytest.raises(BadParameter) as refused:
        options(Annotated[str, Ge(1)], "a")
    reason, _, hint = str(refused.value).partition(": ")
    assert reason.startswith("'it' of app() has an annotation that pydantic does not accept (")
    assert hint.startswith("annotate it with ")


def test_help_and_title_are_the_annotations() -> None:
    field = options(Annotated[Days, Field(title="Days back", description="how far to look")], 30)["it"]
    documented = options(Annotated[list[Annotated[int, doc("years")]], "other"])["it"]
    assert (field.title, field.value_type.help) == ("Days back", "how far to look")
    assert field.describe() == "how far to look: a whole number from 1 to 365; 30 unless given"
    assert (documented.title, documented.describe()) == ("it", "years: whole numbers")
    assert [each.title for each in Parameters.from_function(trend)] == ["color", "max days"]


def test_a_line_describes_each_option() -> None:
    def app(
        color: Colour = Colour.RED,
        size: Size = Size.SMALL,
        level: Level = Level.LOW,
        label: str = "",
        top: str | None = None,
        lines: list[str] = ["a b", "c"],  # noqa: B006
        none: list[int] = [],  # noqa: B006
        grid: bool = False,
    ) -> None: ...

    assert Parameters.from_function(app).describe() == [
        "color: one of 'red', 'blue'; 'red' unless given",
        "size: one of 'SMALL', 'LARGE'; 'SMALL' unless given",
        "level: one of 1, 2; 1 unless given",
        "label: text; '' unless given",
        "top: text, or nothing; nothing unless given",
        "lines: texts; 'a b' 'c' unless given",
        "none: whole numbers; nothing unless given",
        "grid: yes or no; no unless given",
    ]


@pytest.mark.parametrize(
    ("annotation", "bounds"),
    [
        (Days, Bounds(1, 365)),
        (Annotated[Days, Field(ge=7)], Bounds(7, 365)),
        (Annotated[int, Ge(7), Gt(7), Ge(1), Lt(9), Lt(10)], Bounds(8, 8)),
        (Annotated[float, Ge(7), Gt(7), Ge(7)], Bounds(7, None, low_excluded=True)),
        (Annotated[float, Field(lt=1), Field(le=1)], Bounds(None, 1, high_excluded=True)),
        (Annotated[int, Ge(0.5), Field(le=float("inf"))], Bounds(1, None)),
        (Annotated[int, Interval(ge=0, le=10), MultipleOf(5)], Bounds(0, 10, step=5)),
        (Annotated[int | None, Ge(1)], Bounds(1, None)),
        (Annotated[date, Gt(date(2026, 1, 31))], Bounds(date(2026, 2, 1))),
        (list[Days], Bounds(1, 365)),
    ],
)
def test_bounds_are_read_off_the_annotation(annotation: Any, bounds: Bounds) -> None:
    assert build_value_type(annotation).bounds == bounds


def zoned() -> st.SearchStrategy[datetime]:
    offsets = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    return st.datetimes(timezones=st.none() | offsets)


FINITE = st.floats(allow_nan=False, allow_infinity=False)
PLAIN: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (int, st.integers()),
    (float, FINITE),
    (str, st.text()),
    (bool, st.booleans()),
    (date, st.dates()),
    (datetime, zoned()),
    (Mixed, st.sampled_from(get_args(Mixed))),
    (Colour, st.sampled_from(Colour)),
    (Size, st.sampled_from(Size)),
    (Level, st.sampled_from(Level)),
    (Region, st.sampled_from(Region)),
    (Literal[Size.SMALL, "LARGE"], st.sampled_from([Size.SMALL, "LARGE"])),
]
CASES = [
    *PLAIN,
    *((each | None, st.none() | values) for each, values in PLAIN if each not in (Mixed, Region)),
    *((list[each], st.lists(values, max_size=4)) for each, values in PLAIN),
    *((list[each] | None, st.none() | st.lists(values, max_size=4)) for each, values in PLAIN),
]


@pytest.mark.parametrize(("annotation", "values"), CASES, ids=lambda case: str(case)[:40])
def test_what_is_written_into_an_address_is_read_from_it(
    annotation: Any, values: st.SearchStrategy[Any]
) -> None:
    @thorough
    @given(values, values)
    def check(default: Any, value: Any) -> None:
        parameters = options(annotation, default)
        valid = parameters.check({"it": value})
        query = parameters.to_query(valid)
        again = parameters.from_query(parsed(query))
        assert exactly(again) == exactly(valid)
        assert parameters.to_query(again) == query
        assert parameters["it"].parse(parameters["it"].to_texts(valid["it"])) == valid["it"]

    check()


def exactly(values: dict[str, Any]) -> str:
    """As text, where 1 differs from True and 0.0 from -0.0; a time of the same zone is the same, though."""
    return repr({name: _unzoned(value) for name, value in values.items()})


def _unzoned(value: Any) -> Any:
    if isinstance(value, list):
        return [_unzoned(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


@thorough
@given(st.text(), st.sampled_from([each for each, _ in CASES]))
def test_whatever_an_address_says_it_is_a_value_or_refused_in_a_sentence(text: str, annotation: Any) -> None:
    parameters = options(annotation)
    try:
        values = parameters.from_query({"it": [text]})
    except BadValue as error:
        assert re.search("^it cannot be | is no it: ", str(error))  # noqa: PT017  # either is right
    else:
        assert parameters.from_query(parsed(parameters.to_query(values))) == values
