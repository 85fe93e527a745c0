"""A colleague's view of one plot as it changes: a real hub, a real browser, no network between."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from pathlib import Path
from typing import Any

import bokeh
from bokeh.model import Model
from bokeh.themes import Theme, built_in_themes, default
from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, Response, Route, ViewportSize, WebSocketRoute
from playwright.sync_api import Page as BrowserPage
from support.notebook_pages import CALM, RECEIVED, Viewer, difference

from bokeh_share.broadcast.hub import Hub
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.server import csp
from bokeh_share.server.assets import BOKEHJS_PARTS, PAGE_FILES, read_static_file, render_page
from bokeh_share.sharing.routes import INSTALLED_BOKEHJS
from bokeh_share.wire.messages import read_resend_request

URL = "http://colleague.test/share/"
PATIENCE = 4.0
"""Seconds after which two pictures that should be the same count as different."""
NOON = 1_767_268_800_000
SIZE = ViewportSize(width=800, height=800)
ROW = 450
"""Pixels from one of several plots to the next, unless a test has higher plots."""
ROWS = ".cards {{ display: grid; grid-auto-rows: {}px; align-items: start; gap: 0 }}"
"""A plot's place, down to the part of a pixel, is the same whatever the plots above it are like."""
AWAY = "[data-away] .cards { margin-top: 100000px }"
"""A style that moves all plots far from the window, where they are not drawn."""
BUSY = """{
    const { requestIdleCallback } = window;
    window.requestIdleCallback = (...args) => {
        return document.documentElement.dataset.away === undefined ? requestIdleCallback(...args) : 0;
    };
}"""
"""While the plots are far away, the browser is never idle."""
NONCE = "once"
KINDS = {".js": "text/javascript", ".css": "text/css"}

# Two frames: a range that follows its data is known only after the paint that a change requested.
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
# Finds the figures in a card, top to bottom and left to right: the one tagged `main`, or else the first.
FIGURE = """
    const card = document.querySelectorAll("section.card")[place ?? 0];
    const views = [];
    const visit = (view) => {
        if (view.model?.type === "Figure") views.push(view);
        for (const child of view.children()) visit(child);
    };
    const roots = Bokeh.documents.flatMap(({ views_manager }) => [...views_manager?.roots ?? []]);
    for (const root of roots) if (card?.contains(root.el)) visit(root);
    const at = (view) => view.el.getBoundingClientRect();
    const seen = views.filter((view) => at(view).width > 0);
    seen.sort((one, other) => at(one).top - at(other).top || at(one).left - at(other).left);
    const figure = seen.find((view) => view.model.tags.includes("main")) ?? seen[0];
"""
RANGES = f"""(place) => {{ {FIGURE}
    if (!figure) return null;
    const {{ x_range: x, y_range: y }} = figure.model;
    return [[x.start, x.end], [y.start, y.end]];
}}"""
FRAME = f"""(place) => {{ {FIGURE}
    if (!figure) return null;
    const {{ left, top }} = at(figure);
    const box = figure.frame.bbox;
    // on a wall, plots are magnified, and scripts read positions as if they were not
    const scale = new DOMMatrix(getComputedStyle(card.querySelector(".plot")).transform).a;
    return [left + box.left + box.width / 2, top + box.top + box.height / 2].map((each) => each * scale);
}}"""
ALL_RANGES = f"""() => [...document.querySelectorAll("section.card")].map((_, place) => ({RANGES})(place))"""
BOXES = """() => [...document.querySelectorAll("section.card .plot")].map((plot) => {
    const { left, top, right, bottom } = plot.getBoundingClientRect();
    return [Math.floor(left), Math.floor(top), Math.ceil(right), Math.ceil(bottom)];
})"""
IS_EMPTY = "() => !document.querySelector('.card') && !(window.Bokeh?.documents.length)"
SETTLED = """async () => {
    const count = () => Bokeh.documents.flatMap(({ views_manager }) => {
        return [...views_manager?.query(({ _render_count }) => _render_count !== undefined) ?? []];
    }).reduce((sum, { _render_count }) => sum + _render_count, 0);
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    for (let round = 0; round < 200; round += 1) {
        const before = count();
        for (let nth = 0; nth < 4; nth += 1) await frame();
        if (before === count()) return;
    }
    throw new Error("the figures are painted all the time");
}"""
"""Waits until BokehJS has painted no figure for some frames."""

