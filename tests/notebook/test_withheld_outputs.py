"""The displays of an output area that are not shared."""

from __future__ import annotations

from bokeh_share.notebook.withheld_outputs import WithheldOutputs
from bokeh_share.plots import MAX_UNNAMED_PLOTS
from bokeh_share.plots.media import Display


def test_displays_are_replaced_removed_and_taken() -> None:
    withheld = WithheldOutputs()
    assert not withheld
    first, second, third = (Display("image/png", b"x") for _ in range(3))
    withheld.add(first)
    withheld.add(second)
    assert withheld.replace(first, third)
    assert [*withheld] == [third, second]
    assert not withheld.replace(first, None)
    assert withheld.replace(second, None)
    assert withheld.take_all() == [third]
    assert not withheld


def test_of_many_displays_the_last_ones_are_kept() -> None:
    withheld = WithheldOutputs()
    for _ in range(2 * MAX_UNNAMED_PLOTS):
        withheld.add(Display("image/png", b"x"))
    assert len([*withheld]) == MAX_UNNAMED_PLOTS
