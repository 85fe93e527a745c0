"""How the columns are sized that hold what an app's function returns; browsers are asked elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from bokeh.models import Column, Div
from bokeh.plotting import figure

from bokeh_share.apps.heights import apply_sizing, build_stack


def size_container(*, below: bool = False, **options: Any) -> tuple[Any, Any]:
    """The sizing mode and the rules of the column that holds such a figure."""
    holder = Column()
    apply_sizing(holder, figure(**options), below=below)
    return holder.sizing_mode, holder.stylesheets


@pytest.mark.parametrize("mode", ["stretch_both", "stretch_width", "fixed", "scale_width"])
def test_what_holds_one_root_is_sized_as_that(mode: Any) -> None:
    assert size_container(sizing_mode=mode) == (mode, [])
    assert size_container(sizing_mode=mode, below=True) == (mode, [])


def test_what_holds_a_root_without_a_mode_is_as_wide_as_the_page_where_something_is_above() -> None:
    assert size_container() == (None, [])
    assert size_container(below=True) == ("stretch_width", [])


def test_what_scales_with_its_height_does_not_ask_for_another_at_each_look() -> None:
    mode, (rule,) = size_container(sizing_mode="scale_height")
    assert (mode, "align-self: flex-start" in rule) == ("stretch_height", True)
    assert size_container(sizing_mode="scale_height", align="end")[1] == []
    assert size_container(sizing_mode="scale_both")[0] == "stretch_width"


def test_another_choice_takes_the_former_rules_back() -> None:
    holder = Column()
    apply_sizing(holder, figure(sizing_mode="scale_both"), below=False)
    apply_sizing(holder, Div(), below=False)
    assert (holder.sizing_mode, holder.stylesheets) == (None, [])


def test_of_several_roots_each_that_fills_the_height_has_a_height() -> None:
    roots = [figure(), figure(sizing_mode="stretch_both", min_height=900), Div()]
    column = build_stack(roots)
    assert column.children == roots
    assert column.sizing_mode == "stretch_width"
    (rule,) = column.stylesheets
    assert rule.startswith(":host > div:nth-of-type(2) {")
    assert "max(var(--fill-height), 900px)" in rule
    assert build_stack([Div(), Div()]).sizing_mode is None