Range = tuple[float, float]
Ranges = tuple[Range, Range]


_AUTHOR_NUMBERS = count()


class Author:
    """Shows plots again and again. Only this class passes data from the package to these tests.

    Each author's plots have other ids: else a page would keep a viewer's changes for the next author, as for
    a kernel that was restarted.
    """

    def __init__(self) -> None:
        self._hub = Hub(Page(title="Plots"))
        self._snapshots: dict[str, Any] = {}
        self._number = next(_AUTHOR_NUMBERS)

    def show(self, model: Model, theme: str | None = None, *, name: str = "sales") -> None:
        chosen: Theme = default if theme is None else built_in_themes[theme]
        snapshot = capture_plot(model, theme=chosen, before=self._snapshots.get(name)).snapshot
        self._snapshots[name] = snapshot
        page, key = self._hub.page, PlotKey("name", name)
        now = NOON + page.version
        if page.find(key) is not None:
            self._hub.publish(page.put(key, snapshot, now=now))
            return
        first_key = PlotKey("name", f"{name} of author {self._number}")
        self._hub.publish(page.put(first_key, snapshot, now=now).move({first_key: key}))

    def sort(self, *names: str) -> None:
        """Show the plots in this order, and no others."""
        page = self._hub.page.remove(lambda key: key.identifier not in names)
        self._hub.publish(page.sort(lambda key: (names.index(key.identifier),)))

    def update_download(self, can_download: bool) -> None:
        self._hub.publish(self._hub.page.update_download(can_download))

    @property
    def page(self) -> Page:
        return self._hub.page

    @property
    def plots(self) -> list[list[Any]]:
        return [[plot.id, plot.generation] for plot in self._hub.page.plots]

    @property
    def page_facts(self) -> dict[str, Any]:
        """Return the version of the page and the ids of its plots."""
        page = self._hub.page
        return {"version": page.version, "ids": [plot.id for plot in page.plots]}

    @contextmanager
    def watched(self) -> Iterator[Any]:
        with self._hub.add_viewer() as viewer:
            yield viewer

    def messages(self, viewer: Any) -> Iterator[bytes]:
        """Yield the messages that `viewer` still needs, without the head of the websocket's frame."""
        while (frame := self._hub.take_next_frame(viewer)) is not None:
            start = 2 + {126: 2, 127: 8}.get(frame[1] & 0x7F, 0)
            yield bytes(frame[start:])

    def forget(self, viewer: Any, plot: str) -> None:
        self._hub.request_whole_plot(viewer, plot)


@dataclass(frozen=True)
class Screenshot:
    """A picture of all cards, taken at once."""

    png: bytes
    boxes: list[tuple[int, int, int, int]]
    """By card, top to bottom: its left, top, right and bottom in `png`."""

    @cached_property
    def pictures(self) -> list[Image.Image]:
        """Return a picture of each card."""
        with Image.open(io.BytesIO(self.png)) as captured:
            return [captured.crop(box).convert("RGB") for box in self.boxes]

    def find_differences(self, other: Screenshot) -> list[str | None]:
        """Return, by card, None if the pictures are equal, else the difference."""
        if self == other:  # most are, and decoding takes much time
            return [None] * len(self.boxes)
        return [difference(*pair) for pair in zip(self.pictures, other.pictures, strict=True)]


