"""What the parser says where a command line is wrong."""

from __future__ import annotations

import argparse
from typing import NoReturn

import pytest

from bokeh_share.sharing.option_parser import FreeTextAction, OptionParser, find_misspelt_flags


class Refused(Exception):
    pass


class Raising(OptionParser):
    def error(self, message: str) -> NoReturn:
        raise Refused(self._explain(message))


@pytest.fixture
def parser() -> Raising:
    parser = Raising(prog="program", front_hints={"--watch": "--watch is for others"})
    parser.add_argument("-e", "--external", action="store_true")
    parser.add_argument("-l", "--local", action="store_true")
    parser.add_argument("-t", "--title", metavar="TEXT", action=FreeTextAction)
    parser.add_argument("--password", action="store_true")
    parser.add_argument("-p", "--port", type=int, metavar="N")
    parser.add_argument("--public-url")
    return parser


NO_PASSWORD = "--password takes no value, as it asks for the password: delete the text after it"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--exernal", "there is no option --exernal: did you mean --external?"),
        ("-exernal", "there is no option -exernal: did you mean --external?"),
        ("-external", "there is no option -external: did you mean --external?"),
        ("--prot 5010", "there is no option --prot: did you mean --port 5010?"),
        ("--prot --local", "there is no option --prot: did you mean --port?"),
        ("-port 5010", "there is no option -port: did you mean --port 5010?"),
        ("-port=5010 -e", "there is no option -port: did you mean --port=5010?"),
        ("-public_url x", "there is no option -public_url: did you mean --public-url x?"),
        ("--watch", "--watch is for others"),
        ("--watch=5 -e", "--watch is for others"),
        ("--qqqq", "there is no option --qqqq: --help lists the options"),
        ("stray", "'stray' is not an option: --help lists the options"),
        ("--title Sales overview", "'overview' is not an option: quote a text that has spaces:"
         ' --title "Sales overview"'),
        ("--title=Our sales overview -e", "'sales' is not an option: quote a text that has spaces:"
         ' --title "Our sales overview"'),
        ("-e overview", "'overview' is not an option: --help lists the options"),
        ("--port 5010 5011", "'5011' is not an option: --help lists the options"),
        ("--public-url x stray", "'stray' is not an option: --help lists the options"),
        ("--title= Sales", "'Sales' is not an option: quote a text that has spaces: --title \"Sales\""),
        ('--title "Big" sale', "'sale' is not an option: --help lists the options"),
        ("--title the \"big\" sale", "'\"big\"' is not an option: quote a text that has spaces:"
         " --title 'the \"big\" sale'"),
        ('--title="Sales overview" -e', "'overview\"' is not an option: write a space before a text in"
         ' quotes: --title "Sales overview"'),
        ("--title='Sales of May' stray", "'of' is not an option: write a space before a text in quotes:"
         ' --title "Sales of May"'),
        ("--title", "--title needs a value: --title TEXT"),
        ("--pasword=hunter2", "there is no option --pasword: did you mean --password?"),
        ("-pasword=hunter2", "there is no option -pasword: did you mean --password?"),
        ("-password=hunter2", "there is no option -password: did you mean --password?"),
        ("--p=hunter2", "--p is too short: write --password or --port or --public-url"),
        (f"{'x' * 999}", f"'{'x' * 99}… is not an option: --help lists the options"),
        (f"--prot={'1' * 999}", f"there is no option --prot: did you mean --port={'1' * 99}…?"),
        ("--password hunter2", NO_PASSWORD),
        ("--password=hunter2", NO_PASSWORD),
        ("-e --password 'hunter2' -p 1", NO_PASSWORD),
        ("--ext", "there is no option --ext: did you mean --external?"),
        ("--exter", "there is no option --exter: did you mean --external?"),
        ("--pass=hunter2", "there is no option --pass: did you mean --password?"),
        ("--po 5010", "there is no option --po: did you mean --port 5010?"),
        ("--external=1", "--external takes no value: give --external alone"),
        ("--p 5010", "--p is too short: write --password or --port or --public-url"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_answered_with_what_may_be_meant(parser: Raising, line: str, expected: str) -> None:
    with pytest.raises(Refused) as refused:
        parser.parse_args(line.split())
    assert str(refused.value) == expected


def test_words_that_may_be_a_misspelt_option_are_found(parser: Raising) -> None:
    words = ["--exernal", "--pasword=hunter2", "--ext", "--data", "-e", "--", "port", "--local-copy"]
    assert find_misspelt_flags(parser, words) == [
        ("--exernal", "--external"),
        ("--pasword", "--password"),
        ("--ext", "--external"),
    ]


@pytest.mark.parametrize(
    "words",
    [["--title", "Sales overview", "stray"], ["--title", '"Sales overview"', "stray"],
     ['--title="Sales', 'overview"', "stray"], ["--title=Sales overview", "stray"]],
)  # fmt: skip
def test_a_word_after_a_text_in_quotes_needs_no_quotes(parser: Raising, words: list[str]) -> None:
    """A shell removes the quotes, IPython keeps them."""
    assert parser.suggest_quotes("stray", words) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--on=yes", "--on takes no value: give --on alone"),
        ("--on --no-on=yes", "--no-on takes no value: give --no-on alone"),
        ("--no-on=yes", "--no-on takes no value: give --no-on alone"),
        ("-o=yes", "--on takes no value: give --on alone"),
    ],
)
def test_a_value_after_a_flag_of_yes_or_no_is_refused_with_that_flag(
    parser: Raising, line: str, expected: str
) -> None:
    parser.add_argument("-o", "--on", action=argparse.BooleanOptionalAction)
    with pytest.raises(Refused) as refused:
        parser.parse_args(line.split())
    assert str(refused.value) == expected


