"""Each option is written once, and each front has it from there."""

from __future__ import annotations

import argparse
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from option_docs import FRONTS, update_api, update_reference

from bokeh_share import share
from bokeh_share.apps import as_app
from bokeh_share.cli.run import _build_run_parser
from bokeh_share.cli.share_command import _build_main_parser
from bokeh_share.errors import ConflictingOptions
from bokeh_share.notebook.magic import MAGIC_PARSER
from bokeh_share.sharing import api
from bokeh_share.sharing.option import Front, Group, Option
from bokeh_share.sharing.option_parsing import list_given_options, list_options, read_parameters
from bokeh_share.sharing.option_table import OPTIONS
from bokeh_share.sharing.options import Options, build_options

REFERENCE = Path(__file__).resolve().parent.parent.parent / "docs" / "reference.md"
SAMPLES = {
    "port": "5010",
    "max_viewers": "7",
    "num_procs": "2",
    "every": "10m",
    "public_url": "https://example.org/plots/",
    "retention": "0.5",
}
"""Values for the options that do not take any text."""


def trend() -> None:
    """An app."""


PARSERS: dict[Front, argparse.ArgumentParser] = {
    Front.MAGIC: MAGIC_PARSER,
    Front.RUN: _build_run_parser([as_app(trend)]),
    Front.COMMAND: _build_main_parser(),
}


@pytest.mark.parametrize("front", Front, ids=lambda front: front.name.lower())
@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_option_is_at_its_fronts_with_the_tables_help(option: Option, front: Front) -> None:
    if front is Front.FUNCTION:
        parameters = inspect.signature(share).parameters
        assert (option.name in parameters) == (front in option.fronts)
        if front in option.fronts:
            docstring = " ".join((share.__doc__ or "").split())
            assert f" {option.name}: {option.python_help or option.help}." in docstring
        return
    parser = PARSERS[front]
    action = next((each for each in parser._actions if option.flag in each.option_strings), None)
    assert (action is not None) == (front in option.fronts)
    if action is not None:
        assert tuple(action.option_strings) == option.flags
        assert (action.help or "") % {} == option.help
        assert option.help.split(";")[0][:40] in " ".join(parser.format_help().split())


@pytest.mark.parametrize(
    ("front", "option"),
    [(front, option) for front in PARSERS for option in list_options(front)],
    ids=lambda each: each.name.lower(),
)
def test_what_is_given_at_a_front_is_what_share_takes(option: Option, front: Front) -> None:
    sample = SAMPLES.get(option.name, "text")
    words = [option.flag] if option.is_switch else [option.flag, sample]
    parsed = PARSERS[front].parse_args(words)
    assert [each.name for each in list_given_options(parsed, front)] == [option.name]
    value: Any = True if option.is_switch else parsed.__dict__[option.name]
    expected = {option.parameter: False} if option.parameter else {option.name: value}
    assert read_parameters(parsed, front) == expected


@pytest.mark.parametrize("front", PARSERS, ids=lambda front: front.name.lower())
def test_the_help_of_each_front_has_the_tables_groups(front: Front) -> None:
    text = PARSERS[front].format_help()
    headings = [group.value for group in Group if list_options(front, group)]
    assert [line[:-1] for line in text.splitlines() if line[:-1] in headings] == headings
    for group in Group:
        section = text.partition(f"\n{group.value}:\n")[2].partition("\n\n")[0]
        flags = [option.flag for option in list_options(front, group)]
        assert re.findall(r"(?m)^  (?:-\w(?: \S+)?, )?(--[\w-]+)", section) == flags


def test_the_table_lists_the_options_group_by_group() -> None:
    groups = [option.group for option in OPTIONS]
    assert groups == sorted(groups, key=list(Group).index)


def test_no_front_has_an_option_that_is_not_in_the_table() -> None:
    names = {option.name for option in OPTIONS}
    for parser in PARSERS.values():
        assert {each.dest for each in parser._actions} - names <= {"help", "file", "names"}
    assert set(inspect.signature(share).parameters) - names == {"model", "bound"}


def test_nothing_given_is_no_option() -> None:
    for front, parser in PARSERS.items():
        assert build_options(read_parameters(parser.parse_args([]), front)) == Options()


def test_the_magic_takes_texts_without_their_quotes() -> None:
    parsed = PARSERS[Front.MAGIC].parse_args(["--title", "'Our sales'", "--order", '"a b"', "c"])
    assert (parsed.title, parsed.order) == ("Our sales", ["a b", "c"])
    assert PARSERS[Front.COMMAND].parse_args(["--title", "'quoted'"]).title == "'quoted'"


def test_port_0_is_given() -> None:
    parsed = PARSERS[Front.COMMAND].parse_args(["--port", "0"])
    assert read_parameters(parsed, Front.COMMAND) == {"port": 0}


def test_a_flag_and_its_opposite_are_refused() -> None:
    parsed = PARSERS[Front.MAGIC].parse_args(["--external", "--local"])
    with pytest.raises(ConflictingOptions) as error:
        read_parameters(parsed, Front.MAGIC)
    assert str(error.value) == "--external and --local exclude each other: give one of them"


def test_reference_and_docstring_say_what_the_table_says() -> None:
    """`python tools/option_docs.py` writes both."""
    for path, update in ((REFERENCE, update_reference), (Path(inspect.getfile(api)), update_api)):
        text = path.read_text(encoding="utf-8")
        assert update(text) == text


def test_the_docstring_of_share_has_parameters_and_no_flags() -> None:
    assert re.findall(r"--[a-z-]+", share.__doc__ or "") == []


def test_the_docs_follow_a_change_of_the_table() -> None:
    """The comparison above would see one."""
    text = REFERENCE.read_text(encoding="utf-8")
    assert update_reference(text.replace("--external", "--outside")) == text


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_the_reference_has_a_row_for_each_option(option: Option) -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    written = f"`{option.name}=" if option.fronts == {Front.FUNCTION} else option.flag
    assert written in "".join(re.findall(r"^\|([^|]*\|[^|]*)\|", text, re.M))
    assert set(FRONTS) == set(Front)
