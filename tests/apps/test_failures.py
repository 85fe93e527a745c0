from __future__ import annotations

import pytest
from bokeh.models import Slider

from bokeh_share import limits
from bokeh_share.apps.failures import FailureThrottle, is_author_error
from bokeh_share.text import MAX_REASON_LENGTH


def caught(text: str) -> Exception:
    """What a callback of the author's raises for what a viewer wrote."""
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def test_what_bokeh_refuses_is_the_viewers_mistake() -> None:
    def author() -> None:
        Slider(start=0, end=1, value="text")  # type: ignore[arg-type]

    with pytest.raises(ValueError, match="failed to validate") as error:
        author()
    assert is_author_error(error.value)
    inside = error.value.with_traceback(error.tb.tb_next.tb_next)  # type: ignore[union-attr]
    assert not is_author_error(inside)


def test_a_mistake_is_reported_once_a_minute_whatever_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("bokeh_share.apps.failures.time.monotonic", lambda: now[-1])
    failures = FailureThrottle()
    assert failures.describe("app", caught("one")) == "ValueError: one"
    assert failures.describe("app", caught("two")) is None
    assert failures.describe("another", caught("two")) == "ValueError: two"
    now.append(limits.MISUSE_LOG_INTERVAL + 1)
    assert (
        failures.describe("app", caught("x" * 10_000))
        == f"ValueError: {'x' * 10_000}"[:MAX_REASON_LENGTH] + "…"
    )


def test_what_a_viewer_wrote_turns_no_line_of_the_card_and_adds_none() -> None:
    words = FailureThrottle().describe(
        "app", caught("no\x1b]0;x\x07\n  bokeh_share  http://evil.example \u202e")
    )
    assert words == r"ValueError: no\x1b]0;x\x07 bokeh_share http://evil.example \u202e"
