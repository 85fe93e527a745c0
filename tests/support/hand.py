"""A viewer's fingers on a touch screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from playwright.sync_api import Locator, Page

Point = tuple[float, float]

PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


class Hand:
    """Touches a page by events of the browser itself, which scrolls and zooms the page by them."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)

    def press(self, *points: Point, at: float | None = None) -> None:
        """Put one finger on each point. `at` is the time of the event, if it is not now."""
        self._send("touchStart", points, at)

    def move(self, *points: Point) -> None:
        self._send("touchMove", points)

    def lift(self, at: float | None = None) -> None:
        """Take all fingers away. `at` is the time of the event, if it is not now."""
        self._send("touchEnd", (), at)
        self._page.evaluate(PAINTED)

    def tap(self, point: Point) -> None:
        self.press(point)
        self.lift()

    def drag(self, start: Point, end: Point) -> None:
        """Move one finger, and hold it before it leaves, so that the page does not go on by itself."""
        self.press(start)
        for each in _steps(start, end):
            self.move(each)
        for _ in range(5):
            self._page.evaluate(PAINTED)
            self.move(end)
        self.lift()

    def pinch(self, center: Point, before: float, after: float) -> None:
        """Move two fingers from one distance to another, one at the left and one at the right."""
        x, y = center
        self.press((x - before / 2, y), (x + before / 2, y))
        for distance, _ in _steps((before, 0), (after, 0)):
            self.move((x - distance / 2, y), (x + distance / 2, y))
        self.lift()

    def drag_with(self, pointer: str, start: Point, end: Point) -> None:
        """Drag with a `mouse` or a `pen`."""
        self._send_mouse("mouseMoved", pointer, start, buttons=0)
        self._send_mouse("mousePressed", pointer, start, buttons=1)
        for each in _steps(start, end):
            self._send_mouse("mouseMoved", pointer, each, buttons=1)
        self._send_mouse("mouseReleased", pointer, end, buttons=0)

    @contextmanager
    def pen_at(self, point: Point) -> Iterator[None]:
        """Hold a pen on this point while the block runs."""
        self._send_mouse("mouseMoved", "pen", point, buttons=0)
        self._send_mouse("mousePressed", "pen", point, buttons=1)
        yield
        self._send_mouse("mouseReleased", "pen", point, buttons=0)

    @property
    def page_scale(self) -> float:
        """Return the factor by which two fingers zoomed the page."""
        scale: float = self._session.send("Page.getLayoutMetrics")["cssVisualViewport"]["scale"]
        return scale

    def reset_page_scale(self) -> None:
        self._session.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 1})

    def _send(self, kind: str, points: tuple[Point, ...], at: float | None = None) -> None:
        touches: list[dict[str, Any]] = [{"x": x, "y": y, "id": id} for (x, y), id in zip(points, count())]
        event: dict[str, Any] = {"type": kind, "touchPoints": touches}
        self._session.send("Input.dispatchTouchEvent", event if at is None else {**event, "timestamp": at})

    def _send_mouse(self, kind: str, pointer: str, point: Point, *, buttons: int) -> None:
        button = "none" if kind == "mouseMoved" and not buttons else "left"
        event = {"type": kind, "pointerType": pointer, "x": point[0], "y": point[1]}
        event |= {"button": button, "buttons": buttons, "clickCount": int(kind != "mouseMoved")}
        self._session.send("Input.dispatchMouseEvent", event)


def middle_of(locator: Locator) -> Point:
    box = locator.bounding_box()
    assert box, "the element is not shown"
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _steps(start: Point, end: Point, number: int = 10) -> list[Point]:
    (x, y), (to_x, to_y) = start, end
    return [(x + (to_x - x) * k / number, y + (to_y - y) * k / number) for k in range(1, number + 1)]
