from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest

from bokeh_share.sharing.option_values import (
    parse_interval,
    parse_port,
    parse_process_count,
    parse_viewer_count,
    strip_quotes,
)


@pytest.mark.parametrize(
    ("text", "seconds"), [("1s", 1), ("30s", 30), ("10m", 600), ("1h", 3600), ("1.5h", 5400), (" 1d ", 86400)]
)
def test_an_interval_has_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert parse_interval(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "h", "10", "1 hour", "-1s", "0s", "0.5s", "1w", "1e9s", "nan", "٣s", "9999999s"]
)
def test_what_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        parse_interval(text)
    assert (
        str(refused.value)
        == f"--every cannot be {text!r}: give a number with s, m, h or d, such as 30s or 10m"
    )


def test_a_number_of_processes_is_0_or_more() -> None:
    assert [parse_process_count(text) for text in ("0", "3")] == [0, 3]
    for text in ("-1", "many"):
        with pytest.raises(argparse.ArgumentTypeError) as refused:
            parse_process_count(text)
        assert str(refused.value) == f"--num-procs cannot be {text!r}: give 0 or more"


@pytest.mark.parametrize(
    ("parse", "flag", "example"), [(parse_port, "--port", 5010), (parse_viewer_count, "--max-viewers", 20)]
)
def test_a_text_that_is_no_number_is_refused_with_an_example(
    parse: Callable[[str], int], flag: str, example: int
) -> None:
    assert parse("7") == 7
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        parse("many")
    assert str(refused.value) == f"{flag} cannot be 'many': give a number, such as {flag} {example}"


@pytest.mark.parametrize(
    ("text", "value"), [("'a b'", "a b"), ('"a"', "a"), ("a", "a"), ("'", "'"), ("'a\"", "'a\""), ("", "")]
)
def test_quotes_around_a_text_are_taken_away(text: str, value: str) -> None:
    assert strip_quotes(text) == value
