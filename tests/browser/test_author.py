"""The author's own page: its bar, and what viewers see of a presentation and of pins."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
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
    return Tabs(tabs=[TabPanel(child=row(zoomed, bars), title="one"), TabPanel(child=figure(), title="two")])
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
MOVE = f"""([start, end]) => {{ {FOUND}
    const [zoomed, bars] = ["zoomed", "bars"].map(titled);
    for (const range of [zoomed.x_range, bars.x_range]) range.setv({{ start, end }});
    zoomed.y_range.setv({{ start: 10 * start + 1, end: 1000 * end }});
    for (const {{ x_range: x, y_range: y }} of [zoomed, bars]) {{
        x.have_updated_interactively = y.have_updated_interactively = true;
    }}
    of("Legend")[0].items[1].renderers[0].visible = false;
    of("ColumnDataSource").find(({{ data }}) => data.x?.length === 3).selected.indices = [2, 0];
}}"""


def author_link(kernel: Kernel) -> str:
    return link_in(kernel.run("%bokeh_share --author", cell="the author's cell"))


def state_of(page: Page) -> dict[str, Any]:
    state: dict[str, Any] = page.evaluate(STATE)
    return state


def is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Ranges equal to 1e-9 of their span, and all else equal."""
    close = all(
        abs(bound - expected) <= 1e-9 * abs(end - start)
        for (start, end), found in zip(one["ranges"], other["ranges"], strict=True)
        for bound, expected in zip(found, (start, end), strict=True)
    )
    return close and {**one, "ranges": None} == {**other, "ranges": None}


def follows(viewer: Viewer, author: Viewer) -> None:
    """Wait until the viewer sees what the author sees."""
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
    return author.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True)


@pytest.mark.one_pairing
def test_the_authors_link_opens_a_page_that_controls_the_share(
    kernel: Kernel, link: str, visit: Open
) -> None:
    kernel.run("p = figure(title='p')\np.line([1, 2], [3, 4])\nshow(p)", cell="c1")
    kernel.run("q = figure(title='q')\nq.line([1, 2], [3, 4])\nshow(q)", cell="c2")
    viewer, author = visit(link), visit(author_link(kernel))
    page = author.page
    assert page.url == f"{link}?author"
    page.wait_for_function("() => document.querySelectorAll('.card-controls').length === 2")
    assert "?author=" not in page.evaluate("document.documentElement.outerHTML")
    bar(author, "1 viewer").click()
    expect(page.locator(".author-viewers li")).to_have_count(1)
    bar(author, "Pause").click()
    viewer.wait_for_state("paused")
    bar(author, "Resume").click()
    viewer.wait_for_state("live")
    page.get_by_role("button", name="Edit title").click()
    page.get_by_label("Title").fill("<b>New</b>")
    page.keyboard.press("Enter")
    expect(viewer.page.locator("h1")).to_have_text("<b>New</b>")
    page.get_by_role("button", name="Move").first.focus()
    page.keyboard.press("ArrowDown")
    expect(viewer.page.locator(".card h2, .card h3").first).to_contain_text("q")
    page.get_by_role("button", name="Caption").first.click()
    page.get_by_label("Caption").fill("about it")
    page.get_by_role("button", name="Save").click()
    expect(viewer.page.locator(".caption").first).to_have_text("about it")
    page.get_by_role("button", name="Drop").first.click()
    expect(viewer.page.locator("section.card")).to_have_count(1)
    page.get_by_role("button", name="Bring back").click()
    expect(viewer.page.locator("section.card")).to_have_count(2)
    page.get_by_role("button", name="Send away").click()
    viewer.wait_for_state("sent-away")
    expect(page.locator(".author-empty").first).to_have_text("Nobody is on the page.")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Make a new link…").click()
    page.wait_for_url(lambda url: urlsplit(url).path != urlsplit(link).path and url.endswith("?author"))
    author.wait_for_state("live")
    page.wait_for_selector(".author-bar")


def test_viewers_follow_the_author_exactly(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(PLOTS, cell="c1")
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    author = visit(author_link(kernel))
    first, second = visit(link), visit(link, **phone)
    for each in (author, first, second):
        each.in_step_with(kernel)
    own = state_of(first.page)
    bar(author, "Present").click()
    for viewer in (first, second):
        expect(viewer.page.locator(".follow-text")).to_have_text("Following the author")
    author.page.evaluate(MOVE, [1 / 3, 2 / 3])
    late = visit(link).in_step_with(kernel)
    for viewer in (first, second, late):
        follows(viewer, author)
    kernel.run(PLOTS.replace("make())", "make(2))"), cell="c1")
    for each in (author, first, second, late):
        each.in_step_with(kernel)
    author.page.evaluate(MOVE, [0.1, 2.9])
    for viewer in (first, second, late):
        follows(viewer, author)
    second.page.get_by_role("button", name="Look around by myself").click()
    expect(second.page.locator(".follow-text")).to_have_text("The author is presenting")
    author.page.evaluate(MOVE, [0.2, 1.9])
    follows(first, author)
    assert not is_same(state_of(second.page), state_of(author.page))
    second.page.get_by_role("button", name="Return to the author").click()
    follows(second, author)
    first.page.locator(".plot").first.click(position={"x": 5, "y": 5})
    expect(first.page.locator(".follow-text")).to_have_text("The author is presenting")
    first.page.get_by_role("button", name="Return to the author").click()
    bar(author, "Stop presenting").click()
    expect(first.page.locator(".follow-bar")).to_be_hidden()
    assert state_of(late.page)["ranges"] != state_of(author.page)["ranges"]
    assert state_of(late.page)["active"] == own["active"]


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
    kernel.run("p.x_range.start, p.x_range.end = 0, 9", cell="c2")
    viewer.in_step_with(kernel)
    viewer.page.wait_for_function(
        "(left) => document.querySelector('.pin').getBoundingClientRect().left < left - 20", arg=before["x"]
    )
    kernel.run("p = figure(title='p', width=500)\np.line([1, 2, 3], [3, 4, 9])\nshow(p)", cell="c1")
    late = visit(link).in_step_with(kernel)
    for each in (viewer, late):
        expect(each.page.locator(".pin-text")).to_have_text(text)
    bar(author, "2 viewers").click()
    author.page.get_by_role("button", name="Take away").click()
    for each in (viewer, late):
        expect(each.page.locator(".pin")).to_have_count(0)
