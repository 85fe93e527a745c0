from __future__ import annotations

from io import StringIO

import pytest

from bokeh_share.cli.progress import Progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_quiet_cell_is_a_line() -> None:
    out, err = StringIO(), StringIO()
    progress = Progress(out, err)
    progress.start_cell(1, 2, "plot of sales")
    assert out.getvalue() == ""
    progress.finish_cell("0.4 s")
    assert (out.getvalue(), err.getvalue()) == ("[1/2] plot of sales … 0.4 s\n", "")


def test_what_a_cell_prints_is_indented_below_its_name() -> None:
    out, err = StringIO(), StringIO()
    progress = Progress(out, err)
    progress.start_cell(1, 1, "x")
    progress.write_output("stdout", "a")
    progress.write_output("stdout", "b\n\nc")
    progress.write_output("stderr", "\x1b[31moops\x1b[0m\n")
    progress.finish_cell("1.0 s")
    assert out.getvalue() == "[1/1] x …\n    ab\n\n    c\n[1/1] x … 1.0 s\n"
    assert err.getvalue() == "    oops\n"


def test_a_bar_of_progress_is_passed_on_as_it_looks_in_the_end() -> None:
    out = StringIO()
    progress = Progress(out, out)
    progress.start_cell(1, 1, "x")
    progress.write_output("stderr", "\r 0%\r 50%")
    progress.write_output("stderr", "\r100%\r\n")
    progress.finish_cell("1.0 s")
    assert out.getvalue() == "[1/1] x …\n    100%\n[1/1] x … 1.0 s\n"


def test_on_a_terminal_the_line_is_there_at_once_and_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = Terminal()
    progress = Progress(out, out)
    progress.start_cell(1, 2, "plot of sales and more")
    assert out.getvalue() == "[1/2] plot of sales a… …"
    progress.finish_cell("0.4 s")
    assert out.getvalue().partition("\r\x1b[K")[2] == "[1/2] plot of sales a… … 0.4 s\n"


def test_between_cells_what_is_printed_stands_alone() -> None:
    out = StringIO()
    progress = Progress(out, out)
    progress.write_output("stdout", "from a thread\n")
    progress.say("waiting for changes")
    assert out.getvalue() == "    from a thread\nbokeh_share: waiting for changes\n"
