"""The last line of `make test`."""

from __future__ import annotations

import pytest
from summary import FAILED, OK, Summary

pytestmark = pytest.mark.one_pairing


def test_the_last_line_has_each_check_in_its_order() -> None:
    summary = Summary()
    for check in ("ruff", "Python 3.11"):
        summary.begin(check)
    name = summary.rename("Python 3.11", "Python 3.11 with bokeh 3.9.2")
    summary.begin("docs")
    summary.record(name, OK)
    summary.record("ruff", OK)
    summary.record("docs", FAILED)
    assert str(summary) == "ruff: ok; Python 3.11 with bokeh 3.9.2: ok; docs: FAILED"
    assert not summary.has_failed("ruff", name)
    assert summary.has_failed("ruff", "docs")


def test_a_check_that_was_broken_off_has_failed() -> None:
    summary = Summary()
    summary.begin("wheel")
    assert str(summary) == "wheel: FAILED"
    assert summary.has_failed("wheel")


def test_without_checks_there_is_no_line() -> None:
    assert str(Summary()) == ""
