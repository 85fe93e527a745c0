"""What a viewer's page could not draw, as the author's card shows it."""

from __future__ import annotations

import time

from playwright.sync_api import expect
from support.notebook_pages import Kernel, Open

from bokeh_share.wire.messages import DRAW_FAILURE_REASONS

UNDRAWN = f"a viewer's page could not draw 'sales': {DRAW_FAILURE_REASONS['drawing']}"


def test_a_plot_that_a_viewers_page_could_not_draw_is_named_on_the_card_until_it_is_another(
    kernel: Kernel, link: str, visit: Open
) -> None:
    image = "p.image([np.arange(12.).reshape(3, 4){}], x=0, y=0, dw=4, dh=3)"
    draw = f"p = figure()\n{image}\nshow(p)"
    viewer = visit(link)
    kernel.show("sales", draw.format("[..., None]"))
    expect(viewer.card("sales").locator(".error")).to_be_visible()
    card = card_with(kernel, UNDRAWN)
    assert card.count(UNDRAWN) == 1
    kernel.show("sales", draw.format(""))
    viewer.in_step_with(kernel)
    assert UNDRAWN not in card_of(kernel)
    viewer.troubles[:] = [each for each in viewer.troubles if "could not be drawn" not in each]


def card_of(kernel: Kernel) -> str:
    return kernel.run("print(repr(__import__('bokeh_share').share()))", cell="the asking cell")


def card_with(kernel: Kernel, text: str) -> str:
    """What the card says, once it has `text`."""
    deadline = time.monotonic() + 10
    while text not in (card := card_of(kernel)):
        assert time.monotonic() < deadline, card
    return card
