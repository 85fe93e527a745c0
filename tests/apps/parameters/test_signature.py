"""Reads the parameters of functions, and refuses functions that cannot have options."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.models import ColumnDataSource

from bokeh_share.apps.parameters.errors import BadParameter
from bokeh_share.apps.parameters.parameters import Parameters

if TYPE_CHECKING:
    from decimal import Decimal as Elsewhere


MORNING = datetime(2026, 1, 31, 8)
DAY = MORNING.date()


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


def names(function: Callable[..., Any], **bound: Any) -> list[str]:
    return [each.name for each in Parameters.from_function(function, bound)]


def refusal(function: Callable[..., Any], **bound: Any) -> str:
    with pytest.raises(BadParameter) as refused:
        Parameters.from_function(function, bound)
    return str(refused.value)


def trend(color: Literal["red", "blue"] = "red", days: int = 30) -> dict[str, Any]:
    return {"color": color, "days": days}


def test_the_parameters_of_a_function_are_its_options_in_order() -> None:
    parameters = Parameters.from_function(trend)
    assert parameters.name == "trend"
    assert [(each.name, each.default, each.is_required) for each in parameters] == [
        ("color", "red", False),
        ("days", 30, False),
    ]
    assert len(parameters) == 2
    assert "days" in parameters
    assert parameters["days"].annotation is int


def test_what_the_author_binds_is_no_option_and_reaches_the_function() -> None:
    parameters = Parameters.from_function(trend, {"color": "blue"})
    assert [each.name for each in parameters] == ["days"]
    assert parameters.call({"days": 7}) == {"color": "blue", "days": 7}


def test_what_a_partial_binds_is_bound_and_an_author_may_bind_it_anew() -> None:
    partial = functools.partial(trend, color="blue")
    assert names(partial) == ["days"]
    assert Parameters.from_function(partial).name == "trend"
    assert Parameters.from_function(partial, {"color": "red"}).call({"days": 7}) == {
        "color": "red",
        "days": 7,
    }
    assert names(functools.partial(trend, "blue")) == ["days"]


def test_methods_callable_objects_and_decorated_functions_have_options_too() -> None:
    class Report:
        def draw(self, days: int = 30) -> int:
            return days

        def __call__(self, weeks: int | None = None) -> None: ...

    @functools.wraps(trend)
    def decorated(*args: Any, **options: Any) -> Any:
        return trend(*args, **options)

    assert names(Report().draw) == ["days"]
    assert names(Report()) == ["weeks"]
    assert Parameters.from_function(Report()).name == "Report"
    assert names(decorated) == ["color", "days"]


def test_a_class_has_the_options_that_make_one() -> None:
    class Figure:
        def __init__(self, days: int = 30) -> None:
            self.days = days

    assert Parameters.from_function(Figure).call({"days": 7}).days == 7


@pytest.mark.parametrize("annotation", [Document, "Document", "bokeh.document.Document"])
def test_the_first_parameter_may_take_the_document(annotation: Any) -> None:
    def app(page, days=30):  # as an author writes it
        return page, days

    app.__annotations__ = {"page": annotation}
    parameters = Parameters.from_function(app)
    document = Document()
    assert parameters.has_document_parameter
    assert parameters.call({"days": 7}, document) == (document, 7)
    assert names(app) == ["days"]


def test_doc_is_the_document_unless_it_is_something_else() -> None:
    def app(doc, /, days: int = 30): ...
    def typed(doc: Literal["a", "b"] = "a"): ...
    def bound(doc, days: int = 30): ...
    def second(days: int = 30, doc=""): ...

    assert (Parameters.from_function(app).has_document_parameter, names(app)) == (True, ["days"])
    assert (Parameters.from_function(typed).has_document_parameter, names(typed)) == (False, ["doc"])
    assert (Parameters.from_function(bound, {"doc": 1}).has_document_parameter, names(bound, doc=1)) == (
        False,
        ["days"],
    )
    assert (Parameters.from_function(second).has_document_parameter, names(second)) == (
        False,
        ["days", "doc"],
    )


def test_without_an_annotation_the_default_gives_the_type() -> None:
    def app(yes=True, n=1, x=0.5, s="a", at=MORNING, on=DAY, c=Colour.RED, several=[1]):  # noqa: B006
        ...

    def numpy(x=np.float64(0.5)): ...  # noqa: B008

    found = [
        (each.value_type.element_type, each.value_type.is_list) for each in Parameters.from_function(app)
    ]
    plain = [bool, int, float, str, datetime, date, None]
    assert found == [*((each, False) for each in plain), (int, True)]
    assert Parameters.from_function(numpy)["x"].annotation is float


def test_args_and_kwargs_are_no_options_and_kwargs_may_be_bound() -> None:
    def app(*args: Any, days: int = 30, **others: Any) -> Any:
        return days, others

    assert names(app) == ["days"]
    assert Parameters.from_function(app, {"width": 300}).call({"days": 7}) == (7, {"width": 300})


def test_what_only_a_type_checker_knows_matters_to_open_parameters_only() -> None:
    def app(amount: Elsewhere, days: int = 30) -> Elsewhere:
        return amount

    assert names(app, amount=object()) == ["days"]
    assert refusal(app) == (
        "'amount' of app() has the annotation 'Elsewhere', which cannot be evaluated"
        " (name 'Elsewhere' is not defined): define or import it before you share"
    )


def test_a_value_of_any_type_may_be_bound_where_options_have_no_word_for_it() -> None:
    def app(source: ColumnDataSource, table: dict[str, int], free=None, days: int = 30): ...

    source = ColumnDataSource()
    parameters = Parameters.from_function(app, {"source": source, "table": {}, "free": object})
    assert parameters.bound == {"source": source, "table": {}, "free": object}


def test_a_bound_value_is_checked_and_converted_by_its_annotation() -> None:
    def app(since: date | None, days: int = 30) -> Any:
        return since

    assert Parameters.from_function(app, {"since": "2026-01-31"}).call({}) == date(2026, 1, 31)
    assert refusal(app, since="January") == (
        "'since' of app() cannot be 'January': bind a date such as 2026-01-31, or nothing"
    )
    assert refusal(app, since=None, days=None) == "'days' of app() cannot be None: bind a whole number"


def of_any_type(annotation: Any, **default: Any) -> Callable[..., Any]:
    """A function with one parameter that is annotated so."""

    def app(it): ...

    app.__annotations__ = {"it": annotation}
    app.__defaults__ = tuple(default.values())
    return app


ADVICE = "annotate it with bool, int, float, str, date, datetime, Literal, Enum, or a list of one, or bind it"


class Alike(Enum):
    ONE = 1
    UNO = "1"


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        (dict, "is of type 'dict', which cannot be an option"),
        (bytes, "is of type 'bytes', which cannot be an option"),
        (ColumnDataSource, "is of type 'ColumnDataSource', which cannot be an option"),
        (list, "is of type 'list', which cannot be an option"),
        (int | str | None, "is of type 'int | str | None', which cannot be an option"),
        (list[int | None], "is a list of optional values, which cannot be an option"),
        (list[list[int]], "is a list of lists, which cannot be an option"),
        (Literal[b"a"], "can be b'a', which cannot be the value of an option"),
        (Literal[1, "1"], "has two choices with the same text '1'"),
        (Alike, "has two choices with the same text '1'"),
        (Enum("Empty", {}), "has no choices"),
        (Literal["", None], "can be None and an empty text, which look the same in an address"),
        (7, "is of type '7', which cannot be an option"),
    ],
)
def test_a_type_that_no_option_has_is_refused_with_what_to_do(annotation: Any, reason: str) -> None:
    assert refusal(of_any_type(annotation)) == f"'it' of app() {reason}: {ADVICE}: share(app, it=…)"


@pytest.mark.parametrize(
    ("default", "reason", "hint"),
    [
        ((), "has no type and no default", "annotate it, as in 'it: int'"),
        ((None,), "has no type, and its default is None", "annotate it, as in 'it: int | None = None'"),
        (([],), "has no type, and its default does not show the type", "annotate it, as in 'it: list[int]'"),
        (
            ([1, "a"],),
            "has no type, and its default does not show the type",
            "annotate it, as in 'it: list[int]'",
        ),
    ],
)
def test_a_missing_type_is_asked_for(default: tuple[Any, ...], reason: str, hint: str) -> None:
    def app(it): ...

    app.__defaults__ = default
    assert refusal(app) == f"'it' of app() {reason}: {hint}, or bind it: share(app, it=…)"


def test_a_default_of_no_such_type_is_refused_too() -> None:
    def app(source=ColumnDataSource()): ...  # noqa: B008

    assert refusal(app) == (
        "'source' of app() is of type 'ColumnDataSource', which cannot be an option:"
        f" {ADVICE}: share(app, source=…)"
    )


def test_a_default_must_be_valid() -> None:
    assert refusal(of_any_type(int, it="many")) == (
        "'it' of app() cannot be 'many' by default: give a whole number"
    )
    assert (
        refusal(of_any_type(int, it=None)) == "'it' of app() cannot be None by default: give a whole number"
    )
    assert refusal(of_any_type(list[int], it=[1, "x"])) == (
        "'it' of app() cannot be 'x' by default: give whole numbers"
    )


def test_a_parameter_that_takes_no_keyword_is_refused() -> None:
    def app(days: int = 30, /) -> None: ...

    assert refusal(app) == "'days' of app() is positional-only: remove the '/' from the signature"


def test_a_bound_name_that_there_is_not_comes_with_the_nearest_that_there_is() -> None:
    assert refusal(trend, colour="red") == (
        "'colour' of trend() does not exist, so it cannot be bound: did you mean 'color'?"
    )
    assert refusal(trend, x=1) == (
        "'x' of trend() does not exist, so it cannot be bound: choose from color, days"
    )
    assert refusal(lambda: None, x=1) == (
        "'x' of <lambda>() does not exist, so it cannot be bound: there are none"
    )


def test_an_annotation_is_evaluated_where_the_function_is_from() -> None:
    module = types.ModuleType("elsewhere")
    exec("from typing import Literal\nSize = Literal[1, 2]\ndef app(size: 'Size' = 1): ...", vars(module))
    assert Parameters.from_function(module.app)["size"].value_type.choices == {"1": 1, "2": 2}
