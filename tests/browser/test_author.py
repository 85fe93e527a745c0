"""The author's own page: its bar, and what viewers see of a presentation and of pins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser.test_words import violations
from playwright.sync_api import Page, expect
from support.notebook_pages import Kernel, Open, Viewer, link_in

PLOTS = """
from bokeh.layouts import row
from bokeh.models import TabPanel, Tabs
def make(shift=0):
    zoomed = figure(title="zoomed", width=400, height=300, y_axis_type="log")
    zoomed.scatter([1, 2, 3 + shift], [10, 1000, 100], size=9, legend_label="a")
    zoomed.line([1, 2, 3], [20, 30, 40], legend_label="b")
    zoomed.legend.click_policy = "hide"
    bars = figure(title="bars", width=400, height=300, x_range=["ä & b", "c", "d"])
    bars.vbar(x=["ä & b", "c", "d"], top=[1, 2, 3], width=0.5)
    other = figure(width=400, height=300)
    other.line([1, 2], [3, 4])
    return Tabs(tabs=[TabPanel(child=row(zoomed, bars), title="one"), TabPanel(child=other, title="two")])
show(make())
"""
FOUND = """const models = Bokeh.documents.flatMap((each) => [...each._all_models.values()]);
    const of = (type) => models.filter((model) => model.type === type);
    const titled = (title) => of("Figure").find((model) => model.title?.text === title);"""
STATE = f"""() => {{ {FOUND}
    const ranges = ["zoomed", "bars"].map(titled).flatMap(({{ x_range: x, y_range: y }}) => [x, y]);
    return {{
        ranges: ranges.map(({{ start, end }}) => [start, end]),
        active: of("Tabs").map(({{ active }}) => active),
        shown: of("Legend").flatMap(({{ items }}) => items.map(({{ renderers }}) => renderers[0].visible)),
        selected: of("ColumnDataSource").map(({{ selected }}) => [...selected.indices]).sort(),
    }};
}}"""
ZOOM = f"""([start, end]) => {{ {FOUND}
    const [zoomed, bars] = ["zoomed", "bars"].map(titled);
    zoomed.x_range.setv({{ start, end }});
    bars.x_range.setv({{ start: 0.1 + start % 1, end: 2 + end % 1 }});
    zoomed.y_range.setv({{ start: 10 * start + 1, end: 1000 * end }});
    for (const {{ x_range: x, y_range: y }} of [zoomed, bars]) {{
        x.have_updated_interactively = y.have_updated_interactively = true;
    }}
}}"""
HIDE_AND_SELECT = f"""() => {{ {FOUND}
    of("Legend")[0].items[1].renderers[0].visible = false;
    of("ColumnDataSource").find(({{ data }}) => data.x?.length === 3).selected.indices = [2, 0];
}}"""
SHOW_TAB = f"(active) => {{ {FOUND} of('Tabs')[0].active = active; }}"
COUNT = """
window.presented = 0;
window.WebSocket = class extends WebSocket {
    constructor(...options) {
        super(...options);
        this.addEventListener("message", ({ data }) => {
            const header = new TextDecoder().decode(data.slice(4, 4 + new DataView(data).getUint32(0)));
            presented += JSON.parse(header).kind === "present";
        });
    }
};
"""
"""Counts the messages of a presentation that a page gets."""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def author_link(kernel: Kernel) -> str:
    return link_in(kernel.run("%bokeh_share --author", cell="the author's cell"))


def state_of(page: Page) -> dict[str, Any]:
    state: dict[str, Any] = page.evaluate(STATE)
    return state


def throttle(viewer: Viewer) -> None:
    """Make the connection of a page slow."""
    session = viewer.page.context.new_cdp_session(viewer.page)
    session.send("Network.enable")
    speed = {"latency": 300, "downloadThroughput": 20_000, "uploadThroughput": 20_000}
    session.send("Network.emulateNetworkConditions", {"offline": False, **speed})


def follows(viewer: Viewer, author: Viewer) -> None:
    """Wait until the viewer sees what the author sees: ranges to 1e-9 of their span."""
    expected = json.dumps(state_of(author.page))
    check = f"""(expected) => {{
        const state = ({STATE})();
        const {{ ranges, ...others }} = JSON.parse(expected);
        const isClose = ranges.every(([start, end], index) => {{
            const [from, to] = state.ranges[index];
            return Math.max(Math.abs(from - start), Math.abs(to - end)) <= 1e-9 * Math.abs(end - start);
        }});
        const found = {{ ...state, ranges: undefined }};
        return isClose && JSON.stringify({{ ...others }}) === JSON.stringify(found);
    }}"""
    viewer.page.wait_for_function(check, arg=expected, timeout=10_000)


def bar(author: Viewer, name: str) -> Any:
    return author.page.get_by_role("region", name="Control this share").get_by_role(
        "button", name=name, exact=True
    )


@pytest.mark.one_pairing
def test_the_authors_link_opens_a_page_that_controls_the_share(
    kernel: Kernel, link: str, visit: Open, tmp_path: Path
) -> None:
    kernel.run("p = figure(title='p', height=200)\np.line([1, 2], [3, 4])\nshow(p)", cell="c1")
    kernel.run("q = figure(title='q', height=200)\nq.line([1, 2], [3, 4])\nshow(q)", cell="c2")
    kernel.run("r = figure(title='r', height=200)\nr.line([1, 2], [3, 4])\nshow(r)", cell="c3")
    viewer, author = visit(link), visit(author_link(kernel))
    page = author.page
    assert page.url == f"{link}?author"
    page.wait_for_function("() => document.querySelectorAll('.card-controls').length === 3")
    assert "?author=" not in page.evaluate("document.documentElement.outerHTML")
    bar(author, "1 viewer").click()
    expect(page.locator(".author-viewers li")).to_have_count(1)
    bar(author, "Pause").click()
    viewer.wait_for_state("paused")
    bar(author, "Resume").click()
    viewer.wait_for_state("live")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    bar(author, "Copy link").click()
    expect(page.locator(".author-status")).to_have_text("The link for viewers is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == link
    page.get_by_role("button", name="Edit title").click()
    page.get_by_label("Title").fill("<b>New</b>")
    page.keyboard.press("Enter")
    expect(viewer.page.locator("h1")).to_have_text("<b>New</b>")
    cards, own_cards = (each.locator(".card h2, .card h3") for each in (viewer.page, page))
    page.get_by_role("button", name="Move").first.focus()
    page.keyboard.press("ArrowDown")
    # Before the page has the first step, or with the focus at the moved plot.
    page.keyboard.press("ArrowDown")
    expect(cards).to_have_text(list("qrp"))
    expect(own_cards).to_have_text(list("qrp"))
    page.keyboard.press("ArrowUp")  # the focus stays with the plot
    expect(own_cards).to_have_text(list("qpr"))
    page.keyboard.press("ArrowDown")
    expect(own_cards).to_have_text(list("qrp"))
    page.set_viewport_size({"width": 1280, "height": 2000})  # all cards are in the window
    page.get_by_role("button", name="Move").nth(1).drag_to(page.locator("section.card").first)
    expect(cards).to_have_text(list("rqp"))
    expect(own_cards).to_have_text(list("rqp"))
    page.get_by_role("button", name="Caption").first.click()
    page.get_by_label("Caption").fill("about it")
    page.get_by_role("button", name="Save").click()
    expect(viewer.page.locator(".caption").first).to_have_text("about it")
    page.get_by_role("button", name="Drop").first.click()
    expect(viewer.page.locator("section.card")).to_have_count(2)
    page.get_by_role("button", name="Bring back").click()
    expect(viewer.page.locator("section.card")).to_have_count(3)
    with kernel.busy(tmp_path):
        bar(author, "Pause").click()
        viewer.wait_for_state("paused")
        bar(author, "Resume").click()
        viewer.wait_for_state("busy")
        page.get_by_role("button", name="Drop").first.click()
        expect(page.locator(".author-status")).to_have_text("The change waits until the running cell ends.")
        bar(author, "Present").click()
        expect(viewer.page.locator(".follow-bar")).to_be_visible()
        bar(author, "Stop presenting").click()
        assert viewer.page.locator("section.card").count() == 3
    expect(viewer.page.locator("section.card")).to_have_count(2)
    page.get_by_role("button", name="Send away").click()
    viewer.wait_for_state("sent-away")
    expect(page.locator(".author-empty").first).to_have_text("Nobody is on the page.")
    new_link = page.get_by_role("button", name="Make a new link…")
    page.once("dialog", lambda dialog: dialog.dismiss())
    new_link.click()
    assert page.url == f"{link}?author"
    page.once("dialog", lambda dialog: dialog.accept())
    new_link.click()
    page.wait_for_url(lambda url: urlsplit(url).path != urlsplit(link).path and url.endswith("?author"))
    author.wait_for_state("live")
    bar(author, "0 viewers").click()
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_label("New password")).to_be_visible()
    page.reload()  # the author needs no password
    author.wait_for_state("live")
    bar(author, "0 viewers").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Stop sharing…").click()
    author.wait_for_state("ended")
    assert "nothing is shared" in kernel.run("%bokeh_share --status")


def test_viewers_follow_the_author_exactly(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(PLOTS, cell="c1")
    author = visit(author_link(kernel))
    wide, phone, slow = visit(link, script=COUNT), visit(link, **PHONE), visit(link)
    for each in (author, wide, phone, slow):
        each.in_step_with(kernel)
    throttle(slow)
    wide.page.evaluate(ZOOM, [1.25, 2.5])
    own = {each: state_of(each.page) for each in (wide, phone, slow)}
    bar(author, "Present").click()
    for viewer in (wide, phone, slow):
        expect(viewer.page.locator(".follow-text")).to_have_text("Following the author")
    sent = wide.page.evaluate("presented")
    author.page.evaluate(ZOOM, [1 / 3, 2 / 3])
    author.page.evaluate(HIDE_AND_SELECT)
    follows(wide, author)
    assert wide.page.evaluate("presented") - sent <= 2
    late = visit(link).in_step_with(kernel)
    for viewer in (phone, slow, late):
        follows(viewer, author)
    kernel.run(PLOTS.replace("make())", "make(2))"), cell="c1")  # in the middle of presenting
    for each in (author, wide, phone, slow, late):
        each.in_step_with(kernel)
    for start, end in ((0.1, 2.9), (1e-9, 2e-9), (1e9, 1e9 + 1)):
        author.page.evaluate(ZOOM, [start, end])
        for viewer in (wide, phone, slow, late):
            follows(viewer, author)
    author.page.evaluate(SHOW_TAB, 1)
    for viewer in (wide, phone, slow, late):
        follows(viewer, author)
    author.page.evaluate(SHOW_TAB, 0)
    phone.page.get_by_role("button", name="Look around by myself").tap()
    expect(phone.page.locator(".follow-text")).to_have_text("The author is presenting")
    wide.page.locator(".plot").first.click(position={"x": 5, "y": 5})
    expect(wide.page.locator(".follow-text")).to_have_text("The author is presenting")
    author.page.evaluate(ZOOM, [0.2, 1.9])
    follows(slow, author)
    assert state_of(phone.page)["ranges"] != state_of(author.page)["ranges"]
    for viewer in (wide, phone):
        viewer.page.get_by_role("button", name="Return to the author’s view").click()
        follows(viewer, author)
    with late.without_server():
        late.page.evaluate("dispatchEvent(new Event('online'))")  # the connection is made anew
        author.page.evaluate(ZOOM, [0.3, 1.8])
        follows(late, author)
    bar(author, "Stop presenting").click()
    for viewer in (wide, phone, slow, late):
        expect(viewer.page.locator(".follow-bar")).to_be_hidden()
    assert state_of(wide.page) == {**own[wide], "selected": state_of(wide.page)["selected"]}
    for viewer in (phone, slow):
        assert state_of(viewer.page)["shown"] == own[viewer]["shown"]
        assert state_of(viewer.page)["active"] == own[viewer]["active"]
        assert state_of(viewer.page)["ranges"] == state_of(visit(link).in_step_with(kernel).page)["ranges"]


@pytest.mark.one_pairing
def test_the_author_shows_where_on_the_page_and_the_last_one_presents(
    kernel: Kernel, link: str, visit: Open
) -> None:
    for name in "abc":
        plot = f"p = figure(title='{name}', width=500, height=700)\np.line([1, 2], [3, 4])\nshow(p)"
        kernel.run(plot, cell=name)
    one, other = visit(author_link(kernel)), visit(author_link(kernel))
    viewer = visit(link, **PHONE)
    for each in (one, other, viewer):
        each.in_step_with(kernel)
        each.page.evaluate("scrollTo(0, 0)")
    in_view = """(index) => {
        const { top, bottom } = document.querySelectorAll("section.card")[index].getBoundingClientRect();
        return bottom > 0 && top >= -1 && top < innerHeight / 2;
    }"""
    bar(one, "Present").click()
    one.page.locator("section.card").nth(2).scroll_into_view_if_needed()
    one.page.locator(".bk-Canvas").nth(2).hover(position={"x": 200, "y": 300})
    viewer.page.wait_for_function(in_view, arg=2)
    expect(viewer.page.locator(".author-pointer")).to_have_js_property("hidden", False)
    bar(other, "Present").click()
    bar(other, "Stop presenting").wait_for()
    bar(one, "Present").wait_for()
    other.page.evaluate("scrollTo(0, 0)")
    viewer.page.wait_for_function(in_view, arg=0)
    one.page.locator("section.card").nth(1).scroll_into_view_if_needed()
    other.page.locator(".bk-Canvas").first.hover(position={"x": 200, "y": 300})
    expect(viewer.page.locator(".author-pointer")).to_have_js_property("hidden", False)
    viewer.page.wait_for_function(in_view, arg=0)
    other.page.close()  # ends it
    expect(viewer.page.locator(".follow-bar")).to_be_hidden()
    kernel.run("import bokeh_share.limits; bokeh_share.limits.PRESENTATION_TIMEOUT = 0.5", cell="limits")
    try:
        bar(one, "Present").click()
        expect(viewer.page.locator(".follow-bar")).to_be_visible()
        expect(viewer.page.locator(".follow-bar")).to_be_hidden()  # nothing happened for so long
        bar(one, "Present").wait_for()
    finally:
        kernel.run("bokeh_share.limits.PRESENTATION_TIMEOUT = 600.0", cell="limits")


@pytest.mark.one_pairing
def test_viewers_show_the_author_where_they_look(kernel: Kernel, link: str, visit: Open) -> None:
    show = "p = figure(title='p', width=500)\nr = p.scatter([1, 2, 3], [3, 4, 5], size=9)\nshow(p)"
    kernel.run(f"{show}\nfrom bokeh_share import share", cell="c1")
    author, viewer = visit(author_link(kernel)).in_step_with(kernel), visit(link).in_step_with(kernel)
    menu = viewer.page.locator("section.card").get_by_role("button", name="Menu of")
    item = viewer.page.get_by_role("menuitem", name="Show the author where I look…")
    menu.click()
    viewer.page.get_by_role("menuitem").first.wait_for()
    expect(item).to_have_count(0)
    viewer.page.keyboard.press("Escape")
    kernel.run("%bokeh_share --pointing", cell="c2")
    viewer.in_step_with(kernel)
    viewer.page.evaluate(f"() => {{ {FOUND} of('ColumnDataSource')[0].selected.indices = [2, 0]; }}")
    menu.click()
    item.click()
    viewer.page.get_by_label("Your name, which the author sees").fill("\u202e<b>Zoë</b>")
    viewer.page.get_by_role("button", name="Show", exact=True).click()
    bar(author, "1 viewer").click()
    entry = author.page.locator(".author-pointed li")
    expect(entry.locator(".author-item")).to_have_text("<b>Zoë</b>: 2 points of p")
    entry.get_by_role("button").click()
    author.page.wait_for_function(
        f"() => {{ {FOUND} return `${{of('ColumnDataSource')[0].selected.indices}}` === '2,0'; }}"
    )
    pointed = kernel.run(
        "(one,) = share().pointed\nprint(one.plot.name, one.source is r.data_source, one.indices, one.name)"
    )
    assert pointed.split("\n")[0].endswith("True (2, 0) <b>Zoë</b>")
    kernel.run("%bokeh_share --no-pointing", cell="c2")
    expect(author.page.locator(".author-pointed")).to_contain_text("Viewers cannot show you points")
    assert "()" in kernel.run("print(share().pointed)")


@pytest.mark.one_pairing
def test_a_pin_stays_at_its_data(kernel: Kernel, link: str, visit: Open) -> None:
    text = "<b>bump</b> 👍 مرحبا"
    kernel.run("p = figure(title='p', width=500)\np.line([1, 2, 3], [3, 4, 5])\nshow(p)", cell="c1")
    viewer, author = visit(link).in_step_with(kernel), visit(author_link(kernel)).in_step_with(kernel)
    author.page.wait_for_selector(".author-bar")
    box = author.page.locator(".bk-Canvas").bounding_box()
    assert box is not None
    author.page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    author.page.get_by_label("Text of the pin").fill(text)
    author.page.keyboard.press("Enter")
    for each in (viewer, author):
        expect(each.page.locator(".pin-text")).to_have_text(text)
    before = viewer.page.locator(".pin").bounding_box()
    assert before is not None
    moved = "([from, to]) => { const { left } = document.querySelector('.pin').getBoundingClientRect();"
    moved = f"{moved} return left > from && left < to; }}"
    kernel.run("p.x_range.start, p.x_range.end = 0, 9", cell="c2")
    viewer.in_step_with(kernel)
    viewer.page.wait_for_function(moved, arg=[0, before["x"] - 20])
    kernel.run("p.x_range.start, p.x_range.end = 7, 9", cell="c2")  # it is outside of the axes
    viewer.in_step_with(kernel)
    viewer.page.wait_for_selector(".pin.at-edge", state="attached")
    expect(viewer.page.locator(".pin-text")).to_be_visible()
    viewer.page.locator("section.card").get_by_role("button", name="Menu of").click()
    viewer.page.get_by_role("menuitem", name="Full screen", exact=True).click()
    viewer.page.wait_for_function("() => document.fullscreenElement?.querySelector('.pin')")
    viewer.page.keyboard.press("Escape")
    viewer.page.wait_for_function("() => document.querySelector('body > .spot-layer .pin')")
    kernel.run("p = figure(title='p', width=500)\np.line([1, 2, 3], [3, 4, 9])\nshow(p)", cell="c1")
    late = visit(link).in_step_with(kernel)
    for each in (viewer, late):
        expect(each.page.locator(".pin-text")).to_have_text(text)
    bar(author, "2 viewers").click()
    author.page.get_by_role("button", name="Take away").click()
    for each in (viewer, late):
        expect(each.page.locator(".pin")).to_have_count(0)


@pytest.mark.one_pairing
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of(
    kernel: Kernel, link: str, visit: Open, axe: str, scheme: str
) -> None:
    kernel.run("%bokeh_share --pointing", cell="c0")
    kernel.run("p = figure(title='p', width=300)\np.line([1, 2, 3], [3, 4, 5])\nshow(p)", cell="c1")
    author = visit(author_link(kernel), color_scheme=scheme).in_step_with(kernel)
    viewer = visit(link, color_scheme=scheme, **PHONE).in_step_with(kernel)
    bar(author, "1 viewer").click()
    author.page.locator(".bk-Canvas").dblclick(position={"x": 150, "y": 200})
    author.page.get_by_label("Text of the pin").fill("bump")
    author.page.keyboard.press("Enter")
    bar(author, "Present").click()
    expect(viewer.page.locator(".pin-text")).to_have_text("bump")
    expect(viewer.page.locator(".follow-bar")).to_be_visible()
    author.page.get_by_role("button", name="Edit title").click()
    author.page.get_by_role("button", name="Caption").click()
    author.page.locator(".bk-Canvas").dblclick(position={"x": 100, "y": 100})
    for each in (author, viewer):
        assert violations(each, axe) == []
    for width in (390, 1280):
        author.page.set_viewport_size({"width": width, "height": 800})
        assert author.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