class Colleague:
    """One browser page, used by one author after the other: loading BokehJS takes longer than drawing a
    plot."""

    def __init__(
        self,
        browser: Browser,
        *,
        rows: int = 0,
        row_height: int = ROW,
        width: int = SIZE["width"],
        query: str = "",
        **options: Any,
    ) -> None:
        """In the window are one plot, or `rows` of them. `query` is that of the page's address. `options` are
        of the browser's context."""
        self._url = URL + query
        self._row_height = row_height
        self._style = f"{CALM} {AWAY} {ROWS.format(row_height)}" if rows else f"{CALM} {AWAY}"
        self._size = options.pop("viewport", None) or ViewportSize(
            width=width, height=SIZE["height"] + row_height * rows
        )
        self._context = browser.new_context(
            **{"viewport": self._size, "reduced_motion": "reduce", "service_workers": "block", **options}
        )
        self._context.add_init_script(BUSY)
        self._context.route("**/*", _answer)
        self._page = self._context.new_page()
        self._page.route_web_socket(re.compile(r".*/ws.*"), self._on_socket)
        self._viewer = Viewer(self._page, URL)
        self.answers: list[str] = []
        """Responses from unexpected addresses."""
        self._page.on("response", self._on_response)
        self._socket: WebSocketRoute | None = None
        self._author = Author()
        self._hub_viewer: Any = None
        self._fit = False
        self.failed_patches: list[str] = []
        """The ids of plots for which the page reported that it could not apply a patch."""
        self.bytes_received = 0
        self.patches: list[tuple[str, str]] = []
        """The ids of plots that were sent again, and the kinds of their patches."""

    def close(self) -> None:
        self._context.close()

    def lose_server(self, code: int, reason: str = "") -> None:
        """Close the page's websocket, as a server that ends or a network that breaks. The page connects again
        by itself, and is sent nothing until the next `deliver`."""
        assert self._socket is not None, "the page has not connected"
        self._socket.close(code=code, reason=reason)

    @property
    def page(self) -> BrowserPage:
        return self._page

    def titles(self) -> list[str]:
        """Return the titles of the figures, in BokehJS's order."""
        read = """() => [...Bokeh.documents.at(-1)._all_models.values()]
            .filter(({ title }) => title?.text).map(({ title }) => title.text)"""
        found: list[str] = self._page.evaluate(read)
        return found

    def fall_behind(self) -> None:
        """Forget the hub's states of this viewer, so that the next message is a whole plot."""
        for plot, _ in self._author.plots:
            self._author.forget(self._hub_viewer, plot)

    @property
    def resend_count(self) -> int:
        """Return the number of patches that the page could not apply."""
        return len(self.failed_patches)

    @property
    def patch_kinds(self) -> list[str]:
        """Return the kinds of patches of plots that were sent before."""
        return [kind for _, kind in self.patches]

    @property
    def troubles(self) -> list[str]:
        """Return the browser's complaints, and the patches that failed."""
        found = list(dict.fromkeys(self._viewer.troubles))
        return [*found, f"{self.resend_count} patches failed"] if self.resend_count else found

    @property
    def console(self) -> list[str]:
        """Return the browser's console output since the page was empty."""
        return [*self._viewer.console]

    @contextmanager
    def watching(self, author: Author, *, away: bool = False) -> Iterator[Colleague]:
        """Begin with an empty page, and reload it after a block that raised an error.

        With `away`, the plots are far from the window and not drawn, until `look_back`.
        """
        if not self._fit:
            self._page.goto(self._url)
            self._page.add_style_tag(content=self._style)
            self._page.wait_for_function("() => window.Bokeh")
        self._fit, self.failed_patches = False, []
        self._viewer.troubles.clear()
        self.answers.clear()
        with self._attached(Author()):
            self._page.wait_for_function(IS_EMPTY)
        self._viewer.console.clear()
        if away:
            self._page.evaluate("() => { document.documentElement.dataset.away = '' }")
        with self._attached(author):
            yield self
        self.look_back()
        self._fit = not self.troubles

    @contextmanager
    def _attached(self, author: Author) -> Iterator[None]:
        with author.watched() as hub_viewer:
            self._author, self._hub_viewer, self.bytes_received, self.patches = author, hub_viewer, 0, []
            self.deliver()
            yield
        self._hub_viewer = None

    def deliver(self) -> None:
        """Send the plots that the author has shown since."""
        assert self._socket is not None, "the page has not connected"
        for message in self._author.messages(self._hub_viewer):
            self.bytes_received += len(message)
            header = json.loads(message[4 : 4 + int.from_bytes(message[:4])])
            if header["kind"] == "plot" and header["base"] is not None:
                self.patches.append((header["plot"], header["op"]))
            self._socket.send(message)

    def send(self, message: bytes) -> None:
        """Send a message of another kind than the author's plots."""
        assert self._socket is not None, "the page has not connected"
        self._socket.send(message)

    def until_drawn(self) -> None:
        """Wait until all shown plots are painted."""
        plots = self._author.plots
        self._viewer.wait_until_drawn(plots, timeout=30_000 + 10_000 * len(plots))
        self._page.evaluate(PAINTED)

    def look_back(self) -> None:
        """Move the plots to the window, where they are drawn."""
        self._page.evaluate("() => { delete document.documentElement.dataset.away }")

    @property
    def drawn_count(self) -> int:
        """Return the number of plots that are drawn."""
        return self._page.locator("section.card[data-generation]").count()

    def until_received(self) -> None:
        """Wait until the page has all that was sent, drawn or not."""
        self._page.wait_for_function(RECEIVED, arg=self._author.page_facts)

    def _on_response(self, response: Response) -> None:
        if not response.url.startswith((URL, "data:", "blob:")):
            self.answers.append(response.url)

    def _on_socket(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        socket.on_message(self._on_text)

    def _on_text(self, text: str | bytes) -> None:
        plot_id = read_resend_request(text.encode() if isinstance(text, str) else text)
        if plot_id is None or self._hub_viewer is None:
            return
        self.failed_patches.append(plot_id)
        self._author.forget(self._hub_viewer, plot_id)
        self.deliver()

    def captured(self) -> Image.Image:
        """Return a picture of the card."""
        box = self._page.locator("section.card .plot").bounding_box()
        assert box, "there is no card"
        assert box["y"] + box["height"] <= self._size["height"], "the plot is higher than the window"
        raw = self._page.screenshot(clip=box, caret="initial")
        return Image.open(io.BytesIO(raw)).convert("RGB")

    def all_captured(self) -> list[Image.Image]:
        """Return a picture of each card, top to bottom, taken at once."""
        return self.take_screenshot().pictures

    def take_screenshot(self) -> Screenshot:
        """Take a picture of all cards."""
        boxes = self._page.evaluate(BOXES)
        height = max(bottom for *_, bottom in boxes)
        highest = max(bottom - top for _, top, _, bottom in boxes)
        assert highest <= self._row_height - 60, f"a plot is higher than its place: {highest}"
        assert height <= self._size["height"], "the plots are higher than the window"
        clip = FloatRect(x=0, y=0, width=self._size["width"], height=height)
        png = self._page.screenshot(clip=clip, caret="initial")
        with Image.open(io.BytesIO(png)) as captured:
            ratio = captured.width / self._size["width"]
        scaled = [
            (round(left * ratio), round(top * ratio), round(right * ratio), round(bottom * ratio))
            for left, top, right, bottom in boxes
        ]
        return Screenshot(png, scaled)

    def settled(self) -> Image.Image:
        """Return a picture of the card after the last paint."""
        self.until_settled()
        return self.captured()

    def until_settled(self) -> None:
        """Wait until no further paint is pending."""
        self._page.evaluate(SETTLED)

    def ranges(self) -> Ranges | None:
        """Return the x and y ranges of the figure that is panned."""
        found: Ranges | None = self._page.evaluate(RANGES)
        return found

    def all_ranges(self) -> list[Ranges | None]:
        """Return the same for each card, top to bottom."""
        found: list[Ranges | None] = self._page.evaluate(ALL_RANGES)
        return found

    def pan(self) -> Ranges:
        """Drag the plot by mouse, and return its ranges."""
        before = self.ranges()
        assert before, "there is no figure to pan"
        # On a busy machine a drag may begin so slowly that BokehJS treats it as a long press.
        for _ in range(3):
            self.drag()
            after = self.ranges()
            assert after
            if before != after:
                break
        assert before[0] != after[0], "the pan moved nothing in x"
        assert before[1] != after[1], "the pan moved nothing in y"
        return after

    def pan_all(self, places: Iterable[int]) -> list[Ranges | None]:
        """Drag the plots in these cards by mouse, and return the ranges of each card's plot."""
        before = self.all_ranges()
        waiting = [place for place in places if before[place] is not None]
        for _ in range(3):
            for place in waiting:
                self._drag(*self._page.evaluate(FRAME, place))
            self._page.evaluate(PAINTED)
            after = self.all_ranges()
            waiting = [place for place in waiting if after[place] == before[place]]
            if not waiting:
                break
        return after

    def drag(self) -> None:
        """Drag from the middle of the plot, even if that moves nothing."""
        self._drag(*self._page.evaluate(FRAME))
        self._page.evaluate(PAINTED)

    def _drag(self, x: float, y: float) -> None:
        mouse = self._page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + 31, y + 17, steps=3)
        mouse.up()
        mouse.move(1, 1)

    def reset(self) -> int:
        """Press all Reset buttons, and return their number."""
        return sum(self.reset_all())

    def reset_all(self) -> list[int]:
        """Press all Reset buttons, and return their number in each card, top to bottom."""
        cards = self._page.locator("section.card").all()
        buttons = [self._resets(card) for card in cards]
        for button in chain(*buttons):
            # By key: a slow click would be a long press, which opens a menu.
            button.press("Enter")
            button.blur()
        self._page.evaluate(PAINTED)
        return [len(each) for each in buttons]

    def _resets(self, card: Locator) -> list[Locator]:
        return [button for button in card.get_by_title("Reset", exact=True).all() if button.is_visible()]


