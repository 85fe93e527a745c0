"""Each limit is documented where it is and in SECURITY.md, and something keeps to it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bokeh_share
from bokeh_share import limits

PACKAGE = Path(bokeh_share.__file__).parent
SOURCE = PACKAGE / "limits.py"
ROW = re.compile(r"^\| `([A-Z_]+)` \| ([0-9 .]+) \| (.+) \|$", re.MULTILINE)


def documented() -> Iterator[tuple[str, str]]:
    """Names, and the text below each."""
    body = ast.parse(SOURCE.read_text()).body
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.Assign):
            (target,) = node.targets
            assert isinstance(target, ast.Name)
            is_text = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            yield target.id, str(following.value.value) if is_text else ""  # type: ignore[union-attr]


LIMITS = dict(documented())
NAMES = [name for name in vars(limits) if name.isupper()]


@pytest.mark.parametrize("name", NAMES)
def test_a_limit_says_what_it_is_a_limit_of(name: str) -> None:
    assert LIMITS[name].endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_something_keeps_to_it(name: str) -> None:
    used = re.compile(rf"\blimits\.{name}\b(?!`)")
    sources = [path.read_text() for path in PACKAGE.rglob("*.py") if path != SOURCE]
    assert any(used.search(source) for source in sources)


def test_security_md_lists_them_all_with_their_defaults() -> None:
    text = (Path(__file__).parents[1] / "SECURITY.md").read_text()
    listed = {
        name: (float(default.replace(" ", "")), meaning) for name, default, meaning in ROW.findall(text)
    }
    assert listed == {name: (float(getattr(limits, name)), LIMITS[name]) for name in NAMES}
