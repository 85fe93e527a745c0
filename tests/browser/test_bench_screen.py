"""The benchmark's screen sees what a page shows: its canvases' pixels, and when they change."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext
from support.checkout import add_benchmarks

add_benchmarks()

from benchmarks.screen import Screen, check, open_screen, run_script  # noqa: E402

pytestmark = pytest.mark.one_pairing  # it measures with the newest only

# A figure as BokehJS makes it: two canvases on each other, in a shadow root.
PAGE = """<!doctype html><body style="margin: 0"><script>
const SIZE = "position: relative; width: 300px; height: 150px;";
function figure(id, style = "") {
    const host = document.createElement("div");
    host.id = id;
    host.style = `${SIZE} ${style}`;
    document.body.append(host);
    host.attachShadow({ mode: "open" }).innerHTML = `
        <style>canvas { position: absolute; left: 0; top: 0 }</style>
        <canvas width=300 height=150></canvas><canvas width=300 height=150></canvas>`;
}
function paint(id, color, x = 40) {
    const context = document.getElementById(id).shadowRoot.querySelector("canvas").getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, 300, 150);
    context.fillStyle = color;
    context.fillRect(x, 10, 60, 120);
}
let done = null;
function later(change, ms = 150) {
    setTimeout(() => { change(); done = performance.now(); }, ms);
}
</script>"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 600, "height": 400}) as context:
        yield context


@pytest.fixture
def screen(context: BrowserContext) -> Screen:
    context.route("http://page.test/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    screen = open_screen(context, "http://page.test/")
    screen.page.wait_for_load_state()
    return screen


def run(screen: Screen, script: str) -> None:
    screen.page.evaluate(f"async () => {{ {script} }}")


def test_a_change_is_seen_in_the_frame_that_paints_it(screen: Screen) -> None:
    run(screen, "figure('one'); paint('one', 'red')")
    screen.settle()
    change = run_script(
        "() => { const now = performance.now(); setTimeout(paint, 200, 'one', 'blue'); return now; }"
    )
    seconds, recording = screen.measure_change(change)
    assert 0.2 <= seconds < 0.3
    assert len(recording.frames) == 2


def test_a_change_counts_when_all_plots_show_it(screen: Screen) -> None:
    run(screen, "for (const id of ['one', 'two']) { figure(id); paint(id, 'red'); }")
    screen.settle()
    change = """() => {
        setTimeout(paint, 100, "one", "blue");
        setTimeout(paint, 300, "two", "blue");
        return performance.now();
    }"""
    seconds, _ = screen.measure_change(run_script(change), count=2)
    assert 0.3 <= seconds < 0.4


def test_a_figure_that_is_replaced_counts_when_the_new_one_is_painted(screen: Screen) -> None:
    run(screen, "figure('one'); paint('one', 'red')")
    screen.settle()
    change = """async () => {
        const began = performance.now();
        setTimeout(() => { document.getElementById("one").remove(); figure("one"); }, 50);
        setTimeout(paint, 250, "one", "blue");
        return began;
    }"""
    seconds, _ = screen.measure_change(run_script(change))
    assert 0.25 <= seconds < 0.35


def test_a_repaint_of_the_same_picture_is_no_change(screen: Screen) -> None:
    run(screen, "figure('one'); paint('one', 'red')")
    screen.settle()
    run(screen, "setInterval(paint, 20, 'one', 'red')")
    assert screen.is_still(0.3)
    run(screen, "setInterval(() => paint('one', 'red', Math.random() * 100), 20)")
    assert not screen.is_still(0.3)


@pytest.mark.parametrize(
    "style",
    [
        "visibility: hidden",
        "opacity: 0",
        "display: none",
        "position: absolute; top: 2000px",
        "clip-path: inset(100%)",
    ],
)
def test_a_figure_that_nobody_sees_is_not_drawn(screen: Screen, style: str) -> None:
    run(screen, f"figure('one', '{style}'); paint('one', 'red'); later(() => {{ one.style = SIZE; }});")
    drawn = screen.drawn()
    assert drawn * 1000 >= screen.page.evaluate("done")


def test_an_empty_figure_is_not_drawn(screen: Screen) -> None:
    run(screen, "figure('one'); figure('two'); paint('one', 'red'); later(() => paint('two', 'red'))")
    one, two = screen.drawn(), screen.drawn("#two")
    assert one * 1000 < screen.page.evaluate("done") <= two * 1000
    assert screen.drawn(count=2) >= two


def test_a_figure_that_leaves_the_window_is_drawn_when_it_is_back(screen: Screen) -> None:
    run(screen, "document.body.style.height = '5000px'; figure('one'); paint('one', 'red')")
    run(screen, "later(() => scrollTo(0, 1000)); later(() => scrollTo(0, 0), 400)")
    drawn = screen.drawn("#one", hold=0.5)
    assert drawn * 1000 >= screen.page.evaluate("done")


def test_the_clocks_of_page_and_process_agree(screen: Screen) -> None:
    run(screen, "figure('one'); paint('one', 'red')")
    screen.settle()

    def change(screen: Screen) -> float:
        asked = screen.in_page(time.monotonic())
        began = float(screen.page.evaluate("() => { paint('one', 'blue'); return performance.now(); }"))
        answered = screen.in_page(time.monotonic())
        assert asked - 2 <= began <= answered + 2
        return began

    assert screen.measure_change(change)[0] > 0


def test_a_screen_that_sees_no_change_fails_its_check(screen: Screen) -> None:
    run(screen, "figure('one'); paint('one', 'red')")
    screen.settle()
    check(screen, run_script("() => { const now = performance.now(); paint('one', 'blue'); return now; }"))
    with pytest.raises(RuntimeError, match="no change that can be measured"):
        check(screen, run_script("() => { paint('one', 'red'); return performance.now() + 10_000; }"))
    run(screen, "setInterval(() => paint('one', 'red', Math.random() * 100), 20)")
    with pytest.raises(RuntimeError, match="changes by itself"):
        check(screen, run_script("() => performance.now()"))
