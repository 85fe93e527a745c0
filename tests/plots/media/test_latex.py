"""Formulas in texts."""

from __future__ import annotations

import json

import pytest

from bokeh_share.plots.media.latex import build_latex_snapshot, split_formulas
from bokeh_share.plots.media.nodes import TextNode


@pytest.mark.parametrize(
    ("source", "nodes"),
    [
        (r"$\displaystyle x^2$", [["math", None, r"\displaystyle x^2"]]),
        ("a $x$ b $$y$$", ["a ", ["math", None, "x"], " b ", ["math", {"display": True}, "y"]]),
        (r"\[x\] and \(y\)", [["math", {"display": True}, "x"], " and ", ["math", None, "y"]]),
        (
            r"\begin{align*}a &= b \\ c\end{align*}",
            [["math", {"display": True}, r"\begin{align*}a &= b \\ c\end{align*}"]],
        ),
        ("costs 5$ or 6$", ["costs 5$ or 6$"]),
        (r"costs \$5 and \$6", [r"costs \$5 and \$6"]),
        ("$a\\$b$", [["math", None, "a\\$b"]]),
        ("$$open", ["$$open"]),
        (r"\begin{a}x\end{b}", [r"\begin{a}x\end{b}"]),
        ("", []),
    ],
)
def test_formulas_stand_between_their_marks(source: str, nodes: list[TextNode]) -> None:
    assert split_formulas(source) == nodes


def test_a_formula_that_is_too_long_stays_text() -> None:
    assert split_formulas(f"${'x' * 30_000}$") == [f"${'x' * 30_000}$"]


def test_a_snapshot_needs_mathjax() -> None:
    snapshot = build_latex_snapshot("$x$")
    assert (snapshot.kind, snapshot.noun, snapshot.parts) == ("text", "formula", {"mathjax"})
    assert json.loads(snapshot.data) == [["p", None, ["math", None, "x"]]]