def _answer(route: Route) -> None:
    """Answer like the server."""
    path = route.request.url.removeprefix(URL).split("?")[0]
    kept = re.fullmatch(rf"bokeh/{re.escape(bokeh.__version__)}/([a-z-]+)\.min\.js", path)
    if path == "":
        body = render_page("Plots", bokeh_version=INSTALLED_BOKEHJS.version, nonce=NONCE)
        route.fulfill(body=body, headers=_headers("text/html"))
    elif kept and kept[1] in BOKEHJS_PARTS:
        route.fulfill(body=INSTALLED_BOKEHJS.read_script(kept[1]), headers=_headers("text/javascript"))
    elif path in PAGE_FILES:
        route.fulfill(body=read_static_file(path), headers=_headers(KINDS[Path(path).suffix]))
    else:
        route.fulfill(status=404)


def _headers(kind: str) -> dict[str, str]:
    return {"Content-Type": f"{kind}; charset=utf-8", "Content-Security-Policy": csp.build_page_policy(NONCE)}


def all_caught_up(*colleagues: Colleague) -> None:
    """Send each colleague the author's plots, and wait until they are painted; they draw in parallel."""
    for colleague in colleagues:
        colleague.deliver()
    for colleague in colleagues:
        colleague.until_drawn()


@dataclass(frozen=True)
class Compared:
    """A plot as drawn by two colleagues."""

    difference: str | None
    """None if both drawings are equal, else the difference and the files to look at."""
    _screenshot: Screenshot
    """The second colleague's."""
    _place: int

    @property
    def picture(self) -> Image.Image:
        """Return the second colleague's drawing."""
        return self._screenshot.pictures[self._place]


