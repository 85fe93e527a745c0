"""Links to a plot, and to a view of it: what they open, and what they never change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from bokeh.models import Div, TabPanel, Tabs
from bokeh.plotting import figure
from playwright.sync_api import Browser, Page, expect
from support.colleague import PAINTED, URL, Author, Colleague
from support.notebook_pages import Kernel, Open, Viewer

PLOTS = """
from bokeh.layouts import column
from bokeh.models import DataRange1d, LinearAxis, Range1d, TabPanel, Tabs
def make():
    zoomed = figure(title="zoomed", width=500, height=300, x_axis_type="datetime")
    for n, label in enumerate("abc"):
        zoomed.line(np.array([0, 1, 2]) * 1e9 + 1.7e12, [n, 1, 2], legend_label=label)
    zoomed.legend.click_policy = "hide"
    zoomed.extra_y_ranges = {"twin": Range1d(0, 100)}
    zoomed.add_layout(LinearAxis(y_range_name="twin"), "right")
    bars = figure(title="bars", width=500, height=300, x_range=["ä & b", "c", "d"])
    bars.vbar(x=["ä & b", "c", "d"], top=[1, 2, 3], width=0.5)
    return Tabs(tabs=[TabPanel(child=zoomed, title="one"), TabPanel(child=bars, title="two")])