def test_both_flags_of_a_missing_yes_or_no_are_named(parser: Raising) -> None:
    parser.add_argument("-o", "--on", action=argparse.BooleanOptionalAction, required=True)
    with pytest.raises(Refused) as refused:
        parser.parse_args([])
    assert str(refused.value) == "an option is missing: give --on or --no-on"


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("-watch 5", ["-watch", "5"]),
        ("-port 5", ["-port", "5"]),
        ("-help --days 7", ["-help", "--days", "7"]),
        ("-external -e -titel=x", ["-external", "-titel=x"]),
        ("-el -tTitle", []),
    ],
)
def test_words_after_a_scripts_name_may_be_options_of_the_script(line: str, rest: list[str]) -> None:
    parser = Raising(is_script=lambda word: word.endswith(".py"), add_help=False)
    parser.add_argument("file")
    for flags in (("-h", "--help"), ("-e", "--external"), ("-l", "--local")):
        parser.add_argument(*flags, action="store_true")
    parser.add_argument("-p", "--port", type=int)
    parser.add_argument("-t", "--title")
    parser.add_argument("--watch", action="store_true")
    parsed, unknown = parser.parse_known_args(["plot.py", *line.split()])
    assert (parsed.file, parsed.help, parsed.port, unknown) == ("plot.py", False, None, rest)
    with pytest.raises(Refused, match=r"there is no option -external: did you mean --external?"):
        parser.parse_known_args(["-external", "plot.py"])


def test_help_has_no_colours_where_a_kernel_asks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    parser = OptionParser(prog="program")
    parser.add_argument("--external", action="store_true")
    assert "\x1b" not in parser.format_help() + parser.format_usage()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-el -p5010", {"external": True, "local": True, "port": 5010}),
        ("-tTitle", {"title": "Title"}),
        ("--external --title -5", {"external": True, "title": "-5"}),
    ],
)
def test_what_argparse_allows_is_allowed(parser: Raising, line: str, expected: dict[str, object]) -> None:
    parsed = vars(parser.parse_args(line.split()))
    assert {name: value for name, value in parsed.items() if value} == expected


def test_a_missing_option_is_named_with_its_value(parser: Raising) -> None:
    parser.add_argument("-d", "--days", required=True, metavar="DAYS")
    with pytest.raises(Refused) as refused:
        parser.parse_args([])
    assert str(refused.value) == "an option is missing: give --days DAYS"


def test_the_sentence_of_a_type_is_the_whole_message(parser: Raising) -> None:
    def parse_color(text: str) -> str:
        raise argparse.ArgumentTypeError(f"{text!r} is no color")

    parser.add_argument("--color", type=parse_color)
    with pytest.raises(Refused) as refused:
        parser.parse_args(["--color", "loud"])
    assert str(refused.value) == "'loud' is no color"


def test_a_program_ends_with_the_usage_and_2(capsys: pytest.CaptureFixture[str]) -> None:
    parser = OptionParser(prog="program")
    parser.add_argument("--external", action="store_true")
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--exernal"])
    lines = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert lines[0].startswith("usage: program")
    assert lines[-1] == "program: error: there is no option --exernal: did you mean --external?"