def compare_all(
    one: Colleague, other: Colleague, folder: Path, places: Collection[int] | None = None
) -> list[Compared]:
    """Compare by card, top to bottom, until the pictures at these places, or all, are equal, or a timeout."""
    return compare_several({folder: one}, other, places)[folder]


def compare_several(
    ones: Mapping[Path, Colleague], other: Colleague, places: Collection[int] | None = None
) -> dict[Path, list[Compared]]:
    """Compare each of these colleagues with the other one, as `compare_all` does; one screenshot of the other
    one is for all of them. The keys are folders for pictures that differ."""
    for colleague in (*ones.values(), other):
        colleague.until_settled()
    deadline = time.monotonic() + PATIENCE * len(ones)
    compared: dict[Path, list[Compared]] = {}
    while True:
        waiting = {folder: one.take_screenshot() for folder, one in ones.items() if folder not in compared}
        wanted = other.take_screenshot()
        is_last = time.monotonic() > deadline
        for folder, screenshot in waiting.items():
            found = screenshot.find_differences(wanted)
            wrong = [place for place in (range(len(found)) if places is None else places) if found[place]]
            if not wrong or is_last:
                pairs = {place: (screenshot.pictures[place], wanted.pictures[place]) for place in wrong}
                texts = {
                    place: _saved(found[place], pair, folder / f"{place}") for place, pair in pairs.items()
                }
                compared[folder] = [Compared(texts.get(place), wanted, place) for place in range(len(found))]
        if len(compared) == len(ones):
            return compared


def _saved(found: str | None, pictures: Sequence[Image.Image], folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    for name, captured in zip(("patched", "fresh"), pictures, strict=True):
        captured.save(folder / f"{name}.png")
    return f"{found}; see patched.png and fresh.png in {folder}"


def compare(
    one: Callable[[], Image.Image], other: Callable[[], Image.Image], folder: Path, *, tolerance: int = 0
) -> str | None:
    """Return None as soon as both pictures are equal, else the difference and the files in `folder` to look
    at."""
    deadline = time.monotonic() + PATIENCE
    while True:
        pictures = [one(), other()]
        found = difference(*pictures, tolerance=tolerance)
        if found is None:
            return None
        if time.monotonic() > deadline:
            break
    return _saved(found, pictures, folder)


Two = tuple[Colleague, Colleague]
"""One colleague from the start, and one who comes late."""
