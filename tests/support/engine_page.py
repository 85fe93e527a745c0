"""A viewer's page in a browser of any engine, driven by WebDriver's commands."""

from __future__ import annotations

import io
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from PIL import Image
from support.bidi import BidiError
from support.notebook_pages import CALM, DRAWN, Kernel
from support.webdriver import WebDriverError

DEADLINE = 30.0
ENTER = "\ue007"
ARROW_RIGHT = "\ue014"
Point = tuple[float, float]

FIND = """(selector) => {
    const findIn = ({ shadowRoot }) => shadowRoot && find(shadowRoot);
    const find = (root) => root.querySelector(selector)
        ?? [...root.querySelectorAll("*")].map(findIn).find(Boolean);
    return find(document) ?? null;
}"""
"""Finds an element, also in shadow trees."""
BOX = f"""(selector) => {{
    const element = ({FIND})(selector);
    if (!element) return null;
    const isOutside = ({{ top, bottom }}) => top < 0 || bottom > innerHeight;
    if (isOutside(element.getBoundingClientRect())) {{
        element.scrollIntoView({{ block: "center", behavior: "instant" }});
    }}
    const {{ x, y, width, height }} = element.getBoundingClientRect();
    return width && height ? [x, y, width, height] : null;
}}"""
SCROLL_TO = f"""(selector) => {{
    ({FIND})(selector).scrollIntoView({{ block: "center", behavior: "instant" }});
}}"""
SET_STYLE = """(style) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    document.adoptedStyleSheets = [sheet];
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())));
}"""
TITLES = """() => Bokeh.documents.flatMap((shown) => [...shown._all_models.values()])
    .filter(({ title }) => title?.text).map(({ title }) => title.text)"""


class ScriptError(Exception):
    """A function failed in the page."""


class EnginePage(ABC):
    """A page that is open, until `close`."""

    @abstractmethod
    def navigate(self, url: str) -> None:
        """Open this address, and wait until it is loaded."""

    @abstractmethod
    def call(self, function: str) -> str:
        """Return the text to which a function without arguments resolves; may raise `ScriptError`."""

    @abstractmethod
    def perform(self, *sources: dict[str, Any]) -> None:
        """Perform the actions of these input sources, in parallel."""

    @abstractmethod
    def touch(self, *paths: Sequence[Point]) -> None:
        """Put a finger on the start of each path, move the fingers along the paths, and take them away."""

    @abstractmethod
    def take_screenshot(self) -> bytes:
        """Return a picture of the window's content, as PNG."""

    @abstractmethod
    def list_troubles(self) -> list[str]:
        """List all errors and warnings of the page, and requests that failed or went elsewhere."""

    @abstractmethod
    def close(self) -> None: ...

    def evaluate(self, function: str, *arguments: Any) -> Any:
        """Call a JavaScript function with these values, and return the value to which it resolves."""
        called = f"await ({function})(...{json.dumps(arguments)})"
        return json.loads(self.call(f"async () => JSON.stringify({called} ?? null)"))

    def wait_until(self, function: str, *arguments: Any) -> None:
        """Wait until the function returns something true, also while the browser loads another page."""
        deadline = time.monotonic() + DEADLINE
        while (outcome := self._try_evaluating(function, *arguments)) is not True:
            assert time.monotonic() < deadline, f"never true: {function} of {arguments}: {outcome}"
            time.sleep(0.01)

    def _try_evaluating(self, function: str, *arguments: Any) -> bool | Exception:
        try:
            return bool(self.evaluate(function, *arguments))
        except (BidiError, WebDriverError, ScriptError) as error:
            return error  # as the page is left, there is no document for a moment

    def wait_for_state(self, state: str) -> None:
        self.wait_until("(state) => document.documentElement.dataset.state === state", state)

    def in_step_with(self, kernel: Kernel) -> EnginePage:
        """Wait until all plots are drawn as the kernel has them."""
        self.wait_until(DRAWN, kernel.plots())
        return self

    def mark(self) -> None:
        """Set a mark that no navigation preserves."""
        self.evaluate("() => { window.__mark = 'still here' }")

    @property
    def was_reloaded(self) -> bool:
        return bool(self.evaluate("() => window.__mark !== 'still here'"))

    def text_of(self, selector: str) -> str | None:
        """Return the text of the first such element; None if there is none."""
        text: str | None = self.evaluate(f"(selector) => ({FIND})(selector)?.textContent", selector)
        return text

    def titles(self) -> list[str]:
        titles: list[str] = self.evaluate(TITLES)
        return titles

    def box_of(self, selector: str) -> list[float]:
        """Return x, y, width and height of the first such element, which is scrolled into the window."""
        box: list[float] | None = self.evaluate(BOX, selector)
        assert box, f"{selector} is not shown"
        return box

    def middle_of(self, selector: str) -> Point:
        x, y, width, height = self.box_of(selector)
        return x + width / 2, y + height / 2

    def captured(self, selector: str) -> Image.Image:
        """Return a picture of the first such element."""
        self.evaluate(SET_STYLE, CALM)
        self.evaluate(SCROLL_TO, selector)
        x, y, width, height = map(round, self.box_of(selector))
        picture = Image.open(io.BytesIO(self.take_screenshot())).convert("RGB")
        self.evaluate(SET_STYLE, "")
        return picture.crop((x, y, x + width, y + height))

    def click(self, selector: str) -> None:
        self.perform(_build_mouse([self.middle_of(selector)]))

    def drag(self, start: Point, end: Point) -> None:
        """Drag with the mouse."""
        self.perform(_build_mouse(_steps(start, end)))

    def turn_wheel(self, point: Point, delta: int) -> None:
        scroll = {"type": "scroll", **_place(point), "deltaX": 0, "deltaY": delta}
        self.perform({"type": "wheel", "id": "wheel", "actions": [scroll]})

    def type_into(self, selector: str, text: str) -> None:
        """Click on a field, and press the keys of a text."""
        self.click(selector)
        self.press_keys(*text)

    def press_keys(self, *keys: str) -> None:
        """Press keys one after the other."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.perform({"type": "key", "id": "keyboard", "actions": actions})

    def tap(self, point: Point) -> None:
        self.touch([point])

    def drag_finger(self, start: Point, end: Point) -> None:
        """Move one finger, and hold it before it leaves, so that the page does not go on by itself."""
        self.touch([*_steps(start, end), *[end] * 12])

    def pinch(self, center: Point, before: float, after: float) -> None:
        """Move two fingers from one distance to another, one at the left and one at the right."""
        x, y = center
        self.touch(*(_steps((x + side * before / 2, y), (x + side * after / 2, y)) for side in (-1, 1)))


def _build_mouse(path: Sequence[Point]) -> dict[str, Any]:
    """Build the actions of a mouse whose button is pressed, moved along a path, and released."""
    start, *rest = path
    actions = [
        {"type": "pointerMove", "duration": 0, **_place(start)},
        {"type": "pointerDown", "button": 0},
        *({"type": "pointerMove", "duration": 16, **_place(point)} for point in rest),
        {"type": "pointerUp", "button": 0},
    ]
    return {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}


def _place(point: Point) -> dict[str, Any]:
    x, y = point
    return {"x": round(x), "y": round(y), "origin": "viewport"}


def _steps(start: Point, end: Point, number: int = 10) -> list[Point]:
    (x, y), (to_x, to_y) = start, end
    return [(x + (to_x - x) * k / number, y + (to_y - y) * k / number) for k in range(number + 1)]