"""
TABS = """const [root] = Bokeh.documents.map((each) => each.roots()[0]).filter(({ type }) => type === "Tabs");
    const models = [...root.document._all_models.values()];"""
STATE = f"""() => {{
    {TABS}
    const of = (type) => models.filter((model) => model.type === type);
    return {{
        ranges: of("Figure").flatMap(({{ x_range: x, y_range: y }}) => [[x.start, x.end], [y.start, y.end]]),
        active: of("Tabs").map(({{ active }}) => active),
        shown: of("Legend").flatMap(({{ items }}) => items.map(({{ renderers }}) => renderers[0].visible)),
    }};
}}"""
MOVE = f"""() => {{
    {TABS}
    for (const {{ x_range: x }} of models.filter(({{ type }}) => type === "Figure")) {{
        const span = x.end - x.start;
        x.setv({{ start: x.start + span / 4, end: x.end - span / 4 }});
        x.have_updated_interactively = true;
    }}
    models.find(({{ type }}) => type === "Tabs").active = 1;
    models.find(({{ type }}) => type === "Legend").items[1].renderers[0].visible = false;
}}"""
RESET = """() => {
    for (const { views_manager } of Bokeh.documents) {
        for (const view of views_manager.query(({ reset }) => reset)) view.reset();
    }
}"""
SERIALIZED = "() => Bokeh.documents.map((each) => JSON.stringify(each.to_json()))"


def copy_link(page: Page, label: str) -> str:
    """Copy a link by the menu of the third plot, and return it from the clipboard."""
    page.locator(".card .menu-button").nth(2).click()
    page.get_by_role("menuitem", name=label).click()
    expect(page.locator(".menu-status", has_text="The link is copied.")).to_have_count(1)
    link: str = page.evaluate("navigator.clipboard.readText()")
    return link


def state_of(viewer: Viewer) -> dict[str, Any]:
    viewer.page.evaluate(PAINTED)
    state: dict[str, Any] = viewer.page.evaluate(STATE)
    return state


def test_a_link_to_a_view_shows_others_the_same(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(
        "spacers = [figure(height=1200, title=f'spacer {n}') for n in range(2)]\nfor each in spacers:"
        "\n    each.line([1, 2], [1, 2])\n    show(each)",
        cell="c1",
    )
    kernel.run(f"{PLOTS}\nshow(make())", cell="c2")
    clipboard = {"permissions": ["clipboard-read", "clipboard-write"]}
    sender = visit(link, **clipboard).in_step_with(kernel)
    fresh = state_of(sender)
    plot_link = copy_link(sender.page, "Copy link to this plot")
    assert re.fullmatch(re.escape(link) + "#plot=[0-9a-f]{8}", plot_link)
    sender.page.evaluate(MOVE)
    view_link = copy_link(sender.page, "Copy link to this view")
    assert view_link.startswith(f"{plot_link}&view=1&r")
    sent = state_of(sender)

    requested: list[str] = []
    receiver = visit(link)
    receiver.page.on("request", lambda request: requested.append(request.url))
    receiver.page.on("websocket", lambda socket: requested.append(socket.url))
    receiver.page.goto("about:blank")
    receiver.page.goto(view_link)
    receiver.wait_for_state("live")
    receiver.in_step_with(kernel)
    for opened in (receiver, visit(plot_link).in_step_with(kernel)):
        expect(opened.page.locator(".card").nth(2)).to_be_in_viewport()
        expect(opened.page.locator(".link-notice")).to_be_empty()
    assert state_of(receiver) == sent != fresh
    assert not [url for url in requested if "view" in url or "r0" in url], "the fragment stays in the browser"
    assert any(f"first={plot_link[-8:]}" in url for url in requested), "the plot is wanted first"

    # a re-run keeps the view, and the buttons of the plot lead where they lead for all
    kernel.run(f"{PLOTS}\nplot = make()\nplot.tabs[0].child.title.text = 'again'\nshow(plot)", cell="c2")
    receiver.in_step_with(kernel)
    assert state_of(receiver) == sent
    receiver.page.evaluate(RESET)
    receiver.page.evaluate(PAINTED)
    # the last one, of a tab that is not open, is not known before
    assert state_of(receiver)["ranges"][:3] == fresh["ranges"][:3]

    # the plot keeps its link when it goes and comes back
    kernel.run(f"{PLOTS}\nplot = make()", cell="c2")
    expect(receiver.page.locator(".card")).to_have_count(2)
    gone = visit(view_link)
    expect(gone.page.locator(".link-notice")).to_have_text(
        "The plot of this link is not on this page. You see the page as it is."
    )
    kernel.run("show(plot)", cell="c2")
    gone.in_step_with(kernel)
    expect(gone.page.locator(".link-notice")).to_be_empty()
    assert state_of(gone) == sent


@pytest.fixture(scope="module")
def colleague(browser: Browser) -> Iterator[Colleague]:
    colleague = Colleague(browser)
    yield colleague
    colleague.close()


@pytest.fixture
def page(colleague: Colleague) -> Iterator[Page]:
    """An open page with a plot."""
    author = Author()
    p = figure(width=300, height=200, title="the title", x_range=(0, 10), y_range=["a", "b"], name="the name")
    p.line([1, 2], ["a", "b"], legend_label="a line")
    p.legend.click_policy = "mute"
    tabs = [TabPanel(child=p, title="one"), TabPanel(child=Div(text="text"), title="two", disabled=True)]
    author.show(Tabs(tabs=tabs), name="sales")
    with colleague.watching(author):
        colleague.until_drawn()
        yield colleague.page
        colleague.page.evaluate("location.hash = ''")
    assert colleague.troubles == []


def follow(page: Page, fragment: str) -> None:
    """Open a link to this page while it is open."""
    page.evaluate("(fragment) => { location.hash = fragment }", fragment)
    page.wait_for_function(
        "(fragment) => location.hash === new URL(`#${fragment}`, location).hash", arg=fragment
    )


def test_a_view_is_opened_on_a_page_that_is_open(page: Page, colleague: Colleague) -> None:
    factors = quote('["b",-0.5],["b",0.5]')
    follow(page, f"plot=sales&view=1&r0=2,3&r1={factors}&t0=0&l0=0")
    page.wait_for_function("""() => {
        const { x_range: x, y_range: y } = Bokeh.documents[0].roots()[0].tabs[0].child;
        return x.start === 2 && x.end === 3 && y.start === 1 && y.end === 2;
    }""")
    assert page.evaluate(
        "Bokeh.documents[0].roots()[0].tabs[0].child.renderers.map(({ muted }) => muted)"
    ) == [True]
    # another link to the same plot begins where it is for all
    follow(page, "plot=sales&view=1&r1=%5B%22a%22%2C-0.5%5D,%5B%22a%22%2C0.5%5D&l0=1")
    page.wait_for_function("() => Bokeh.documents[0].roots()[0].tabs[0].child.x_range.end === 10")
    assert colleague.ranges() == [[0, 10], [0, 1]]
    follow(page, "plot=sales&view=1")
    page.wait_for_function("() => Bokeh.documents[0].roots()[0].tabs[0].child.y_range.end === 2")


NONSENSE = [
    *("r0=3,2", "r0=2,2", "r0=NaN,2", "r0=1,Infinity", "r0=1e300,2e300", "r0=0,1e9", 'r0="1","2"', "r0=1"),
    *("r0=", "r0={}", "r0=[1],[2]", "r7=1,2", 'r1=["z",0],["b",0]', "r1=0,1", 'r1=["a",0],["b","c"]'),
    *("t0=1", "t0=2", "t0=-1", "t0=two", "l0=2", "l0=00", "l0=", "l1=0", "title=evil", "r0.name=evil"),
    *("k1.1.0=evil", "__proto__=1", "constructor=1", "r0=1,2&r0=x", "r0=1,2&text=<script>alert(1)</script>"),
    *("r0=1,2&t0=0&l0=0&r0=(alert(1)),2", "r0=1,2]);alert(1);([", 'r1=["__proto__",0],["b",0]'),
]
HOSTILE = ["plot=gone", "plot=<b>gone</b>&view=1&r0=1,2", "plot=", "plot=%00%F0&view=1", "plot=constructor"]


def test_a_view_that_does_not_fit_changes_nothing_and_the_card_says_so(page: Page) -> None:
    before = page.evaluate(SERIALIZED)
    text = page.locator(".cards").inner_html()
    status = page.locator(".card .menu-status")
    for each in NONSENSE:
        follow(page, "plot=sales")
        page.locator("body").evaluate(
            "() => { document.querySelector('.card .menu-status').textContent = '' }"
        )
        follow(page, f"plot=sales&view=1&{each}")
        expect(status).to_have_text(
            "The view of this link does not fit this plot any more. You see the plot as it is for all."
        )
        assert page.evaluate(SERIALIZED) == before, each
        assert page.locator(".link-notice").inner_text() == ""
    status.evaluate("(status) => { status.textContent = ''; status.removeAttribute('role') }")
    assert page.locator(".cards").inner_html() == text, "no text of a link is on the page"
    assert json.loads(json.dumps(page.evaluate("Object.prototype.name ?? null"))) is None


@pytest.mark.one_pairing
@pytest.mark.parametrize("fragment", HOSTILE)
def test_a_link_to_a_plot_that_is_gone_opens_the_page_and_says_so(page: Page, fragment: str) -> None:
    before = page.evaluate(SERIALIZED)
    notice = page.locator(".link-notice")
    follow(page, fragment)
    expect(notice).to_have_text("The plot of this link is not on this page. You see the page as it is.")
    expect(notice).to_have_role("status")
    assert page.evaluate(SERIALIZED) == before
    follow(page, "plot=sales")
    expect(notice).to_be_empty()
    follow(page, fragment)
    expect(notice).not_to_be_empty()
    follow(page, "sales")
    expect(notice).to_be_empty()


@pytest.mark.one_pairing
def test_the_first_drawing_of_a_linked_plot_shows_the_view_at_once(browser: Browser) -> None:
    colleague, author = Colleague(browser), Author()
    p = figure(width=300, height=200, x_range=(0, 10), y_range=(0, 10))
    p.line([1, 2], [1, 2])
    author.show(p, name="sales")
    colleague.page.add_init_script("""
        window.seen = [];
        const look = () => {
            const drawn = document.querySelector(".drawing:not(.offscreen)");
            const range = drawn && Bokeh.documents[0].roots()[0].x_range;
            if (range) window.seen.push(range.end);
            requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
        addEventListener("DOMContentLoaded", () => {
            history.replaceState(null, "", "#plot=sales&view=1&r0=2,3");
        });
    """)
    with colleague.watching(author):
        colleague.until_drawn()
        colleague.page.wait_for_function("() => window.seen.length > 2")
        assert set(colleague.page.evaluate("window.seen")) == {3}
        assert colleague.page.url == f"{URL}#plot=sales&view=1&r0=2,3"
    assert colleague.troubles == []
    colleague.close()
