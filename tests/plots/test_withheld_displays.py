"""Displays that are not shared: their count, their memory, and sharing them later."""

from __future__ import annotations

import pytest

from bokeh_share.plots import withheld_displays
from bokeh_share.plots.media import Display
from bokeh_share.plots.withheld_displays import WithheldDisplay, WithheldDisplays


def build_display(noun: str = "picture", size: int = 1) -> Display:
    return Display("image/png", b"x" * size, noun=noun)


@pytest.mark.parametrize(
    ("displays", "line"),
    [
        ([], ""),
        ([("picture", 4)], "1 picture of cell [4] is not shared: --all"),
        (
            [("matplotlib figure", 4), ("matplotlib figure", 9), ("matplotlib figure", 4)],
            "3 matplotlib figures of cells [4] and [9] are not shared: --all",
        ),
        ([("table", None), ("text", None)], "1 table and 1 text are not shared: --all"),
        ([("table", number) for number in range(9)], "9 tables of 9 cells are not shared: --all"),
    ],
)
def test_one_line_counts_them(displays: list[tuple[str, int | None]], line: str) -> None:
    withheld = WithheldDisplays()
    withheld.connect_notebook(
        lambda: (WithheldDisplay(build_display(noun), number) for noun, number in displays),
        lambda: None,
        lambda: None,
    )
    assert withheld.describe() == line


def test_sharing_all_puts_them_on_the_page() -> None:
    calls: list[str] = []
    withheld = WithheldDisplays()
    withheld.connect_notebook(lambda: (), lambda: calls.append("shared"), lambda: calls.append("withheld"))
    withheld.update_sharing(False)
    assert (withheld.are_shared, calls) == (False, [])
    withheld.update_sharing(True)
    assert (withheld.are_shared, calls) == (True, ["shared"])
    withheld.update_sharing(False)
    assert (withheld.are_shared, calls) == (False, ["shared", "withheld"])


def test_the_oldest_give_up_their_content_when_all_have_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withheld_displays, "MAX_WITHHELD_BYTES", 25)
    withheld, displays = WithheldDisplays(), [build_display(size=10) for _ in range(4)]
    for display in displays:
        withheld.add(display)
    assert [display.is_released for display in displays] == [True, True, False, False]
