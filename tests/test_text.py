from __future__ import annotations

import io
import subprocess
import sys

import pytest

from bokeh_share.text import (
    hide_passwords,
    make_encodable,
    print_line,
    shorten,
    shorten_value,
    write_to_stream,
)


class Full(io.StringIO):
    """As a file on a disk without room."""

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def test_any_text_can_be_encoded() -> None:
    assert make_encodable("\ud800 caf\udce9 é 😀\udfff") == "\ufffd caf\ufffd é 😀\ufffd"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://ann:hidden@h/0 and b", "redis://ann:***@h/0 and b"),
        ("'rediss://:hid@den:x@h:6380'", "'rediss://:***@h:6380'"),
        ("http://h:5006/a@b and a:b@c", "http://h:5006/a@b and a:b@c"),
        ("redis://ann@h", "redis://ann@h"),
    ],
)
def test_passwords_of_urls_are_not_shown(text: str, shown: str) -> None:
    assert hide_passwords(text) == shown
    assert shorten(text) == shown
    assert shorten_value(f"{text} {'x' * 500}").startswith(repr(shown)[:-1])


def test_letters_that_a_stream_does_not_know_cost_only_themselves() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    write_to_stream(stream, "1 · 2\ud800\n")
    assert stream.buffer.getvalue() == b"1 ? 2?\n"


def test_where_there_is_no_stream_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    print_line("hello")
    print_line("hello", is_error=True)


def test_a_stream_that_was_closed_or_is_full_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    print_line("hello")
    write_to_stream(Full(), "hello")


def test_where_nobody_reads_on_a_program_goes_on_and_ends_without_noise() -> None:
    code = """
import sys
from bokeh_share.text import print_line
sys.stdin.readline()
for _ in range(3):
    print_line("hello")
    print("and the author's own")
print("went on", file=sys.stderr)
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as process:  # type: ignore[call-overload]
        process.stdout.close()
        process.stdin.write("\n")
        process.stdin.close()
        assert process.stderr.read() == "went on\n"
        assert process.wait() == 0
