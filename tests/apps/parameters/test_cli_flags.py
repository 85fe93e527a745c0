"""Options of a command line."""

from __future__ import annotations

import argparse
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Interval
from pydantic import Field

from bokeh_share.apps.parameters.errors import BadParameter
from bokeh_share.apps.parameters.parameters import Parameters
from bokeh_share.sharing.option_parser import OptionParser


class Size(Enum):
    SMALL = (1, 2)
    LARGE = (3, 4)


def trend(
    region: Literal["North (EU)", "South"],
    color: Literal["red", "blue"] = "red",
    days: Annotated[int, Interval(ge=1, le=365)] = 30,
    max_lines: Annotated[int | None, Field(description="100% of them are drawn otherwise")] = None,
    sizes: list[Size] = [Size.SMALL],  # noqa: B006
    blue: bool = True,
    no_data: bool = False,
    since: date = date(2026, 1, 31),
) -> None: ...


def own_parser() -> argparse.ArgumentParser:
    """One with options that every command of bokeh_share has."""
    parser = argparse.ArgumentParser(prog="trend")
    parser.add_argument("-e", "--external", action="store_true")
    parser.add_argument("-p", "--port", type=int)
    parser.add_argument("--no-token", action="store_true")
    parser.add_argument("--no-browser", dest="browser", action="store_false")
    return parser


def parsed(*arguments: str, function: Any = trend) -> dict[str, Any]:
    parameters, parser = Parameters.from_function(function), own_parser()
    parameters.add_to(parser)
    return parameters.from_namespace(parser.parse_args(arguments))


DEFAULTS = {
    "region": "South",
    "color": "red",
    "days": 30,
    "max_lines": None,
    "sizes": [Size.SMALL],
    "blue": True,
    "no_data": False,
    "since": date(2026, 1, 31),
}


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        ("--region=South", {}),
        ("-r South --days 7 -c blue", {"days": 7, "color": "blue"}),
        ("-r South --max-lines 5", {"max_lines": 5}),
        ("-r South --max_lines 5 --max_lines=", {"max_lines": None}),
        ("-r South --sizes", {"sizes": []}),
        ("-r South --sizes LARGE SMALL", {"sizes": [Size.LARGE, Size.SMALL]}),
        ("-r South --no-blue", {"blue": False}),
        ("-r South --no-blue -b", {"blue": True}),
        ("-r South --no-data", {"no_data": True}),
        ("-r South --no_data --no-no-data", {"no_data": False}),
        ("-r South --no-no_data", {"no_data": False}),
        ("-r South --since 2026-02-01", {"since": date(2026, 2, 1)}),
        ("-r South -s LARGE", {"sizes": [Size.LARGE]}),  # which comes before --since
    ],
)
def test_each_parameter_is_an_option(arguments: str, changed: dict[str, Any]) -> None:
    assert parsed(*arguments.split()) == {**DEFAULTS, **changed}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--days 400", "argument -d/--days: days cannot be '400': give a whole number from 1 to 365"),
        ("--color green", "argument -c/--color: 'green' is no color: choose red or blue"),
        ("--sizes LARGE HUGE", "argument -s/--sizes: sizes cannot be 'HUGE': give any of 'SMALL', 'LARGE'"),
        ("--days 7", "the following arguments are required: -r/--region"),
    ],
)
def test_a_wrong_value_ends_the_program_with_what_is_allowed(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(*arguments.split())
    assert ended.value.code == 2
    usage, _, error_text = capsys.readouterr().err.rpartition("\ntrend: error: ")
    assert usage.startswith("usage: trend ")
    assert error_text == f"{message}\n"


def test_the_help_lists_for_each_the_allowed_values_and_the_default(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        parsed("--help")
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    text = " ".join(lines)
    for name, help_text in {
        "--region REGION": "one of 'North (EU)', 'South'",
        "--color {red,blue}": "one of 'red', 'blue'; 'red' unless given",
        "--days DAYS": "a whole number from 1 to 365; 30 unless given",
        "--max-lines MAX_LINES": (
            "100% of them are drawn otherwise: a whole number, or nothing; nothing unless given"
        ),
        "--sizes [{SMALL,LARGE} ...]": "any of 'SMALL', 'LARGE'; 'SMALL' unless given",
        "--blue, --no-blue": "yes or no; yes unless given",
        "--no-data, --no-no-data": "yes or no; no unless given",
        "--since SINCE": "a date such as 2026-01-31; 2026-01-31 unless given",
    }.items():
        assert f"{name} {help_text}" in text
    assert "--max_lines" not in text


def test_what_a_command_has_already_is_refused_with_what_to_do() -> None:
    def port(port: int = 5006) -> None: ...
    def token(token: bool = True) -> None: ...
    def help_(help: str = "") -> None: ...

    def sentence(function: Any) -> str:
        with pytest.raises(BadParameter) as refused:
            Parameters.from_function(function).add_to(own_parser())
        return str(refused.value)

    text = "on the command line, where that option exists already: rename it, or bind it: share"
    assert sentence(port) == f"'port' of port() cannot be --port {text}(port, port=…)"
    assert sentence(token) == f"'token' of token() cannot be --token {text}(token, token=…)"
    assert sentence(help_) == f"'help' of help_() cannot be --help {text}(help_, help=…)"


def test_a_parameter_is_kept_apart_from_what_the_command_calls_its_own_values() -> None:
    def app(browser: str = "any", e: int = 1, _: int = 2, __x: int = 3) -> None: ...

    values = parsed("--browser=firefox", "--no-browser", "--e", "5", "-e", function=app)
    assert values == {"browser": "firefox", "e": 5, "_": 2, "__x": 3}
    assert parsed("--_", "4", "--x=6", "-x", "7", function=app) == {
        "browser": "any",
        "e": 1,
        "_": 4,
        "__x": 7,
    }


@pytest.mark.parametrize(
    ("line", "suggestion"),
    [
        ("--region North South", None),
        ("--ratio 0.5 North", None),
        ("--names Ann Bob", None),
        ("--heading Net margin", 'quote a text that has spaces: --heading "Net margin"'),
    ],
)
def test_quotes_are_suggested_for_texts_alone(line: str, suggestion: str | None) -> None:
    def plot(
        region: Literal["North", "South"] = "North",
        ratio: float = 1,
        names: list[str] = [],  # noqa: B006
        heading: str = "",
    ) -> None: ...

    parser = OptionParser()
    Parameters.from_function(plot).add_to(parser)
    words = line.split()
    assert parser.suggest_quotes(words[-1], words) == suggestion
