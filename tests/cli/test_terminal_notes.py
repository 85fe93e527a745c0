from __future__ import annotations

import pytest

from bokeh_share.cli.terminal_notes import adapt_note


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        (
            "docker run -p 5006:5006 … publishes the port, then %bokeh_share -e -p 5006 --public-url x",
            "docker run -p 5006:5006 … publishes the port, then python plot.py -e -p 5006 --public-url x",
        ),
        ("(%bokeh_share --max-viewers N for more)", "(python plot.py --max-viewers N for more)"),
        ("%bokeh_share --save page.html writes a file", "%bokeh_share --save page.html writes a file"),
        ("%bokeh_share starts again", "%bokeh_share starts again"),
    ],
)
def test_a_note_names_the_options_of_the_command_line(note: str, expected: str) -> None:
    assert adapt_note(note, "python plot.py") == expected
