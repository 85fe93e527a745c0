"""A colleague with a touch screen, and what they see of the figures."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Browser, Locator, ViewportSize
from support.colleague import Author, Colleague
from support.hand import Hand, Point, middle_of

ALL_MODELS = "Bokeh.documents.flatMap((each) => [...each._all_models.values()])"
FIGURE_RANGES = f"""() => {ALL_MODELS}.filter(({{ type }}) => type === "Figure")
    .map(({{ x_range: x, y_range: y }}) => [x.start, x.end, y.start, y.end])"""
SCREEN_HEIGHT = 844


class Phone(Colleague):
    """A colleague whose screen has this width, in pixels."""

    def __init__(self, browser: Browser, width: int, **options: Any) -> None:
        self.size = ViewportSize(width=width, height=SCREEN_HEIGHT)
        options = {"viewport": self.size, "has_touch": True, "is_mobile": True, **options}
        super().__init__(browser, **options)
        self.page.set_default_timeout(10_000)
        self.hand = Hand(self.page)

    @property
    def canvases(self) -> Locator:
        return self.page.locator(".bk-Canvas")

    @property
    def done(self) -> Locator:
        return self.page.locator(".done-button")

    @property
    def awake(self) -> Locator:
        return self.page.locator("[data-awake]")

    def show(self, author: Author, *models: Any) -> None:
        """Show these plots on the page, one below the other, and wait until they are drawn."""
        for number, model in enumerate(models):
            author.show(model, name=f"plot {number}")
        self.deliver()
        self.until_drawn()

    def read_models(self, kind: str, expression: str) -> list[Any]:
        """Return the value of this expression for each `model` of this kind, as JSON."""
        read = f"(kind) => {ALL_MODELS}.filter(({{ type }}) => type === kind).map((model) => {expression})"
        values: list[Any] = self.page.evaluate(read, kind)
        return values

    def until_model(self, kind: str, expression: str) -> None:
        """Wait until this expression is true for a `model` of this kind."""
        read = f"(kind) => {ALL_MODELS}.some((model) => model.type === kind && {expression})"
        self.page.wait_for_function(read, arg=kind)

    def figure_ranges(self) -> list[list[float]]:
        ranges: list[list[float]] = self.page.evaluate(FIGURE_RANGES)
        return ranges

    def until_moved(self, ranges: list[list[float]]) -> None:
        """Wait until a figure shows other ranges than these."""
        before = json.dumps(ranges)
        self.page.wait_for_function(
            f"(before) => JSON.stringify(({FIGURE_RANGES})()) !== JSON.stringify(JSON.parse(before))",
            arg=before,
        )

    def scroll_position(self) -> float:
        top: float = self.page.evaluate("scrollY")
        return top

    def until_scrolled(self, least: float) -> None:
        self.page.wait_for_function("(least) => scrollY >= least", arg=least)

    def drag_up(self, start: Point, distance: float = 300) -> None:
        self.hand.drag(start, (start[0], start[1] - distance))

    def wake(self, canvas: Locator | None = None) -> Point:
        """Tap the middle of a canvas, wait until its figure is awake, and return this point."""
        canvas = self.canvases.first if canvas is None else canvas
        middle = middle_of(canvas)
        self.hand.tap(middle)
        self.page.wait_for_function("(canvas) => 'awake' in canvas.dataset", arg=canvas.element_handle())
        return middle
