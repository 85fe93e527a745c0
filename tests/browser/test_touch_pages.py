"""Touch on each kind of page: plots as they change, apps, and saved files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser.test_apps import RANGE, TREND, opened, until_titled
from browser.test_words import violations
from playwright.sync_api import Browser, expect
from support.hand import Hand, middle_of
from support.notebook_pages import Kernel, Open, Viewer

FIGURE = """
p = figure(height=600, x_range=(0, 4), y_range=(0, 4), tools="pan,wheel_zoom,tap")
p.sizing_mode = "stretch_width"
p.scatter([1, 2, 3], [1, 2, 3], size=60)
show(p)
"""
TALL_TREND = TREND.replace("height=300", "height=1200")
NOTICE = "[aria-live]:not(.state)"
WIDTHS = pytest.mark.parametrize("width", [390, 820])


def on_phone(width: int = 390) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": 844}, "has_touch": True, "is_mobile": True}


def uses_touch(viewer: Viewer) -> None:
    """Scroll the page by a finger on the first figure, wake it, pan it, and scroll the page again."""
    page, hand = viewer.page, Hand(viewer.page)
    before = page.evaluate(RANGE)
    x, _ = middle_of(page.locator(".bk-Canvas").first)
    hand.drag((x, 600), (x, 400))
    page.wait_for_function("scrollY > 100")
    assert page.evaluate(RANGE) == before
    top = page.evaluate("scrollY")
    expect_awake(viewer, hand)
    hand.drag((x, 400), (x + 90, 300))
    page.wait_for_function(f"(before) => ({RANGE})()[0] !== before[0]", arg=before)
    assert page.evaluate("scrollY") == top
    page.locator(".done-button").tap()
    expect(page.locator("[data-awake]")).to_have_count(0)
    before = page.evaluate(RANGE)
    hand.drag((x, 400), (x, 600))
    page.wait_for_function("(top) => scrollY < top - 100", arg=top)
    assert page.evaluate(RANGE) == before


def expect_awake(viewer: Viewer, hand: Hand) -> None:
    """Tap the first figure, again if the tap only stopped the scrolling page."""
    x, _ = middle_of(viewer.page.locator(".bk-Canvas").first)
    for _ in range(10):
        hand.tap((x, 350))
        if viewer.page.locator("[data-awake]").count():
            break
    expect(viewer.page.locator("[data-awake]")).to_have_count(1)


@WIDTHS
def test_on_a_live_page(kernel: Kernel, link: str, visit: Open, width: int) -> None:
    kernel.show("one", FIGURE)
    kernel.show("two", FIGURE)
    uses_touch(visit(link, **on_phone(width)).in_step_with(kernel))


@WIDTHS
def test_in_an_app(kernel: Kernel, link: str, visit: Open, width: int) -> None:
    kernel.run(f"{TALL_TREND}\nshare(trend, controls=True)", cell="trend")
    uses_touch(opened(visit(f"{link}trend", **on_phone(width))))


@WIDTHS
def test_in_a_saved_page(kernel: Kernel, link: str, browser: Browser, tmp_path: Path, width: int) -> None:
    kernel.show("one", FIGURE)
    kernel.show("two", FIGURE)
    kernel.run(f"%bokeh_share --save {tmp_path / 'page.html'}")
    context = browser.new_context(**on_phone(width), offline=True)
    try:
        saved = Viewer(context.new_page(), (tmp_path / "page.html").as_uri()).open("saved")
        uses_touch(saved.in_step_with(kernel))
        assert saved.troubles == []
    finally:
        context.close()


def test_an_app_keeps_its_figure_awake_when_its_options_or_its_code_change(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(f"{TALL_TREND}\nshare(trend)", cell="trend")
    viewer = opened(visit(f"{link}trend", **on_phone()))
    hand = Hand(viewer.page)
    expect_awake(viewer, hand)
    kernel.run(f"{TALL_TREND.replace('} days', '} nights')}\nshare(trend)", cell="trend")
    until_titled(viewer, "30 nights")
    expect(viewer.page.locator("[data-awake]")).to_have_count(1)
    before = viewer.page.evaluate(RANGE)
    hand.drag((200, 400), (260, 300))
    viewer.page.wait_for_function(f"(before) => ({RANGE})()[0] !== before[0]", arg=before)


def test_a_figure_stays_awake_while_its_data_stream_in(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.show("one", FIGURE)
    viewer = visit(link, **on_phone()).in_step_with(kernel)
    hand = Hand(viewer.page)
    expect_awake(viewer, hand)
    kernel.run("for k in range(20): p.renderers[0].data_source.stream({'x': [k], 'y': [k]})", cell="stream")
    viewer.in_step_with(kernel)
    expect(viewer.page.locator("[data-awake]")).to_have_count(1)
    expect(viewer.page.locator(".done-button")).to_have_count(1)


@pytest.mark.one_pairing
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_with_an_awake_figure_can_be_read_by_everybody(
    kernel: Kernel, link: str, visit: Open, axe: str, scheme: str
) -> None:
    kernel.show("one", FIGURE)
    viewer = visit(link, color_scheme=scheme, **on_phone()).in_step_with(kernel)
    assert violations(viewer, axe) == []
    expect_awake(viewer, Hand(viewer.page))
    assert violations(viewer, axe) == []
    expect(viewer.page.locator(NOTICE)).to_have_text(
        'Plot one takes touches now. The button "Done" lets them scroll the page again.'
    )
