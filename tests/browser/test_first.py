"""What is on screen is drawn first, and the rest as it comes near."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Route, expect
from support.notebook_pages import DRAW_ALL, Kernel, Open, Viewer, difference
from support.plot_ids import id_of
from support.socket_frames import Frames

ONE_PAIRING = pytest.mark.one_pairing
PLOTS = """
from bokeh_share import share
plots = []
for n in range({count}):
    p = figure(title=f"title number {{n}}", height=300, width=600)
    p.line(np.arange({glyphs}.) % 97, np.arange({glyphs}.) % 89)
    p.scatter(np.arange({glyphs}.) % 97, np.arange({glyphs}.) % 89)
    plots.append(p)
    share(p, name=f"plot-{{n}}")
"""
RECORD = """
    window.__drawn = [];
    new MutationObserver((records) => {
        window.__drawn = [...new Set([...window.__drawn, ...records.map(({ target }) => target.id)])];
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-generation"] });
"""
"""Records the names of plots in the order in which they are drawn."""
TOP = "(name) => document.getElementById(name).getBoundingClientRect().top"
CARD_HEIGHTS = """() => [...document.querySelectorAll("section.card")].map(
    (card) => card.getBoundingClientRect().height)"""


def show_plots(kernel: Kernel, count: int, *, glyphs: int = 100) -> None:
    kernel.run(PLOTS.format(count=count, glyphs=glyphs), cell="plots")


def names(*numbers: int) -> list[str]:
    return [f"plot-{number}" for number in numbers]


def until_drawn(viewer: Viewer, count: int) -> list[str]:
    """Wait until so many plots are drawn, and return their names in the order of drawing."""
    viewer.page.wait_for_function(f"window.__drawn.length >= {count}")
    drawn: list[str] = viewer.page.evaluate("window.__drawn")
    return drawn


def until_received(viewer: Viewer, title: str) -> None:
    """Wait until an undrawn plot has this title, and all that the page announced has arrived."""
    expect(viewer.page.get_by_text(title, exact=True)).to_have_count(1)
    viewer.page.wait_for_selector("html[data-version]", state="attached")


def until_all_received(viewer: Viewer, count: int) -> None:
    expect(viewer.page.locator("section.card")).to_have_count(count)
    viewer.page.wait_for_selector("html[data-version]", state="attached")


def test_plots_in_view_and_near_are_drawn_and_the_next_five_and_no_others(
    kernel: Kernel, link: str, visit: Open
) -> None:
    show_plots(kernel, 30)
    viewer = visit(link, script=RECORD)
    until_all_received(viewer, 30)
    # 900 pixels of window, and as many below, have five plots
    until_drawn(viewer, 10)
    assert until_drawn(viewer, 10) == names(*range(10))
    viewer.page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
    assert len(until_drawn(viewer, 10)) == 10
    heights = viewer.page.evaluate(CARD_HEIGHTS)
    assert len(set(heights)) == 1, "a card has the height of its plot before it is drawn"
    viewer.page.evaluate("document.querySelector('#plot-20').scrollIntoView()")
    drawn = until_drawn(viewer, 15)[10:]
    assert drawn[0] in names(19, 20), "the end of the former one is in view too"
    assert set(drawn[:5]) <= set(names(*range(17, 26)))


def test_a_plot_that_the_address_names_is_sent_and_drawn_first(
    kernel: Kernel, link: str, visit: Open
) -> None:
    show_plots(kernel, 30)
    viewer = visit(f"{link}#plot-15", script=RECORD)
    assert until_drawn(viewer, 1)[0] == "plot-15"
    until_drawn(viewer, 5)
    top = viewer.page.evaluate(TOP, "plot-15")
    assert 0 <= top < 200, "the page is scrolled there, and stays there"
    frames = Frames(viewer)
    viewer.page.reload()
    viewer.wait_for_state("live")
    until_all_received(viewer, 30)
    assert "first=" in frames.urls[0]
    assert frames.received[0][0] == id_of("plot-15")
    assert sorted(frames.received[0]) == sorted(map(id_of, names(*range(30))))
    # the viewer follows another link to the page before it has plots
    viewer.page.add_init_script("location.hash = '#plot-3'")
    frames = Frames(viewer)
    viewer.page.reload()
    viewer.wait_for_state("live")
    until_all_received(viewer, 30)
    assert frames.received[0][0] == id_of("plot-3")
    assert 0 <= viewer.page.evaluate(TOP, "plot-3") < 200


@ONE_PAIRING
@pytest.mark.parametrize("name", ["nothing", "%E0%A4%A", "plot-5%00", "x" * 3000])
def test_an_address_that_names_no_plot_opens_the_page_on_top(
    kernel: Kernel, link: str, visit: Open, name: str
) -> None:
    show_plots(kernel, 12)
    viewer = visit(f"{link}#{name}", script=RECORD)
    assert until_drawn(viewer, 5)[:5] == names(*range(5))
    assert viewer.page.evaluate("scrollY") == 0


def test_a_page_that_is_reloaded_draws_first_what_the_viewer_saw(
    kernel: Kernel, link: str, visit: Open
) -> None:
    show_plots(kernel, 30)
    viewer = visit(link, script=RECORD)
    until_all_received(viewer, 30)
    viewer.page.evaluate("scrollTo(0, document.querySelector('#plot-20').offsetTop - 40)")
    until_drawn(viewer, 11)
    before = viewer.page.evaluate("scrollY")
    frames = Frames(viewer)
    viewer.page.reload()
    viewer.wait_for_state("live")
    drawn = until_drawn(viewer, 3)
    assert drawn[0] in names(19, 20)
    assert viewer.page.evaluate("scrollY") == before
    until_all_received(viewer, 30)
    assert frames.received[0][0] in map(id_of, names(19, 20))


def test_after_a_reconnect_the_plot_in_view_comes_first(kernel: Kernel, link: str, visit: Open) -> None:
    show_plots(kernel, 40)
    viewer = visit(link, script=RECORD)
    until_all_received(viewer, 40)
    viewer.page.evaluate("document.querySelector('#plot-12').scrollIntoView()")
    expect(viewer.page.locator("#plot-12[data-generation]")).to_have_count(1)
    with viewer.without_server(), viewer.page.expect_websocket() as opened:
        viewer.page.evaluate("dispatchEvent(new Event('online'))")
    assert any(f"first={id_of(name)}" in opened.value.url for name in names(10, 11, 12))
    assert "version=" in opened.value.url, "the plots that were not drawn count as received"
    kernel.run("for p in plots: p.title.text = 'later'", cell="change")
    assert viewer.in_step_with(kernel).titles() == ["later"] * 40


def test_the_browsers_search_finds_the_titles_of_plots_that_are_not_drawn(
    kernel: Kernel, link: str, visit: Open
) -> None:
    show_plots(kernel, 30)
    viewer = visit(link, script=RECORD)
    until_all_received(viewer, 30)
    assert viewer.page.evaluate("window.find('title number 27')")
    assert viewer.page.evaluate(TOP, "plot-27") < 900, "the search scrolls there"
    expect(viewer.page.locator("#plot-27[data-generation]")).to_have_count(1)
    viewer.page.evaluate("scrollTo(0, 0)")
    kernel.run("plots[18].title.text = 'a third title'", cell="change")
    until_received(viewer, "a third title")
    assert viewer.page.evaluate("window.find('a third title', false, false, true)")


CHANGES = """
source = plots[{n}].renderers[0].data_source
for step in range({steps}):
    source.stream(dict(x=[step % 97], y=[step * 7 % 89]), rollover=150)
    plots[{n}].title.text = f"step {{step}}"
    plots[{n}].title.text_font_size = f"{{10 + step % 9}}px"
    if step % 10 == 0:
        await __import__("asyncio").sleep(0.06)
plots[{n}].title.text = "the end"
"""
"""Updates of which some are patches and some are drawings, each of which a viewer is sent alone."""


def test_a_thousand_updates_of_a_plot_that_nobody_sees_are_in_it_when_it_appears(
    kernel: Kernel, link: str, visit: Open
) -> None:
    show_plots(kernel, 30)
    viewer = visit(link, script=RECORD)
    until_all_received(viewer, 30)
    until_drawn(viewer, 10)
    frames = Frames(viewer)
    kernel.run(CHANGES.format(n=25, steps=1000), cell="changes")
    until_received(viewer, "the end")
    assert len(until_drawn(viewer, 10)) == 10
    viewer.page.locator("#plot-25").scroll_into_view_if_needed()
    expect(viewer.page.locator("#plot-25[data-generation]")).to_have_count(1)
    assert frames.sent == [], "the plot was not asked for again"
    fresh = visit(f"{link}#plot-25").in_step_with(kernel)
    viewer.in_step_with(kernel)
    assert difference(viewer.captured("plot-25"), fresh.captured("plot-25")) is None


def test_an_update_of_a_drawn_plot_does_not_wait_for_plots_that_nobody_sees(
    kernel: Kernel, link: str, visit: Open
) -> None:
    show_plots(kernel, 100, glyphs=1000)
    viewer = visit(link, script=RECORD)
    until_all_received(viewer, 100)
    until_drawn(viewer, 10)
    viewer.page.evaluate(DRAW_ALL)
    kernel.run("plots[0].title.text = 'live'", cell="change")
    viewer.page.wait_for_selector("#plot-0[data-generation='2']")
    after_patch = len(until_drawn(viewer, 0))
    kernel.run("plots[0].title.text_font_size = '20px'; plots[0].xaxis[0].axis_label = 'x'", cell="change")
    viewer.page.wait_for_selector("#plot-0[data-generation='3']")
    after_redraw = len(until_drawn(viewer, 0))
    assert after_patch <= after_redraw < 100, "both came while others were drawn"
    assert len(until_drawn(viewer, 100)) == 100


HOLD_SOCKET = """() => {
    const Real = WebSocket;
    window.WebSocket = class extends Real {
        #held = [];
        constructor(url) {
            super(url);
            window.WebSocket = Real;
            window.releaseSocket = () => {
                const held = this.#held;
                this.#held = null;
                for (const call of held) call();
            };
        }
        get readyState() { return this.#held ? Real.CONNECTING : super.readyState; }
        set onopen(handle) { super.onopen = (event) => this.#call(() => handle(event)); }
        set onmessage(handle) { super.onmessage = (event) => this.#call(() => handle(event)); }
        #call(call) {
            if (this.#held) this.#held.push(call);
            else call();
        }
    };
}"""
"""Lets the next websocket of the page connect only when it is released."""
FAIL_ONCE = """() => {
    const { Document } = Bokeh.require("document/document");
    const { from_json } = Document;
    Document.from_json = () => {
        Document.from_json = from_json;
        throw new Error("not this time");
    };
}"""


def test_a_plot_that_could_not_be_drawn_while_the_page_connects_is_sent_again(
    kernel: Kernel, link: str, visit: Open
) -> None:
    show_plots(kernel, 30)
    viewer = visit(link, script=RECORD)
    until_all_received(viewer, 30)
    until_drawn(viewer, 10)
    frames = Frames(viewer)
    viewer.page.evaluate(HOLD_SOCKET)
    viewer.page.evaluate("dispatchEvent(new Event('online'))")
    viewer.page.wait_for_function("() => 'releaseSocket' in window")
    viewer.page.evaluate(FAIL_ONCE)
    viewer.page.evaluate("document.querySelector('#plot-25').scrollIntoView()")
    viewer.page.wait_for_selector("html:not([data-version])", state="attached")
    viewer.page.evaluate("releaseSocket()")
    for name in names(24, 25, 26):
        viewer.page.wait_for_selector(f"#{name}[data-generation]")
    viewer.page.wait_for_selector("html[data-version]", state="attached")
    assert "version=" in frames.urls[0]
    assert [json.loads(text)["resend"] for text in frames.sent] == frames.received[0]
    assert len(frames.received[0]) == 1, "only the plot that could not be drawn"
    viewer.troubles[:] = [each for each in viewer.troubles if "could not be drawn" not in each]


BROKEN = "p = figure(height=300)\np.image([np.arange(12.).reshape(3, 4)[..., None]], x=0, y=0, dw=4, dh=3)"


def test_a_plot_that_cannot_be_drawn_does_not_hold_up_the_others(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run(f"from bokeh_share import share\n{BROKEN}\nshare(p, name='broken')", cell="broken")
    show_plots(kernel, 3)
    viewer = visit(link, script=RECORD)
    assert until_drawn(viewer, 3) == names(0, 1, 2)
    expect(viewer.card("broken").locator(".error")).to_be_visible()
    viewer.troubles[:] = [each for each in viewer.troubles if "could not be drawn" not in each]


def test_a_script_that_does_not_come_holds_up_only_the_plots_that_need_it(
    kernel: Kernel, link: str, visit: Open
) -> None:
    widget = "from bokeh.models import Slider\nshare(Slider(start=0, end=1, value=0), name='slider')"
    kernel.run(f"from bokeh_share import share\n{widget}", cell="slider")
    show_plots(kernel, 3)
    viewer = visit(link)
    waiting: list[Route] = []
    viewer.page.route(re.compile(r".*/bokeh-widgets\.min\.js"), lambda route: waiting.append(route))
    viewer.page.add_init_script(RECORD)
    viewer.page.reload(wait_until="commit")
    viewer.page.wait_for_function("window.__drawn?.length >= 3")
    assert until_drawn(viewer, 3) == names(0, 1, 2)
    assert len(waiting) == 1
    waiting[0].continue_()
    assert until_drawn(viewer, 4)[-1] == "slider"


def test_before_printing_all_plots_are_drawn(kernel: Kernel, link: str, visit: Open) -> None:
    show_plots(kernel, 20)
    viewer = visit(link, script=RECORD)
    until_all_received(viewer, 20)
    viewer.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert sorted(until_drawn(viewer, 20)) == sorted(names(*range(20)))


@ONE_PAIRING
def test_a_saved_page_draws_first_what_is_in_view_and_all_before_printing(
    kernel: Kernel, link: str, visit: Open, tmp_path: Path
) -> None:
    show_plots(kernel, 20)
    kernel.run(f"%bokeh_share --save {tmp_path}/saved.html")
    viewer = visit(f"{(tmp_path / 'saved.html').as_uri()}#plot-12", state="saved", script=RECORD)
    assert until_drawn(viewer, 5)[0] == "plot-12"
    viewer.page.evaluate(DRAW_ALL)
    assert len(until_drawn(viewer, 20)) == 20


@ONE_PAIRING
def test_a_change_of_a_plot_that_nobody_sees_marks_the_tab(kernel: Kernel, link: str, visit: Open) -> None:
    show_plots(kernel, 30)
    viewer = visit(link, script=RECORD)
    until_all_received(viewer, 30)
    until_drawn(viewer, 10)
    # headless pages are always visible, so the test makes the page believe that it is not
    viewer.page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    kernel.run("plots[28].title.text = 'changed'", cell="change")
    viewer.page.wait_for_function("document.title === '● Plots'")
    assert viewer.page.locator("#plot-28[data-generation]").count() == 0


def test_undrawn_plots_of_a_share_that_was_started_again_are_those_of_the_new_one(
    kernel: Kernel, link: str, visit: Open
) -> None:
    show_plots(kernel, 20)
    viewer = visit(link, script=RECORD)
    until_all_received(viewer, 20)
    until_drawn(viewer, 10)
    epoch = viewer.page.evaluate("document.documentElement.dataset.epoch")
    with viewer.without_server():
        kernel.run("%bokeh_share --stop", cell="stop")
        viewer.wait_for_state("ended")
        kernel.run("plots[15].title.text = 'later'", cell="change")
        kernel.run("%bokeh_share -t Plots", cell="start")
        viewer.page.wait_for_function(f"document.documentElement.dataset.epoch !== {json.dumps(epoch)}")
        viewer.wait_for_state("live")
    viewer.in_step_with(kernel)
    fresh = visit(link).in_step_with(kernel)
    assert sorted(viewer.titles()) == sorted(fresh.titles())
    assert difference(viewer.captured("plot-15"), fresh.captured("plot-15")) is None


def test_a_plot_that_is_removed_while_it_is_drawn_leaves_nothing(
    kernel: Kernel, link: str, visit: Open
) -> None:
    show_plots(kernel, 12, glyphs=3000)
    viewer = visit(link, script=RECORD)
    until_drawn(viewer, 1)
    kernel.run("\n".join(f"share().drop('{name}')" for name in names(*range(1, 12))), cell="drop")
    expect(viewer.page.locator("section.card")).to_have_count(1)
    viewer.in_step_with(kernel)
    viewer.page.wait_for_function("Bokeh.documents.length === 1")
    assert viewer.titles() == ["title number 0"]


def used_bytes(viewer: Viewer) -> int:
    """The memory of the page's scripts and canvases, after the garbage was collected."""
    session: CDPSession = viewer.page.context.new_cdp_session(viewer.page)
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")
    canvases = viewer.page.evaluate("""() => {
        const find = (root) => [...root.querySelectorAll("*")].flatMap((element) => [
            ...element.localName === "canvas" ? [element.width * element.height * 4] : [],
            ...element.shadowRoot ? find(element.shadowRoot) : [],
        ]);
        return find(document).reduce((sum, bytes) => sum + bytes, 0);
    }""")
    session.detach()
    return int(heap["usedSize"] + heap.get("backingStorageSize", 0) + canvases)


@ONE_PAIRING
def test_a_hundred_plots_of_which_five_were_seen_take_a_third_of_the_memory(
    kernel: Kernel, link: str, visit: Open
) -> None:
    empty = visit(link)
    empty.page.wait_for_function("window.Bokeh")
    base = used_bytes(empty)
    show_plots(kernel, 100, glyphs=2000)
    viewer = visit(link, script=RECORD)
    until_all_received(viewer, 100)
    until_drawn(viewer, 10)
    few = used_bytes(viewer) - base
    viewer.page.evaluate(DRAW_ALL)
    until_drawn(viewer, 100)
    assert few < (used_bytes(viewer) - base) / 3
