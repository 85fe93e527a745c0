"""Whatever the author or a viewer wrote: it is one line, seen as it is, wherever it is said."""

from __future__ import annotations

import traceback
from dataclasses import replace
from io import StringIO

import pytest
from card.test_card import LIVE
from support.looks import look

from bokeh_share.apps.parameters.errors import BadValue
from bokeh_share.card.card import format_status
from bokeh_share.card.note import Note, Severity
from bokeh_share.cli.progress import Progress
from bokeh_share.cli.run import announce_links
from bokeh_share.errors import BokehShareError, CannotSerialize, KernelDied
from bokeh_share.network.links import Link
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.text import make_printable, sanitize_for_log

FORGED = "bokeh_share  http://evil.example/x8/"
HOSTILE = [
    f"a\n{FORGED}",
    f"a\r\n{FORGED}",
    f"a\x85{FORGED}",
    f"a\u2028{FORGED}",
    f"a\u2029{FORGED}",
    f"a\v{FORGED}",
    f"a\x1b[2J\x1b[1;1H{FORGED}",
    f"a\x1b]0;{FORGED}\x07",
    f"a\x9b2J{FORGED}",
    f"a\b\b{FORGED}\x7f",
    f"a\u202e{FORGED}\u2066",
    f"a\u200f\u200b\ufeff\U000e0041{FORGED}",
    f"a\udce9{FORGED}",
]
"""What would forge a line, steer a terminal, or be seen as something else."""
TURNS = (*range(0x200E, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
STEERING = [chr(code) for code in (*range(32), *range(127, 160), *TURNS, 0xFEFF, 0xDCE9)]


def is_a_line_of(said: str, *, lines: int = 1) -> bool:
    """Return True if no character controls the terminal, and no line was forged."""
    seen = said.split("\n")
    none_steers = not any(each in line for line in seen for each in STEERING)
    return none_steers and len(seen) == lines and not any(each.strip().startswith(FORGED) for each in seen)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_one_line_and_controls_no_terminal(text: str) -> None:
    said = make_printable(text)
    assert is_a_line_of(said)
    assert said.startswith("a")
    assert make_printable(said) == said
    said.encode()


@pytest.mark.parametrize(
    "text", ["naïve – 5 €", "日本語", "عربى", "नमस्ते क्\u200dष", "👩\u200d💻 ok", r"C:\new", "\ue0b0"]
)
def test_what_people_write_is_said_as_they_write_it(text: str) -> None:
    assert make_printable(text) == text


def test_what_is_not_seen_is_said_as_python_writes_it() -> None:
    assert make_printable("a\x1b[31mb\u202ec") == r"a\x1b[31mb\u202ec"
    assert make_printable(" two\nlines\r\n\ttabs ") == "two lines tabs"


@pytest.mark.parametrize("text", HOSTILE)
def test_status_and_card_have_a_line_for_each_plot_and_note(text: str) -> None:
    page = Page().put(PlotKey("name", text), look("a"), now=0)
    notes = (Note(text), Note(text, severity=Severity.MISSING))
    card = replace(LIVE, notes=notes, links=(Link("http://h/", text),))
    assert is_a_line_of(card.to_text(), lines=5)
    assert is_a_line_of(format_status(page, card), lines=6)
    calm = replace(LIVE, notes=(Note("a"), Note("a", severity=Severity.MISSING)), links=(Link("h", "a"),))
    assert card.to_html().count("\n") == calm.to_html().count("\n"), "those of its own source alone"
    assert not any(each in card.to_html().replace("\n", "") for each in STEERING)


@pytest.mark.parametrize("text", HOSTILE)
def test_an_error_is_a_line_whatever_its_data_are(text: str) -> None:
    for error in (
        KernelDied("a", text),
        CannotSerialize("a", "b", text, "c"),
        BadValue(text, (), "a number"),
    ):
        assert is_a_line_of(str(error))
    assert is_a_line_of(str(BokehShareError(text)))


@pytest.mark.parametrize("text", HOSTILE)
def test_the_command_line_prints_a_line_for_each_thing(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = StringIO()
    progress = Progress(out, out)
    progress.start_cell(1, 1, text)
    progress.finish_cell("0.1 s")
    progress.say(text)
    announce_links([Link("http://h/", text)], [text], browser=False)
    assert is_a_line_of(out.getvalue(), lines=3)
    assert is_a_line_of(capsys.readouterr().out, lines=4)


def caught(text: str) -> Exception:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


@pytest.mark.parametrize("text", ["no\x1b]0;x\x07", "x" * 1_000_000])
def test_texts_of_visitors_are_logged_escaped_and_shortened(text: str) -> None:
    try:
        raise KeyError("author") from caught(text)
    except KeyError as error:
        said = "".join(traceback.format_exception(sanitize_for_log(error)))
    assert said.startswith("Traceback")
    assert "test_text_printable.py" in said
    assert said.endswith("Exception: KeyError: 'author'\n")
    assert len(said) < 1000
    assert "\x1b" not in said


def test_a_mistake_of_the_authors_alone_is_logged_as_it_is() -> None:
    error = caught("two\nlines")
    assert sanitize_for_log(error) is error
