"""A word of the magic's line that no variable has."""

from __future__ import annotations

import pytest

from bokeh_share.notebook.magic import MAGIC_PARSER
from bokeh_share.notebook.option_hints import explain_unknown_name

VARIABLES = ["sales", "profit", "_hidden", "externals", "plot", "starter"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("external", "did you mean --external?"),
        ("no_token", "did you mean --no-token?"),
        ("extrenal", "did you mean 'externals'?"),
        ("pubic_url", "did you mean --public-url?"),
        ("stop", "did you mean --stop?"),
        ("Stop", "did you mean --stop?"),
        ("Max_Viewers", "did you mean --max-viewers?"),
        ("plots", "did you mean 'plot'?"),
        ("start", "did you mean 'starter'?"),
        ("--title=2026 plotz", 'quote a text that has spaces: --title "2026 plotz"'),
        ('--title "Big" plt', "did you mean 'plot'?"),
        ("--address eth0 plt", "did you mean 'plot'?"),
        ("--public-url https://x.org plt", "did you mean 'plot'?"),
        ("--save page.html plt", "did you mean 'plot'?"),
        ("--certfile c.pem plt", "did you mean 'plot'?"),
        ("--drop Net margin", 'quote a text that has spaces: --drop "Net margin"'),
        ("Run", "%bokeh_share alone starts sharing, and shows the link"),
        ("off", "%bokeh_share --stop stops sharing"),
        ("list", "%bokeh_share --status lists links, viewers and plots"),
        ("sals", "did you mean 'sales'?"),
        ("hidden", "check its spelling, or run the cell that assigns it"),
        ("--title Sales overview", 'quote a text that has spaces: --title "Sales overview"'),
        ("-t Sales external", 'quote a text that has spaces: -t "Sales external"'),
    ],
)
def test_it_may_be_an_option_a_habit_or_another_variable(line: str, expected: str) -> None:
    words = line.split()
    error = explain_unknown_name(words[-1], VARIABLES, MAGIC_PARSER, words)
    assert str(error) == f"no variable {words[-1]!r}: {expected}"
